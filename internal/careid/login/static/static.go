// Package static holds the sign-in service's own script. Browsers ask for WebAuthn by script alone, so
// the pages for security keys need it; no other page does.
package static

import (
	"bytes"
	_ "embed"
	"net/http"
	"time"
)

//go:embed ceremony.js
var ceremony []byte

// CeremonyPath is where the script is.
const CeremonyPath = "/static/ceremony.js"

// Serve answers with the script. It is small and asked for again each time, so that it always fits its
// page.
func Serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(ceremony))
}
