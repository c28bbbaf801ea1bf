package drift

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/drift"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// decideForm says what is done about one case.
var decideForm = form.Form{Path: frame.DriftPage + "/{id}/decide", At: frame.DriftPage + "/{id}", Page: title,
	Act: "Save", Fields: []form.Field{
		form.Radios(nhsuk.RadiosParams{
			Name:     "state",
			Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "What is done about it?", Size: "m"}},
			Items: []nhsuk.RadioItem{
				{Value: string(drift.Done), Text: "It is being dealt with",
					Hint: "If the addresses still differ in 14 days, it comes back to the list"},
				{Value: string(drift.Left), Text: "Leave it as it is",
					Hint: "It comes back if one of the addresses changes"},
				{Value: string(drift.Open), Text: "Nothing yet"},
			},
		}).Required("Choose what is done about it"),
		form.Textarea(nhsuk.TextareaParams{
			Name: "reason", Label: nhsuk.LabelParams{Text: "Why, or what you did", Size: "s"}, Rows: 3,
			Hint: "For example: “She changes her Care Identity today”",
		}).Required("Enter why, or what you did"),
		form.Seen(),
	}}

// compareForm compares the addresses of one account now.
var compareForm = form.Form{Path: frame.DriftPage + "/{id}/compare", At: frame.DriftPage + "/{id}", Page: title,
	Act: "Compare now"}

// readAccount reads an account that the user looks after.
func (p *Pages) readAccount(r *http.Request) (account.Account, error) {
	a, err := db.Read(r.Context(), p.watch.DB, func(read db.R) (account.Account, error) {
		return account.ByID(r.Context(), read, r.PathValue("id"))
	})
	if err == nil && !reach(r).Covers(a) {
		err = account.ErrOutside
	}
	return a, err
}

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	return p.showCase(w, r, http.StatusOK, decideForm.New(r))
}

func (p *Pages) showCase(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	a, err := p.readAccount(r)
	if err != nil {
		return err
	}
	c, err := db.Read(r.Context(), p.watch.DB, func(read db.R) (drift.Case, error) {
		return drift.Of(r.Context(), read, a.ID)
	})
	v := caseView{Name: a.Name(), Account: "/users/" + a.ID, Decide: typed.About(a.Name()), Differs: err == nil}
	if err != nil && !errors.Is(err, fault.NotFound) {
		return err
	}
	if typed.HasProblems() && !v.Differs {
		return web.SeeOther(w, r, frame.DriftPage,
			"Nothing changed. The addresses of "+a.Username+" do not differ any more.")
	}
	if p.watch.Asker != nil {
		v.Compare = compareForm.New(r)
	}
	if v.Differs {
		name, err := c.Seen()
		if err != nil {
			return err
		}
		typed.Saw(name)
		v.Rows = rowsOf(a, c)
		v.Means = causes[c.Cause].means
		v.Cure = causes[c.Cause].cure
		v.Linked = c.Linked
	}
	v.Page = p.frame.Page(w, r, "Email addresses of "+a.Username)
	v.Page.BackHref = frame.DriftPage
	v.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, casePage(v))
}

func rowsOf(a account.Account, c drift.Case) []nhsuk.SummaryListRow {
	rows := []nhsuk.SummaryListRow{
		{Key: "Username", Value: a.Username},
		{Key: "Directory of Services", ValueHTML: page.Contact(a.Email)},
		{Key: "Care Identity", ValueHTML: otherAddress(drift.Case{Ours: c.Ours, Theirs: c.Theirs})},
	}
	if c.Theirs == c.Ours {
		rows[2].ValueHTML = page.Contact(c.Theirs)
	}
	if c.Staff != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Staff record", ValueHTML: page.Contact(c.Staff)})
	}
	rows = append(rows, nhsuk.SummaryListRow{Key: "Likely cause", Value: causeText(c.Cause)},
		nhsuk.SummaryListRow{Key: "To be changed", Value: changeText(c.Change)},
		nhsuk.SummaryListRow{Key: "Found", Value: when.DateTime(c.Found)})
	if c.State != drift.Open {
		rows = append(rows, nhsuk.SummaryListRow{Key: "What is done", ValueHTML: page.Named(c.DecidedName,
			", "+when.DateTime(c.Decided)+": "+stateText(c.State)+". "+c.Reason)})
	}
	return rows
}

func (p *Pages) decide(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.readAccount(r); err != nil {
		return err
	}
	typed := decideForm.Read(r)
	if !typed.Complete() {
		return p.showCase(w, r, http.StatusUnprocessableEntity, typed)
	}
	err := drift.Decide(r.Context(), p.watch.DB, web.Actor(r), drift.Decision{AccountID: r.PathValue("id"),
		Seen: typed.Seen(), State: drift.State(typed.Value("state")), Reason: typed.Value("reason")})
	if typed.Refuse(err) {
		return p.showCase(w, r, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.DriftPage, "Saved.")
}

func (p *Pages) compare(w http.ResponseWriter, r *http.Request) error {
	a, err := p.readAccount(r)
	if err != nil {
		return err
	}
	if err := p.watch.CompareOne(r.Context(), a); err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.DriftPage+"/"+a.ID, "The addresses were compared.")
}

// maxExported is how many rows one file has at most.
const maxExported = 20_000

var errTooMany = fault.SayCure(fault.Invalid,
	fmt.Sprintf("There are more than %d accounts in this list, which is too many for one file.", maxExported),
	"Choose a cause, a state or a region, and take a file of each.")

// export sends the cases that are asked for as a CSV file. That it was taken is an event.
func (p *Pages) export(w http.ResponseWriter, r *http.Request) error {
	regions, err := p.regions(r)
	if err != nil {
		return err
	}
	typed := listForm(regions).Read(r)
	file, err := db.Costly(r.Context(), p.watch.DB, func(read db.R) (csvFile, error) {
		return exported(r.Context(), read, filterOf(typed, reach(r), read.Now()))
	})
	if err != nil {
		return err
	}
	if err := drift.NoteExport(r.Context(), p.watch.DB, web.Actor(r), file.rows); err != nil {
		return err
	}
	return web.SendFile(w, web.CSV, "email-drift.csv", file.text)
}

type csvFile struct {
	text []byte
	rows int
}

// exported writes cases as a file.
func exported(ctx context.Context, r db.R, filter drift.Filter) (file csvFile, err error) {
	list, total, err := drift.List(ctx, r, filter, 0, maxExported)
	if err != nil {
		return file, err
	}
	if total > maxExported {
		return file, errTooMany
	}
	accounts, err := accountsOf(ctx, r, list)
	if err != nil {
		return file, err
	}
	var rows [][]string
	for _, c := range list {
		a := accounts[c.AccountID]
		rows = append(rows, []string{a.Username, a.FirstName, a.LastName, a.Organisation, a.Region, c.Ours, c.Theirs,
			c.Staff, causeText(c.Cause), changeText(c.Change), linkedText(c), c.Found.UTC().Format(time.RFC3339),
			string(c.State), c.Reason})
	}
	file.rows = len(list)
	file.text, err = sheet.CSV([]string{"username", "first_name", "last_name", "organisation", "region", "dos_email",
		"care_identity_email", "staff_record_email", "likely_cause", "to_be_changed", "linked", "known_since", "state",
		"reason"}, rows)
	return file, err
}
