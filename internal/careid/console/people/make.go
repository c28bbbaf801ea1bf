package people

import (
	"net/http"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/registration"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

func (p *People) askNew(w http.ResponseWriter, r *http.Request) error {
	f := makeForm.New(r)
	if f.Value("organisation") == "" {
		f.Set("organisation", chosen(r, r.URL.Query().Get("organisation")))
	}
	return p.showNew(w, r, f)
}

// showNew asks for the person, and lists those who may be the same where the form came back because of them, which was
// recorded.
func (p *People) showNew(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	v := newView{Form: f, Back: frame.PeoplePath}
	if f.HasProblem("another") {
		rows, err := db.Costly(r.Context(), p.frame.DB, func(read db.R) ([][]nhsuk.TableCell, error) {
			list, err := personOf(f).Alike(r.Context(), read)
			if _, said := fault.From(err); said {
				return nil, nil // what is wrong with the names is said at the form
			}
			if err != nil {
				return nil, err
			}
			return frame.AlikeRows(r, read, list)
		})
		if err != nil {
			return err
		}
		v.Alike = rows
	}
	v.Page = p.frame.Page(w, r, makeForm.Page)
	v.Page.Error = f.HasProblems()
	v.Page.BackHref = frame.PeoplePath
	return web.Show(w, r, f.Status(), newPage(v))
}

// personOf is the person that the form describes.
func personOf(f *form.Rendered) registration.Person {
	return registration.Person{
		GivenName: f.Value("given_name"), MiddleNames: f.Value("middle_names"), FamilyName: f.Value("family_name"),
		Email: f.Value("email"), Organisation: f.Value("organisation"), IsNew: f.Value("another") != "",
		Documents: frame.DocumentsOf(f),
	}
}

func (p *People) make(w http.ResponseWriter, r *http.Request) error {
	f := makeForm.Read(r)
	if !f.Complete() {
		return p.showNew(w, r, f)
	}
	made, err := registration.Make(r.Context(), p.frame.DB, web.Actor(r), personOf(f))
	if refused(err) {
		f.Explain(err)
		return p.showNew(w, r, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOf(made.UUID),
		"Care Identity created. Give the position that they need, and make a link to add their authenticator.")
}
