// Package finder tells anybody, signed in or not, which registration authority serves an organisation.
package finder

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/hosting"
	"signpost/internal/careid/organisation"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// searchForm finds organisations.
var searchForm = form.Form{
	Path: path.FindRAPage, Get: true, Attributes: templ.Attributes{"role": "search"},
	Fields: []form.Field{form.Input(nhsuk.InputParams{
		Name: "q", Label: nhsuk.LabelParams{Text: "The organisation you work for", Size: "s"},
		Hint: "Its name, ODS code or postcode", Autocomplete: "organization", Spellcheck: "false",
	})},
}

// Mount adds the page to the site.
func Mount(s *web.Site, f *frame.Frame) {
	s.Handle("GET "+path.FindRAPage, f.MaybeSignedIn(), func(w http.ResponseWriter, r *http.Request) error {
		v := finderView{Page: f.Page(w, r, "Find your registration authority"), Form: searchForm.Read(r)}
		v.Typed = strings.TrimSpace(v.Form.Value("q"))
		err := v.search(r.Context(), f.DB)
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
	})
}

// search finds what was typed. The page without a search asks the database nothing.
func (v *finderView) search(ctx context.Context, d *db.DB) (err error) {
	if v.Typed == "" {
		return nil
	}
	v.results, err = db.Costly(ctx, d, func(read db.R) (results, error) { return find(ctx, read, v.Typed) })
	return err
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

// results are the organisations found.
type results struct {
	Found []foundView
	More  bool // there are others that are not shown
}

func find(ctx context.Context, read db.R, typed string) (v results, err error) {
	found, more, err := organisation.Find(ctx, read, typed)
	if err != nil {
		return v, err
	}
	v.More = more
	var codes []string
	for _, o := range found {
		codes = append(codes, o.Code)
	}
	authorities, err := hosting.RegistrationAuthorities(ctx, read, codes)
	if err != nil {
		return v, err
	}
	for _, o := range found {
		view := foundView{
			Name: o.Name, Code: o.Code, Postcode: o.Postcode,
			Authority: "Not known", Contact: "Ask your line manager or your IT help desk",
		}
		if authority, known := authorities[o.Code]; known {
			view.Authority = authority.Name
			view.Contact = authority.Contact
		}
		v.Found = append(v.Found, view)
	}
	return v, nil
}
