package site_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/rollout/board"
	"signpost/internal/dos/standing"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/webtest"
)

// The forecast says when people will be ready, or that too little is known, and how many more days of work a date
// takes.
func TestTheForecastByItsPage(t *testing.T) {
	w := newWorld(t)
	answer := extract.Answer{Found: extract.One, State: extract.Active, Email: extract.EmailEqual, Position: extract.No,
		Authority:     &extract.Authority{Organisation: "Fenmarch Hospitals", Code: "ZTR"},
		Authenticator: &extract.Authenticator{Level: 3, Approved: true}}
	a := w.Account(account.New{Username: "winifred", Email: "winifred@example.nhs.uk", Organisation: "RXK",
		PasswordHash: w.Hash}, w.waves[path.Choose])
	w.Must(standing.Keep(w.Context(), w.DB, []standing.Standing{standing.Of(a.ID, answer)}))
	_, err := board.Keep(w.Context(), w.DB)
	w.Must(err)
	b := w.loggedIn("mover", account.ProgrammeTeam.In(account.Everywhere))
	b.get("/users").mustHave(t, `href="/forecast"`)
	text := webtest.Text(b.get("/forecast").body)
	for _, want := range []string{"We cannot say yet when anybody will be ready", "People we cannot forecast",
		"Registration authority ZTR", "Not enough data"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not there: %s", want, text)
		}
	}
	asked := b.get("/forecast?before=31+March+2036")
	asked.mustHave(t, "More days of work needed before 31 March 2036", "Not known")
	for _, wrong := range []string{"soon", "1 January 2020"} {
		got := b.get("/forecast?before=" + strings.ReplaceAll(wrong, " ", "+"))
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "Enter a date to come") {
			t.Errorf("%s: %d", wrong, got.status)
		}
	}
	lead := w.loggedIn("lead", account.DoSLead.In(account.InRegion("north")))
	if got := lead.get("/forecast"); got.status != http.StatusForbidden {
		t.Errorf("a lead of one region: %d", got.status)
	}
}
