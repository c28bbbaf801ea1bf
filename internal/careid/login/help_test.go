package login_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/national/authn"
	"signpost/internal/platform/web/webtest"
)

// Each kind that can be used here has its page of help: how it is used, what to do when it is lost and what it needs,
// with a picture. It needs no login, and every page of a login leads there.
func TestEachKindHasItsHelp(t *testing.T) {
	w := open(t)
	b := w.Browser()
	list := logintest.Text(b.Get("/help/authenticators"))
	if login := logintest.Text(b.Get(b.Begin(logintest.Request()))); !strings.Contains(login,
		`href="/help/authenticators"`) {
		t.Errorf("a login does not lead to the help: %s", login)
	}
	for _, k := range w.Options.Ways.Kinds() {
		at := "/help/authenticators/" + string(k)
		res := b.Get(at)
		page := logintest.Text(res)
		text := webtest.Text(page)
		if res.StatusCode != http.StatusOK || !strings.Contains(list, `href="`+at+`"`) ||
			!strings.Contains(text, "Help: "+k.Label()) || strings.Count(page, "<li>") < 8 {
			t.Errorf("%s: %d, %s", k, res.StatusCode, text)
		}
		for _, need := range k.Declared().Needs {
			if !strings.Contains(text, need.Setup().Title) {
				t.Errorf("%s: the help does not say that it needs %q", k, need.Setup().Title)
			}
		}
		picture := b.Get("/static/help/" + string(k) + ".jpg")
		if picture.StatusCode != http.StatusOK || picture.Header.Get("Content-Type") != "image/jpeg" ||
			!strings.Contains(page, `src="/static/help/`+string(k)+`.jpg"`) {
			t.Errorf("%s: no picture: %d", k, picture.StatusCode)
		}
	}
	for _, none := range []string{string(authn.SmartcardHSCN), "carrier_pigeon", "..%2Fhelp"} { // not used here, or nowhere
		if got := b.Get("/help/authenticators/" + none).StatusCode; got != http.StatusNotFound {
			t.Errorf("%s: %d", none, got)
		}
	}
	for _, none := range []string{"x.jpg", "ipad.txt", "..%2Fhelp.go"} {
		if got := b.Get("/static/help/" + none).StatusCode; got != http.StatusNotFound {
			t.Errorf("the picture %s: %d", none, got)
		}
	}
}
