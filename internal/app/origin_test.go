package app

import (
	"net/http"
	"net/url"
	"testing"

	"golang.org/x/net/html"

	"signpost/internal/demo"
	"signpost/internal/platform/web/webtest"
)

// A browser that says where a form comes from by Origin alone, without Sec-Fetch-Site, can use the forms of all three
// sites; pages of other sites and pages without an origin cannot post to them.
func TestFormsOfBrowsersThatSendOnlyAnOrigin(t *testing.T) {
	d := running(t)
	addresses := d.system.Config.Addresses
	w := d.walker(t, demo.Cast{}, "")
	dos, front := w.get(addresses.DoS+"/", "the address bar")
	_, leading := w.postsFrom(dos, front, dos.Scheme+"://"+dos.Host)
	cis2 := webtest.LedTo(http.Header{}, leading)
	for _, page := range []string{addresses.DoS + "/", addresses.CIM + "/", cis2} {
		at, body := w.get(page, "the address bar")
		if body == nil {
			t.Fatalf("%s is no page", page)
		}
		own := at.Scheme + "://" + at.Host
		for _, origin := range []string{"https://elsewhere.example", "null", own} {
			status, _ := w.postsFrom(at, body, origin)
			if refused := status == http.StatusForbidden; refused != (origin != own) {
				t.Errorf("%s: a form with the origin %s: %d", at, origin, status)
			}
		}
	}
}

// postsFrom sends the first form of a page that is posted, as it came, from an origin.
func (w *walker) postsFrom(at *url.URL, body *html.Node, origin string) (status int, text string) {
	w.t.Helper()
	for n := range body.Descendants() {
		if n.Data != "form" || webtest.Attribute(n, "method") != "post" {
			continue
		}
		to, err := at.Parse(webtest.Attribute(n, "action"))
		if err != nil {
			w.t.Fatal(err)
		}
		w.origin = origin
		answer, text := w.send(http.MethodPost, to, filled(n))
		w.origin = ""
		return answer.StatusCode, text
	}
	w.t.Fatalf("%s has no form", at)
	return 0, ""
}
