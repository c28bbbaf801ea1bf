package reviews

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"signpost/internal/dos/account"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/review"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

func (v *Reviews) readCase(r *http.Request, read db.R) (view caseView, err error) {
	ctx := r.Context()
	c, err := review.ByID(ctx, read, r.PathValue("id"))
	if err != nil {
		return view, err
	}
	a, err := account.ByID(ctx, read, c.AccountID)
	if err == nil && !frame.Reach(r, account.ReviewLinks).Covers(a) {
		err = account.ErrOutside
	}
	if err != nil {
		return view, err
	}
	view = caseView{
		id: c.ID, heading: review.Titles(c.Kinds), about: page.Apart(a.Name()) + " (" + a.Username + ")",
		Account: "/users/" + a.ID, SeesUsers: frame.Allowed(r, account.ManageUsers, account.ServiceDesk),
		held: c, Reach: reachRows(a), Opened: when.DateTime(c.Opened), Sides: sides(c.Facts), Proofs: c.Proofs,
	}
	if view.seen, err = c.Seen(); err != nil {
		return view, err
	}
	for _, k := range c.Kinds {
		view.Words = append(view.Words, k.Words())
	}
	past, err := linking.PastHoldersOf(ctx, read, v.frame.Linker.Post, c)
	if err != nil {
		return view, err
	}
	if view.Past, err = frame.PastHolders(r, read, past, account.ReviewLinks); err != nil {
		return view, err
	}
	if view.Now, err = stateNow(ctx, read, a, c); err != nil {
		return view, err
	}
	if !c.Waiting() {
		view.Decided = decidedRows(c)
		return view, nil
	}
	own, err := c.Concerns(ctx, read, web.Actor(r))
	if view.Own = own; !own {
		view.Form, err = choices(ctx, read, c)
	}
	return view, err
}

// choices offers what can be decided about a case.
func choices(ctx context.Context, read db.R, c review.Case) ([]nhsuk.RadioItem, error) {
	if c.Holds {
		return []nhsuk.RadioItem{
			{Value: approve, Text: "Approve", Hint: "Both are one person. They can link within 7 days"},
			{Value: refuse, Text: "Refuse",
				Hint: "They are not one person, or you cannot find out. Nothing is linked"},
		}, nil
	}
	wrong := nhsuk.RadioItem{Value: refuse, Text: "Undo the link",
		Hint: "They are not one person. The Care Identity no longer opens the account"}
	link, err := account.LinkOf(ctx, read, c.AccountID)
	if err == nil && !link.Undoable(read.Now()) {
		wrong.Text = "They are not one person"
		wrong.Hint = "The link is more than 30 days old, so it stays. Also deactivate the account, on its own page"
	}
	if errors.Is(err, fault.NotFound) {
		err = nil // it was undone
	}
	stays := "Both are one person. The link stays"
	if c.Is(review.Reactivated) {
		stays += ", and the Care Identity opens the account again"
	}
	return []nhsuk.RadioItem{{Value: approve, Text: "Confirm", Hint: stays}, wrong}, err
}

func decidedRows(c review.Case) []nhsuk.SummaryListRow {
	what := "Refused"
	if c.Approved {
		what = "Approved"
	}
	by := page.Name(c.DecidedName)
	if c.DecidedName == "" {
		what = "Closed"
		by = page.Name("Not a person")
	}
	return []nhsuk.SummaryListRow{
		{Key: "Decision", Value: what}, {Key: "By", ValueHTML: by},
		{Key: "When", Value: when.DateTime(c.Decided)}, {Key: "Why", Value: c.Reason},
	}
}

// sides compares what was known of both, row by row.
func sides(f review.Facts) [][]nhsuk.TableCell {
	ours := f.Account
	theirs := f.CareIdentity
	proved := "Never confirmed by a code of ours"
	if !ours.Proved.IsZero() {
		proved = "Confirmed by a code of ours on " + when.Date(ours.Proved)
	}
	verified := "Not confirmed at CIS2"
	if theirs.Verified {
		verified = "Confirmed at CIS2"
	}
	if theirs.Email == "" {
		verified = ""
	}
	return [][]nhsuk.TableCell{
		{{Text: "Name"}, {HTML: page.Name(ours.Name)}, {HTML: page.Name(theirs.Name)},
			{HTML: differs(ours.Name, theirs.Name)}},
		{{Text: "Email address"}, {HTML: page.Contact(ours.Email)}, {HTML: page.Contact(orNone(theirs.Email))},
			{HTML: differs(ours.Email, theirs.Email)}},
		{{Text: "How sure the address is"}, {Text: "The account’s since " + when.Date(ours.Since) + ". " + proved},
			{Text: verified}, {}},
		{{Text: "Known as"}, {Text: "Username " + ours.Username}, {Text: "Number " + theirs.Subject}, {}},
		{{Text: "Checked"}, {Text: "By whoever approved the account"},
			{Text: "Identity level " + strconv.Itoa(theirs.Level)}, {}},
		{{Text: "Comes from"}, {Text: "The Directory of Services"}, {HTML: page.Name(theirs.Issuer)}, {}},
	}
}

func orNone(text string) string {
	if text == "" {
		return "None given"
	}
	return text
}

// stateNow says what is the case with the account by now.
func stateNow(ctx context.Context, read db.R, a account.Account, c review.Case) (string, error) {
	link, err := account.LinkOf(ctx, read, a.ID)
	switch {
	case errors.Is(err, fault.NotFound):
		if !a.Active {
			return "The account is deactivated and not linked.", nil
		}
		return "The account is not linked.", nil
	case err != nil:
		return "", err
	case link.Issuer == c.CareIdentity.Issuer && link.Subject == c.CareIdentity.Subject:
		return "The account is linked to this Care Identity since " + when.DateTime(link.Since()) + ".", nil
	}
	digits := linking.LastDigits(link.Subject)
	return "The account is linked to another Care Identity, number ending " + digits + ".", nil
}
