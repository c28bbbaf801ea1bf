package web

import (
	"net/http"
	"strings"
)

// Cookies are cookies of one kind on a browser, each with a key of its own: one for each sign-in in progress, say,
// so that two tabs do not disturb each other.
type Cookies struct {
	Name    string
	Seconds int // how long each one stays
}

// MaxCookies is how many cookies of one kind a browser keeps.
const MaxCookies = 20

// Set sets the cookie of a key. Where the browser has as many as it may keep, the oldest are dropped.
func (c Cookies) Set(w http.ResponseWriter, r *http.Request, key, value string) {
	for others := c.keys(r, key); len(others) >= MaxCookies; others = others[1:] {
		c.Clear(w, others[0])
	}
	SetCookie(w, c.Of(key), value, c.Seconds)
}

// Get reads the cookie of a key, or empty.
func (c Cookies) Get(r *http.Request, key string) string { return Cookie(r, c.Of(key)) }

// Clear removes the cookie of a key.
func (c Cookies) Clear(w http.ResponseWriter, key string) { ClearCookie(w, c.Of(key)) }

// Of gives the name of the cookie of a key.
func (c Cookies) Of(key string) string { return c.Name + "-" + key }

// keys lists the keys of the browser's cookies of this kind, except one. Browsers send the oldest first (RFC 6265
// §5.4).
func (c Cookies) keys(r *http.Request, except string) (keys []string) {
	for _, cookie := range r.Cookies() {
		key, is := strings.CutPrefix(cookie.Name, CookiePrefix+c.Of(""))
		if is && key != except {
			keys = append(keys, key)
		}
	}
	return keys
}
