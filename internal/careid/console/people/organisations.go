package people

import (
	"net/http"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/hosting"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// addForm asks for an organisation that the registration authority is to serve.
var addForm = form.Form{Path: frame.PeoplePath + "/organisations/new", Page: "Add an organisation",
	Act: "Add the organisation", Fields: []form.Field{
		form.Input(nhsuk.InputParams{
			Name: "code", Label: nhsuk.LabelParams{Text: "ODS code", Size: "s"},
			Hint:    "The code that the Organisation Data Service gave it",
			Classes: "nhsuk-input--width-10", Autocomplete: "off", Spellcheck: "false",
		}).Required("Enter the ODS code of the organisation"),
		form.Input(nhsuk.InputParams{
			Name: "name", Label: nhsuk.LabelParams{Text: "Name of the organisation", Size: "s"},
			Hint: "As the Organisation Data Service has it", Autocomplete: "off", Spellcheck: "false",
		}).Required("Enter the name of the organisation"),
		form.Input(nhsuk.InputParams{
			Name: "postcode", Label: nhsuk.LabelParams{Text: "Postcode (optional)", Size: "s"},
			Hint:    "People find their registration authority by it",
			Classes: "nhsuk-input--width-10", Autocomplete: "off", Spellcheck: "false",
		}),
		form.Input(nhsuk.InputParams{
			Name: "parent", Label: nhsuk.LabelParams{Text: "ODS code of the organisation above it", Size: "s"},
			Hint:    "Your own, or another that your registration authority serves",
			Classes: "nhsuk-input--width-10", Autocomplete: "off", Spellcheck: "false",
		}).Required("Enter the ODS code of the organisation above it"),
	}}

// recodeForm asks for the right code of an organisation.
var recodeForm = form.Form{Path: frame.PeoplePath + "/organisations/{code}/code", Page: "Change an ODS code",
	Act: "Change the code", Fields: []form.Field{
		form.Input(nhsuk.InputParams{
			Name: "code", Label: nhsuk.LabelParams{Text: "Right ODS code", Size: "s"},
			Hint:    "The code that the Organisation Data Service gave it",
			Classes: "nhsuk-input--width-10", Autocomplete: "off", Spellcheck: "false",
		}).Required("Enter the right ODS code of the organisation"),
	}}

var errOnlyManagers = fault.SayCure(fault.Forbidden,
	"Only a registration authority manager may add an organisation or change its code.",
	"Ask a registration authority manager of your organisation.")

func (p *People) askOrganisation(w http.ResponseWriter, r *http.Request) error {
	f := addForm.New(r)
	if f.Value("parent") == "" {
		f.Set("parent", frame.User(r).Authority.Organisation)
	}
	return p.showAdd(w, r, f)
}

func (p *People) showAdd(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	if !frame.User(r).Authority.Manager {
		return errOnlyManagers
	}
	v := addView{Form: f, Page: p.frame.Page(w, r, addForm.Page)}
	v.Page.Error = f.HasProblems()
	v.Page.BackHref = frame.PeoplePath
	return web.Show(w, r, f.Status(), addPage(v))
}

func (p *People) addOrganisation(w http.ResponseWriter, r *http.Request) error {
	f := addForm.Read(r)
	if !f.Complete() {
		return p.showAdd(w, r, f)
	}
	code, err := registration.AddOrganisation(r.Context(), p.frame.DB, web.Actor(r), registration.Workplace{
		Code: f.Value("code"), Name: f.Value("name"), Postcode: f.Value("postcode"), Parent: f.Value("parent"),
	})
	if refused(err) {
		f.Explain(err)
		return p.showAdd(w, r, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, listOf(code), "Organisation added. Create Care Identities for the people who work there.")
}

func (p *People) askCode(w http.ResponseWriter, r *http.Request) error {
	return p.showCode(w, r, recodeForm.New(r))
}

func (p *People) showCode(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	authority := frame.User(r).Authority
	if !authority.Manager {
		return errOnlyManagers
	}
	code := r.PathValue("code")
	o, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (organisation.Organisation, error) {
		serves, err := hosting.Serves(r.Context(), read, authority.Organisation, code)
		if err != nil {
			return organisation.Organisation{}, err
		}
		if !serves {
			return organisation.Organisation{}, errNotServedHere
		}
		return organisation.ByCode(r.Context(), read, code)
	})
	if err != nil {
		return err
	}
	v := codeView{Form: f.About(o.Text()), Organisation: o.Text(), Page: p.frame.Page(w, r, recodeForm.Page)}
	v.Page.Error = f.HasProblems()
	v.Page.BackHref = listOf(code)
	return web.Show(w, r, f.Status(), codePage(v))
}

func (p *People) changeCode(w http.ResponseWriter, r *http.Request) error {
	f := recodeForm.Read(r)
	if !f.Complete() {
		return p.showCode(w, r, f)
	}
	from := r.PathValue("code")
	code, err := registration.RecodeOrganisation(r.Context(), p.frame.DB, web.Actor(r), from, f.Value("code"))
	if refused(err) {
		f.Explain(err)
		return p.showCode(w, r, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, listOf(code), "ODS code changed from "+from+" to "+code+
		". Everybody who works there has kept their positions.")
}
