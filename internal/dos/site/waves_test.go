package site_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web/webtest"
)

// The programme team makes a wave by pages, puts the accounts of an organisation into it and moves it; then these can
// link, and no others.
func TestAWaveByPages(t *testing.T) {
	w := newWorld(t)
	for username, organisation := range map[string]string{"leeds": "RXK", "york": "RXZ"} {
		w.Account(account.New{Username: username, FirstName: username, Email: username + "@example.nhs.uk",
			Organisation: organisation, PasswordHash: w.Hash}, "")
	}
	b := w.loggedIn("mover", account.ProgrammeTeam.In(account.Everywhere))
	b.get("/users").mustHave(t, `href="/waves"`)
	b.get("/waves").mustHave(t, "Accounts that are in no wave: 2")
	got := b.post("/waves/new", "name", "Leeds", "choose", "1/2/2027", "require", "31 March 2027", "close", "")
	if got.status != http.StatusSeeOther {
		t.Fatalf("made: %d %s", got.status, got.body)
	}
	at := got.location
	b.get(at).mustHave(t, "Nobody is in it yet", "Choose, planned for 1 February 2027", "Forward to Choose")
	b.get(at+"/accounts?which=organisation&organisation=rxk").
		mustHave(t, "That come into the wave", "Put them into the wave")
	b.post(at+"/accounts", "which", "organisation", "organisation", "rxk")
	page := webtest.Text(b.get(at).body)
	for _, want := range []string{"Accounts that were put into the wave: 1.", "Not linked yet 1", "in no wave: 1"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in %s", want, page)
		}
	}
	b.post(at+"/phase/choose", b.seeing(at+"/phase/choose", "reason", "Everybody was told")...)
	b.get(at).mustHave(t, "You can move it back", "Back to Prepare", "Require, planned for 31 March 2027")
	for username, links := range map[string]bool{"leeds": true, "york": false} {
		of := w.browser()
		of.withPassword(username, goodPass)
		if got := of.get("/checklist").body; strings.Contains(got, "You cannot link your DoS account") == links {
			t.Errorf("%s can link: want %v", username, links)
		}
	}
}

// A page says what a move would do before it is done. Before the day that people were told, it asks for a tick.
func TestAMoveIsLookedAtFirst(t *testing.T) {
	w := newWorld(t)
	b := w.loggedIn("mover", account.ProgrammeTeam.In(account.Everywhere))
	at := b.post("/waves/new", "name", "Leeds", "require", "31 March 2099").location
	check := at + "/phase/require"
	b.get(check).mustHave(t, "After it: Locked out", "Who would be locked out", "People were told 31 March 2099",
		`href="/simulation?phase=require&amp;wave=`+strings.TrimPrefix(at, "/waves/"))
	b.get(at+"/phase?").mustHave(t, "Select a phase")
	if got := b.get(at + "/phase?phase=require"); got.location != check {
		t.Errorf("the phase that was chosen leads to %q", got.location)
	}
	b.get(at+"/phase/none").mustHave(t, "Page not found")
	b.get(at+"/phase/prepare").mustHave(t, "The wave is in that phase already")
	got := b.post(check, b.seeing(check, "reason", "It cannot wait")...)
	if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "or say that it is to be before") {
		t.Errorf("before the day that people were told: %d %s", got.status, webtest.Text(got.body))
	}
	b.post(check, b.seeing(check, "reason", "It cannot wait", "early", "yes")...)
	b.get(at).mustHave(t, "in the phase Require now")
}

// What cannot be comes back at its field, and nothing is made.
func TestWavesThatCannotBe(t *testing.T) {
	w := newWorld(t)
	b := w.loggedIn("mover", account.ProgrammeTeam.In(account.Everywhere))
	before := w.count(`SELECT COUNT(*) FROM wave`)
	for name, tt := range map[string]struct {
		want  string
		typed []string
	}{
		"no name":            {"Enter a name", nil},
		"a day that is none": {"Enter a date, such as 31 March 2027", []string{"name", "x", "choose", "soon"}},
		"out of order": {"Enter a day after that of the phase before",
			[]string{"name", "x", "choose", "1/3/2027", "require", "1/2/2027"}},
	} {
		got := b.post("/waves/new", tt.typed...)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, tt.want) {
			t.Errorf("%s: %d, no %q", name, got.status, tt.want)
		}
	}
	if n := w.count(`SELECT COUNT(*) FROM wave`); n != before {
		t.Errorf("%d waves, there were %d", n, before)
	}
	at := b.post("/waves/new", "name", "Empty").location
	for typed, want := range map[string]string{
		"":                                    "Select which accounts",
		"which=organisation":                  "Enter the ODS code",
		"which=organisation&organisation=ZZZ": "We do not know an organisation with the ODS code ZZZ",
		"which=all&organisation=RXK":          "Leave the ODS code empty",
	} {
		got := b.get(at + "/accounts?" + typed)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, want) {
			t.Errorf("accounts by %q: %d, no %q", typed, got.status, want)
		}
	}
	unplaced := w.count(`SELECT COUNT(*) FROM wave_member`)
	b.post(at+"/accounts", "which", "all", "organisation", "RXK")
	if n := w.count(`SELECT COUNT(*) FROM wave_member`); n != unplaced {
		t.Errorf("all of them with a code: %d are in waves, there were %d", n, unplaced)
	}
	if got := b.post(at + "/phase/choose"); !strings.Contains(got.body, "Enter why") {
		t.Errorf("no reason: %d", got.status)
	}
	b.get("/waves/none").mustHave(t, "Page not found")
}

