package session_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/provider/code"
	"signpost/internal/careid/provider/request"
	"signpost/internal/careid/provider/session"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/fault"
	store "signpost/internal/platform/session"
)

const (
	ada = "500000000017"
	ben = "500000000028"
)

var herself = actor.Actor{Kind: actor.Person, ID: ada}

// world is a database with sessions.
type world struct {
	*careidtest.World

	all *session.Sessions
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{World: careidtest.Open(t, careidtest.Nine)}
	w.all = session.New(w.DB, request.Reader{})
	return w
}

// begin begins a session of a person on a browser that has a cookie already, or none.
func (w *world) begin(uuid, cookie string, level authn.Level) (b session.Begun) {
	w.Helper()
	old := w.old(cookie)
	w.Update(func(ctx context.Context, u *db.W) (err error) {
		b, err = w.all.Begin(ctx, u, old, session.State{Proven: authenticator.Proven{UUID: uuid, Level: level}})
		return err
	})
	return b
}

func (w *world) old(cookie string) session.Session {
	w.Helper()
	old, err := w.all.Old(w.Context(), cookie)
	if err != nil {
		w.Fatal(err)
	}
	return old
}

// live reports whether a session is live.
func (w *world) live(b session.Begun) bool {
	w.Helper()
	_, err := w.all.Find(w.Context(), b.Cookie)
	if err != nil && !errors.Is(err, fault.Unauthenticated) {
		w.Fatal(err)
	}
	return err == nil
}

// token gives a service a token for a session.
func (w *world) token(b session.Begun) {
	w.Helper()
	grant := code.Grant{Request: request.Request{ClientID: "rota"}, SID: b.SID}
	w.Update(func(ctx context.Context, u *db.W) error { return code.IssueToken(ctx, u, grant, "code", "token") })
}

func (w *world) tokenLives() bool {
	w.Helper()
	t, err := db.Glance(w.Context(), w.DB, func(r db.R) (code.Token, error) {
		return code.FindToken(w.Context(), r, "token")
	})
	if err != nil {
		w.Fatal(err)
	}
	return t.Live(w.Clock.Now())
}

func TestTheSamePersonAgainKeepsTheSID(t *testing.T) {
	w := open(t)
	first := w.begin(ada, "", authn.AAL2)
	w.token(first)
	again := w.begin(ada, first.Cookie, authn.AAL3)
	if again.SID != first.SID || again.Cookie == first.Cookie || again.ID == first.ID {
		t.Errorf("%+v became %+v", first, again)
	}
	if w.live(first) || !w.live(again) || !w.tokenLives() {
		t.Errorf("the old session is live: %v, the new one: %v, its token: %v", w.live(first), w.live(again),
			w.tokenLives())
	}
}

func TestAnotherPersonEndsTheSessionOfTheBrowser(t *testing.T) {
	w := open(t)
	first := w.begin(ada, "", authn.AAL2)
	w.token(first)
	second := w.begin(ben, first.Cookie, authn.AAL2)
	if second.SID == first.SID || w.live(first) || !w.live(second) || w.tokenLives() {
		t.Errorf("the first is live: %v, the second: %v, the token of the first: %v", w.live(first), w.live(second),
			w.tokenLives())
	}
}

// A session that was ended after it was read is not followed by another with its sid.
func TestAnEndedSessionIsNotReplaced(t *testing.T) {
	for _, uuid := range []string{ada, ben} {
		w := open(t)
		first := w.begin(ada, "", authn.AAL2)
		old := w.old(first.Cookie)
		if err := w.all.EndAll(w.Context(), herself, ada, "test", ""); err != nil {
			t.Fatal(err)
		}
		state := session.State{Proven: authenticator.Proven{UUID: uuid, Level: authn.AAL2}}
		err := w.DB.Update(w.Context(), herself, func(u *db.W) error {
			_, err := w.all.Begin(w.Context(), u, old, state)
			return errors.Join(err, u.Record(w.Context(), audit.Event{Kind: "test"}))
		})
		if !errors.Is(err, fault.Conflict) {
			t.Errorf("a session of %s after an ended one: %v, want fault.Conflict", uuid, err)
		}
		if left, err := db.Glance(w.Context(), w.DB, func(r db.R) ([]session.Session, error) {
			return w.all.Of(w.Context(), r, uuid)
		}); err != nil || len(left) > 0 {
			t.Errorf("%d sessions of %s are left, %v", len(left), uuid, err)
		}
	}
}

