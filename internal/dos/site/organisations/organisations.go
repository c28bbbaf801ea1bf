// Package organisations serves the pages on which DoS user administrators confirm to which organisation somebody
// belongs who cannot come in before that.
package organisations

import (
	"context"
	"errors"
	"net/http"

	"signpost/internal/dos/account"
	"signpost/internal/dos/belonging"
	"signpost/internal/dos/directory"
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

	askTitle = "Confirm an organisation"
)

var decideForm = form.Form{
	Path: path.UsersPage + "/{id}/organisation", Page: askTitle, Act: "Save", Fields: []form.Field{
		form.Radios(nhsuk.RadiosParams{
			Name:     "belongs",
			Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "Do they belong to it?", Size: "m"}},
		}).Required("Choose whether they belong to it"),
		form.Textarea(nhsuk.TextareaParams{
			Name: "reason", Label: nhsuk.LabelParams{Text: "How you know, or why not", Size: "s"}, Rows: 3,
			Hint: "If you answer no, the person reads this",
		}).Required("Enter how you know, or why not"),
		form.Seen(),
	}}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame) {
	o := &Organisations{frame: f, db: f.DB}
	may := f.May(account.ManageUsers)
	s.Handle("GET "+ListPage, may, o.list)
	s.Handle("GET "+decideForm.Path, may, o.ask)
	f.HandleForm(s, decideForm, may, f.Freshly(decideForm, o.decide))
}

// list shows those who wait and whom the administrator looks after.
func (o *Organisations) list(w http.ResponseWriter, r *http.Request) error {
	rows, err := db.Read(r.Context(), o.db, func(read db.R) ([][]nhsuk.TableCell, error) {
		list, err := belonging.WaitingWithin(r.Context(), read, frame.User(r).Reach(account.ManageUsers))
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

func rowsOf(ctx context.Context, r db.R, list []belonging.Waiting) (rows [][]nhsuk.TableCell, err error) {
	var codes []string
	for _, one := range list {
		codes = append(codes, one.Account.Organisation, one.Claim.Organisation)
	}
	names, err := directory.OrganisationTexts(ctx, r, codes)
	for _, one := range list {
		rows = append(rows, []nhsuk.TableCell{
			{Text: one.Account.Username, Href: path.UsersPage + "/" + one.Account.ID + "/organisation"},
			{HTML: page.Name(one.Account.Name())},
			{Text: names[one.Claim.Organisation]},
			{Text: orNotKnown(names[one.Account.Organisation])},
			{Text: when.DateTime(one.Claim.Claimed)},
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
var errNothing = fault.SayCure(fault.Conflict, "This account does not wait for anybody to confirm where it belongs.",
	"Another administrator may have decided it. Look at the list of organisations to confirm.")

// asked is somebody who waits, and why the administrator cannot confirm it, if they cannot.
type asked struct {
	belonging.Waiting

	refusal error
}

func (o *Organisations) show(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	v := decideView{Form: typed}
	found, err := db.Read(r.Context(), o.db, func(read db.R) (asked, error) {
		a, err := account.ByID(r.Context(), read, r.PathValue("id"))
		if err != nil {
			return asked{}, err
		}
		claim, err := belonging.Of(r.Context(), read, a.ID)
		if err != nil {
			return asked{}, err
		}
		by := belonging.Decider{Account: frame.User(r).Account, Grants: frame.User(r).Grants}
		if err := belonging.MayDecide(r.Context(), read, by, a); err != nil {
			return asked{}, err
		}
		refusal := belonging.MayConfirm(r.Context(), read, by, a, claim.Organisation)
		if refusal != nil && !errors.Is(refusal, fault.Forbidden) {
			return asked{}, refusal
		}
		return asked{Waiting: belonging.Waiting{Account: a, Claim: claim}, refusal: refusal}, nil
	})
	if err != nil {
		return err
	}
	if !found.Claim.Waits() {
		return errNothing
	}
	names, err := db.Read(r.Context(), o.db, func(read db.R) (map[string]string, error) {
		codes := []string{found.Account.Organisation, found.Claim.Organisation}
		return directory.OrganisationTexts(r.Context(), read, codes)
	})
	if err != nil {
		return err
	}
	name, err := found.Seen()
	if err != nil {
		return err
	}
	typed.Saw(name).About(found.Account.Name())
	answers := []nhsuk.RadioItem{{Value: yes, Text: "Yes"}, {Value: no, Text: "No"}}
	for _, problem := range fault.All(found.refusal) {
		v.Cannot = problem.Message
		v.Cure = problem.Cure
		answers = answers[1:]
	}
	typed.Offer("belongs", answers)
	v.Name = found.Account.Name()
	v.Claimed = names[found.Claim.Organisation]
	v.Rows = []nhsuk.SummaryListRow{
		{Key: "Name", ValueHTML: page.Name(v.Name)}, {Key: "Username", Value: found.Account.Username},
		{Key: "Email", ValueHTML: page.Contact(found.Account.Email)},
		{Key: "Organisation of the account", Value: orNotKnown(names[found.Account.Organisation])},
		{Key: "They say they belong to", Value: v.Claimed}, {Key: "Since", Value: when.DateTime(found.Claim.Claimed)},
	}
	v.Page = o.frame.Page(w, r, askTitle)
	v.Page.BackHref = ListPage
	v.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, decidePage(v))
}

func (o *Organisations) decide(w http.ResponseWriter, r *http.Request) error {
	typed := decideForm.Read(r)
	if answer := typed.Value("belongs"); answer != yes && answer != no {
		typed.Set("belongs", "")
	}
	if !typed.Complete() {
		return o.show(w, r, http.StatusUnprocessableEntity, typed)
	}
	err := o.frame.Belonging.Decide(r.Context(), web.Actor(r), belonging.Decision{
		AccountID: r.PathValue("id"), Seen: typed.Seen(), Confirmed: typed.Value("belongs") == yes,
		Reason: typed.Value("reason"),
	})
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, ListPage, "Your decision is saved. They have been told by email.")
}
