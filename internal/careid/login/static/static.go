// Package static holds the sign-in service's own scripts. Browsers ask for WebAuthn by script alone, so
// the pages for security keys need one; the other spares a person a press on the way back to a service
// that takes its answer by post.
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

// Where the scripts are.
const (
	CeremonyPath = "/static/ceremony.js"
	OnwardPath   = "/static/onward.js"
)

// The scripts.
var (
	Ceremony = script(ceremony)
	Onward   = script(onward)
)

// script answers with a script. It is small and asked for again each time, so that it always fits its
// page.
func script(text []byte) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/javascript; charset=utf-8")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-cache")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(text))
	})
}
