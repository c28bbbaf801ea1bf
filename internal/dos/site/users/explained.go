package users

import (
	"net/http"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/explain"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// lastLoginText says when somebody last logged in with an account.
func lastLoginText(last time.Time) string {
	if last.IsZero() {
		return "Never"
	}
	return when.DateOrTime(last)
}

// explained says of an account what is the case, what works now and why, as signpost explain prints it.
func explained(r *http.Request, read db.R, a account.Account) ([]nhsuk.SummaryListRow, error) {
	login, err := explain.Login(r.Context(), read, a)
	if err != nil {
		return nil, err
	}
	link, err := explain.Link(r.Context(), read, a)
	if err != nil {
		return nil, err
	}
	var rows []nhsuk.SummaryListRow
	for _, fact := range link.Facts { // those of the login are among them
		rows = append(rows, nhsuk.SummaryListRow{Key: fact.Name, ValueHTML: page.Contact(fact.Value)})
	}
	for _, answer := range append(login.Answers, link.Answers...) {
		rows = append(rows, nhsuk.SummaryListRow{Key: answer.What, Value: answer.Text()})
	}
	return rows, nil
}
