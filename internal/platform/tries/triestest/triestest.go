// Package triestest makes browsers for tests of what counts wrong tries.
package triestest

import (
	"net/http/httptest"
	"testing"

	"signpost/internal/platform/tries"
)

// Browser gives a browser on which a subject proved itself before.
func Browser(t testing.TB, known tries.Known, subject string) tries.Browser {
	t.Helper()
	answer := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
	if err := known.Remember(answer, r, subject); err != nil {
		t.Fatal(err)
	}
	for _, c := range answer.Result().Cookies() {
		r.AddCookie(c)
	}
	return known.Of(r)
}
