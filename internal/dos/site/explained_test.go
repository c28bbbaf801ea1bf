package site_test

import (
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/explain"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/webtest"
)

// The page of a person says what works for them now, in the words that signpost explain prints.
func TestThePageOfAPersonSaysWhatWorks(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{
		Username: "all", FirstName: "Al", Email: "al@example.nhs.uk", Grants: account.Everywhere.Of(account.ServiceDesk),
	}, path.Choose)
	late := w.account(account.New{Username: "late", FirstName: "La", Email: "late@example.nhs.uk",
		Details: account.Details{Phone: "01632 960001"}}, path.Require)
	all := w.browser()
	all.withPassword("all", goodPass)
	page := webtest.Text(all.get("/users/" + late.ID).body)
	if !strings.Contains(page, "Telephone 01632 960001 Last login Never") {
		t.Errorf("the page lacks the telephone number or the last login: %s", page)
	}
	login, err := db.Read(w.Context(), w.DB, func(r db.R) (explain.Explanation, error) {
		return explain.Login(w.Context(), r, late)
	})
	w.Must(err)
	link, err := db.Read(w.Context(), w.DB, func(r db.R) (explain.Explanation, error) {
		return explain.Link(w.Context(), r, late)
	})
	w.Must(err)
	for _, fact := range link.Facts {
		if !strings.Contains(page, fact.Name+" "+fact.Value) {
			t.Errorf("the page lacks %q: %s", fact.Name+" "+fact.Value, page)
		}
	}
	for _, answer := range append(login.Answers, link.Answers...) {
		if !strings.Contains(page, answer.What+" "+answer.Text()) {
			t.Errorf("the page lacks %q: %s", answer.What+" "+answer.Text(), page)
		}
	}
}