// Two people who sign in again at the same moment, with sessions that are not old yet, are not in each other's way:
// their rows stand beside each other in the index. Each Update runs once.
func TestTwoSignInAgainAtOnce(t *testing.T) {
	w := open(t)
	for range 5 {
		ends := []session.Session{w.old(w.begin(ada, "", authn.AAL2).Cookie), w.old(w.begin(ben, "", authn.AAL2).Cookie)}
		var both, ready sync.WaitGroup
		if dbtest.Server() != "" { // SQLite lets one write at a time
			ready.Add(len(ends))
		}
		var runs atomic.Int32
		for _, old := range ends {
			meet := sync.OnceFunc(func() {
				if dbtest.Server() != "" {
					ready.Done()
					ready.Wait()
				}
			})
			both.Go(func() { w.again(old, func() { runs.Add(1); meet() }) })
		}
		both.Wait()
		if runs.Load() != 2 {
			t.Errorf("two sign-ins ran %d times", runs.Load())
		}
	}
}

// again begins another session after an old one, and does something before its Update commits.
func (w *world) again(old session.Session, before func()) {
	err := w.DB.Update(w.Context(), herself, func(u *db.W) error {
		_, err := w.all.Begin(w.Context(), u, old, old.State)
		before()
		return errors.Join(err, u.Record(w.Context(), audit.Event{Kind: "test"}))
	})
	if err != nil {
		w.Error(err)
	}
}

func TestAStrongerProofIdlesShorter(t *testing.T) {
	for _, tt := range []struct {
		level   authn.Level
		minutes int
	}{{authn.AAL2, 30}, {authn.AAL3, 15}} {
		w := open(t)
		b := w.begin(ada, "", tt.level)
		w.Clock.Advance(time.Duration(tt.minutes)*time.Minute - time.Second)
		if !w.live(b) {
			t.Errorf("a session of %v ended early", tt.level)
		}
		w.Clock.Advance(time.Second)
		if w.live(b) {
			t.Errorf("a session of %v is live after %d minutes", tt.level, tt.minutes)
		}
	}
}

func TestPeopleEndTheirOwnSessionsOnly(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(w *world, first, bens session.Begun) error
		left [3]bool // her first, her second, his
	}{
		{"one", func(w *world, first, _ session.Begun) error {
			return w.all.EndOwn(w.Context(), herself, ada, first.ID)
		}, [3]bool{false, true, true}},
		{"one of somebody else", func(w *world, _, bens session.Begun) error {
			return w.all.EndOwn(w.Context(), herself, ada, bens.ID)
		}, [3]bool{true, true, true}},
		{"all others", func(w *world, first, _ session.Begun) error {
			return w.all.EndOthers(w.Context(), herself, ada, first.ID)
		}, [3]bool{true, false, true}},
		{"all", func(w *world, _, _ session.Begun) error {
			return w.all.EndAll(w.Context(), actor.ForCommand("test"), ada, "a test", "")
		}, [3]bool{false, false, true}},
	} {
		w := open(t)
		first := w.begin(ada, "", authn.AAL2)
		second := w.begin(ada, "", authn.AAL2)
		bens := w.begin(ben, "", authn.AAL2)
		if err := tt.end(w, first, bens); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if left := [3]bool{w.live(first), w.live(second), w.live(bens)}; left != tt.left {
			t.Errorf("%s: live %v, want %v", tt.name, left, tt.left)
		}
	}
}

// Of the sign-outs that wait for an answer, the oldest makes room.
func TestTheOldestSignOutMakesRoom(t *testing.T) {
	w := open(t)
	w.all.Crowd().InAll = 2
	var waiting []*http.Request
	for range 3 {
		answer := httptest.NewRecorder()
		asked := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/end", nil)
		if err := w.all.ServeEndSession(answer, asked); err != nil {
			t.Fatal(err)
		}
		to := httptest.NewRequestWithContext(t.Context(), http.MethodGet, answer.Header().Get("Location"), nil)
		for _, c := range answer.Result().Cookies() {
			to.AddCookie(c)
		}
		waiting = append(waiting, to)
	}
	for i, gone := range []bool{true, false, false} {
		id := strings.TrimPrefix(waiting[i].URL.Path, session.SignOutPath)
		if _, err := w.all.LoadSignOut(waiting[i], id, ""); errors.Is(err, fault.Expired) != gone {
			t.Errorf("sign-out %d: %v, want that it is gone: %v", i, err, gone)
		}
	}
}

// Of too many sessions of one person those go that began first, and the services that they were used for are told.
func TestTheOldestSessionsMakeRoom(t *testing.T) {
	w := open(t)
	var all []session.Begun
	for range store.MaxOfSubject + 1 {
		w.Clock.Advance(time.Second)
		all = append(all, w.begin(ada, "", authn.AAL2))
	}
	w.token(all[0])
	w.Must(w.all.Bound().End(t.Context(), actor.ForCommand("test"), ada))
	for i, one := range all {
		if got := w.live(one); got != (i > 0) {
			t.Errorf("session %d is live: %v", i, got)
		}
	}
	if w.tokenLives() || len(w.Events("signin.ended")) != 1 {
		t.Errorf("the token lives: %v, %d events", w.tokenLives(), len(w.Events("signin.ended")))
	}
}
