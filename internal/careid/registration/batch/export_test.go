package batch

import (
	"context"
	"errors"

	"signpost/internal/platform/db"
)

// ErrTest is what FailAfter fails with.
var ErrTest = errors.New("stopped by a test")

// WorkOn does what the job of a batch does.
func (d *Desk) WorkOn(ctx context.Context, id string) error { return d.work(ctx, Work{Batch: id}) }

// DoStopped does a row of a batch as a job does that something happens beside meanwhile.
func (d *Desk) DoStopped(ctx context.Context, b Batch, beside func()) error {
	rows, err := db.Read(ctx, d.DB, func(r db.R) ([]Row, error) { return d.inState(ctx, r, b.ID, RowReady, 1) })
	if err != nil || len(rows) == 0 {
		return err
	}
	beside()
	return d.do(ctx, b, rows[0])
}

// ErrMoved says that a batch was moved on beside its job.
var ErrMoved = errMoved

// Len is how many people there are.
func (p People) Len() int { return len(p.rows) }

// FailAfter has a position given to some people and then, when it was given to one more, an error.
func FailAfter(people int) (restore func()) {
	whole := acts[Assign]
	failing := whole
	failing.do = func(ctx context.Context, w *db.W, b Batch, uuid string) (made, error) {
		m, err := whole.do(ctx, w, b, uuid)
		if people--; err == nil && people < 0 {
			err = ErrTest
		}
		return m, err
	}
	acts[Assign] = failing
	return func() { acts[Assign] = whole }
}
