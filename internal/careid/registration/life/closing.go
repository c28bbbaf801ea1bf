package life

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/identity/note"
	"signpost/internal/careid/registration"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/queue"
)

// The kinds of events that this file records.
const (
	eventClosing     audit.Kind = "life.closing-begun"
	eventClosingStep audit.Kind = "life.closing-step"
)

// Reason is why an identity is closed.
type Reason struct{ Code, Text string }

// Reasons lists those among which whoever closes an identity chooses.
func Reasons() []Reason {
	return []Reason{
		{"left", "They have left, and need no Care Identity any more"},
		{"duplicate", "They have another Care Identity, which is kept"},
		{"mistake", "It was made by mistake"},
		{"died", "They have died"},
		{"other", "Another reason"},
	}
}

// Closure is what somebody types to close an identity.
type Closure struct {
	Reason string // code of one of Reasons
	Notes  string
	Sure   bool   // the box that says so is ticked
	Typed  string // CLOSE
}

// confirmation is what is typed to close an identity.
const confirmation = "CLOSE"

// text says what is wrong with what was typed, and gives the reason in words.
func (c Closure) text() (string, error) {
	at := slices.IndexFunc(Reasons(), func(r Reason) bool { return r.Code == c.Reason })
	switch {
	case at < 0:
		return "", fault.OfField("reason", "Select why the Care Identity is closed")
	case !c.Sure:
		return "", fault.OfField("sure", "Tick the box if everything is to end")
	case strings.TrimSpace(c.Typed) != confirmation:
		return "", fault.OfField("typed", "Type CLOSE in capitals")
	}
	_, err := note.Check(c.Notes)
	return Reasons()[at].Text, err
}

// ClosingJob ends everything that somebody has, one step after the other, and then closes their identity.
type ClosingJob struct{ UUID string }

// Kind names the job.
func (ClosingJob) Kind() string { return "life.closing" }

// Queue is where the job waits.
func (ClosingJob) Queue() queue.Name { return queue.Revocation }

const putClosing = `INSERT INTO identity_closing (uuid, reason, begun_by, begun_at, done) VALUES ($1, $2, $3, $4, '')
	ON CONFLICT (uuid) DO UPDATE SET reason = excluded.reason, begun_by = excluded.begun_by,
	begun_at = excluded.begun_at, done = ''`

// Close begins to close somebody's Care Identity: from now on it opens nothing, and a job ends all that they have. The
// last registration authority manager of an organisation is refused before anything ends.
func Close(ctx context.Context, d *db.DB, by actor.Actor, uuid string, c Closure) error {
	reason, err := c.text()
	if err != nil {
		return err
	}
	return d.Update(ctx, by, func(w *db.W) error {
		if _, err := registration.RequireOver(ctx, w, rights[identity.BeginClosing], uuid); err != nil {
			return err
		}
		if err := access.RequireNotLast(ctx, w, uuid, reason); err != nil {
			return err
		}
		if err := identity.MovePart(ctx, w, uuid, identity.BeginClosing, reason); err != nil {
			return err
		}
		if err := note.Add(ctx, w, uuid, c.Notes); err != nil {
			return err
		}
		if _, err := w.Exec(ctx, putClosing, uuid, reason, by.ID, w.Now()); err != nil {
			return fmt.Errorf("begin closing: %w", err)
		}
		if err := w.Enqueue(ctx, ClosingJob{UUID: uuid}); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventClosing, Subject: identity.Ref(uuid), Reason: reason})
	})
}

// Ender ends one sort of thing that a person has, as a part of an Update. There may be nothing of it.
type Ender struct {
	Name string // as it stands in the table, with neither spaces nor commas
	End  func(ctx context.Context, w *db.W, uuid, reason string) error
}

