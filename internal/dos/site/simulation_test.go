package site_test

import (
	"regexp"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/standing"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/webtest"
)

// bareNumber is a link that says nothing but a number to somebody who hears the page.
var bareNumber = regexp.MustCompile(`<a class="nhsuk-link"[^>]*>\s*\d+\s*</a>`)

// The programme team sees who would be locked out, what would let them in, who they are, and what changed since a
// result was saved.
func TestSimulationByPages(t *testing.T) {
	w := newWorld(t)
	answer := extract.Answer{Found: extract.One, State: extract.Active, Email: extract.EmailEqual, Position: extract.No,
		Authenticator: &extract.Authenticator{Level: 3, Approved: true},
		Authority:     &extract.Authority{Organisation: "Fenmarch RA", Code: "RX9"}}
	wave := w.waves[path.Prepare]
	says := func(username string) {
		a := w.Account(account.New{Username: username, FirstName: username, Email: username + "@example.nhs.uk",
			Organisation: "A1", PasswordHash: w.Hash,
			Grants: account.OwnOrganisation.Of(account.EditService)}, wave)
		w.Must(standing.Keep(w.Context(), w.DB, []standing.Standing{standing.Of(a.ID, answer)}))
	}
	says("winifred")
	says("xanthe")
	b := w.loggedIn("mover", account.ProgrammeTeam.In(account.Everywhere))
	b.get("/users").mustHave(t, `href="/simulation"`)
	b.get("/simulation").mustHave(t, "Nothing changes for anybody")
	b.get("/waves/"+wave+"/phase/require").mustHave(t, "2 accounts are locked out by this")
	at := "/simulation?phase=require&wave=" + wave
	page := webtest.Text(b.get(at).body)
	for _, want := range []string{"2 of ", " would be locked out.", "Fenmarch RA", "Locked out Now 0 After the change 2",
		"one person or nobody would be left", "A1 Who can edit now 2 After the change 0", "Like this since"} {
		if has := strings.Contains(page, want); has == (want == "Like this since") {
			t.Errorf("%q is there: %v, in %s", want, has, page)
		}
	}
	people := webtest.Text(b.get(at + "&fix=get_position.RX9").body)
	if !strings.Contains(people, "winifred") || !strings.Contains(people, "Like this since") {
		t.Errorf("those with this to do: %s", people)
	}
	got := b.post("/simulation", "wave", wave, "phase", "require")
	b.get(got.location).mustHave(t, "The result is saved", "Results that were saved")
	says("yvonne")
	since := b.get(at)
	page = webtest.Text(since.body)
	if !strings.Contains(page, "Locked out then 2 Locked out since 1 would be locked out now, and not on ") ||
		!strings.Contains(page, "No longer 0") {
		t.Errorf("what changed since is not told: %s", page)
	}
	if bare := bareNumber.FindString(since.body); bare != "" {
		t.Errorf("a link has no name but a number: %s", bare)
	}
	since.mustHave(t, "<title>Who would be locked out in Require: ")
	_, link, _ := strings.Cut(since.body, `href="/simulation?added=`)
	link, _, _ = strings.Cut(link, "#")
	came := webtest.Text(b.get("/simulation?added=" + strings.ReplaceAll(link, "&amp;", "&")).body)
	if !strings.Contains(came, "and not on") || !strings.Contains(came, "1 account") ||
		!strings.Contains(came, "Username yvonne") || strings.Contains(came, "Username winifred") {
		t.Errorf("who came since is not told: %s", came)
	}
	if got := b.post("/simulation", "wave", wave); !strings.HasPrefix(got.location, "/simulation") {
		t.Errorf("no phase: %d %s", got.status, got.location)
	}
}
