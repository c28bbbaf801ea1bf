package app

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// A site whose address is https tells browsers never to come without TLS; one on this machine does not.
func TestSitesAreReachedOverTLSAlone(t *testing.T) {
	h := hosts{sites: map[string]http.Handler{}, rest: http.HandlerFunc(unknownHost)}
	h.add("https://dos.example.nhs.uk", http.NotFoundHandler())
	h.add("http://dos.localhost:8080", http.NotFoundHandler())
	h.add("HTTPS://CIS2.example.nhs.uk", http.NotFoundHandler())
	for host, want := range map[string]string{
		"dos.example.nhs.uk": "max-age=31536000", "cis2.example.nhs.uk": "max-age=31536000",
		"dos.localhost:8080": "", "elsewhere.example": "",
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.Host = host
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := w.Header().Get("Strict-Transport-Security"); got != want {
			t.Errorf("%s: %q, want %q", host, got, want)
		}
	}
}
