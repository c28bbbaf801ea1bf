package site_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/namesake"
	"signpost/internal/dos/merge"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/webtest"
	"signpost/internal/platform/worldtest"
)

const insertMerge = `INSERT INTO account_merge (id, survivor, closed, state, memberships, reason, proposed_at, proposed_by,
	proposed_name, confirmed_at) VALUES ($1, $2, $3, $4, '[]', 'One person', $5, '', 'Ruth', $5)`

// merging is two accounts of one person in a region, with a merge of them in a state.
type merging struct {
	id               string
	survivor, closed account.Account
}

func (w *world) merging(n int, region string, state merge.State) (m merging) {
	w.Helper()
	person := func(kind string) account.Account {
		username := fmt.Sprintf("%s.%d", kind, n)
		return w.account(account.New{Username: username, FirstName: "Twin", LastName: "Example", Region: region,
			Email: username + "@example.nhs.uk", EmailProved: true, Organisation: "FXX01"}, path.Choose)
	}
	m = merging{id: fmt.Sprint("merge", n), survivor: person("stays"), closed: person("closes")}
	first := state
	if state == merge.Done {
		first = merge.Confirmed
	}
	w.update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, insertMerge, m.id, m.survivor.ID, m.closed.ID, string(first), u.Now())
		if err != nil {
			return err
		}
		return u.Record(ctx, audit.Event{Kind: "merge.proposed", Subject: account.Ref(m.survivor.ID)})
	})
	if state == merge.Done {
		by := actor.Actor{Kind: actor.CommandLine, Name: "test"}
		shown := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (string, error) {
			one, err := merge.ByID(ctx, r, m.id)
			w.Must(err)
			return merge.Seen(ctx, r, one, merge.Sides{Survivor: m.survivor, Closed: m.closed})
		})
		w.Must(merge.Office{DB: w.DB, Post: w.Post}.Do(w.Context(), by, m.id, shown))
	}
	return m
}

// mergeForm gives what brings a browser to a form of a merge, or to none.
func (w *world) mergeForm(usual *browser, at string, n int) (*browser, string) {
	w.Helper()
	states := map[string]merge.State{"/merges/{id}/do": merge.Confirmed, "/merges/{id}/undo": merge.Done}
	switch {
	case strings.HasPrefix(at, "/merges/"):
		state, special := states[at]
		if !special {
			state = merge.Proposed
		}
		return usual, strings.Replace(at, "{id}", w.merging(n, "", state).id, 1)
	case strings.HasSuffix(at, "/merge/{other}"):
		m := w.merging(n, "", merge.Withdrawn)
		return usual, strings.NewReplacer("{id}", m.survivor.ID, "{other}", m.closed.ID).Replace(at)
	case strings.HasPrefix(at, "/account/merge/"):
		m := w.merging(n, "", merge.Proposed)
		b := w.browser()
		b.Address = fmt.Sprintf("10.9.%d.%d:1234", n/250, n%250)
		b.withPassword(m.survivor.Username, goodPass)
		if strings.HasSuffix(at, "/code") {
			b.post("/account/merge/send")
		}
		return b, at
	}
	return nil, ""
}

func (w *world) orMerges(all *browser, refused map[string]webtest.Refused) map[string]webtest.Refused {
	w.Helper()
	by := func(at string, typed ...string) webtest.Refused {
		return func(testing.TB) string { return all.post(at, typed...).body }
	}
	done := w.merging(901, "", merge.Done)
	maps.Copy(refused, map[string]webtest.Refused{
		"POST /users/{id}/merge/{other}": by("/users/"+w.ada.ID+"/merge/"+w.ada.ID, "reason", "One person"),
		"POST /merges/{id}/do":           by("/merges/" + done.id + "/do"),
		"POST /merges/{id}/withdraw":     by("/merges/" + done.id + "/withdraw"),
		"POST /merges/{id}/undo": func(testing.TB) string {
			m := w.merging(902, "", merge.Confirmed)
			return all.post("/merges/"+m.id+"/undo", "reason", "They are two").body
		},
		"POST /account/merge/send":    by("/account/merge/send"),
		"POST /account/merge/decline": by("/account/merge/decline"),
		"POST /account/merge/code": func(testing.TB) string {
			b, at := w.mergeForm(all, "/account/merge/code", 903)
			return b.post(at, "code", "KDF7 2M9X").body
		},
	})
	return refused
}

