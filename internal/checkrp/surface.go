package checkrp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"signpost/internal/platform/fetch"
)

// surface lists the requirements on what anybody sees of the relying party.
func surface() []requirement {
	return []requirement{
		{"NHS CIA Sec Req 003", "speaks TLS 1.2 or later only", (*run).tls},
		{"signpost-https", "comes back by https", (*run).https},
		{
			"signpost-button", "names the way in after Care Identity, as in “Log in with my Care Identity”",
			(*run).button,
		},
		{"signpost-cookies", "sets cookies Secure, HttpOnly and with SameSite", everyCookie(unsafeCookie)},
		{
			"signpost-cookie-names", "names cookies __Host-, so that no neighbouring site can set them",
			everyCookie(unboundCookie),
		},
		{"signpost-clean-address", "leads from the callback to an address without the code", (*run).cleanAddress},
	}
}

func (r *run) tls() finding {
	u, err := url.Parse(r.Start)
	switch {
	case err != nil:
		return fail("%v", err)
	case u.Scheme != "https" && fetch.ThisMachine(u.Hostname()):
		return warn("plain HTTP on this machine; TLS was not seen")
	case u.Scheme != "https":
		return fail("plain HTTP")
	}
	return versions(r.ctx, r.Fetch, u, nil)
}

// versions finds which versions of TLS a server speaks. Certificates are verified against roots, the
// machine's if nil.
func versions(ctx context.Context, reach *fetch.Client, u *url.URL, roots *x509.CertPool) finding {
	version, err := shake(ctx, reach, u, roots, tls.VersionTLS12, tls.VersionTLS13)
	if err != nil {
		return fail("TLS 1.2 and 1.3: %v", err)
	}
	if old, err := shake(ctx, reach, u, roots, tls.VersionTLS10, tls.VersionTLS11); err == nil {
		return fail("%s was accepted", tls.VersionName(old))
	}
	return pass("%s; TLS 1.0 and 1.1 refused", tls.VersionName(version))
}

// shake shakes hands with a version from oldest to newest and gives the one agreed on.
func shake(ctx context.Context, reach *fetch.Client, u *url.URL, roots *x509.CertPool, oldest,
	newest uint16) (uint16, error) {
	port := u.Port()
	if port == "" {
		port = "443"
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	plain, err := reach.Dial(ctx, net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return 0, err
	}
	defer plain.Close()
	conn := tls.Client(plain, &tls.Config{
		ServerName: u.Hostname(), RootCAs: roots, MinVersion: oldest, MaxVersion: newest,
	})
	if err := conn.HandshakeContext(ctx); err != nil {
		return 0, fmt.Errorf("shake hands with %s: %w", u.Host, err)
	}
	return conn.ConnectionState().Version, nil
}

func (r *run) https() finding {
	address := r.honest[0].query("authorize").Get("redirect_uri")
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return fail("%v", err)
	case u.Scheme == "https":
		return pass("%s", address)
	case u.Scheme == "http" && fetch.ThisMachine(u.Hostname()):
		return warn("%s: good on this machine only", address)
	}
	return fail("%s", address)
}

func (r *run) button() finding {
	if r.entrant.to == "" {
		return notSeen("the start leads to the provider at once; give a page with the button as the start")
	}
	return pass("“%.80s”", r.entrant.words)
}

// everyCookie passes if check finds no problem in any cookie of an honest sign-in.
func everyCookie(check func(*http.Cookie) string) func(*run) finding {
	return func(r *run) finding {
		var good, bad []string
		for _, set := range r.honest[0].browser.jar.history {
			for _, c := range set.list {
				if problem := check(c); c.MaxAge >= 0 && problem != "" {
					bad = append(bad, c.Name+" "+problem)
				}
				good = append(good, c.Name)
			}
		}
		switch {
		case len(bad) > 0:
			return fail("%s", strings.Join(bad, "; "))
		case len(good) == 0:
			return notSeen("no cookies were set")
		}
		return pass("%s", strings.Join(unique(good), ", "))
	}
}

func unsafeCookie(c *http.Cookie) string {
	var lacks []string
	if !c.Secure {
		lacks = append(lacks, "Secure")
	}
	if !c.HttpOnly {
		lacks = append(lacks, "HttpOnly")
	}
	if c.SameSite != http.SameSiteLaxMode && c.SameSite != http.SameSiteStrictMode {
		lacks = append(lacks, "SameSite Lax or Strict")
	}
	if len(lacks) == 0 {
		return ""
	}
	return "lacks " + strings.Join(lacks, ", ")
}

func unboundCookie(c *http.Cookie) string {
	if strings.HasPrefix(c.Name, "__Host-") && c.Path == "/" && c.Domain == "" {
		return ""
	}
	return "is not named __Host-"
}

func unique(names []string) []string {
	var list []string
	seen := map[string]bool{}
	for _, n := range names {
		if !seen[n] {
			list = append(list, n)
		}
		seen[n] = true
	}
	return list
}

func (r *run) cleanAddress() finding {
	u := *r.honest[0].end.url
	if u.Query().Has("code") || u.Query().Has("state") {
		return fail("the browser stays at %s, with the code in its history", u.Path)
	}
	return pass("%s", u.String())
}
