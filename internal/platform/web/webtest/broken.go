package webtest

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"signpost/internal/platform/web"
)

// Broken asks every route while the database does not answer, and while one statement after the other fails, and fails
// the test if anything but that is said. Forms are filled in as their pages show them. broken breaks the database at
// a statement, or wholly at 0, for whoever asks with the context that it gives, until mend is called, which
// reports whether anybody met it. untaken are the forms that are not taken even by a database that answers, as they
// need a code or the touch of a key, are not on their page then, or were saved before their last statement failed.
func (w Walk) Broken(
	t *testing.T, broken func(ctx context.Context, statement int64) (asker context.Context, mend func() (met bool)),
	untaken ...string,
) {
	t.Helper()
	tried := 0
	var refused []string
	for _, route := range w.Site.Routes() {
		method, _, _ := strings.Cut(route.Pattern, " ")
		if method != http.MethodGet && !route.Sealed || strings.Contains(route.Pattern, "/assets/") {
			continue
		}
		made := w.made(t, route, method)
		met := true
		for statement := int64(0); met; statement++ {
			r := made()
			asker, mend := broken(r.Context(), statement)
			answer := httptest.NewRecorder()
			w.Site.ServeHTTP(answer, r.WithContext(asker))
			met = mend()
			switch {
			case met && !toldAsBroken(answer):
				t.Errorf("%s, statement %d: %d to %q, Retry-After %q: %s", route.Pattern, statement, answer.Code,
					answer.Header().Get("Location"), answer.Header().Get("Retry-After"), answer.Body)
			case met && route.Form && !saysToSendAgain(answer):
				t.Errorf("%s, statement %d: it does not say how what was entered is sent again: %s", route.Pattern,
					statement, answer.Body)
			case !met && route.Form && !taken(answer):
				refused = append(refused, route.Pattern)
			}
			tried++
		}
	}
	t.Logf("broken databases: tried %d", tried)
	slices.Sort(refused)
	if slices.Sort(untaken); !slices.Equal(refused, untaken) {
		t.Errorf("these forms are not taken, so that not all of their statements failed:\n%q\nwant:\n%q", refused,
			untaken)
	}
}

// samplesOf gives what is typed into the fields of a route's form.
func (w Walk) samplesOf(route web.Route) map[string]string {
	samples := maps.Clone(w.Samples)
	for name, typed := range w.Samples {
		if field, own := strings.CutPrefix(name, route.Pattern+" "); own {
			samples[field] = typed
		}
	}
	return samples
}

// made opens a route, and gives what makes one request after the other to it, each from an address of its own.
func (w Walk) made(t *testing.T, route web.Route, method string) func() *http.Request {
	t.Helper()
	cookies, path := w.Open(route)
	b := &Browser{Site: w.Site, Cookies: cookies, Sealer: w.Sealer}
	form := url.Values{}
	if route.Form {
		form = filled(t, b, route, path, w.samplesOf(route))
	}
	return func() *http.Request {
		n := walked.Add(1)
		r := Request(method, path, form)
		r.RemoteAddr = addressOf(n)
		b.addCookies(r)
		if route.Sealed {
			w.Sealer.Seal(r)
		}
		return r
	}
}

// taken reports whether a form did what it is for.
func taken(answer *httptest.ResponseRecorder) bool {
	return answer.Code < http.StatusBadRequest && NothingDone(answer.Code, answer.Header()) == ""
}

// toldAsBroken reports whether an answer says that something does not answer: itself, or, where a part was saved
// before, by the page of its failure.
func toldAsBroken(answer *httptest.ResponseRecorder) bool {
	apart := answer.Code == http.StatusSeeOther && strings.HasPrefix(answer.Header().Get("Location"), web.FailedPath)
	return (answer.Code == http.StatusServiceUnavailable || apart) && answer.Header().Get("Retry-After") != ""
}

// saysToSendAgain reports whether the answer to a form says that loading it again sends what was entered once more,
// unless it may have been saved.
func saysToSendAgain(answer *httptest.ResponseRecorder) bool {
	said := strings.Contains(answer.Body.String(), "load this page again")
	return said || answer.Code != http.StatusServiceUnavailable
}
