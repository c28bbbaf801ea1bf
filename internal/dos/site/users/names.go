package users

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/a-h/templ"

	"signpost/internal/dos/account"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/site/frame"
	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// namesOnPage is how many links with two names are on a page.
const namesOnPage = 50

// namesForm finds those who linked although the names differ.
var namesForm = searchAt("/users/names",
	"Username, name, email address or ODS code of the account, or the name or number of its Care Identity", nil)

// names lists the links whose account and Care Identity have different names. Whoever linked said that both are
// theirs; an administrator may know better.
func (u *Users) names(w http.ResponseWriter, r *http.Request) error {
	typed := namesForm.Read(r)
	v, err := db.Costly(r.Context(), u.passwords.DB, func(read db.R) (namesView, error) {
		return readNames(r, read, typed)
	})
	status := http.StatusOK
	if typed.Refuse(err) {
		status = http.StatusUnprocessableEntity
		v = namesView{title: namesTitle}
	} else if err != nil {
		return err
	}
	v.Form = typed
	v.Page = u.frame.Page(w, r, v.title)
	v.Page.Wide = true
	v.Page.BackHref = path.UsersPage
	v.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, namesPage(v))
}

const namesTitle = "Links where the names differ"

// readNames reads the page of the links that a request asks for.
func readNames(r *http.Request, read db.R, typed *form.Rendered) (v namesView, err error) {
	search := audit.Search{Kinds: []audit.Kind{linking.NamesDiffer}}
	reach := frame.Reach(r, account.ReviewLinks)
	v.Searched = searched(typed)
	if v.Searched || !reach.Everywhere {
		ids, err := namesSearched(r.Context(), read, searchOf(typed, reach))
		if err != nil {
			return v, err
		}
		v.Partial = ids.Partial
		search.Among = audit.Among{SQL: ids.SQL, Args: ids.Args}
	}
	events, err := page.Read(r, namesOnPage, func(skip, limit int) ([]audit.Entry, int, error) {
		return search.Page(r.Context(), read, skip, limit)
	})
	if err != nil {
		return v, fmt.Errorf("list links where the names differ: %w", err)
	}
	v.title = namesTitle
	if v.Searched {
		v.title = namesTitle + ": " + events.Count("link", "links")
	}
	v.title = events.Titled(v.title)
	v.Count = events.Count("link", "links")
	v.Links = events.Links("/users/names", r)
	v.Rows, err = nameRows(r.Context(), read, events.Items)
	return v, err
}

// namesSearched prepares the query for the accounts that are looked for, also by the name of their Care Identity.
func namesSearched(ctx context.Context, read db.R, search account.Search) (account.IDs, error) {
	if search.Words != "" {
		known, err := linking.FindNames(ctx, read, search.Words)
		if err != nil {
			return account.IDs{}, err
		}
		search.Known = known
	}
	return search.IDs(ctx, read)
}

// nameRows shows such links. What they are about is read together.
func nameRows(ctx context.Context, read db.R, events []audit.Entry) (rows [][]nhsuk.TableCell, err error) {
	var ids []string
	for _, e := range events {
		ids = append(ids, e.Subject.ID)
	}
	accounts, err := account.ByIDs(ctx, read, ids)
	if err != nil {
		return nil, err
	}
	links, err := account.LinksOf(ctx, read, ids)
	if err != nil {
		return nil, err
	}
	for _, e := range events {
		var names linking.Names
		if err := json.Unmarshal(e.After, &names); err != nil {
			return nil, fmt.Errorf("names of link: %w", err)
		}
		a := accounts[e.Subject.ID]
		rows = append(rows, []nhsuk.TableCell{
			{Text: a.Username, Href: accountPath(a.ID)}, {HTML: page.Name(names.Account)}, {HTML: careIdentity(names)},
			{Text: when.DateTime(e.At)}, {Text: stateOf(links[a.ID], names)},
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
func stateOf(l account.Link, n linking.Names) string {
	switch {
	case l.AccountID == "":
		return "Not linked"
	case l.Issuer != n.Issuer || l.Subject != n.Subject:
		return "Linked to another Care Identity"
	}
	return "Linked"
}
