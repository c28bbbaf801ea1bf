package double

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// Each control answers a method that it does not take, and a page of another origin, in JSON as all else, and names the
// methods that it takes.
func TestControlsRefuseInJSON(t *testing.T) {
	d := &Double{}
	controls := d.controls()
	fromElsewhere := func(h http.Header) { h.Set("Sec-Fetch-Site", "cross-site") }
	refused := func(method, path string, status int, change func(http.Header)) http.Header {
		t.Helper()
		r := httptest.NewRequest(method, ControlPath+path, strings.NewReader("{}"))
		change(r.Header)
		w := httptest.NewRecorder()
		controls.ServeHTTP(w, r)
		var got refusal
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != status || got.Error == "" ||
			got.Message == "" || !strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
			t.Errorf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
		return w.Header()
	}
	for pattern := range d.controlList() {
		method, path, _ := strings.Cut(pattern, " ")
		allow := refused(http.MethodDelete, path, http.StatusMethodNotAllowed, func(http.Header) {}).Get("Allow")
		if !slices.Contains(strings.Split(allow, ", "), method) {
			t.Errorf("%s allows %q", pattern, allow)
		}
		refused(http.MethodPost, path, http.StatusForbidden, fromElsewhere)
	}
	refused(http.MethodPost, "frob", http.StatusNotFound, func(http.Header) {})
}
