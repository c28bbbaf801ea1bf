// Package aliases serves the pages on which administrators keep the table of domain aliases.
package aliases

import (
	"context"
	"net/http"

	"github.com/a-h/templ"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/alias"
	"signpost/internal/dos/site/frame"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// Aliases serves the pages.
type Aliases struct {
	frame *frame.Frame
	table alias.Table
}

const (
	title    = "Domain aliases"
	newTitle = "Propose a domain alias"
)

var proposeForm = form.Form{Path: frame.AliasesPage + "/new", Page: newTitle, Act: "Propose", Fields: []form.Field{
	domainField("one", "First domain", "What stands behind the @ of an email address, like nhs.net"),
	domainField("other", "Second domain", "Like exampletrust.nhs.uk"),
	form.Textarea(nhsuk.TextareaParams{
		Name: "reason", Label: nhsuk.LabelParams{Text: "How you know that one person has both", Size: "s"}, Rows: 3,
		Hint: "For example: “The trust’s IT department told us that it moved every mailbox to nhs.net in May.” The " +
			"second administrator reads it",
	}).Required("Enter how you know that one person has both"),
}}

func domainField(name, label, hint string) form.Field {
	return form.Input(nhsuk.InputParams{
		Name: name, Label: nhsuk.LabelParams{Text: label, Size: "s"}, Hint: hint, Width: 20, Autocapitalize: "none",
		Spellcheck: "false", Autocomplete: "off",
	}).Required("Enter a domain, like nhs.net")
}

var signForm = form.Form{Path: frame.AliasesPage + "/{id}/sign", At: frame.AliasesPage + "/{id}", Page: title,
	Act: "Sign this alias", Fields: []form.Field{form.Seen()}}

var withdrawForm = form.Form{Path: frame.AliasesPage + "/{id}/withdraw", At: frame.AliasesPage + "/{id}", Page: title,
	Act: "Withdraw this alias", Fields: []form.Field{
		form.Textarea(nhsuk.TextareaParams{
			Name: "reason", Label: nhsuk.LabelParams{Text: "Why you withdraw it", Size: "s"}, Rows: 3,
		}).Required("Enter why you withdraw it"),
	}}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame) {
	a := &Aliases{frame: f, table: alias.Table{DB: f.Linker.DB, Post: f.Linker.Post}}
	may := f.May(account.ManageUsers)
	s.Handle("GET "+frame.AliasesPage, may, a.list)
	s.Handle("GET "+proposeForm.Path, may, a.ask)
	s.Handle("GET "+frame.AliasesPage+"/{id}", may, a.show)
	f.HandleForm(s, proposeForm, may, f.Freshly(proposeForm, a.propose))
	f.HandleForm(s, signForm, may, f.Freshly(signForm, a.sign))
	f.HandleForm(s, withdrawForm, may, f.Freshly(withdrawForm, a.withdraw))
}

var errNotEverywhere = fault.SayCure(fault.Forbidden,
	"Only somebody who manages users everywhere can change domain aliases.", "Ask a DoS user administrator who does.")

// widest reports whether the user may change the table.
func widest(r *http.Request) bool { return frame.Reach(r, account.ManageUsers).Everywhere }

// state words what has become of a pair, with the colour of its tag.
func state(a alias.Alias) nhsuk.TagParams {
	switch {
	case a.Waits():
		return nhsuk.TagParams{Text: "Needs a second signature", Colour: nhsuk.TagAwaited}
	case a.Counts():
		return nhsuk.TagParams{Text: "Counts", Colour: nhsuk.TagGood}
	}
	return nhsuk.TagParams{Text: "Withdrawn", Colour: nhsuk.TagGone}
}

func (v *Aliases) list(w http.ResponseWriter, r *http.Request) error {
	list, err := db.Read(r.Context(), v.table.DB, func(read db.R) ([]alias.Alias, error) {
		return alias.List(r.Context(), read)
	})
	if err != nil {
		return err
	}
	view := listView{May: widest(r)}
	for _, a := range list {
		view.Rows = append(view.Rows, []nhsuk.TableCell{
			{Text: a.One + " and " + a.Other, Href: frame.AliasesPage + "/" + a.ID},
			{HTML: nhsuk.Tag(state(a))},
			{HTML: page.Name(a.Proposed.Name)},
			{HTML: page.Name(second(a))},
			{Text: when.Date(a.Proposed.At)},
		})
	}
	view.Page = v.frame.Page(w, r, title)
	view.Page.BackHref = path.UsersPage
	return web.Show(w, r, http.StatusOK, listPage(view))
}

// second names who signed second.
func second(a alias.Alias) string {
	switch {
	case a.Waits():
		return "Nobody yet"
	case a.Signed.At.IsZero():
		return "Nobody"
	}
	return a.Signed.Name
}

func (v *Aliases) ask(w http.ResponseWriter, r *http.Request) error {
	return v.showNew(w, r, http.StatusOK, proposeForm.New(r))
}

func (v *Aliases) showNew(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	if !widest(r) {
		return errNotEverywhere
	}
	view := newView{Page: v.frame.Page(w, r, newTitle), Form: typed}
	view.Page.BackHref = frame.AliasesPage
	view.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, newPage(view))
}

