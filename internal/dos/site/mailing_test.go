package site_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/mailing"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/webtest"
	"signpost/internal/platform/when"
)

// prepared gives a mail that somebody has prepared to all users.
func (w *world) prepared(writer string) string {
	w.Helper()
	by := actor.Actor{Kind: actor.Person, ID: w.byUsername(writer).ID, Name: writer}
	m, err := mailing.Office{DB: w.DB, Post: w.Post, Home: home}.Prepare(w.Context(), by, mailing.Selection{},
		mailing.Text{Kind: mailing.Prove})
	w.Must(err)
	return m.ID
}

// mailToActOn gives the path of a form of a mail that was stopped, or sent; empty for forms of mails that are not sent.
// Those of before do not count for how many one person prepares in a day.
func (w *world) mailToActOn(at string) string {
	w.Helper()
	w.sql(`UPDATE mailing SET written_at = 1`)
	writer := "all"
	stopped := w.byUsername("all").ID
	if strings.HasSuffix(at, "/posted") {
		id := w.prepared("all")
		w.sql(`INSERT INTO mailing_letter (mailing_id, account_id, file, username, phase, said_done, made_at)
			SELECT '` + id + `', id, '` + id + `', username, 1, FALSE, 1 FROM account WHERE username = 'bo'`)
		return strings.NewReplacer("{id}", id, "{file}", id).Replace(at)
	}
	if strings.HasSuffix(at, "/reason") {
		writer = w.other()
	} else if !strings.HasSuffix(at, "/correct") {
		return ""
	}
	id := w.prepared(writer)
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `UPDATE mailing SET state = 'stopped', begun_at = $2, ended_by = $3, sent = 1 WHERE id = $1`,
			id, u.Now(), stopped)
		return err
	})
	w.sql(`INSERT INTO mailing_recipient (mailing_id, account_id, username, mailed_at) SELECT '` + id +
		`', id, username, 1 FROM account WHERE username = 'bo'`)
	return strings.Replace(at, "{id}", id, 1)
}

// other is the username of an administrator beside the one who fills in forms.
func (w *world) other() string {
	w.Helper()
	const username = "other"
	found := false
	w.View(func(ctx context.Context, r db.R) error {
		_, err := account.ByUsername(ctx, r, username)
		found = err == nil
		return nil
	})
	if !found {
		w.account(account.New{Username: username, FirstName: "Other", Email: "other@example.nhs.uk",
			Grants: account.UserAdministrator.In(account.Everywhere)}, path.Choose)
	}
	return username
}

func (w *world) orMailings(all *browser, refused map[string]webtest.Refused) map[string]webtest.Refused {
	w.Helper()
	w.administrator()
	by := func(at string, typed ...string) webtest.Refused {
		return func(testing.TB) string { return all.post(at, typed...).body }
	}
	maps.Copy(refused, map[string]webtest.Refused{
		"POST /mailings/new": by("/mailings/new", "q", "nobodyhasthis", "text", "prove"),
		"POST /mailings/{id}/send": func(testing.TB) string {
			return all.post("/mailings/" + w.prepared("boss") + "/send").body
		},
		"POST /mailings/{id}/stop": func(testing.TB) string {
			return all.post("/mailings/" + w.prepared("boss") + "/stop").body
		},
		"POST /mailings/{id}/letters": func(testing.TB) string {
			return all.post("/mailings/" + w.prepared("boss") + "/letters").body
		},
		"POST /mailings/{id}/letters/{file}/posted": func(testing.TB) string {
			return all.post("/mailings/" + w.prepared("boss") + "/letters/none/posted").body
		},
		"POST /mailings/{id}/test": func(testing.TB) string {
			return all.post("/mailings/"+w.prepared("boss")+"/test", "account", "nobody").body
		},
		"POST /mailings/{id}/reason": func(testing.TB) string {
			return all.post("/mailings/"+w.prepared("boss")+"/reason", "reason", "The date is wrong.").body
		},
		"POST /mailings/{id}/correct": func(testing.TB) string {
			return all.post("/mailings/"+w.prepared("boss")+"/correct", "subject", "No", "words", "The date is wrong.").body
		},
	})
	return refused
}

