package users

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/platform/db"
	"signpost/internal/platform/reference"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

// usersOnPage is the number of accounts on a page of the list.
const usersOnPage = 20

// The answers to whether an account is linked.
const (
	linked    = "yes"
	notLinked = "no"
)

var kindTexts = map[account.Kind]string{
	account.Individual: "Individual",
	account.Shared:     "Shared",
	account.WebService: "Web service",
	account.Ended:      "Not active",
}

// searchForm finds accounts.
var searchForm = form.Form{
	Path: "/users", Get: true, Attributes: templ.Attributes{"role": "search", "class": "signpost-filters"},
	Fields: []form.Field{
		form.Input(nhsuk.InputParams{
			Name: "q", Label: nhsuk.LabelParams{Text: "Search for a user", Size: "s"},
			Hint:         "Username, name, email address, Care Identity number or ODS code, or the reference on a page",
			Autocomplete: "off", Spellcheck: "false",
		}),
		form.Select(nhsuk.SelectParams{Name: "kind", Label: nhsuk.LabelParams{Text: "Kind of account", Size: "s"},
			Items: []nhsuk.SelectItem{
				{Text: "Any kind"},
				{Value: string(account.Individual), Text: kindTexts[account.Individual]},
				{Value: string(account.Shared), Text: kindTexts[account.Shared]},
				{Value: string(account.WebService), Text: kindTexts[account.WebService]},
				{Value: string(account.Ended), Text: kindTexts[account.Ended]},
			}}),
		form.Select(nhsuk.SelectParams{Name: "linked", Label: nhsuk.LabelParams{Text: "Care Identity", Size: "s"},
			Items: []nhsuk.SelectItem{
				{Text: "Linked or not"}, {Value: linked, Text: "Linked"}, {Value: notLinked, Text: "Not linked"},
			}}),
	},
}

func (u *Users) list(w http.ResponseWriter, r *http.Request) error {
	v := usersView{Form: searchForm.Read(r)}
	if quoted := reference.Read(v.Form.Value("q")); reference.Valid(quoted) || reference.Long(quoted) {
		return u.quoted(w, r, quoted)
	}
	search := account.Search{
		Words:    v.Form.Value("q"),
		Kind:     account.Kind(v.Form.Value("kind")),
		Linked:   v.Form.Value("linked") == linked,
		Unlinked: v.Form.Value("linked") == notLinked,
	}
	number, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil || number < 1 {
		number = 1
	}
	var pages int
	err = u.passwords.DB.View(r.Context(), func(read db.R) (err error) {
		number, pages, err = v.find(r.Context(), read, search, number)
		return err
	})
	if err != nil {
		return err
	}
	v.Pages = pagesAround(number, pages, r.URL.Query())
	v.Page = u.frame.Page(w, r, v.title(number, pages))
	v.Page.Wide = true
	return web.Show(w, r, http.StatusOK, usersPage(v))
}

// find reads a page of the accounts found, or the last page if there are fewer. It gives which page that is, and of
// how many.
func (v *usersView) find(ctx context.Context, r db.R, s account.Search, number int) (page, pages int, err error) {
	list, total, err := account.Find(ctx, r, s, (number-1)*usersOnPage, usersOnPage)
	if err != nil {
		return 0, 0, err
	}
	pages = max((total+usersOnPage-1)/usersOnPage, 1)
	if number > pages {
		return v.find(ctx, r, s, pages)
	}
	v.Count = countText((number-1)*usersOnPage, len(list), total)
	for _, f := range list {
		at, err := directory.OrganisationText(ctx, r, f.Organisation)
		if err != nil {
			return 0, 0, err
		}
		v.Rows = append(v.Rows, []nhsuk.TableCell{{Text: f.Username, Href: "/users/" + f.ID}, nameCell(f.Account),
			{Text: at}, {Text: kindTexts[f.Kind()]}, {Text: linkedText(f)}})
	}
	return number, pages, nil
}

func linkedText(f account.Found) string {
	if f.Linked.IsZero() {
		return "Not linked"
	}
	return "Linked " + when.Date(f.Linked)
}

// countText says which of the users found are on the page.
func countText(skipped, onPage, total int) string {
	switch {
	case total == 0:
		return "No users found"
	case total == 1:
		return "1 user"
	case onPage == total:
		return fmt.Sprintf("%d users", total)
	}
	return fmt.Sprintf("%d to %d of %d users", skipped+1, skipped+onPage, total)
}

// title names the page: what was found, if something was asked for, and which page of it this is.
func (v *usersView) title(number, pages int) string {
	title := "Users"
	if v.Form.Value("q")+v.Form.Value("kind")+v.Form.Value("linked") != "" {
		title = "Search for a user: " + v.Count
	}
	if pages == 1 {
		return title
	}
	return fmt.Sprintf("%s, page %d of %d", title, number, pages)
}

// pagesAround gives the links to the pages before and after one of the list.
func pagesAround(number, pages int, query url.Values) (p nhsuk.PaginationParams) {
	to := func(n int, text string) nhsuk.PaginationLink {
		query.Set("page", strconv.Itoa(n))
		label := fmt.Sprintf("%d of %d", n, pages)
		return nhsuk.PaginationLink{Href: "/users?" + query.Encode(), Text: text, Label: label}
	}
	if number > 1 {
		p.Previous = to(number-1, "Previous")
	}
	if number < pages {
		p.Next = to(number+1, "Next")
	}
	return p
}
