// Package static serves the sign-in service's own scripts. One calls WebAuthn, which browsers offer only to scripts.
// The other sends the form on the way back to a service that takes its answer by POST, so that nobody has to press
// Continue.
package static

import (
	"bytes"
	_ "embed"
	"net/http"
	"time"
)

//go:embed ceremony.js
var ceremony []byte

//go:embed onward.js
var onward []byte

// The paths of the scripts.
const (
	CeremonyPath = "/static/ceremony.js"
	OnwardPath   = "/static/onward.js"
)

// The handlers that serve the scripts.
var (
	Ceremony = script(ceremony)
	Onward   = script(onward)
)

// script serves a script. Browsers ask for it again each time, so that it always fits its page; it is small.
func script(text []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/javascript; charset=utf-8")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-cache")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
	})
}
