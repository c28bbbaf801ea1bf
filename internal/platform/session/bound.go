package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// MaxOfSubject is how many sessions somebody may have at one site. Those that began first make room.
const MaxOfSubject = 20

// eventSurplus is recorded when somebody's oldest sessions were ended because there were too many.
const eventSurplus audit.Kind = "session.surplus"

// TrimJob is the periodic job that ends the oldest sessions of whoever has too many.
type TrimJob struct{}

// Kind names the job.
func (TrimJob) Kind() string { return "session.trim" }

// trimEvery is how long somebody may have more. To look for them at each login would cost every login.
const trimEvery = 5 * time.Minute

// Bound ends somebody's oldest sessions at one site.
type Bound struct {
	Site string
	End  func(ctx context.Context, by actor.Actor, subject string) error
}

// WorkTrim registers the job that keeps the sessions of a database within bounds.
func WorkTrim(ws *job.Workers, d *db.DB, bounds ...Bound) {
	job.Work(ws, func(ctx context.Context, _ TrimJob) error { return trim(ctx, d, bounds) })
	job.Every(ws, trimEvery, TrimJob{})
}

// maxTrimmed is how many people's sessions of one site are ended by one run.
const maxTrimmed = 1000

const selectCrowded = `SELECT subject FROM session WHERE site = $1 GROUP BY subject HAVING COUNT(*) > $2
	ORDER BY subject LIMIT $3`

func trim(ctx context.Context, d *db.DB, bounds []Bound) (err error) {
	for _, b := range bounds {
		crowded, readErr := db.Glance(ctx, d, func(r db.R) ([]string, error) {
			return db.All(ctx, r, db.Column[string], selectCrowded, b.Site, MaxOfSubject, maxTrimmed)
		})
		if readErr != nil {
			return fmt.Errorf("look for who has too many sessions at %s: %w", b.Site, readErr)
		}
		for _, subject := range crowded {
			err = errors.Join(err, b.End(ctx, actor.ForJob(TrimJob{}.Kind(), b.Site), subject))
		}
	}
	return err
}

// SurplusOf gives somebody's live sessions beyond as many as they may have.
func (k Kind[T]) SurplusOf(ctx context.Context, r db.R, subject string) ([]Session[T], error) {
	live, err := k.OfSubject(ctx, r, subject)
	return live[min(MaxOfSubject, len(live)):], err
}

// Bound ends surplus sessions of a site that tells nobody else of their end. ref identifies whose they are in events.
func (k Kind[T]) Bound(d *db.DB, ref func(subject string) audit.Ref) Bound {
	return Bound{Site: k.Site, End: func(ctx context.Context, by actor.Actor, subject string) error {
		return d.Update(ctx, by, func(w *db.W) error {
			surplus, err := k.SurplusOf(ctx, w, subject)
			if err != nil || len(surplus) == 0 {
				return err
			}
			for _, s := range surplus {
				if _, err := k.endAll(ctx, w, Surplus, `site = $1 AND id = $2`, s.ID); err != nil {
					return err
				}
			}
			return w.Record(ctx, audit.Event{Kind: eventSurplus, Subject: ref(subject),
				After: map[string]any{"site": k.Site, "sessions": len(surplus)}})
		})
	}}
}
