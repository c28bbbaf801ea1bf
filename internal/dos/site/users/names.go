package users

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/a-h/templ"

	"signpost/internal/dos/account"
	"signpost/internal/dos/linking"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// namesOnPage is how many of the newest links with two names are listed.
const namesOnPage = 100

// names lists the links whose account and Care Identity have different names. Whoever linked said that both are
// theirs; an administrator may know better.
func (u *Users) names(w http.ResponseWriter, r *http.Request) error {
	rows, err := db.Read(r.Context(), u.passwords.DB, func(read db.R) ([][]nhsuk.TableCell, error) {
		return nameRows(r.Context(), read)
	})
	if err != nil {
		return err
	}
	v := namesView{Page: u.frame.Page(w, r, "Links where the names differ"), Rows: rows}
	v.Page.Wide = true
	v.Page.BackHref = "/users"
	return web.Show(w, r, http.StatusOK, namesPage(v))
}

func nameRows(ctx context.Context, read db.R) (rows [][]nhsuk.TableCell, err error) {
	events, err := audit.OfKind(ctx, read, linking.NamesDiffer, namesOnPage)
	if err != nil {
		return nil, fmt.Errorf("list links where the names differ: %w", err)
	}
	for _, e := range events {
		var names linking.Names
		if err := json.Unmarshal(e.After, &names); err != nil {
			return nil, fmt.Errorf("names of link: %w", err)
		}
		a, err := account.ByID(ctx, read, e.Subject.ID)
		if err != nil {
			return nil, err
		}
		state, err := stateOf(ctx, read, a.ID, names)
		if err != nil {
			return nil, err
		}
		rows = append(rows, []nhsuk.TableCell{
			{Text: a.Username, Href: "/users/" + a.ID}, {HTML: page.Name(names.Account)}, {HTML: careIdentity(names)},
			{Text: when.DateTime(e.At)}, {Text: state},
		})
	}
	return rows, nil
}

func careIdentity(n linking.Names) templ.Component {
	if n.Subject == "" {
		return page.Named("", "No longer kept")
	}
	return page.Named(n.CareIdentity, ", number ending "+linking.LastDigits(n.Subject))
}

// stateOf says what became of a link that somebody went on with.
func stateOf(ctx context.Context, read db.R, id string, n linking.Names) (string, error) {
	link, err := account.LinkOf(ctx, read, id)
	switch {
	case errors.Is(err, fault.NotFound):
		return "Not linked", nil
	case err != nil:
		return "", err
	case link.Issuer != n.Issuer || link.Subject != n.Subject:
		return "Linked to another Care Identity", nil
	}
	return "Linked", nil
}
