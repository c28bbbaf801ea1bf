package webtest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// maxStatements is how many statements of a route Broken lets fail, one in each request.
const maxStatements = 6

// Broken asks every route while the database does not answer, and while one statement after the other fails, and fails
// the test if anything but that is said. broken breaks the database at a statement, or wholly at 0, for whoever
// asks with the context that it gives, until mend is called, which reports whether anybody met it.
func (w Walk) Broken(
	t *testing.T, broken func(ctx context.Context, statement int64) (asker context.Context, mend func() (met bool)),
) {
	t.Helper()
	tried := 0
	for _, route := range w.Site.Routes() {
		method, _, _ := strings.Cut(route.Pattern, " ")
		if method != http.MethodGet && !route.Sealed || strings.Contains(route.Pattern, "/assets/") {
			continue
		}
		cookies, path := w.Open(route)
		for statement := range int64(maxStatements) {
			r := Request(method, path, url.Values{})
			for name, value := range cookies {
				r.AddCookie(&http.Cookie{Name: name, Value: value})
			}
			if route.Sealed {
				w.Sealer.Seal(r)
			}
			answer := httptest.NewRecorder()
			asker, mend := broken(r.Context(), statement)
			w.Site.ServeHTTP(answer, r.WithContext(asker))
			if !mend() {
				break // it asks no more
			}
			tried++
			if answer.Code != http.StatusServiceUnavailable || answer.Header().Get("Retry-After") == "" {
				t.Errorf("%s, statement %d: %d, Retry-After %q: %s", route.Pattern, statement, answer.Code,
					answer.Header().Get("Retry-After"), answer.Body)
			}
		}
	}
	t.Logf("broken databases: tried %d", tried)
	if tried == 0 {
		t.Error("nothing was tried")
	}
}
