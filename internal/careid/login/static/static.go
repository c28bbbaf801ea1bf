// Package static serves the sign-in service's own script. It calls WebAuthn, which browsers offer only to scripts.
package static

import (
	"bytes"
	_ "embed"
	"net/http"
	"time"
)

//go:embed ceremony.js
var ceremony []byte

// CeremonyPath is the path of the script.
const CeremonyPath = "/static/ceremony.js"

// Ceremony serves the script.
var Ceremony = script(ceremony)

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
