package checkrp

import (
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"net/url"
	"strings"
)

// jar keeps a browser's cookies. As browsers do, and unlike the library's, it sends Secure cookies to this
// machine over plain HTTP too. It remembers what it was given, so that a browser can be copied.
type jar struct {
	kept  *cookiejar.Jar
	given []cookies
}

// cookies are what one answer set.
type cookies struct {
	from *url.URL
	list []*http.Cookie
}

func newJar() *jar {
	kept, _ := cookiejar.New(nil) // fails never
	return &jar{kept: kept}
}

// copied is a jar with the same cookies, as somebody who stole them has.
func (j *jar) copied() *jar {
	other := newJar()
	for _, c := range j.given {
		other.set(c.from, c.list)
	}
	return other
}

func (j *jar) set(from *url.URL, list []*http.Cookie) {
	if len(list) == 0 {
		return
	}
	j.given = append(j.given, cookies{from, list})
	j.kept.SetCookies(trusted(from), list)
}

func (j *jar) of(to *url.URL) []*http.Cookie { return j.kept.Cookies(trusted(to)) }

// trusted is the address as the library must see it to send Secure cookies.
func trusted(u *url.URL) *url.URL {
	if !isLoopback(u.Hostname()) {
		return u
	}
	safe := *u
	safe.Scheme = "https"
	return &safe
}

// isLoopback reports whether a host name is this machine, as browsers see it (RFC 6761).
func isLoopback(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	a, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && a.IsLoopback()
}