func (v *Aliases) propose(w http.ResponseWriter, r *http.Request) error {
	typed := proposeForm.Read(r)
	if !typed.Complete() {
		return v.showNew(w, r, http.StatusUnprocessableEntity, typed)
	}
	made, err := v.table.Propose(r.Context(), web.Actor(r), alias.Typed{
		One: typed.Value("one"), Other: typed.Value("other"), Reason: typed.Value("reason"),
	})
	if typed.Refuse(err) {
		return v.showNew(w, r, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.AliasesPage+"/"+made.ID,
		"The alias is proposed. It does nothing until another administrator who looks after everybody signs it.")
}

func (v *Aliases) show(w http.ResponseWriter, r *http.Request) error {
	return v.showAlias(w, r, http.StatusOK, withdrawForm.New(r))
}

func (v *Aliases) showAlias(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	view, err := db.Costly(r.Context(), v.table.DB, func(read db.R) (aliasView, error) {
		return readAlias(r.Context(), read, r.PathValue("id"), web.Actor(r).ID, frame.Reach(r, account.ManageUsers))
	})
	if err != nil {
		return err
	}
	if typed.HasProblems() && view.over {
		return web.SeeOther(w, r, frame.AliasesPage, "Nothing changed. Somebody has withdrawn this alias already.")
	}
	if widest(r) && !view.over {
		view.Withdraw = typed.About(view.heading)
		if view.waits && !view.Own {
			view.Sign = signForm.New(r).Saw(view.seen).About(view.heading)
		}
	}
	view.Page = v.frame.Page(w, r, view.heading)
	view.Page.BackHref = frame.AliasesPage
	view.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, aliasPage(view))
}

func readAlias(ctx context.Context, r db.R, id, by string, reach account.Reach) (v aliasView, err error) {
	a, err := alias.ByID(ctx, r, id)
	if err != nil {
		return v, err
	}
	table, err := alias.List(ctx, r)
	if err != nil {
		return v, err
	}
	v = aliasView{
		heading: a.One + " and " + a.Other, State: state(a), Rows: rowsOf(a), waits: a.Waits(),
		over: !a.Withdrawn.At.IsZero(), Counts: a.Counts(), Flagged: a.Flagged,
	}
	if !v.over {
		v.Cautions = alias.Cautions(a, table)
	}
	if v.seen, err = a.Seen(v.Cautions); err != nil {
		return v, err
	}
	if v.Own, err = a.Own(ctx, r, by); err != nil {
		return v, err
	}
	for _, domain := range []string{a.One, a.Other} {
		use, err := mailbox.UseOf(ctx, r, domain)
		if err != nil {
			return v, err
		}
		v.Rows = append(v.Rows, nhsuk.SummaryListRow{Key: "Who has " + domain, Value: useText(use)})
	}
	return v, v.readLinks(ctx, r, id, reach)
}

// readLinks lists the links that were made between the two domains, of the accounts within a reach.
func (v *aliasView) readLinks(ctx context.Context, r db.R, id string, reach account.Reach) error {
	links, err := alias.Links(ctx, r, id)
	if err != nil {
		return err
	}
	var ids []string
	for _, one := range links {
		ids = append(ids, one.AccountID)
	}
	accounts, err := account.ByIDs(ctx, r, ids)
	if err != nil {
		return err
	}
	for _, one := range links {
		a, known := accounts[one.AccountID]
		if !known || !reach.Covers(a) {
			v.Elsewhere++
			continue
		}
		v.Links = append(v.Links, []nhsuk.TableCell{
			{Text: a.Username, Href: path.UsersPage + "/" + a.ID},
			{HTML: page.Name(a.Name())},
			{Text: when.DateTime(one.Linked)},
		})
	}
	return nil
}

// useText says how many have an address in a domain: one that nobody has may be misspelt, or made up.
func useText(use mailbox.DomainUse) string {
	if use.Accounts == 0 && use.CareIdentities == 0 {
		return "Nobody: no user, and no Care Identity that is linked. Make sure that it is spelt correctly"
	}
	return count(use.Accounts, "user", "users") + ", and " +
		count(use.CareIdentities, "linked Care Identity", "linked Care Identities")
}

func count(n int, one, several string) string {
	if n == 0 {
		return "no " + several
	}
	return page.CountText(0, n, n, one, several)
}

// signed says who signed, and when.
func signed(s alias.Signature) templ.Component { return page.Named(s.Name, ", "+when.DateTime(s.At)) }

func rowsOf(a alias.Alias) []nhsuk.SummaryListRow {
	rows := []nhsuk.SummaryListRow{
		{Key: "Reason", Value: a.Reason}, {Key: "Proposed by", ValueHTML: signed(a.Proposed)},
	}
	if !a.Signed.At.IsZero() {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Second signature", ValueHTML: signed(a.Signed)})
	}
	if !a.Withdrawn.At.IsZero() {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Withdrawn by", ValueHTML: signed(a.Withdrawn)},
			nhsuk.SummaryListRow{Key: "Why", Value: a.WhyNot})
	}
	return rows
}

func (v *Aliases) sign(w http.ResponseWriter, r *http.Request) error {
	if !widest(r) {
		return errNotEverywhere
	}
	_, err := v.table.Sign(r.Context(), web.Actor(r), r.PathValue("id"), signForm.Read(r).Seen())
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.AliasesPage+"/"+r.PathValue("id"),
		"You have signed the alias. It proposes accounts from now on.")
}

func (v *Aliases) withdraw(w http.ResponseWriter, r *http.Request) error {
	if !widest(r) {
		return errNotEverywhere
	}
	typed := withdrawForm.Read(r)
	if !typed.Complete() {
		return v.showAlias(w, r, http.StatusUnprocessableEntity, typed)
	}
	_, err := v.table.Withdraw(r.Context(), web.Actor(r), r.PathValue("id"), typed.Value("reason"))
	if typed.Refuse(err) {
		return v.showAlias(w, r, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.AliasesPage+"/"+r.PathValue("id"),
		"The alias is withdrawn. It proposes nothing any more. Links that were made stay.")
}
