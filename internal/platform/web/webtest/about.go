package webtest

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"signpost/internal/platform/web"
)

// FormsNameTheirRecord looks at each form that is sent to the address of one record and asks something: its seal says
// which record that is, so that its sender can read it where the form is held. open brings a browser to a page on which
// the form stands, and gives the path to which it is sent. Of the forms in hidden no such page is known.
func FormsNameTheirRecord(
	t testing.TB, site *web.Site, sealer *Sealer, open func(route web.Route) (b *Browser, path string),
	hidden ...string,
) {
	t.Helper()
	looked := 0
	for _, route := range site.Routes() {
		_, pattern, _ := strings.Cut(route.Pattern, " ")
		ofOne := route.Form && len(route.Fields) > 0 && strings.Contains(pattern, "{")
		if !ofOne || slices.Contains(hidden, pattern) {
			continue
		}
		b, path := open(route)
		page := b.Send(Request(http.MethodGet, PageOf(route, path), nil)).Body.String()
		author, err := sealer.authorOn(page, path)
		switch {
		case err != nil:
			t.Errorf("%s is not on its page: %v", pattern, err)
		case author.About == "":
			t.Errorf("%s does not say which record it is about", pattern)
		}
		looked++
	}
	if looked == 0 {
		t.Error("no form was looked at")
	}
}

// authorOn opens the seal of the form on a page that is sent to a path.
func (s *Sealer) authorOn(page, path string) (a web.Author, err error) {
	sealed, err := base64.RawURLEncoding.DecodeString(SealOf(page, path))
	if err != nil {
		return a, err
	}
	text, err := s.box.Open(sealed, "form/"+s.site+path)
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(text, &a)
}