// The pages of a wave name each thing that hinders the next phase, what becomes of everybody at it, and how long
// passwords still work in it.
func TestAWaveNamesAllThatHinders(t *testing.T) {
	w := newWorld(t)
	b := w.loggedIn("mover", account.ProgrammeTeam.In(account.Everywhere))
	id := w.waves[path.Choose]
	w.account(account.New{Username: "late", FirstName: "Lia", Email: "late@example.nhs.uk"}, path.Choose)
	at := "/waves/" + id
	mustLack(t, b.get(at), "What stops it now")
	b.get(at).mustHave(t, "and nobody gets in with one any more")
	w.Must(w.moving().SetAllowance(t.Context(), w.of("mover"), id, 3, "test"))
	b.get(at).mustHave(t, "gets in with it again only until they have worked on 3 days")
	b.get(at+"/phase/require").mustHave(t, "After it: Log in with the password for some days",
		"Locked out once their days are used up")
	b.get(at+"/guidance").mustHave(t, "The wave waits for nobody")
	w.Must(w.moving().SetGuidance(t.Context(), w.of("mover"), id, 3, "test"))
	w.pause(id)
	enough := w.DB.Now().AddDate(0, 0, 3).Format("2 January 2006")
	b.get(at+"/guidance").mustHave(t, "has known it for long enough on", enough)
	for _, page := range []page{b.get(at), b.get(at + "/phase/require")} {
		page.mustHave(t, "The wave is paused, so no further phase begins",
			"Not everybody in the wave has had the guidance")
	}
}

// pause pauses a wave, if it is not paused.
func (w *world) pause(id string) {
	w.Helper()
	err := w.moving().Pause(w.Context(), actor.ForCommand("rollout"), id, "The help desk is full")
	if !errors.Is(err, fault.Conflict) {
		w.Must(err)
	}
}

// resume resumes a wave, if it is paused.
func (w *world) resume(id string) {
	w.Helper()
	err := w.moving().Resume(w.Context(), actor.ForCommand("rollout"), id, "The help desk has room again")
	if !errors.Is(err, fault.Conflict) {
		w.Must(err)
	}
}

// A wave that is paused by its page goes no further, and says why.
func TestAWaveIsPausedByItsPage(t *testing.T) {
	w := newWorld(t)
	b := w.loggedIn("mover", account.ProgrammeTeam.In(account.Everywhere))
	at := b.post("/waves/new", "name", "Leeds").location
	if got := b.post(at + "/pause"); !strings.Contains(got.body, "Enter why") {
		t.Errorf("no reason: %d", got.status)
	}
	b.post(at+"/pause", "pause", "The help desk is full")
	b.get(at).mustHave(t, "The wave is paused", "The help desk is full", "What stops it now")
	got := b.post(at+"/phase/choose", b.seeing(at+"/phase/choose", "reason", "Everybody was told")...)
	if !strings.Contains(got.body, "The wave is paused, so no further phase begins") {
		t.Errorf("moved while it is paused: %d %s", got.status, webtest.Text(got.body))
	}
	b.post(at+"/resume", "pause", "It is not full any more")
	b.post(at+"/phase/choose", b.seeing(at+"/phase/choose", "reason", "Everybody was told")...)
	b.get(at).mustHave(t, "in the phase Choose now", "Pause the wave")
}

