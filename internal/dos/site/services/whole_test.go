package services_test

import (
	"maps"
	"net/http"
	"net/url"
	"testing"

	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
)

// A form of which only a part arrives changes nothing: what is missing is not taken for empty, or a post of nothing
// would clear a service's week.
func TestAFormMustArriveWhole(t *testing.T) {
	w := newWorld(t)
	for _, page := range []string{"capacity", "hours"} {
		path := "/services/" + w.pharmacy + "/" + page
		whole := filledIn(w.get(w.editor, path), path)
		whole.Set("status", "GREEN")
		if len(whole) < 5 {
			t.Fatalf("the form of %s has only %v", path, whole)
		}
		parts := map[string]url.Values{"all but the seal": {web.SealField: whole[web.SealField]}}
		for name := range whole {
			if name != web.SealField && name != "status" && name != "always" {
				parts[name] = maps.Clone(whole)
				delete(parts[name], name)
			}
		}
		before := w.events("service.changed")
		for missing, part := range parts {
			w.post(w.editor, path, part).wants(t, http.StatusUnprocessableEntity, "Only a part of this form arrived")
			if w.events("service.changed") != before {
				t.Errorf("%s without %s was saved", path, missing)
			}
		}
		if whole := w.post(w.editor, path, whole); whole.status != http.StatusSeeOther {
			t.Errorf("the whole form of %s: %d", path, whole.status)
		}
	}
}

// filledIn gives what a browser would send of the form on a page, as it came.
func filledIn(page seen, path string) url.Values {
	sent := url.Values{}
	for form := range page.doc.Descendants() {
		if form.Data != "form" || attribute(form, "action") != path {
			continue
		}
		for n := range form.Descendants() {
			if value, is := webtest.Sends(n); is {
				sent.Add(attribute(n, "name"), value)
			}
		}
	}
	return sent
}