// Two accounts of one person become one by pages, and two again.
func TestAMergeByPages(t *testing.T) {
	w := newWorld(t)
	m := w.merging(1, "", merge.Withdrawn)
	ruth := w.ruth()
	w.Must(namesake.Note(t.Context(), w.DB))
	ruth.get("/merges").mustHave(t, "stays.1", "closes.1", "Same name", "mailto:")
	ruth.get("/users/"+m.survivor.ID).mustHave(t, "Merge it with another account")
	ruth.get("/users/"+m.survivor.ID+"/merge").mustHave(t, "closes.1")
	if got := ruth.get("/users/" + m.survivor.ID + "/merge?username=nobody"); got.status != 422 {
		t.Errorf("an unknown username: %d", got.status)
	}
	at := ruth.get("/users/" + m.survivor.ID + "/merge?username=closes.1").location
	ruth.get(at).mustHave(t, "closes.1 into stays.1", "After the merge", "Both are logged out")
	proposed := ruth.post(at, "reason", "She moved")
	if !strings.HasPrefix(proposed.location, "/merges/") {
		t.Fatalf("proposed: %d to %q: %s", proposed.status, proposed.location, proposed.body)
	}
	ruth.get(proposed.location).mustHave(t, "The holder has not confirmed it yet", "Ruth")
	w.clock.Advance(time.Minute)

	b := w.browser()
	b.withPassword("stays.1", goodPass)
	b.get("/account").mustHave(t, "another one are both yours")
	b.get("/account/merge").mustHave(t, "She moved", "closes.1", "send the code")
	if got := b.post("/account/merge/send"); got.location != "/account/merge/code" {
		t.Fatalf("send: %d to %q: %s", got.status, got.location, got.body)
	}
	b.get("/account/merge/code").mustHave(t, "closes.1@example.nhs.uk")
	got := b.post("/account/merge/code", "code", w.code("closes.1@example.nhs.uk"))
	if got.location != "/account/merge" {
		t.Fatalf("code: %d to %q", got.status, got.location)
	}
	b.get("/account/merge").mustHave(t, "You have shown that both are yours")

	ruth.get(proposed.location).mustHave(t, "What the holder showed", "Merge the accounts")
	ruth.post(proposed.location+"/do", ruth.seeing(proposed.location)...)
	ruth.get(proposed.location).mustHave(t, "Merged: it can be undone until", "Undo the merge")
	ruth.get("/users/"+m.closed.ID).mustHave(t, "now. A merge is undone on", "Merged into stays.1")
	if b.signedIn() {
		t.Error("the holder is still logged in")
	}
	if got := w.browser().withPassword("closes.1", goodPass); got.location == "/" {
		t.Error("the closed account opens something")
	}
	ruth.post(proposed.location+"/undo", ruth.seeing(proposed.location, "reason", "They are two")...)
	ruth.get(proposed.location).mustHave(t, "Why it was undone", "They are two")
	if got := w.browser().withPassword("stays.1", goodPass); got.location != "/" {
		t.Errorf("the account that stayed: %d to %q", got.status, got.location)
	}
}

// Somebody who is asked about an account that is not theirs says so, and administrators are told.
func TestAMergeIsDeclined(t *testing.T) {
	w := newWorld(t)
	w.ruth()
	m := w.merging(1, "", merge.Proposed)
	b := w.browser()
	b.withPassword("closes.1", goodPass)
	if got := b.post("/account/merge/decline"); got.location != "/account" {
		t.Fatalf("decline: %d to %q", got.status, got.location)
	}
	b.get("/account/merge").mustHave(t, "There is no merge that waits for you")
	if n := w.count(`SELECT COUNT(*) FROM account_merge WHERE id = $1 AND state = 'declined'`, m.id); n != 1 {
		t.Error("it is not declined")
	}
	if n := len(w.Events("merge.declined")); n != 2 {
		t.Errorf("%d events", n)
	}
}