// A start is undone by its page, which says first for whom.
func TestAStartIsUndoneByItsPage(t *testing.T) {
	w := newWorld(t)
	b := w.loggedIn("mover", account.ProgrammeTeam.In(account.Everywhere))
	at := b.post("/waves/new", "name", "Leeds").location
	w.sql(`UPDATE wave SET allowance = 0`)
	w.account(account.New{Username: "leeds", FirstName: "Lee", Email: "leeds@example.nhs.uk"}, path.Prepare)
	id := strings.TrimPrefix(at, "/waves/")
	w.sql(`UPDATE wave_member SET wave_id = '` + id + `' WHERE account_id = '` + w.byUsername("leeds").ID + `'`)
	for _, other := range []account.New{{Username: "program", Kind: account.Machine}, {Username: "gone"}} {
		other.Email = other.Username + "@example.nhs.uk"
		a := w.account(other, path.Prepare)
		w.sql(`UPDATE wave_member SET wave_id = '` + id + `' WHERE account_id = '` + a.ID + `'`)
	}
	w.sql(`UPDATE account SET active = FALSE WHERE username = 'gone'`)
	b.post(at+"/phase/require", b.seeing(at+"/phase/require", "reason", "Everybody was told")...)
	w.account(account.New{Username: "late", FirstName: "Late", Email: "late@example.nhs.uk"}, path.Require)
	w.sql(`UPDATE wave_member SET wave_id = '` + id + `' WHERE account_id = '` + w.byUsername("late").ID + `'`)
	_, rest, found := strings.Cut(b.get(at).body, `href="`+at+"/starts/")
	if !found {
		t.Fatal("the wave's page has no link to its start")
	}
	start, _, _ := strings.Cut(rest, `"`)
	start = at + "/starts/" + start
	b.get(start).mustHave(t, "Back to Prepare: 1 account in", "Joined since: 1 account", "Sessions that ended",
		"Not counted above: 2 accounts that nobody can log in with, or of programs.")
	b.get("/waves/none"+strings.TrimPrefix(start, at)).mustHave(t, "Page not found")
	if got := b.post(start + "/undo"); !strings.Contains(got.body, "Enter why the start is undone") {
		t.Errorf("no reason: %d", got.status)
	}
	got := b.post(start+"/undo", b.seeing(start, "reason", "Too early")...)
	if got.status != http.StatusSeeOther {
		t.Fatalf("undone: %d %s", got.status, webtest.Text(got.body))
	}
	b.get(at).mustHave(t, "The start is undone", "Undone 2")
	b.get(start).mustHave(t, "has no start that can be undone")
	b.get("/waves").mustHave(t, "Leeds, joined after")
	for username, opens := range map[string]bool{"leeds": true, "late": false} {
		of := w.browser()
		if got := of.withPassword(username, goodPass); (got.location == "/" || got.location == "/checklist") != opens {
			t.Errorf("%s logs in to %q", username, got.location)
		}
	}
}

// Those who have no password are counted apart: they cannot link without a code.
func TestAWaveCountsThoseWithoutAPassword(t *testing.T) {
	w := newWorld(t)
	b := w.team()
	in := w.waves[path.Prepare]
	w.account(account.New{Username: "able", Email: "able@example.nhs.uk"}, path.Prepare)
	w.account(account.New{Username: "desk", Email: "desk@example.nhs.uk", Kind: account.Shared}, path.Prepare)
	if got := webtest.Text(b.get("/waves/" + in).body); strings.Contains(got, "without a password") {
		t.Errorf("where all have one: %s", got)
	}
	w.Account(account.New{Username: "unable", Email: "unable@example.nhs.uk"}, in)
	b.get("/waves/"+in).mustHave(t, "Of these, without a password", "1, who need a code from a DoS user administrator")
	b.get("/waves").mustHave(t, "No password")
}

// The numbers of a wave lead to the lists of just as many, and its page to how far they are, to a mail and a message to
// them, each for whoever may go there.
func TestAWaveLeadsToItsPeople(t *testing.T) {
	w := newWorld(t)
	at := "/waves/" + w.waves[path.Choose]
	in := "wave=" + w.waves[path.Choose]
	w.account(account.New{Username: "able", Email: "able@example.nhs.uk"}, path.Choose)
	w.account(account.New{Username: "team", Email: "team@example.nhs.uk", Kind: account.Shared}, path.Choose)
	w.account(account.New{Username: "robot", Email: "robot@example.nhs.uk", Kind: account.Machine}, path.Choose)
	gone := w.account(account.New{Username: "gone", Email: "gone@example.nhs.uk"}, path.Choose)
	w.update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, gone.ID, "left") })
	b := w.loggedIn("mover", append(account.ProgrammeTeam.In(account.Everywhere),
		account.UserAdministrator.In(account.Everywhere)...))
	page := b.get(at)
	text := webtest.Text(page.body)
	for key, query := range map[string]string{"Linked": "state=linked&" + in,
		"Not linked yet": "state=not-linked&" + in, "Shared accounts": "kind=shared&" + in} {
		page.mustHave(t, `href="/users?`+strings.ReplaceAll(query, "&", "&amp;")+`"`)
		found := listed.FindStringSubmatch(b.get("/users?" + query).body)
		if found == nil || !strings.Contains(text, key+" "+strings.Replace(found[1], "No", "0", 1)+" See who") {
			t.Errorf("%s: listed %v, counted: %s", key, found, text)
		}
	}
	for _, to := range []string{"/board?" + in, "/mailings/new?text=steps&" + in, "/banners/new?" + in} {
		page.mustHave(t, `href="`+strings.ReplaceAll(to, "&", "&amp;")+`"`)
	}
	b.get("/board?"+in).mustHave(t, "of 4 accounts")
	if !strings.Contains(text, "Accounts 4 See how far") {
		t.Errorf("the board counts others: %s", text)
	}
	b.get("/banners/new?"+in).mustHave(t, `value="`+w.waves[path.Choose]+`" checked`)
	alone := w.loggedIn("alone", account.Everywhere.Of(account.ManageWaves))
	for _, to := range []string{"/users?wave", "/board?wave", "/mailings/new?"} {
		mustLack(t, alone.get(at), to)
	}
}

var listed = regexp.MustCompile(`id="results">(\d+|No) users?`)
