package checkrp

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"signpost/internal/platform/fetch"
	"signpost/internal/platform/random"
	"signpost/internal/platform/relying/issuer"
)

func TestOptions(t *testing.T) {
	identity := func(level int) func(*Options) { return func(o *Options) { o.MinIdentity = level } }
	for _, tt := range []struct {
		name   string
		change func(*Options)
		good   bool
	}{
		{"least level 0", identity(0), true}, {"least level 1", identity(1), true}, {"least level 3", identity(3), true},
		{"least level below 0", identity(-1), false}, {"a level that nobody has", identity(4), false},
		{"no start", func(o *Options) { o.Start = "" }, false},
		{"no words of who is signed in", func(o *Options) { o.SignedInText = "" }, false},
		{"a person without subject", func(o *Options) { o.Person.Subject = "" }, false},
		{"no timer", func(o *Options) { o.Timer = nil }, false},
	} {
		o := Options{
			Issuer: &issuer.Issuer{}, Start: "http://localhost/", SignedInURL: "http://localhost/me", SignedInText: "You are in",
			Person: issuer.Ada(), Fetch: fetch.New(fetch.Options{}), Timer: struct{ Timer }{},
		}
		tt.change(&o)
		if err := o.check(); (err == nil) != tt.good || err != nil && !errors.Is(err, ErrOptions) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestEntropy(t *testing.T) {
	sample := func(make func(n int) string) (list []string) {
		for n := range samples {
			list = append(list, make(n))
		}
		return list
	}
	for _, tt := range []struct {
		name   string
		values []string
		enough bool
	}{
		{"our secrets", sample(func(int) string { return random.Secret() }), true},
		{"128 bits in hex", sample(func(int) string { return fmt.Sprintf("%x", random.Bytes(16)) }), true},
		{"128 bits in base64url", sample(func(int) string { return base64url.EncodeToString(random.Bytes(20)) }), true},
		{"64 bits in hex", sample(func(int) string { return fmt.Sprintf("%x", random.Bytes(8)) }), false},
		{"a counter", sample(func(n int) string { return fmt.Sprintf("state-%030d", n) }), false},
		{"a long constant with a short end", sample(func(int) string { return "eyJhbGciOiJIUzI1NiJ9.eyJyZXR1cm4iOiIvIn0." + random.Digits(6) }), false},
		{"a signed state", sample(func(int) string { return "eyJhbGciOiJIUzI1NiJ9." + random.Secret() }), true},
		{"one empty", append(sample(func(int) string { return random.Secret() }), ""), false},
	} {
		if got := entropy(tt.values); (got >= minBits) != tt.enough {
			t.Errorf("%s: %d bits, want enough %v: %q", tt.name, got, tt.enough, tt.values[0])
		}
	}
}

func TestFindWay(t *testing.T) {
	at, _ := url.Parse("https://rp.example/welcome?x=1")
	for name, tt := range map[string]struct{ body, method, to, form string }{
		"a link":              {`<a href="/in">Log in with my Care Identity</a>`, "GET", "https://rp.example/in", ""},
		"a form":              {`<form method=post action=/in><input type=hidden name=csrf value=t><input name=user><button name=go value=1>Log in with my <b>Care Identity</b></button></form>`, "POST", "https://rp.example/in", "csrf=t&go=1&user="},
		"a form by GET":       {`<form action=/in><input type=hidden name=to value=/><input type=submit value="Care Identity"></form>`, "GET", "https://rp.example/in?to=%2F", ""},
		"no action":           {`<form method=POST><button>Care Identity</button></form>`, "POST", "https://rp.example/welcome?x=1", ""},
		"a picture":           {`<a href="in"><img alt="Sign in with Care Identity"></a>`, "GET", "https://rp.example/in", ""},
		"the heading too":     {`<a href="/">Care Identity Management</a><a href="/in">Log in with my Care Identity</a>`, "GET", "https://rp.example/in", ""},
		"only the name":       {`<a href="/in">Care Identity</a>`, "GET", "https://rp.example/in", ""},
		"another way in":      {`<a href="/in">Log in with a password</a>`, "", "", ""},
		"a button by itself":  {`<button>Log in with my Care Identity</button>`, "", "", ""},
		"other submit button": {`<form method=post action=/in><input type=submit name=no value=No><button name=yes>Care Identity</button></form>`, "POST", "https://rp.example/in", "yes="},
	} {
		w, found := findWay(page{url: at, body: tt.body})
		if found != (tt.to != "") || found && (w.method != tt.method || w.to != tt.to || w.form.Encode() != tt.form) {
			t.Errorf("%s: %v %+v", name, found, w)
		}
	}
}

// Browsers take this machine for safe; a browser that went elsewhere with a Secure cookie would not be one.
func TestPagesThatGoOnByThemselves(t *testing.T) {
	for content, want := range map[string]string{
		"0;url=https://a.example/?b=1&amp;c=2": "https://a.example/?b=1&c=2", "0; URL='/on'": "/on",
		"5;url=/later": "", "0": "", "0;/on": "",
	} {
		body := `<html><head><meta http-equiv="Refresh" content="` + content + `"></head></html>`
		if got := refreshOf(body); got != want {
			t.Errorf("%s: leads to %q, want %q", content, got, want)
		}
	}
}

func TestSecureCookiesGoToThisMachineAndToHTTPS(t *testing.T) {
	for address, sent := range map[string]bool{
		"http://localhost:1/": true, "http://dos.localhost:1/": true, "http://127.0.0.1:1/": true, "https://rp.example/": true, "http://rp.example/": false,
	} {
		at, _ := url.Parse(address)
		j := newJar()
		j.set(at, []*http.Cookie{{Name: "__Host-a", Value: "1", Path: "/", Secure: true}})
		for name, jar := range map[string]*jar{"own": j, "copied": j.copied()} {
			if got := len(jar.of(at)) == 1; got != sent {
				t.Errorf("%s jar, %s: sent %v, want %v", name, address, got, sent)
			}
		}
	}
}

func TestUnsafeCookies(t *testing.T) {
	good := http.Cookie{Name: "__Host-a", Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if why := unsafeCookie(&good) + unboundCookie(&good); why != "" {
		t.Errorf("the good one %s", why)
	}
	for name, spoil := range map[string]func(*http.Cookie){
		"plain": func(c *http.Cookie) { c.Secure = false }, "to scripts": func(c *http.Cookie) { c.HttpOnly = false },
		"no SameSite": func(c *http.Cookie) { c.SameSite = 0 }, "SameSite None": func(c *http.Cookie) { c.SameSite = http.SameSiteNoneMode },
		"name": func(c *http.Cookie) { c.Name = "a" }, "domain": func(c *http.Cookie) { c.Domain = "example" }, "path": func(c *http.Cookie) { c.Path = "/a" },
	} {
		bad := good
		spoil(&bad)
		if unsafeCookie(&bad)+unboundCookie(&bad) == "" {
			t.Errorf("%s: nothing found wrong", name)
		}
	}
}

func TestOldTLSIsSeen(t *testing.T) {
	reach := fetch.New(fetch.Options{AllowLoopback: true})
	for name, tt := range map[string]struct {
		oldest, newest uint16
		want           Outcome
	}{
		"1.2 and 1.3": {tls.VersionTLS12, tls.VersionTLS13, Pass}, "1.2 alone": {tls.VersionTLS12, tls.VersionTLS12, Pass},
		"1.0 to 1.3": {tls.VersionTLS10, tls.VersionTLS13, Fail}, "1.1 alone": {tls.VersionTLS11, tls.VersionTLS11, Fail},
	} {
		server := httptest.NewUnstartedServer(http.NotFoundHandler())
		server.TLS = &tls.Config{MinVersion: tt.oldest, MaxVersion: tt.newest}
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		server.StartTLS()
		t.Cleanup(server.Close)
		at, _ := url.Parse(server.URL)
		roots := x509.NewCertPool()
		roots.AddCert(server.Certificate())
		if got := versions(t.Context(), reach, at, roots); got.outcome != tt.want {
			t.Errorf("%s: %s, %s", name, got.outcome, got.saw)
		}
		if got := versions(t.Context(), reach, at, x509.NewCertPool()); got.outcome != Fail {
			t.Errorf("%s, certificate of nobody known: %s, %s", name, got.outcome, got.saw)
		}
	}
}
