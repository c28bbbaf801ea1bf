package web

import (
	"net/http"
	"regexp"
	"strings"
)

// policy is the content security policy of every page: nothing inline, nothing from elsewhere, in no
// frame. Where forms may lead is added to it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

// secure sets the headers that every response has.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
	h.Set("Cache-Control", "no-store")
}

// FormsLeadTo lets this response's forms end at other origins too. Browsers apply form-action to the
// redirects that follow a post, so a sign-in page names the origins its last step leads to. What is not
// plainly an origin is left out, since it would become part of the policy.
func FormsLeadTo(w http.ResponseWriter, origins ...string) {
	allowed := []string{policy}
	for _, origin := range origins {
		if plainOrigin.MatchString(origin) {
			allowed = append(allowed, origin)
		}
	}
	w.Header().Set("Content-Security-Policy", strings.Join(allowed, " "))
}

var plainOrigin = regexp.MustCompile(`^[a-z][a-z0-9+.-]*://[A-Za-z0-9.:\[\]_-]+$`)
