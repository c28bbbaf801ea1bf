package signin_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/schema"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/password"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
)

const goodPass = "correct horse battery"

// world is a sign-in desk over a real database, and a linker for the refusals that both give.
type world struct {
	t      *testing.T
	clock  *clock.Manual
	d      *db.DB
	desk   *signin.Desk
	linker *linking.Linker
	waves  map[path.Phase]string
	hash   string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: clock.At(time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)), waves: map[path.Phase]string{}}
	w.d = dbtest.Open(t, schema.Files, w.clock)
	hasher, err := password.New(password.Cheap)
	w.must(err)
	w.hash, err = hasher.Hash(t.Context(), goodPass)
	w.must(err)
	box, err := seal.New(random.Bytes(32))
	w.must(err)
	w.desk = &signin.Desk{DB: w.d, Passwords: hasher}
	ws := job.NewWorkers()
	w.linker = &linking.Linker{DB: w.d, Post: mail.New(w.d, box, &mail.Mailbox{}, ws), SignIn: w.desk}
	jobtest.Start(t, w.d, ws)
	w.update(func(ctx context.Context, u *db.W) (err error) {
		for _, phase := range []path.Phase{path.Prepare, path.Choose, path.Require, path.Closed} {
			v := wave.Wave{Name: fmt.Sprint("wave ", phase), Phase: phase}
			if w.waves[phase], err = wave.Add(ctx, u, v); err != nil {
				return err
			}
		}
		return nil
	})
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) update(fn func(ctx context.Context, u *db.W) error) {
	w.t.Helper()
	w.must(w.d.Update(w.t.Context(), actor.ForCommand("test"), func(u *db.W) error {
		return errors.Join(fn(w.t.Context(), u), u.Record(w.t.Context(), audit.Event{Kind: "test.prepared"}))
	}))
}

func (w *world) count(sql string, args ...any) (n int64) {
	w.t.Helper()
	w.must(w.d.View(w.t.Context(), func(r db.R) (err error) {
		n, err = db.Value[int64](w.t.Context(), r, sql, args...)
		return err
	}))
	return n
}

// account makes an individual account whose address is proved, in a wave of the phase.
func (w *world) account(username string, phase path.Phase, change ...func(n *account.New)) (a account.Account) {
	w.t.Helper()
	n := account.New{
		Username: username, FirstName: "Ada", LastName: "Example", Email: username + "@example.nhs.uk",
		EmailProved: true, PasswordHash: w.hash,
	}
	for _, fn := range change {
		fn(&n)
	}
	w.update(func(ctx context.Context, u *db.W) (err error) {
		if a, err = account.Add(ctx, u, n); err != nil {
			return err
		}
		return wave.Join(ctx, u, a.ID, w.waves[phase])
	})
	return a
}

// link links an account to a care identity, without the ceremony.
func (w *world) link(a account.Account, subject string) {
	w.t.Helper()
	w.update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u, account.Link{AccountID: a.ID, Issuer: "https://issuer.example", Subject: subject, How: "test"})
	})
}

// settle lets addresses become old enough to count.
func (w *world) settle() { w.clock.Advance(10 * 24 * time.Hour) }

func (w *world) in(username, plain string) (cookie string, err error) {
	return w.desk.WithPassword(w.t.Context(), actor.Actor{Kind: actor.Stranger}, username, plain, "")
}

// claim begins to link an account to a stranger's care identity.
func (w *world) claim(username, plain string) error {
	stranger := linking.Arrival{
		Issuer: "https://issuer.example", Subject: "stranger", Name: "Ada Example", Email: "stranger@example.nhs.uk",
		EmailProved: true, IdentityLevel: 3,
	}
	_, err := w.linker.ByClaim(w.t.Context(), actor.Actor{Kind: actor.Stranger}, stranger, username, plain)
	return err
}

// tally counts what must be refused; one that tried nothing fails.
type tally struct{ tried, accepted int }

func (y *tally) refused(t *testing.T, name string, accepted bool) {
	t.Helper()
	y.tried++
	if accepted {
		y.accepted++
		t.Errorf("%s: accepted", name)
	}
}

func (y *tally) report(t *testing.T, what string) {
	t.Helper()
	t.Logf("%s: tried %d, accepted %d", what, y.tried, y.accepted)
	if y.tried == 0 {
		t.Errorf("%s: nothing was tried", what)
	}
}

func is(err error, code fault.Code) bool { return errors.Is(err, code) }

// find looks for the session of a cookie, as each request does.
func (w *world) find(cookie string) error {
	w.t.Helper()
	return w.d.View(w.t.Context(), func(r db.R) error {
		s, err := signin.Sessions.Find(w.t.Context(), r, cookie)
		if err == nil {
			_, err = signin.Find(w.t.Context(), r, s)
		}
		return err
	})
}
