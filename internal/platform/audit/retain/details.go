package retain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
)

// Details says how long the details of events of a kind are kept. Those of kinds without a say are kept for good.
type Details struct {
	Kind audit.Kind
	Keep time.Duration
}

// DetailsJob is the periodic job that erases details whose time is over.
type DetailsJob struct{}

// Kind names the job.
func (DetailsJob) Kind() string { return "event-detail.erase" }

const (
	eraseEvery = time.Hour

	eventErased audit.Kind = "audit.details-erased"
)

// Erase erases the details whose time is over, a thousand at a time, with pauses in which others write. An event tells
// of each thousand. A job returns its error unchanged: where much is left, it comes again a little later.
func Erase(ctx context.Context, d *db.DB, policies []Details) error {
	left := policies
	return job.InChunks(ctx, func(ctx context.Context) (more bool, err error) {
		if len(left) == 0 {
			return false, nil
		}
		more, err = left[0].eraseSome(ctx, d)
		if err != nil {
			return false, fmt.Errorf("erase details of events of %s: %w", left[0].Kind, err)
		}
		if !more {
			left = left[1:]
		}
		return len(left) > 0, nil
	})
}

const (
	selectErased = `SELECT until FROM event_erased WHERE kind = $1`
	selectOver   = `SELECT e.id, e.at FROM event e JOIN event_detail d ON d.event_id = e.id
		WHERE e.kind = $1 AND e.at >= $2 AND e.at <= $3 ORDER BY e.at, e.id LIMIT $4`
	deleteDetail = `DELETE FROM event_detail WHERE event_id = $1`
	noteErased   = `INSERT INTO event_erased (kind, until) VALUES ($1, $2)
		ON CONFLICT (kind) DO UPDATE SET until = $2`
)

// over is an event whose detail is to be erased.
type over struct {
	id string
	at time.Time
}

// eraseSome erases the oldest of those whose time is over, and reports whether there may be more.
func (p Details) eraseSome(ctx context.Context, d *db.DB) (more bool, err error) {
	before := d.Now().Add(-p.Keep)
	list, err := db.Costly(ctx, d, func(r db.R) ([]over, error) { return p.over(ctx, r, before) })
	if err != nil || len(list) == 0 {
		return false, err
	}
	erased := map[string]any{"kind": p.Kind, "details": len(list), "of events until": list[len(list)-1].at}
	err = d.Update(ctx, actor.ForJob(DetailsJob{}.Kind(), ""), func(w *db.W) error {
		for _, one := range list {
			if err := w.Soon(ctx, deleteDetail, one.id); err != nil {
				return err
			}
		}
		if err := w.Soon(ctx, noteErased, p.Kind, list[len(list)-1].at); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventErased, After: erased})
	})
	return len(list) == db.SweptAtOnce, err
}

// over lists the oldest. It begins where the last time ended.
func (p Details) over(ctx context.Context, r db.R, before time.Time) ([]over, error) {
	since, err := db.Value[int64](ctx, r, selectErased, p.Kind)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return nil, err
	}
	return db.All(ctx, r, func(scan db.Scanner) (o over, err error) {
		err = scan(&o.id, db.At(&o.at))
		return o, err
	}, selectOver, p.Kind, since, before, db.SweptAtOnce)
}
