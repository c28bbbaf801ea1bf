package users

import (
	"fmt"
	"net/http"
	"net/url"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

const countsPath = "/users/counts"

// countsLink leads to how many users there are, at the organisation whose users were looked for.
func countsLink(f *form.Rendered) string {
	if code := f.Value(organisationField); code != "" {
		return countsPath + "?" + url.Values{organisationField: {code}}.Encode()
	}
	return countsPath
}

// counts shows how many accounts the user looks after, of each kind and in each state; of one organisation if that is
// asked for.
func (u *Users) counts(w http.ResponseWriter, r *http.Request) error {
	code := r.URL.Query().Get(organisationField)
	counts, err := db.Costly(r.Context(), u.passwords.DB, func(read db.R) (account.Counts, error) {
		return account.Count(r.Context(), read, seen(r), code)
	})
	if err != nil {
		return err
	}
	at, err := db.Read(r.Context(), u.passwords.DB, func(read db.R) (string, error) {
		return directory.OrganisationText(r.Context(), read, code)
	})
	if err != nil {
		return err
	}
	v := countsView{Page: u.frame.Page(w, r, "How many users there are"), At: at}
	v.Page.BackHref = path.UsersPage
	v.Rows = [][]nhsuk.TableCell{countRow(code, "All", "", "", counts.All)}
	for _, k := range []account.Kind{account.Individual, account.Shared, account.Machine} {
		v.Rows = append(v.Rows, countRow(code, kindTexts[k], "kind", string(k), counts.Kinds[k]))
	}
	for _, s := range stateTexts {
		v.Rows = append(v.Rows, countRow(code, s.text, "state", string(s.state), counts.States[s.state]))
	}
	return web.Show(w, r, http.StatusOK, countsPage(v))
}

// countRow says how many users there are of a sort, and leads to the list of them.
func countRow(organisation, text, field, value string, n int) []nhsuk.TableCell {
	query := url.Values{}
	if organisation != "" {
		query.Set(organisationField, organisation)
	}
	if field != "" {
		query.Set(field, value)
	}
	to := path.UsersPage
	if len(query) > 0 {
		to += "?" + query.Encode()
	}
	return []nhsuk.TableCell{{Text: text, Href: to}, {Text: fmt.Sprint(n)}}
}
