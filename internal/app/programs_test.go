package app

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"signpost/internal/national/cis2"
	"signpost/internal/platform/web"
)

// Each address of the three sites that programs call answers them in JSON whatever is wrong, and names the methods that
// it takes. Such is what a stranger may post without a form of ours, and what answers a stranger in JSON.
func TestProgramsAreAnsweredInJSON(t *testing.T) {
	d := running(t)
	total := 0
	for name, site := range map[string]*web.Site{"dos": d.dos.Site, "cis2": d.care.Login, "cim": d.care.Console} {
		for _, route := range site.Routes() {
			method, path, _ := strings.Cut(route.Pattern, " ")
			if !forPrograms(site, route, method, path) {
				continue
			}
			total++
			wrong := answerOf(site, http.MethodDelete, path)
			var got map[string]string
			err := json.Unmarshal(wrong.Body.Bytes(), &got)
			if err != nil || wrong.Code != http.StatusMethodNotAllowed ||
				got["error"] == "" || !slices.Contains(wrong.Header().Values("Allow"), method) {
				t.Errorf("%s: %s %s answers a wrong method with %d, Allow %q, %.80s", name, method, path, wrong.Code,
					wrong.Header().Values("Allow"), wrong.Body)
			}
		}
	}
	if total < 12 {
		t.Errorf("only %d routes were looked at", total)
	}
}

func answerOf(site *web.Site, method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	site.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

// forPrograms reports whether programs call a route. The page of a session's end asks for the time that is left by a
// script of ours, and services' pages send people's browsers to authorise and to log out.
func forPrograms(site *web.Site, route web.Route, method, path string) bool {
	switch {
	case strings.Contains(path, "{"), route.Guard != web.Anyone.Name, path == "/session",
		strings.HasSuffix(path, cis2.AuthorizePath), strings.HasSuffix(path, cis2.EndSessionPath):
		return false
	case method == http.MethodPost:
		return !route.Sealed
	}
	return strings.HasPrefix(answerOf(site, method, path).Header().Get("Content-Type"), "application/json")
}
