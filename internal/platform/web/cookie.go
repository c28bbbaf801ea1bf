package web

import "net/http"

// CookiePrefix begins the name of every cookie: it is bound to the host that set it, sent over secure connections only
// (browsers count http://*.localhost as one), hidden from scripts, and not sent with posts from other sites.
const CookiePrefix = "__Host-"

// SetCookie sets a cookie for seconds, or until the browser closes if seconds is 0.
func SetCookie(w http.ResponseWriter, name, value string, seconds int) {
	http.SetCookie(w, &http.Cookie{
		Name: CookiePrefix + name, Value: value, Path: "/", MaxAge: seconds,
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// Cookie reads a cookie that SetCookie set, or empty.
func Cookie(r *http.Request, name string) string {
	c, err := r.Cookie(CookiePrefix + name)
	if err != nil {
		return ""
	}
	return c.Value
}

// ClearCookie removes a cookie that SetCookie set.
func ClearCookie(w http.ResponseWriter, name string) { SetCookie(w, name, "", -1) }
