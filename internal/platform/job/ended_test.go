package job

import (
	"context"
	"testing"

	"github.com/riverqueue/river/rivertype"

	"signpost/internal/platform/db"
)

// endsMeanwhile is a queue with one running job, which ends in the moment after the list of jobs was read: the jobs
// that it asked for are not in that list.
type endsMeanwhile struct{ ended *ended }

func (endsMeanwhile) start(context.Context) error                 { return nil }
func (endsMeanwhile) stop(context.Context) error                  { return nil }
func (endsMeanwhile) giveUp(context.Context) error                { return nil }
func (endsMeanwhile) add(context.Context, any, db.Job) error      { return nil }
func (endsMeanwhile) takeUp(context.Context, string) (int, error) { return 0, nil }

func (c endsMeanwhile) waiting(context.Context, int) ([]*rivertype.JobRow, error) {
	c.ended.note(run{id: 7, attempt: 1})
	return []*rivertype.JobRow{{ID: 7, Attempt: 1, State: rivertype.JobStateRunning}}, nil
}

// A job that ends while jobs are counted counts still, as what it asked for may not be among them. One that had ended
// before does not.
func TestAJobThatEndsWhileJobsAreCounted(t *testing.T) {
	var done ended
	q := &Queue{ended: &done, client: endsMeanwhile{&done}}
	for i, want := range []int{1, 0} {
		if n, err := q.Waiting(t.Context()); n != want || err != nil {
			t.Errorf("look %d: %d jobs wait, want %d: %v", i+1, n, want, err)
		}
	}
}

// manyEnded is a queue with many jobs that have ended and whose rows do not say so yet, and one behind them that waits.
type manyEnded struct {
	endsMeanwhile

	rows []*rivertype.JobRow
}

func (c manyEnded) waiting(_ context.Context, limit int) ([]*rivertype.JobRow, error) {
	return c.rows[:min(limit, len(c.rows))], nil
}

// A job that waits behind more that have ended than are looked at first is counted.
func TestAJobBehindManyThatEnded(t *testing.T) {
	var done ended
	c := manyEnded{}
	for id := range int64(maxLooked) {
		done.note(run{id: id, attempt: 1})
		c.rows = append(c.rows, &rivertype.JobRow{ID: id, Attempt: 1, State: rivertype.JobStateRunning})
	}
	q := &Queue{ended: &done, client: &c}
	if n, err := q.Waiting(t.Context()); n != 0 || err != nil {
		t.Errorf("all have ended, and %d wait: %v", n, err)
	}
	c.rows = append(c.rows, &rivertype.JobRow{ID: maxLooked, Attempt: 1, State: rivertype.JobStateAvailable})
	if n, err := q.Waiting(t.Context()); n != 1 || err != nil {
		t.Errorf("one waits, and %d do: %v", n, err)
	}
}
