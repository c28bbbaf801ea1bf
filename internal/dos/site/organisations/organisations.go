// Package organisations serves the pages on which DoS user administrators confirm to which organisation somebody
// belongs who cannot come in before that.
package organisations

import (
	"context"
	"net/http"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/signin"
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

// ListPage is the path of the list of those who wait.
const ListPage = path.UsersPage + "/organisations"

// Organisations serves the pages.
type Organisations struct {
	frame *frame.Frame
	db    *db.DB
}

// The answers of an administrator.
const (
	yes = "yes"
	no  = "no"
)

var decideForm = form.Form{Path: path.UsersPage + "/{id}/organisation", Fields: []form.Field{
	form.Hidden("organisation"), // that the administrator saw
	form.Radios(nhsuk.RadiosParams{
		Name:     "belongs",
		Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "Do they belong to it?", Size: "m"}},
		Items:    []nhsuk.RadioItem{{Value: yes, Text: "Yes"}, {Value: no, Text: "No"}},
	}).Required("Choose whether they belong to it"),
	form.Textarea(nhsuk.TextareaParams{
		Name: "reason", Label: nhsuk.LabelParams{Text: "How you know, or why not", Size: "s"}, Rows: 3,
		Hint: "If you answer no, the person reads this",
	}).Required("Enter how you know, or why not"),
}}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame) {
	o := &Organisations{frame: f, db: f.DB}
	may := f.May(account.ManageUsers)
	s.Handle("GET "+ListPage, may, o.list)
	s.Handle("GET "+decideForm.Path, may, o.ask)
	f.HandleForm(s, decideForm, may, f.Freshly(decideForm, o.decide))
}

// waiting is somebody who waits.
type waiting struct {
	account account.Account
	claim   signin.OrganisationClaim
}

// list shows those who wait and whom the administrator looks after.
func (o *Organisations) list(w http.ResponseWriter, r *http.Request) error {
	rows, err := db.Read(r.Context(), o.db, func(read db.R) ([][]nhsuk.TableCell, error) {
		list, err := readWaiting(r.Context(), read, frame.User(r).Reach(account.ManageUsers))
		if err != nil {
			return nil, err
		}
		return rowsOf(r.Context(), read, list)
	})
	if err != nil {
		return err
	}
	v := listView{Page: o.frame.Page(w, r, "Organisations to confirm"), Rows: rows}
	v.Page.BackHref = path.UsersPage
	return web.Show(w, r, http.StatusOK, listPage(v))
}

func readWaiting(ctx context.Context, r db.R, reach account.Reach) (list []waiting, err error) {
	claims, err := signin.WaitingClaims(ctx, r)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, c := range claims {
		ids = append(ids, c.AccountID)
	}
	accounts, err := account.ByIDs(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	for _, c := range claims {
		if a, known := accounts[c.AccountID]; known && reach.Covers(a) {
			list = append(list, waiting{account: a, claim: c})
		}
	}
	return list, nil
}

func rowsOf(ctx context.Context, r db.R, list []waiting) (rows [][]nhsuk.TableCell, err error) {
	var codes []string
	for _, one := range list {
		codes = append(codes, one.account.Organisation, one.claim.Organisation)
	}
	names, err := directory.OrganisationTexts(ctx, r, codes)
	for _, one := range list {
		rows = append(rows, []nhsuk.TableCell{
			{Text: one.account.Username, Href: path.UsersPage + "/" + one.account.ID + "/organisation"},
			{HTML: page.Name(one.account.Name())},
			{Text: names[one.claim.Organisation]},
			{Text: orNotKnown(names[one.account.Organisation])},
			{Text: when.DateTime(one.claim.Claimed)},
		})
	}
	return rows, err
}

func orNotKnown(organisation string) string {
	if organisation == "" {
		return "Not known"
	}
	return organisation
}

func (o *Organisations) ask(w http.ResponseWriter, r *http.Request) error {
	return o.show(w, r, http.StatusOK, decideForm.New(r))
}

// errNothing answers whoever opens the page of somebody who does not wait.
var errNothing = fault.SayCure(fault.NotFound, "Nobody waits here.",
	"Another administrator may have decided it. Look at the list of organisations to confirm.")

func (o *Organisations) show(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	v := decideView{Form: typed}
	found, err := db.Read(r.Context(), o.db, func(read db.R) (waiting, error) {
		a, err := account.ByID(r.Context(), read, r.PathValue("id"))
		if err != nil {
			return waiting{}, err
		}
		claim, err := signin.ClaimOf(r.Context(), read, a.ID)
		return waiting{account: a, claim: claim}, err
	})
	if err != nil {
		return err
	}
	if !frame.User(r).Reach(account.ManageUsers).Covers(found.account) {
		return account.ErrOutside
	}
	if !found.claim.Waits() {
		return errNothing
	}
	names, err := db.Read(r.Context(), o.db, func(read db.R) (map[string]string, error) {
		codes := []string{found.account.Organisation, found.claim.Organisation}
		return directory.OrganisationTexts(r.Context(), read, codes)
	})
	if err != nil {
		return err
	}
	typed.About(found.account.Name()).Set("organisation", found.claim.Organisation)
	v.Name = found.account.Name()
	v.Claimed = names[found.claim.Organisation]
	v.Rows = []nhsuk.SummaryListRow{
		{Key: "Name", ValueHTML: page.Name(v.Name)}, {Key: "Username", Value: found.account.Username},
		{Key: "Email", ValueHTML: page.Contact(found.account.Email)},
		{Key: "Organisation of the account", Value: orNotKnown(names[found.account.Organisation])},
		{Key: "They say they belong to", Value: v.Claimed}, {Key: "Since", Value: when.DateTime(found.claim.Claimed)},
	}
	v.Page = o.frame.Page(w, r, "Confirm an organisation")
	v.Page.BackHref = ListPage
	v.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, decidePage(v))
}

func (o *Organisations) decide(w http.ResponseWriter, r *http.Request) error {
	typed := decideForm.Read(r)
	if !typed.Complete() {
		return o.show(w, r, http.StatusUnprocessableEntity, typed)
	}
	err := o.frame.Door.DecideClaim(r.Context(), web.Actor(r), signin.ClaimDecision{
		AccountID: r.PathValue("id"), Organisation: typed.Value("organisation"),
		Confirmed: typed.Value("belongs") == yes, Reason: typed.Value("reason"),
	})
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, ListPage, "Your decision is saved. They have been told by email.")
}
