package services_test

import (
	"net/http"
	"net/url"
	"testing"
)

// Whoever changes a service that they found goes back to the results that they came from.
func TestChangedServiceLeadsBackToTheResults(t *testing.T) {
	w := newWorld(t)
	search := url.Values{"postcode": {"M1"}, "miles": {"10"}, "page": {"2"}}.Encode()
	path := "/services/" + w.pharmacy
	leadsTo(t, w.get(w.editor, path+"?"+search+"&other=1"), "/services?"+search)
	kept := url.Values{"search": {search}}.Encode()
	for _, under := range []string{"/capacity", "/hours", "/history"} {
		leadsTo(t, w.get(w.editor, path+"?"+search), path+under+"?"+kept)
		leadsTo(t, w.get(w.editor, path+under+"?"+kept), path+"?"+search)
	}
	for under, form := range map[string]url.Values{
		"/capacity": {"status": {"GREEN"}, "lasts": {"0"}, "search": {search}},
		"/hours":    {"always": {"now"}, "search": {search}},
	} {
		asked := w.get(w.editor, path+under+"?"+kept)
		if got := asked.value("search"); got != search {
			t.Errorf("%s carries the search %q", under, got)
		}
		form.Set("seen", asked.value("seen"))
		if done := w.post(w.editor, path+under, form); done.status != http.StatusSeeOther ||
			done.location != path+"?"+search {
			t.Errorf("%s: status %d, to %s: %s", under, done.status, done.location, done.text)
		}
	}
	for _, strange := range []string{"https://elsewhere.example/", "%zz", "other=1", "//elsewhere.example?x=1"} {
		form := url.Values{"status": {"RED"}, "lasts": {"0"}, "search": {strange},
			"seen": {w.get(w.editor, path+"/capacity").value("seen")}}
		if done := w.post(w.editor, path+"/capacity", form); done.location != path {
			t.Errorf("%q: to %s, status %d", strange, done.location, done.status)
		}
	}
}

// leadsTo sees that a page has a link to exactly this address.
func leadsTo(t *testing.T, page seen, address string) {
	t.Helper()
	for _, link := range page.all("href", address) {
		if attribute(link, "href") == address {
			return
		}
	}
	t.Errorf("no link to %s on %q: %s", address, page.title(), page.text)
}
