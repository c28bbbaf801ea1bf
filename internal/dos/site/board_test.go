package site_test

import (
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/standing"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/webtest"
)

// Whoever sees reports goes from all to a region, an organisation and its people.
func TestBoardByPages(t *testing.T) {
	w := newWorld(t)
	answer := extract.Answer{Found: extract.One, State: extract.Active, Email: extract.EmailEqual, Position: extract.No,
		Authenticator: &extract.Authenticator{Level: 3, Approved: true}}
	for username, organisation := range map[string]string{"winifred": "RXK", "xanthe": "RXZ"} {
		a := w.Account(account.New{Username: username, FirstName: username, Email: username + "@example.nhs.uk",
			Organisation: organisation, PasswordHash: w.Hash}, w.waves[path.Choose])
		w.Must(standing.Keep(w.Context(), w.DB, []standing.Standing{standing.Of(a.ID, answer)}))
	}
	b := w.loggedIn("mover", account.ProgrammeTeam.In(account.Everywhere))
	b.get("/users").mustHave(t, `href="/board"`)
	b.get("/board").mustHave(t, "linked or ready to link", "Region not known", "/board?region=none")
	b.get("/board?region=none").mustHave(t, "organisation=RXK", "organisation=RXZ")
	page := webtest.Text(b.get("/board?organisation=RXK").body)
	if !strings.Contains(page, "winifred") || strings.Contains(page, "xanthe") ||
		!strings.Contains(page, "Something is missing") ||
		!strings.Contains(page, "R8008 with B0166) Who acts Registration authority") {
		t.Errorf("the people of an organisation: %s", page)
	}
	b.get("/board?organisation=none-of-ours").mustHave(t, "There are no accounts here that you look after.")
}
