package reviews

import (
	"cmp"
	"log/slog"
	"net/http"

	"signpost/internal/dos/account"
	"signpost/internal/dos/review"
	"signpost/internal/national/extract"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// reachRows say how to reach the holder of an account as it is now, and not as it was when the case was opened.
func reachRows(a account.Account) []nhsuk.SummaryListRow {
	phone := "We have none"
	if a.Phone != "" {
		phone = a.Phone + " (whoever uses the account can change it)"
	}
	return []nhsuk.SummaryListRow{
		{Key: "Telephone that we have", ValueHTML: page.Contact(phone)},
		{Key: "Email address that we have", ValueHTML: page.Contact(cmp.Or(a.Email, "We have none"))},
	}
}

// askOthers asks the care identity side what helps to find out about a case: who the registration authority of the Care
// Identity is, and whether several still have the address. Where it does not answer, the page does without.
func (v *Reviews) askOthers(r *http.Request, view *caseView) {
	c := view.held
	if v.asker == nil || !c.Waiting() || c.CareIdentity.Issuer != v.frame.CIS2.Issuer() {
		return
	}
	if answer, known := v.ask(r, extract.Question{Ref: c.ID, Subject: c.CareIdentity.Subject}); known {
		view.Reach = append(view.Reach, authorityRow(answer.Authority))
	}
	if !c.Is(review.Ambiguous) {
		return
	}
	if answer, known := v.ask(r, extract.Question{Ref: c.ID, Email: c.Account.Email}); known {
		view.Others = othersText(answer.Found)
	}
}

func (v *Reviews) ask(r *http.Request, q extract.Question) (extract.Answer, bool) {
	answer, err := v.asker.Ask(r.Context(), q)
	if err != nil {
		web.Log(r, slog.String("extract", err.Error()))
	}
	return answer, err == nil
}

func authorityRow(a *extract.Authority) nhsuk.SummaryListRow {
	text := "Not known"
	if a != nil {
		text = a.Organisation
		if a.Contact != "" {
			text += ": " + a.Contact
		}
	}
	return nhsuk.SummaryListRow{Key: "Registration authority of the Care Identity", ValueHTML: page.Contact(text)}
}

// othersText says how many Care Identities have the address by now. Which they are is not told to the directory.
func othersText(found extract.Found) string {
	switch found {
	case extract.Several:
		return "Several Care Identities have the address now, too. The directory is not told which the others are: " +
			"the registration authority sees them in Care Identity Management, with their numbers, names and " +
			"states, and can close those that nobody uses."
	case extract.One:
		return "By now one Care Identity alone has the address."
	}
	return "By now no Care Identity has the address."
}