// An administrator writes to those found, looks at the mail, sends it and sees who had it.
func TestAMailToASelection(t *testing.T) {
	w := newWorld(t)
	boss := w.administrator()
	w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk"}, path.Choose)
	w.account(account.New{Username: "bob", FirstName: "Bob", Email: "bob@example.nhs.uk"}, path.Choose)
	boss.get("/users?q=bo").mustHave(t, `href="/mailings/new?q=bo"`, "Write to them")
	boss.get("/mailings/new?q=bo").mustHave(t, "<bdi>Bob</bdi> (bob)", `value="bo"`)
	got := boss.post("/mailings/new", "q", "bo", "only", w.byUsername("bo").ID, "text", "own", "subject", "Hello",
		"words", "http://evil.example")
	if !strings.Contains(got.body, "Take out the links") {
		t.Errorf("a link: %d %s", got.status, webtest.Text(got.body))
	}
	offered := boss.get("/mailings/new?q=bo")
	offered.mustHave(t, `name="offered" value="yes"`)
	none := boss.post("/mailings/new", "q", "bo", "offered", "yes", "text", "prove")
	if none.status != http.StatusUnprocessableEntity || !strings.Contains(none.body, "Choose who gets it") {
		t.Errorf("everybody was unticked: %d %s", none.status, webtest.Text(none.body))
	}
	at := boss.post("/mailings/new", "q", "bo", "offered", "yes", "only", w.byUsername("bo").ID, "text", "own",
		"subject", "Hello", "words", "Please ring me.").location
	boss.get(at).mustHave(t, "Hello", "Please ring me.", "3 users", "Chosen", "1 user<", "Will get it",
		"Send it to ", "Not sent")
	boss.post(at + "/send")
	w.Settle()
	boss.get(at).mustHave(t, "Who was mailed", ">bo<")
	if w.Mailed("mailing.own", "bo@example.nhs.uk") != 1 || w.Mailed("mailing.own", "bob@example.nhs.uk") != 0 {
		t.Error("it went to others than were chosen")
	}
	boss.get("/mailings").mustHave(t, "Hello", "Sent")
}