// enders are the steps of closing, of which each is done once. More may come before them.
func enders() []Ender {
	return []Ender{
		{"links", func(ctx context.Context, w *db.W, uuid, _ string) error {
			return authenticator.EndInvitations(ctx, w, uuid)
		}},
		{"positions", access.EndAll},
		{"authenticators", removeAuthenticators},
		{"sessions", func(ctx context.Context, w *db.W, uuid, _ string) error {
			return w.Enqueue(ctx, identity.Ended{UUID: uuid})
		}},
	}
}

func removeAuthenticators(ctx context.Context, w *db.W, uuid, reason string) error {
	bound, err := authenticator.OfIdentity(ctx, w, uuid)
	if err != nil {
		return err
	}
	for _, a := range bound {
		if err := authenticator.Remove(ctx, w, a.ID, reason); err != nil {
			return err
		}
	}
	return nil
}

// Work registers the job, with what else is ended first.
func Work(ws *job.Workers, d *db.DB, more ...Ender) {
	steps := slices.Concat(more, enders())
	job.Work(ws, func(ctx context.Context, j ClosingJob) error { return run(ctx, d, j, steps) })
}

// run does what is left to do.
func run(ctx context.Context, d *db.DB, j ClosingJob, steps []Ender) error {
	for _, step := range steps {
		if err := do(ctx, d, j, step); err != nil {
			return err
		}
	}
	return finish(ctx, d, j)
}

// Closing says of an identity that is being closed since when, and what has ended.
type Closing struct {
	Reason string
	Begun  time.Time
	Done   []string // the names of the steps
}

// ClosingOf reads how far the closing of an identity is, or gives fault.NotFound.
func ClosingOf(ctx context.Context, r db.R, uuid string) (Closing, error) {
	c, err := db.One(ctx, r, func(scan db.Scanner) (c Closing, err error) {
		var done string
		err = scan(&c.Reason, db.At(&c.Begun), &done)
		c.Done = strings.Fields(done)
		return c, err
	}, `SELECT reason, begun_at, done FROM identity_closing WHERE uuid = $1`, uuid)
	if err != nil {
		return c, fmt.Errorf("read closing: %w", err)
	}
	return c, nil
}

// errDone is that a step needs not be done.
var errDone = errors.New("done already")

// do does one step, unless it was done. What the step ends and that it was done are saved together, so that a job that
// stopped goes on with the next one.
func do(ctx context.Context, d *db.DB, j ClosingJob, step Ender) error {
	err := d.Update(ctx, actor.ForJob(j.Kind(), j.UUID), func(w *db.W) error {
		c, err := stillClosing(ctx, w, j.UUID)
		if err != nil {
			return err
		}
		if slices.Contains(c.Done, step.Name) {
			return errDone
		}
		if err := step.End(ctx, w, j.UUID, c.Reason); err != nil {
			return fmt.Errorf("end %s: %w", step.Name, err)
		}
		done := strings.Join(append(c.Done, step.Name), " ")
		if err := w.Change(ctx, `UPDATE identity_closing SET done = $2 WHERE uuid = $1`, j.UUID, done); err != nil {
			return fmt.Errorf("note step of closing: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: eventClosingStep, Subject: identity.Ref(j.UUID), After: step.Name,
			Reason: c.Reason})
	})
	if errors.Is(err, errDone) {
		return nil
	}
	return err
}

// finish closes the identity once every step was done.
func finish(ctx context.Context, d *db.DB, j ClosingJob) error {
	err := d.Update(ctx, actor.ForJob(j.Kind(), j.UUID), func(w *db.W) error {
		c, err := stillClosing(ctx, w, j.UUID)
		if err != nil {
			return err
		}
		return identity.MovePart(ctx, w, j.UUID, identity.Close, c.Reason)
	})
	if errors.Is(err, errDone) {
		return nil
	}
	return err
}

func stillClosing(ctx context.Context, w *db.W, uuid string) (Closing, error) {
	i, err := identity.ByUUID(ctx, w, uuid)
	if err != nil {
		return Closing{}, err
	}
	if i.Status != identity.Closing {
		return Closing{}, errDone
	}
	return ClosingOf(ctx, w, uuid)
}
