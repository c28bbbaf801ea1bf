package linking

import (
	"errors"
	"net/http"

	"signpost/internal/dos/account"
	ceremony "signpost/internal/dos/linking"
	"signpost/internal/dos/review"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// heldPath is the page of a link that a person has to look at first.
const heldPath = "/link/held"

// maxReviewers is how many of those who can decide are named.
const maxReviewers = 5

// held says that a person has to look at a link, who does, and how to reach them.
func (l *Linking) held(w http.ResponseWriter, r *http.Request) error {
	held, err := l.linker.FindHeld(r.Context(), web.Cookie(r, frame.CeremonyCookie))
	if errors.Is(err, fault.Expired) {
		return web.SeeOther(w, r, "/", "")
	}
	if err != nil {
		return err
	}
	v := heldView{Page: l.frame.Page(w, r, "An administrator has to look at this link first"),
		Username: held.Account.Username, Account: held.Account.Name(),
		CareIdentity: held.Case.CareIdentity.Name, Digits: ceremony.LastDigits(held.Case.CareIdentity.Subject),
		Since: when.DateTime(held.Case.Opened),
	}
	if held.Case.Approved {
		v.Page = l.frame.Page(w, r, "You can now link the account")
		v.DecidedBy = held.Case.DecidedName
		v.Until = untilText(held.Case)
	}
	if !held.Case.Waiting() && !held.Case.Approved {
		v.Page = l.frame.Page(w, r, "This link was not approved")
		v.DecidedBy = held.Case.DecidedName
		v.Reason = held.Case.Reason
	}
	for i, one := range held.Reviewers {
		if i < maxReviewers {
			v.Reviewers = append(v.Reviewers, reviewerRow(one))
		}
	}
	return web.Show(w, r, http.StatusOK, heldPage(v))
}

// untilText says until when an approved link can be made.
func untilText(c review.Case) string {
	if c.GoodUntil.IsZero() {
		return "The account has been linked since."
	}
	return "Until " + when.DateTime(c.GoodUntil) +
		" you can link the account: log in with your Care Identity, and go through the same steps once more."
}

// reviewerRow says how to reach somebody who can decide.
func reviewerRow(a account.Account) nhsuk.SummaryListRow {
	return nhsuk.SummaryListRow{Key: a.Name(), ValueHTML: page.Contact(frame.ContactOf(a))}
}
