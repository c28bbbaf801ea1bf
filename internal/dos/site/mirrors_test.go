package site_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/outcome"
	"signpost/internal/dos/rollout/mirror"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/webtest"
)

// mirrored gives the path of the page of mirror days, after it has set some unless some are set.
func (w *world) mirrored() string {
	w.Helper()
	id := w.waves[path.Prepare]
	office := mirror.Office{DB: w.DB, Post: w.Post, Home: home}
	list, err := db.Read(w.Context(), w.DB, func(r db.R) ([]mirror.Mirror, error) {
		return mirror.List(w.Context(), r, id)
	})
	w.Must(err)
	if len(list) == 0 {
		made, err := office.Set(w.Context(), actor.ForCommand("rollout"), id, w.Clock.Now(), 2)
		w.Must(err)
		return mirror.Path(id, made)
	}
	return mirror.Path(id, list[0].ID)
}

// Mirror days are set by a page, which says later who would have been turned away and what they lack; they can be
// called off until they are over.
func TestMirrorDaysByPages(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "leeds", FirstName: "Lee", LastName: "Leeds", Email: "leeds@example.nhs.uk",
		Organisation: "RXK"}, path.Choose)
	b := w.loggedIn("mover", account.ProgrammeTeam.In(account.Everywhere))
	at := "/waves/" + w.waves[path.Choose]
	b.get(at).mustHave(t, "Mirror days", at+"/mirrors")
	for name, tt := range map[string]struct{ from, days, want string }{
		"no day":   {"", "1", "Enter the first day"},
		"a word":   {"soon", "1", "Enter a date"},
		"the past": {"1 January 2020", "1", "Enter today or a later day"},
		"no days":  {"1 January 2040", "none", "Enter a number of days"},
		"too many": {"1 January 2040", "15", "Enter a number of days"},
	} {
		got := b.post(at+"/mirrors", "from", tt.from, "days", tt.days)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(webtest.Text(got.body), tt.want) {
			t.Errorf("%s: %d", name, got.status)
		}
	}
	b.post(at+"/mirrors", "from", w.Clock.Now().Format("2 January 2006"), "days", "2")
	b.get(at+"/mirrors").mustHave(t, "Mirror days set", "Under way")
	w.browser().withPassword("leeds", goodPass)
	w.Clock.Advance(time.Minute)
	w.Must(outcome.Watch{DB: w.DB, Also: mirror.Follow}.Count(context.Background()))
	var id string
	w.View(func(ctx context.Context, r db.R) (err error) {
		list, err := mirror.List(ctx, r, w.waves[path.Choose])
		id = list[0].ID
		return err
	})
	page := mirror.Path(w.waves[path.Choose], id)
	b.get(page).mustHave(t, "not over yet", "leeds", "RXK", "Would have been turned away")
	b.get("/waves/"+w.waves[path.Prepare]+"/mirrors/"+id).mustHave(t, "Page not found")
	b.post(page + "/cancel")
	b.get(at+"/mirrors").mustHave(t, "called off")
}
