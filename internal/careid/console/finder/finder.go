// Package finder tells anybody, signed in or not, which registration authority serves an organisation, how that is
// reached and when: on a page, in a frame of another site, and for programs.
package finder

import (
	"errors"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/organisation"
	"signpost/internal/national/path"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// searchForm finds organisations.
var searchForm = form.Form{
	Path: path.FindRAPage, Get: true, Attributes: templ.Attributes{"role": "search"},
	Fields: []form.Field{form.Input(nhsuk.InputParams{
		Name: "q", Label: nhsuk.LabelParams{Text: "The organisation you work for", Size: "s"},
		Hint: "Its name, ODS code or postcode, or the first part of its postcode", Autocomplete: "organization",
		Spellcheck: "false",
	})},
}

// Finder serves the pages.
type Finder struct{ frame *frame.Frame }

// maxPerMinute is how often one address may ask what programs ask.
const maxPerMinute = 60

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame) {
	p := &Finder{frame: f}
	nobody := web.Guard{Name: "anyone", Check: func(_ http.ResponseWriter, r *http.Request) (*http.Request, error) {
		return r, nil // whoever is logged in: nothing is said of them
	}}
	s.Handle("GET "+path.FindRAPage, f.MaybeSignedIn(), p.show)
	s.Handle("GET "+embedPath, nobody, s.PerMinute(maxPerMinute, p.embed))
	s.Handle("GET "+programPath, nobody, s.PerMinute(maxPerMinute, p.program))
}

func (p *Finder) show(w http.ResponseWriter, r *http.Request) error {
	v := finderView{Page: p.frame.Page(w, r, "Find your registration authority"), Form: searchForm.Read(r)}
	v.Typed = strings.TrimSpace(v.Form.Value("q"))
	if code := strings.TrimSpace(r.URL.Query().Get("ods")); v.Typed == "" && code != "" { // a link from another site
		v.Typed = code
		v.Form.Set("q", code)
	}
	err := v.search(r.Context(), p.frame.DB)
	if problem := problemOf(err); problem != "" {
		v.Form.Add(form.Problem{Field: "q", Text: problem})
		v.Page.Error = true
		return web.Show(w, r, http.StatusUnprocessableEntity, finderPage(v))
	}
	if err != nil {
		return err
	}
	v.Searched = v.Typed != ""
	return web.Show(w, r, http.StatusOK, finderPage(v))
}

// problemOf says what to type instead of a search for too little.
func problemOf(err error) string {
	switch {
	case errors.Is(err, organisation.ErrVague):
		return "Enter a word of at least 3 letters of the name, or the whole ODS code or postcode"
	case errors.Is(err, organisation.ErrCommon):
		return "Thousands of organisations have this in their name. Add another word of the name, or enter the ODS " +
			"code or postcode"
	}
	return ""
}
