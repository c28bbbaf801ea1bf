// Package worldtest gives tests of either side what every world there stands on: a database with its clock, the box
// that seals, mail that is kept, and jobs that run. dostest and careidtest make their worlds on it.
package worldtest

import (
	"context"
	"io/fs"
	"strings"
	"testing"
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
	"signpost/internal/platform/reference"
	"signpost/internal/platform/seal"
)

// By is who makes what a world is made of.
var By = actor.ForCommand("test")

// eventPrepared stands for what a test prepared.
const eventPrepared audit.Kind = "test.prepared"

// World is for a test to work in. It goes away with the test.
type World struct {
	testing.TB

	Clock *clocktest.Manual
	DB    *db.DB
	Box   *seal.Box
	Mails *mail.Mailbox
	Post  *mail.Post
	Jobs  *job.Queue

	workers *job.Workers
	hand    *byHand // nil in a world whose jobs run
}

// Open makes a world at a time, on a side's database. Its jobs run from Start on.
func Open(t testing.TB, migrations fs.FS, at time.Time) *World {
	t.Helper()
	return OpenOn(t, dbtest.Source(t, migrations), migrations, Box(t), at)
}

// OpenOn makes a world on a database that dbtest.Source named, which programs of the test may open too, with the box by
// which they seal.
func OpenOn(t testing.TB, source string, migrations fs.FS, box *seal.Box, at time.Time) *World {
	t.Helper()
	w := &World{TB: t, Clock: clocktest.At(at), Box: box, Mails: &mail.Mailbox{}, workers: job.NewWorkers()}
	w.DB = dbtest.Reopen(t, source, migrations, w.Clock)
	t.Cleanup(func() {
		if err := w.DB.Close(); err != nil {
			t.Errorf("close test database: %v", err)
		}
	})
	t.Cleanup(w.holdRefusals)
	w.Post = mail.New(w.DB, w.Box, w.Mails, w.workers)
	return w
}

// Start delivers mail from now on, and does the other jobs as the functions say.
func (w *World) Start(work ...func(ws *job.Workers)) {
	w.Helper()
	for _, do := range work {
		do(w.workers)
	}
	w.Jobs = jobtest.Start(w.TB, w.DB, w.workers)
}

// holdRefusals looks at the end through what was refused to requests: each event of that is marked as a refusal, and
// says where it came from.
func (w *World) holdRefusals() {
	list, err := db.Read(context.Background(), w.DB, func(r db.R) ([]audit.Entry, error) {
		list, _, err := audit.Search{}.Page(context.Background(), r, 0, 100_000)
		return list, err
	})
	if err != nil {
		return // the test closed the database, or broke it
	}
	problems := map[string]int{}
	for _, e := range list {
		switch {
		case e.RequestID == "":
		case strings.HasSuffix(string(e.Kind), "refused") && !e.Refused:
			problems[string(e.Kind)+" is not marked as a refusal"]++
		case e.Refused && e.Address == "":
			problems[string(e.Kind)+" does not say where it came from"]++
		}
	}
	for problem, n := range problems {
		w.Errorf("an event %s (%d times)", problem, n)
	}
}

// Box is a new box.
func Box(t testing.TB) *seal.Box {
	t.Helper()
	box, err := seal.New(random.Bytes(32))
	if err != nil {
		t.Fatal(err)
	}
	return box
}

// ReferenceOfNothing makes a reference that belongs to no event and tells nothing by itself. One in some hundred that
// are made up tells something by chance, under the box's key.
func (w *World) ReferenceOfNothing() string {
	for {
		made := reference.New()
		if _, _, told := (reference.Teller{Digest: w.Box.Digest}).Told(made, w.Clock.Now()); !told {
			return made
		}
	}
}

// Must ends the test at an error.
func (w *World) Must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// Update changes the database.
func (w *World) Update(fn func(ctx context.Context, u *db.W) error) {
	w.Helper()
	w.Must(w.DB.Update(w.Context(), By, func(u *db.W) error {
		if err := fn(w.Context(), u); err != nil {
			return err
		}
		return u.Record(w.Context(), audit.Event{Kind: eventPrepared})
	}))
}

// View reads the database.
func (w *World) View(fn func(ctx context.Context, r db.R) error) {
	w.Helper()
	w.Must(w.DB.View(w.Context(), func(r db.R) error { return fn(w.Context(), r) }))
}

// Read reads a value from a world's database.
func Read[T any](w *World, fn func(ctx context.Context, r db.R) (T, error)) T {
	w.Helper()
	v, err := db.Read(w.Context(), w.DB, func(r db.R) (T, error) { return fn(w.Context(), r) })
	w.Must(err)
	return v
}

// Count is the number that a query gives.
func (w *World) Count(sql string, args ...any) int64 {
	w.Helper()
	return Read(w, func(ctx context.Context, r db.R) (int64, error) { return db.Value[int64](ctx, r, sql, args...) })
}

// Events lists those of a kind, the newest first.
func (w *World) Events(kind audit.Kind) []audit.Entry {
	w.Helper()
	return Read(w, func(ctx context.Context, r db.R) ([]audit.Entry, error) {
		return audit.OfKind(ctx, r, kind, 1000)
	})
}

// Settle returns when every job was done.
func (w *World) Settle() {
	w.Helper()
	if w.hand != nil {
		w.deliver()
		return
	}
	jobtest.Settle(w, w.Jobs)
}

// Code is the newest code that was mailed to an address; empty if none was.
func (w *World) Code(to string) string {
	w.Helper()
	w.Settle()
	newest := mail.Arrival{}
	for _, m := range w.Mails.To(to) {
		if strings.Contains(m.Text, codeIs) && m.ID > newest.ID {
			newest = m
		}
	}
	_, rest, _ := strings.Cut(newest.Text, codeIs)
	code, _, _ := strings.Cut(rest, "\n")
	return code
}

// codeIs stands before the code in a mail.
const codeIs = "Your code is "
