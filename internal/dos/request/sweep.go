package request

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
)

// SweepJob deletes requests that nobody confirmed, and invitations that nobody follows any more.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "request.sweep" }

// EnteredJob notes who came in by an account that they had asked for.
type EnteredJob struct{}

// Kind names the job.
func (EnteredJob) Kind() string { return "request.entered" }

// enteredEvery is how often that is looked for.
const enteredEvery = 10 * time.Minute

// Work registers the jobs of a database.
func Work(ws *job.Workers, d *db.DB) {
	job.Forget(ws, SweepJob{}, job.Sweeper{DB: d, Event: eventSwept, Tables: []db.Sweep{
		{Table: "request", Key: "id", Over: "ends_at"},
		{Table: "request_invitation", Key: "id", Over: "ends_at"},
		{Table: "request_review", Key: "request_id", Over: "until"},
	}})
	job.Work(ws, func(ctx context.Context, _ EnteredJob) error {
		return NoteEntered(ctx, d, actor.ForJob(EnteredJob{}.Kind(), EnteredJob{}.Kind()))
	})
	job.Every(ws, enteredEvery, EnteredJob{})
}

// notEntered are a part of the requests of which nobody has come in by the account yet, after the last of the part
// before.
const notEntered = selectRequest + ` WHERE state = 'approved' AND entered_at IS NULL
	AND (decided_at > $1 OR decided_at = $1 AND id > $2) ORDER BY decided_at, id LIMIT 500`

// NoteEntered keeps, for each approved request, when its account first let somebody in: a login itself writes nothing
// for that. However many never come, those who did later are found.
func NoteEntered(ctx context.Context, d *db.DB, by actor.Actor) error {
	last := Request{Decided: d.Now().Add(-Measured)}
	for {
		part, err := db.Read(ctx, d, func(r db.R) (part entries, err error) {
			part, err = entriesAfter(ctx, r, last)
			return part, err
		})
		if err != nil {
			return err
		}
		if err := part.keep(ctx, d, by); err != nil || part.last.ID == "" {
			return err
		}
		last = part.last
	}
}

// entries are the first logins by the accounts of some requests.
type entries struct {
	at   map[string]time.Time // by the id of the request
	last Request              // that was looked at; of no id if none was left
}

func entriesAfter(ctx context.Context, r db.R, last Request) (part entries, err error) {
	list, err := db.All(ctx, r, scanRequest, notEntered, last.Decided, last.ID)
	if err != nil {
		return part, fmt.Errorf("list who has not come in: %w", err)
	}
	part.at = map[string]time.Time{}
	for _, asked := range list {
		part.last = asked
		at, err := firstLogin(ctx, r, asked.AccountID)
		if err == nil {
			part.at[asked.ID] = at
		} else if !errors.Is(err, fault.NotFound) {
			return part, err
		}
	}
	return part, nil
}

func (e entries) keep(ctx context.Context, d *db.DB, by actor.Actor) error {
	if len(e.at) == 0 {
		return nil
	}
	return d.Update(ctx, by, func(w *db.W) error {
		for id, at := range e.at {
			const entered = `UPDATE request SET entered_at = $2 WHERE id = $1 AND entered_at IS NULL`
			if _, err := w.Exec(ctx, entered, id, at); err != nil {
				return fmt.Errorf("note who came in: %w", err)
			}
		}
		return w.Record(ctx, audit.Event{Kind: eventEntered, Subject: audit.Ref{Kind: "job", ID: EnteredJob{}.Kind()},
			After: len(e.at)})
	})
}

// firstLogin gives when somebody first logged in with an account, or fault.NotFound.
func firstLogin(ctx context.Context, r db.R, id string) (time.Time, error) {
	list, err := audit.Of(ctx, r, account.Ref(id), maxLogins, signin.SignedIn)
	if err != nil {
		return time.Time{}, fmt.Errorf("read first login: %w", err)
	}
	if len(list) == 0 {
		return time.Time{}, fault.NotFound
	}
	return list[len(list)-1].At, nil
}

// maxLogins is how many logins are looked through at most. The job comes by long before somebody has logged in as
// often.
const maxLogins = 200