// Who had such a mail today is told before another is sent, in numbers that add up.
func TestWhoIsLeftOutIsToldBefore(t *testing.T) {
	w := newWorld(t)
	boss := w.administrator()
	w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk"}, path.Choose)
	w.account(account.New{Username: "bob", FirstName: "Bob", Email: "bob@example.nhs.uk"}, path.Choose)
	all := []string{"q", "bo", "text", "prove"}
	first := boss.post("/mailings/new", "q", "bo", "offered", "yes", "only", w.byUsername("bo").ID, "text",
		"prove").location
	boss.post(first + "/send")
	w.Settle()
	at := boss.post("/mailings/new", all...).location
	text := webtest.Text(boss.get(at).body)
	for _, want := range []string{"Found 3 users", "Left out 1 user Had such a mail in the last 24 hours: 1",
		"Will get it 2 users"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	boss.post(at + "/send")
	w.Settle()
	sent := webtest.Text(boss.get(at).body)
	for _, want := range []string{"Sent 2 users", "Left out 1 user Had such a mail in the last 24 hours: 1"} {
		if !strings.Contains(sent, want) {
			t.Errorf("once it is sent there is no %q in %s", want, sent)
		}
	}
	again := webtest.Text(boss.get(boss.post("/mailings/new", all...).location).body)
	if !strings.Contains(again, "Nobody can get this mail now") || strings.Contains(again, "Send it to") {
		t.Errorf("a mail to nobody: %s", again)
	}
}

// A mail to many begins a minute later, and its page says when, until when nobody has it.
func TestAMailToManySaysWhenItBegins(t *testing.T) {
	w := newWorld(t)
	boss := w.administrator()
	w.users(21)
	at := boss.post("/mailings/new", "q", "many", "text", "prove").location
	boss.post(at + "/send")
	boss.get(at).mustHave(t, "It begins at "+when.TimeOfDay(w.DB.Now().Add(time.Minute)), "nobody has it", "Stop it")
	boss.post(at + "/stop")
	stopped := boss.get(at)
	stopped.mustHave(t, "Stopped by", "Not sent, as it was stopped", "21 users")
	for _, never := range []string{"/correct", "Begun", "Left out"} {
		mustLack(t, stopped, never)
	}
}

// users adds so many users.
func (w *world) users(n int) {
	w.Helper()
	for i := range n {
		username := fmt.Sprintf("many%d", i)
		w.account(account.New{Username: username, FirstName: "M", Email: username + "@example.nhs.uk"}, path.Choose)
	}
}

// The writer of a wrong mail corrects it at once, for exactly those who had it, and once.
func TestAWrongMailIsCorrected(t *testing.T) {
	w := newWorld(t)
	boss := w.administrator()
	w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk"}, path.Choose)
	w.account(account.New{Username: "bob", FirstName: "Bob", Email: "bob@example.nhs.uk"}, path.Choose)
	bo := []string{"q", "bo", "offered", "yes", "only", w.byUsername("bo").ID, "text", "prove"}
	at := boss.post("/mailings/new", bo...).location
	mustLack(t, boss.get(at), "/correct")
	boss.post(at + "/send")
	w.Settle()
	boss.get(at).mustHave(t, `href="`+at+`/correct"`)
	again := webtest.Text(boss.get(boss.post("/mailings/new", bo...).location).body)
	from := "can get another after " + when.DateTime(w.DB.Now().Add(mailing.Often))
	if !strings.Contains(again, from) || !strings.Contains(again, "a mail can be corrected once") {
		t.Errorf("no %q in %s", from, again)
	}
	boss.get(at+"/correct").mustHave(t, "1 user had it on", "Correction")
	empty := boss.post(at+"/correct", "subject", "Correction", "words", "")
	if empty.status != http.StatusUnprocessableEntity || !strings.Contains(empty.body, "Enter what you want to write") {
		t.Errorf("without words: %d %s", empty.status, webtest.Text(empty.body))
	}
	right := boss.post(at+"/correct", "subject", "Correction", "words", "It is 1 May.").location
	boss.get(right).mustHave(t, "Corrects the mail", `href="`+at+`"`, "This corrects the mail", "1 user<")
	boss.post(right + "/send")
	w.Settle()
	if w.Mailed("mailing.own", "bo@example.nhs.uk") != 1 || w.Mailed("mailing.own", "bob@example.nhs.uk") != 0 {
		t.Error("it went to others than had the mail")
	}
	boss.get(at).mustHave(t, `href="`+right+`"`, "See the mail that corrects it")
	if got := boss.get(at + "/correct"); !strings.Contains(got.body, "corrected already") {
		t.Errorf("a second correction: %d %s", got.status, webtest.Text(got.body))
	}
}

// An administrator sees another's mail to people whom they look after, and stops it with one press.
func TestAnothersMailIsStopped(t *testing.T) {
	w := newWorld(t)
	w.administrator()
	w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk", Organisation: "ZQA"}, path.Choose)
	admin := func(username, organisation string, s account.Scope) *browser {
		w.account(account.New{Username: username, FirstName: username, Email: username + "@example.nhs.uk",
			Organisation: organisation, Grants: account.UserAdministrator.In(s)}, path.Choose)
		b := w.browser()
		b.withPassword(username, goodPass)
		return b
	}
	chief := admin("chief", "", account.Everywhere)
	near, far := admin("near", "ZQA", account.OwnOrganisation), admin("far", "ZQB", account.OwnOrganisation)
	id := w.prepared("boss")
	at := "/mailings/" + id
	if got := chief.get(at); got.status != http.StatusForbidden {
		t.Errorf("a mail that is not sent: %d", got.status)
	}
	mustLack(t, chief.get("/users"), "mail is being sent")
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `UPDATE mailing SET state = 'sending', begun_at = $2 WHERE id = $1`, id, u.Now())
		return err
	})
	for _, b := range []*browser{chief, near, far} {
		b.get("/users").mustHave(t, "mail is being sent", `href="/mailings"`)
		b.get("/mailings").mustHave(t, "Written by others", at)
	}
	near.get(at).mustHave(t, "whom you do not look after, too", "boss@example.nhs.uk", "What it says")
	if got := near.post(at+"/stop", "reason", "Wrong date."); got.status != http.StatusForbidden {
		t.Errorf("stopped by one who looks after some: %d", got.status)
	}
	chief.get(at).mustHave(t, "Written by", "boss@example.nhs.uk", "Stop it")
	mustLack(t, chief.get(at), "Why did you stop it?")
	chief.post(at + "/stop")
	w.Settle()
	chief.get(at).mustHave(t, "Stopped by", "chief", "Not sent, as it was stopped", "Why did you stop it?")
	none := chief.post(at + "/reason")
	if none.status != http.StatusUnprocessableEntity || !strings.Contains(none.body, "Enter why you stopped it") {
		t.Errorf("without a reason: %d %s", none.status, webtest.Text(none.body))
	}
	chief.post(at+"/reason", "reason", "Wrong date.")
	chief.get(at).mustHave(t, "Wrong date.")
	mustLack(t, chief.get(at), "Why did you stop it?")
	if again := chief.post(at + "/stop"); !strings.Contains(again.body, "stopped by chief already") {
		t.Errorf("stopped twice: %s", webtest.Text(again.body))
	}
	if w.Mailed("mailing.stopped", "boss@example.nhs.uk") != 1 {
		t.Error("the writer was not told")
	}
	mustLack(t, chief.get("/users"), "mail is being sent")
}

func mustLack(t *testing.T, p page, text string) {
	t.Helper()
	if strings.Contains(p.body, text) {
		t.Errorf("the page has %q", text)
	}
}

// Whoever writes to more than a hundred people proves who they are.
func TestAMailToManyNeedsAFreshProof(t *testing.T) {
	w := newWorld(t)
	boss := w.administrator()
	w.users(101)
	at := "/mailings/" + w.prepared("boss")
	w.clock.Advance(6 * time.Minute)
	if got := boss.post(at + "/send"); got.location != "/account/prove" {
		t.Errorf("6 minutes later: %d to %q", got.status, got.location)
	}
	boss.post("/account/prove", "password", goodPass)
	if got := boss.post(at + "/send"); got.location != at {
		t.Errorf("after the password: %d to %q", got.status, got.location)
	}
}

func (w *world) byUsername(username string) (a account.Account) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) (err error) {
		a, err = account.ByUsername(ctx, r, username)
		return err
	})
	return a
}
