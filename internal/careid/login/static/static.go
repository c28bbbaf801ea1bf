// Package static serves the sign-in service's own scripts. One calls WebAuthn, which browsers offer only to scripts,
// and one looks at the device that somebody uses.
package static

import (
	"bytes"
	_ "embed"
	"net/http"
	"time"

	"signpost/internal/platform/web"
)

//go:embed ceremony.js
var ceremony []byte

//go:embed device.js
var device []byte

// The paths of the scripts.
const (
	CeremonyPath = "/static/ceremony.js"
	DevicePath   = "/static/device.js"
)

// Mount adds the scripts to a site.
func Mount(s *web.Site) {
	s.HandlePlain("GET "+CeremonyPath, script(ceremony))
	s.HandlePlain("GET "+DevicePath, script(device))
}

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
