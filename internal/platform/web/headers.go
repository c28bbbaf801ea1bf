package web

import (
	"net/http"
	"strings"
)

// policy is the content security policy of every page: nothing inline, nothing from elsewhere, in no frame, and
// forms that stay here. A form that leads to another site is answered with page.Onward.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

// secure sets the headers that every response has.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	// With no-referrer, browsers would send "Origin: null" with our own forms too.
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
	h.Set("Cache-Control", "no-store")
}

// FormLeadsAnywhere lets the form of this response be posted to another site. Browsers hold form-action against each
// redirect that follows a post, and where the other site redirects to is its own affair, so no list of origins would
// do. It is for the two pages whose only form goes on by itself: the answer to a service that asked for form_post, and
// the ID token with which people log out at CIS2.
func FormLeadsAnywhere(w http.ResponseWriter) {
	w.Header().Set("Content-Security-Policy", strings.Replace(policy, "form-action 'self'", "form-action *", 1))
}

// ConnectsTo lets the scripts of this response ask another site of this system too. Whether they read its answer is for
// that site to say.
func ConnectsTo(w http.ResponseWriter, origin string) {
	const own = "connect-src 'self'"
	w.Header().Set("Content-Security-Policy", strings.Replace(policy, own, own+" "+origin, 1))
}

// Framed lets any site show this response in a frame of its own. It is for pages that show nothing of whoever looks at
// them and have neither forms nor scripts: nothing there can be clicked on somebody's behalf.
func Framed(w http.ResponseWriter) {
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; font-src 'self'; "+
		"base-uri 'none'; frame-ancestors *; form-action 'none'")
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	w.Header().Del("X-Frame-Options")
}

// ForOtherSites lets the scripts of other sites read this response. It is for what is public, and says nothing of
// whoever asks: browsers send no cookies along.
func ForOtherSites(w http.ResponseWriter) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
}
