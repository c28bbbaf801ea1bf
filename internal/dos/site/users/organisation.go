package users

import (
	"context"
	"net/http"
	"slices"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/national/ods"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// organisationField narrows the list of users to one organisation. In the address of a list it is the ODS code.
const organisationField = "organisation"

// usersForm is the form by which users are looked for, at one of several organisations if there can be several.
func usersForm(r *http.Request, c choices) form.Form {
	f := searchAt(path.UsersPage, usersHint, c.regions)
	if len(c.regions) == 0 {
		f.Fields = append(f.Fields, form.Hidden("region")) // of several that are the user's, as the board asks for one
	}
	f.Fields = append(f.Fields, moveFields(c.waves)...)
	if reach := seen(r); reach.Everywhere || len(reach.Regions) > 0 {
		f.Fields = slices.Insert(f.Fields, 1, form.Input(nhsuk.InputParams{
			Name: organisationField, Label: nhsuk.LabelParams{Text: "Organisation", Size: "s"},
			Hint: "Name or ODS code", Autocomplete: "off", Spellcheck: "false",
		}))
	}
	return f
}

// organisations are those that somebody may mean by what they typed.
type organisations struct {
	code    string // of the one that is meant; empty while it is not known
	choices []directory.FoundOrganisation
	more    bool // there are others
}

var errNoOrganisation = fault.OfField(organisationField,
	"No organisation of your users has this name or ODS code. Check the spelling")

// organisationsMeant finds the organisation that has the code or the name that somebody typed, among those of accounts
// within a reach.
func organisationsMeant(
	ctx context.Context, r db.R, typed string, within account.Reach,
) (o organisations, err error) {
	if code, err := ods.Parse(typed); err == nil {
		known, err := hasOrganisation(ctx, r, string(code), within)
		if err != nil || known {
			return organisations{code: string(code)}, err
		}
	}
	o.choices, o.more, err = directory.FindOrganisations(ctx, r, typed, within)
	switch {
	case err != nil:
	case len(o.choices) == 0:
		err = errNoOrganisation
	case len(o.choices) == 1:
		o.code = o.choices[0].Code
	}
	return o, err
}

// hasOrganisation reports whether there is an organisation with a code, be it only that accounts say so.
func hasOrganisation(ctx context.Context, r db.R, code string, within account.Reach) (bool, error) {
	name, err := directory.OrganisationName(ctx, r, code)
	if err != nil || name != "" {
		return name != "", err
	}
	return account.AnyAt(ctx, r, code, within)
}

// usersOf is the address of the list that a request asks for, of one organisation.
func usersOf(r *http.Request, code string) string {
	query := page.WithoutPlace(r)
	query.Set(organisationField, code)
	return path.UsersPage + "?" + query.Encode()
}

// choiceLinks lead to the list of each organisation that may be meant.
func choiceLinks(r *http.Request, o organisations) (links []page.Link) {
	for _, one := range o.choices {
		links = append(links, page.Link{Text: one.Name + " (" + one.Code + ")", Href: usersOf(r, one.Code)})
	}
	return links
}
