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
	boss.get(at).mustHave(t, "Hello", "Please ring me.", "1 user<", "Send it to those who can get it", "Not sent")
	boss.post(at + "/send")
	w.Settle()
	boss.get(at).mustHave(t, "Who was mailed", ">bo<")
	if w.Mailed("mailing.own", "bo@example.nhs.uk") != 1 || w.Mailed("mailing.own", "bob@example.nhs.uk") != 0 {
		t.Error("it went to others than were chosen")
	}
	boss.get("/mailings").mustHave(t, "Hello", "Sent")
}

// Whoever writes to more than a hundred people proves who they are.
func TestAMailToManyNeedsAFreshProof(t *testing.T) {
	w := newWorld(t)
	boss := w.administrator()
	for i := range 101 {
		username := fmt.Sprintf("many%d", i)
		w.account(account.New{Username: username, FirstName: "M", Email: username + "@example.nhs.uk"}, path.Choose)
	}
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
