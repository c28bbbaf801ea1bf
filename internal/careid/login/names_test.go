package login_test

import (
	"regexp"
	"strings"
	"testing"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/platform/web/webtest"
)

// A name leaves the words around it in their order, whichever way it is written, and nothing but the name is set apart.
func TestNamesAreIsolatedFromTheTextAroundThem(t *testing.T) {
	const name = "Ada Example"
	w, adas := withKey(t)
	bos := w.Another(t)
	b := w.Browser()
	b.SignIn(logintest.Request(), bos)
	list := logintest.Text(b.Get("/my-sessions"))
	b.SignIn(logintest.Request("prompt", "login"), adas)
	end := regexp.MustCompile(`/my-sessions/[^/"]+/end`).FindString(list)
	another := b.Get(b.Send(end, "seal", webtest.SealOf(list, end)))
	for at, page := range map[string]string{
		"whose form":    logintest.Text(another),
		"whose session": logintest.Text(b.Get(b.Begin(logintest.Request()))),
	} {
		if !strings.Contains(page, "<bdi>"+name+"</bdi>") {
			t.Errorf("%s: the name does not stand apart: %s", at, webtest.Text(page))
		}
		for _, text := range webtest.InSentences(page, name) {
			t.Errorf("%s: %q", at, text)
		}
	}
}
