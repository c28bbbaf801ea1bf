package mail_test

import (
	"context"
	"errors"
	"testing"
	"testing/fstest"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
)

const keep = 90 * 24 * time.Hour

// refusing takes no mail.
type refusing struct{}

func (refusing) Deliver(context.Context, string, mail.Message, time.Time) error {
	return errors.New("550 no such user here")
}

// office is a database with mail of which each is tried once, and the jobs that tidy it up.
func office(t *testing.T) (*db.DB, *mail.Post, *job.Queue, *clocktest.Manual) {
	t.Helper()
	c := clocktest.At(noon)
	d := dbtest.Open(t, fstest.MapFS{}, c)
	box, err := seal.New(random.Bytes(32))
	if err != nil {
		t.Fatal(err)
	}
	ws := job.NewWorkers()
	ws.Tries = 1
	p := mail.New(d, box, refusing{}, ws)
	mail.Work(ws, d, keep)
	return d, p, jobtest.Start(t, d, ws), c
}

func count(t *testing.T, d *db.DB, where string) int64 {
	t.Helper()
	n, err := db.Read(t.Context(), d, func(r db.R) (int64, error) {
		return db.Value[int64](t.Context(), r, `SELECT COUNT(*) FROM mail WHERE `+where)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

const givenUp = `given_up_at IS NOT NULL AND sealed IS NULL`

// Mail that the mail server never takes is given up with the last try: its text goes at once, an event tells of it, and
// to whom it should have gone is forgotten when its time has come.
func TestMailThatIsNeverTakenIsGivenUp(t *testing.T) {
	d, p, q, c := office(t)
	send(t, d, p, nil)
	jobtest.Settle(t, q)
	if n := count(t, d, givenUp); n != 1 {
		t.Fatalf("%d mails are given up, want 1", n)
	}
	if n := len(events(t, d, "mail.given-up")); n != 1 {
		t.Errorf("%d events tell of it, want 1", n)
	}
	for _, tt := range []struct {
		after time.Duration
		want  int64
	}{{keep - time.Millisecond, 1}, {time.Millisecond, 0}} {
		c.Advance(tt.after)
		if _, err := mail.Sweeper(d, keep).Sweep(t.Context(), actor.ForCommand("test")); err != nil {
			t.Fatal(err)
		}
		if n := count(t, d, `1 = 1`); n != tt.want {
			t.Errorf("%s later there are %d mails, want %d", tt.after, n, tt.want)
		}
	}
}

// Mail whose job is there no more is given up when it has waited longer than a job is tried.
func TestMailWithoutAJobIsGivenUp(t *testing.T) {
	d, _, q, c := office(t)
	jobtest.Settle(t, q)
	insert := func(id string) {
		err := d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
			const insert = `INSERT INTO mail (id, kind, recipient, queued_at) VALUES ($1, 'test', 'ann@nhs.net', $2)`
			if _, err := w.Exec(t.Context(), insert, id, w.Now()); err != nil {
				return err
			}
			return w.Record(t.Context(), audit.Event{Kind: "test.prepared"})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	look := func(want int64) {
		t.Helper()
		ask := func(w *db.W) error { return w.Enqueue(t.Context(), mail.GiveUpJob{}) }
		if err := d.Update(t.Context(), actor.ForCommand("test"), ask); err != nil {
			t.Fatal(err)
		}
		jobtest.Settle(t, q)
		if n := count(t, d, givenUp); n != want {
			t.Errorf("%d mails are given up, want %d", n, want)
		}
	}
	insert("old")
	c.Advance(30*24*time.Hour - time.Millisecond)
	look(0)
	insert("new")
	c.Advance(time.Millisecond)
	look(1)
	if n := len(events(t, d, "mail.given-up")); n != 1 {
		t.Errorf("%d events tell of it, want 1", n)
	}
}

func events(t *testing.T, d *db.DB, kind audit.Kind) []audit.Entry {
	t.Helper()
	list, err := db.Read(t.Context(), d, func(r db.R) ([]audit.Entry, error) {
		return audit.OfKind(t.Context(), r, kind, 10)
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}
