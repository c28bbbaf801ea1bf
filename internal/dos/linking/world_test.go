package linking_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/schema"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/wave"
	"signpost/internal/national/cis2"
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
	"signpost/internal/platform/session"
)

const (
	issuer   = "https://issuer.example"
	goodPass = "correct horse battery"
)

// world is a sign-in desk and a linker over a real database. What CIS2 would say of people is made up here.
type world struct {
	t      *testing.T
	clock  *clock.Manual
	d      *db.DB
	desk   *signin.Desk
	linker *linking.Linker
	mails  *mail.Mailbox
	jobs   *job.Queue
	waves  map[path.Phase]string
	hash   string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: clock.At(time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)), mails: &mail.Mailbox{}, waves: map[path.Phase]string{}}
	w.d = dbtest.Open(t, schema.Files, w.clock)
	box, err := seal.New(random.Bytes(32))
	w.must(err)
	ws := job.NewWorkers()
	post := mail.New(w.d, box, w.mails, ws)
	w.jobs = jobtest.Start(t, w.d, ws)
	hasher, err := password.New(password.Cheap)
	w.must(err)
	w.hash, err = hasher.Hash(t.Context(), goodPass)
	w.must(err)
	w.desk = &signin.Desk{DB: w.d, Passwords: hasher}
	w.linker = &linking.Linker{DB: w.d, Post: post, SignIn: w.desk}
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

func (w *world) linked(id string) bool {
	w.t.Helper()
	return w.count(`SELECT COUNT(*) FROM account_link WHERE account_id = $1`, id) == 1
}

// account makes an individual account whose address is proved, in a wave of the phase.
func (w *world) account(username string, phase path.Phase, change ...func(n *account.New)) (a account.Account) {
	w.t.Helper()
	n := account.New{Username: username, FirstName: "Ada", LastName: "Example", Email: username + "@example.nhs.uk", EmailProved: true, PasswordHash: w.hash}
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

// settle lets addresses become old enough to count.
func (w *world) settle() { w.clock.Advance(10 * 24 * time.Hour) }

// person is somebody of whom CIS2 proved the address.
func person(subject, address string) cis2.Person {
	return cis2.Person{Issuer: issuer, Subject: subject, Name: "Ada Example", Email: address, EmailVerified: true, IdentityLevel: 3}
}

// arrived is the same person, waiting to say which account is theirs.
func arrived(p cis2.Person) linking.Arrival {
	return linking.Arrival{Issuer: p.Issuer, Subject: p.Subject, Name: p.Name, Email: p.Email, EmailProved: p.EmailVerified, IdentityLevel: p.IdentityLevel}
}

func (w *world) in(username, plain string) (cookie string, err error) {
	return w.desk.WithPassword(w.t.Context(), actor.Actor{Kind: actor.Stranger}, username, plain, "")
}

func (w *world) claim(p cis2.Person, username, plain string) (cookie string, err error) {
	return w.linker.ByClaim(w.t.Context(), actor.Actor{Kind: actor.Stranger}, arrived(p), username, plain)
}

func (w *world) confirm(cookie, code string) error {
	_, err := w.linker.Link(w.t.Context(), actor.Actor{Kind: actor.Stranger}, cookie, code)
	return err
}

// link goes through the honest ceremony with a typed password.
func (w *world) link(a account.Account, p cis2.Person) {
	w.t.Helper()
	cookie, err := w.claim(p, a.Username, goodPass)
	w.must(err)
	w.must(w.confirm(cookie, ""))
	if !w.linked(a.ID) {
		w.t.Fatalf("%s is not linked", a.Username)
	}
}

// code is the newest code that was mailed to an address, or empty.
func (w *world) code(to string) string {
	w.t.Helper()
	jobtest.Settle(w.t, w.jobs)
	for _, m := range w.mails.To(to) {
		if found := regexp.MustCompile(`code is ([A-Z0-9]{8})`).FindStringSubmatch(m.Text); found != nil {
			return found[1]
		}
	}
	return ""
}

// mailed counts the mails of a kind to an address.
func (w *world) mailed(kind, to string) (n int) {
	w.t.Helper()
	jobtest.Settle(w.t, w.jobs)
	for _, m := range w.mails.To(to) {
		if m.Kind == kind {
			n++
		}
	}
	return n
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

// enter signs in with a Care Identity, as the portal does with whom CIS2 vouches for.
func (w *world) enter(p cis2.Person) (outcome signin.Outcome, cookie string) {
	w.t.Helper()
	w.update(func(ctx context.Context, u *db.W) error {
		made, admitted, err := signin.Admit(ctx, u, p)
		outcome = made
		if err == nil && admitted.In {
			cookie, err = signin.Sessions.Begin(ctx, u, session.New[signin.State]{Subject: admitted.Subject, State: admitted.State})
		}
		return err
	})
	return outcome, cookie
}
