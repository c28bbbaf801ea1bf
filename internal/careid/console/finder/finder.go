// Package finder tells anybody, signed in or not, which registration authority serves an organisation.
package finder

import (
	"errors"
	"net/http"

	"github.com/a-h/templ"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/organisation"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// searchForm finds organisations.
var searchForm = form.Form{
	Path: "/find-your-ra", Get: true, Attributes: templ.Attributes{"role": "search"},
	Fields: []form.Field{form.Input(nhsuk.InputParams{
		Name: "q", Label: nhsuk.LabelParams{Text: "The organisation you work for", Size: "s"},
		Hint: "Its name, ODS code or postcode", Autocomplete: "organization", Spellcheck: "false",
	})},
}

// Mount adds the page to the site.
func Mount(s *web.Site, f *frame.Frame) {
	s.Handle("GET /find-your-ra", f.MaybeSignedIn(), func(w http.ResponseWriter, r *http.Request) error {
		v := finderView{Page: f.Page(w, r, "Find your registration authority"), Form: searchForm.Read(r)}
		v.Typed = v.Form.Value("q")
		v.Searched = v.Typed != ""
		found, err := db.Read(r.Context(), f.DB, func(read db.R) ([]foundView, error) { return find(r, read, v.Typed) })
		if err != nil {
			return err
		}
		v.Found = found
		return web.Show(w, r, http.StatusOK, finderPage(v))
	})
}

func find(r *http.Request, read db.R, typed string) (list []foundView, err error) {
	found, err := organisation.Find(r.Context(), read, typed)
	if err != nil {
		return nil, err
	}
	for _, o := range found {
		view := foundView{
			Name: o.Name, Code: o.Code, Postcode: o.Postcode,
			Authority: "Not known", Contact: "Ask your line manager or your IT help desk",
		}
		authority, err := organisation.RegistrationAuthority(r.Context(), read, o.Code)
		if err != nil && !errors.Is(err, fault.NotFound) {
			return nil, err
		}
		if err == nil {
			view.Authority = authority.Name
			view.Contact = authority.Contact
		}
		list = append(list, view)
	}
	return list, nil
}
