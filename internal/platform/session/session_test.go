package session_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/session"
)

type state struct{ Name string }

var kind = session.Kind[state]{Site: "dos", Idle: 15 * time.Minute, Max: 12 * time.Hour}

func open(t *testing.T) (*db.DB, *clocktest.Manual) {
	c := clocktest.At(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))
	return dbtest.Open(t, fstest.MapFS{}, c), c
}

func update(t *testing.T, d *db.DB, fn func(w *db.W) error) {
	t.Helper()
	err := d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		return errors.Join(fn(w), w.Record(t.Context(), audit.Event{Kind: "test"}))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func begin(t *testing.T, d *db.DB, subject, sid string) (cookie string) {
	t.Helper()
	update(t, d, func(w *db.W) (err error) {
		cookie, err = kind.Begin(t.Context(), w, session.New[state]{Subject: subject, SID: sid, State: state{Name: "Ann"}})
		return err
	})
	return cookie
}

func find(t *testing.T, d *db.DB, cookie string) (session.Session[state], error) {
	t.Helper()
	var s session.Session[state]
	err := d.View(t.Context(), func(r db.R) (err error) {
		s, err = kind.Find(t.Context(), r, cookie)
		return err
	})
	return s, err
}

func TestSessionIsFoundByItsCookieOnly(t *testing.T) {
	d, _ := open(t)
	cookie := begin(t, d, "a1", "sid1")
	s, err := find(t, d, cookie)
	if err != nil || s.Subject != "a1" || s.SID != "sid1" || s.State.Name != "Ann" {
		t.Fatalf("found %+v, %v", s, err)
	}
	id, _ := session.Split(cookie)
	for _, bad := range []string{"", ".", id, id + ".", id + ".wrong", "x." + strings.TrimPrefix(cookie, id+"."), cookie + "x"} {
		if _, err := find(t, d, bad); !errors.Is(err, fault.Unauthenticated) {
			t.Errorf("cookie %q: %v, want unauthenticated", bad, err)
		}
	}
}

// A copy of the tables lets nobody in: they hold the secret's digest alone.
func TestSecretsAreNotKept(t *testing.T) {
	d, _ := open(t)
	_, secret := session.Split(begin(t, d, "a1", "sid1"))
	_, flowSecret := startFlow(t, d)
	err := d.View(t.Context(), func(r db.R) error {
		for _, tt := range []struct{ secret, table string }{{secret, "session"}, {flowSecret, "flow"}} {
			kept, err := db.Value[[]byte](t.Context(), r, `SELECT secret_digest FROM `+tt.table)
			if err != nil {
				return err
			}
			if want := sha256.Sum256([]byte(tt.secret)); tt.secret == "" || !bytes.Equal(kept, want[:]) {
				t.Errorf("%s keeps %x of the secret, want its SHA-256", tt.table, kept)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Each sign-in has a session of its own: signing in again gives another id and another secret.
func TestSignInRotates(t *testing.T) {
	d, _ := open(t)
	first := begin(t, d, "a1", "")
	second := begin(t, d, "a1", "")
	firstID, firstSecret := session.Split(first)
	secondID, secondSecret := session.Split(second)
	if firstID == secondID || firstSecret == secondSecret {
		t.Errorf("two sign-ins share an id or a secret: %s, %s", first, second)
	}
	if _, err := find(t, d, session.Cookie(firstID, secondSecret)); !errors.Is(err, fault.Unauthenticated) {
		t.Errorf("the secret of one session opens another: %v", err)
	}
	for _, cookie := range []string{first, second} {
		if _, err := find(t, d, cookie); err != nil {
			t.Error(err)
		}
	}
}

// A sweep with nothing to clear away leaves no event behind.
func TestIdleSweepIsSilent(t *testing.T) {
	d, c := open(t)
	begin(t, d, "a1", "")
	for _, want := range []int64{0, 1, 1} {
		sweep(t, d)
		err := d.View(t.Context(), func(r db.R) error {
			n, err := db.Value[int64](t.Context(), r, `SELECT COUNT(*) FROM event WHERE kind = 'session.swept'`)
			if n != want {
				t.Errorf("%d sweeps in the audit, want %d", n, want)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		c.Advance(time.Hour)
	}
}

func TestSessionEnds(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(t *testing.T, d *db.DB, c *clocktest.Manual, s session.Session[state])
		live bool
	}{
		{"just before the idle limit", func(_ *testing.T, _ *db.DB, c *clocktest.Manual, _ session.Session[state]) {
			c.Advance(15*time.Minute - time.Millisecond)
		}, true},
		{"idle", func(_ *testing.T, _ *db.DB, c *clocktest.Manual, _ session.Session[state]) {
			c.Advance(15 * time.Minute)
		}, false},
		{"used in between", func(t *testing.T, d *db.DB, c *clocktest.Manual, s session.Session[state]) {
			c.Advance(10 * time.Minute)
			if _, err := s.Touch(t.Context(), d, c.Now()); err != nil {
				t.Fatal(err)
			}
			c.Advance(10 * time.Minute)
		}, true},
		{"used all day", func(t *testing.T, d *db.DB, c *clocktest.Manual, s session.Session[state]) {
			for range 12 * 6 {
				c.Advance(10 * time.Minute)
				if _, err := s.Touch(t.Context(), d, c.Now()); err != nil {
					t.Fatal(err)
				}
			}
		}, false},
		{"ended by its id", func(t *testing.T, d *db.DB, _ *clocktest.Manual, s session.Session[state]) {
			update(t, d, func(w *db.W) error { _, err := kind.End(t.Context(), w, s.ID); return err })
		}, false},
		{"ended by account", func(t *testing.T, d *db.DB, _ *clocktest.Manual, _ session.Session[state]) {
			update(t, d, func(w *db.W) error { _, err := kind.EndSubject(t.Context(), w, "a1", "tidied"); return err })
		}, false},
		{"ended by sid", func(t *testing.T, d *db.DB, c *clocktest.Manual, _ session.Session[state]) {
			update(t, d, func(w *db.W) error { _, err := kind.EndSID(t.Context(), w, "sid1", c.Now(), "tidied"); return err })
		}, false},
		{"earlier ones of the sid ended", func(t *testing.T, d *db.DB, c *clocktest.Manual, _ session.Session[state]) {
			update(t, d, func(w *db.W) error {
				_, err := kind.EndSID(t.Context(), w, "sid1", c.Now().Add(-time.Second), "tidied")
				return err
			})
		}, true},
		{"ended by account, as of now", func(t *testing.T, d *db.DB, c *clocktest.Manual, _ session.Session[state]) {
			update(t, d, func(w *db.W) error { _, err := kind.EndEarlier(t.Context(), w, "a1", c.Now(), "tidied"); return err })
		}, false},
		{"earlier ones of the account ended", func(t *testing.T, d *db.DB, c *clocktest.Manual, _ session.Session[state]) {
			update(t, d, func(w *db.W) error {
				_, err := kind.EndEarlier(t.Context(), w, "a1", c.Now().Add(-time.Second), "tidied")
				return err
			})
		}, true},
		{"another account ended", func(t *testing.T, d *db.DB, _ *clocktest.Manual, _ session.Session[state]) {
			update(t, d, func(w *db.W) error { _, err := kind.EndSubject(t.Context(), w, "a2", "tidied"); return err })
		}, true},
		{"sessions without a sid ended", func(t *testing.T, d *db.DB, c *clocktest.Manual, _ session.Session[state]) {
			update(t, d, func(w *db.W) error { _, err := kind.EndSID(t.Context(), w, "", c.Now(), "tidied"); return err })
		}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, c := open(t)
			cookie := begin(t, d, "a1", "sid1")
			s, err := find(t, d, cookie)
			if err != nil {
				t.Fatal(err)
			}
			tt.do(t, d, c, s)
			if _, err := find(t, d, cookie); (err == nil) != tt.live {
				t.Errorf("find = %v, want live %v", err, tt.live)
			}
			sweep(t, d)
			if _, err := find(t, d, cookie); (err == nil) != tt.live {
				t.Errorf("after the sweep find = %v, want live %v", err, tt.live)
			}
		})
	}
}

// Last use is written at most once a minute, however often a session is used.
func TestLastUseIsWrittenSeldom(t *testing.T) {
	d, c := open(t)
	cookie := begin(t, d, "a1", "")
	for _, tt := range []struct {
		after time.Duration
		want  time.Duration // since it began
	}{{59 * time.Second, 0}, {time.Second, time.Minute}, {30 * time.Second, time.Minute}, {30 * time.Second, 2 * time.Minute}} {
		c.Advance(tt.after)
		s, err := find(t, d, cookie)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Touch(t.Context(), d, c.Now()); err != nil {
			t.Fatal(err)
		}
		s, err = find(t, d, cookie)
		if got := s.Used.Sub(s.Begun); err != nil || got != tt.want {
			t.Errorf("last use %s after the beginning, want %s (%v)", got, tt.want, err)
		}
	}
}

var flows = session.Flows[state]{Name: "sign-in", Life: 15 * time.Minute}

func startFlow(t *testing.T, d *db.DB) (id, secret string) {
	t.Helper()
	err := d.Keep(t.Context(), func(k *db.K) (err error) {
		id, secret, err = flows.Start(t.Context(), k, state{Name: "first"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id, secret
}

func TestFlowIsTakenOnce(t *testing.T) {
	d, _ := open(t)
	id, secret := startFlow(t, d)
	var taken, refused atomic.Int32
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			err := d.Keep(t.Context(), func(k *db.K) error {
				_, err := flows.Take(t.Context(), k, id, secret)
				return err
			})
			switch {
			case err == nil:
				taken.Add(1)
			case errors.Is(err, fault.Expired):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if taken.Load() != 1 || refused.Load() != 15 {
		t.Errorf("taken %d, refused %d, want 1 and 15", taken.Load(), refused.Load())
	}
}

func TestFlowSavesOnceForEachReading(t *testing.T) {
	d, _ := open(t)
	id, secret := startFlow(t, d)
	err := d.Keep(t.Context(), func(k *db.K) error {
		first, err := flows.Load(t.Context(), k, id, secret)
		if err != nil {
			return err
		}
		second := first
		first.State.Name = "second"
		if err := flows.Save(t.Context(), k, &first); err != nil {
			return err
		}
		if err := flows.Save(t.Context(), k, &second); !errors.Is(err, fault.Conflict) {
			t.Errorf("second save of one reading: %v, want conflict", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFlowOfAnotherBrowserOrOverIsExpired(t *testing.T) {
	d, c := open(t)
	id, secret := startFlow(t, d)
	load := func(id, secret string) error {
		return d.View(t.Context(), func(r db.R) error { _, err := flows.Load(t.Context(), r, id, secret); return err })
	}
	if err := load(id, secret); err != nil {
		t.Fatal(err)
	}
	if err := load(id, "other"); !errors.Is(err, fault.Expired) {
		t.Errorf("other browser: %v", err)
	}
	c.Advance(15 * time.Minute)
	if err := load(id, secret); !errors.Is(err, fault.Expired) {
		t.Errorf("over: %v", err)
	}
}

// Of several requests that read a session at once, one notes its use.
func TestOneNotesTheUse(t *testing.T) {
	d, c := open(t)
	cookie := begin(t, d, "ada", "")
	c.Advance(2 * time.Minute)
	s, err := find(t, d, cookie)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		noted, err := s.Touch(t.Context(), d, c.Now())
		if err != nil || noted != (i == 0) {
			t.Errorf("request %d: noted %v, %v", i+1, noted, err)
		}
	}
}
