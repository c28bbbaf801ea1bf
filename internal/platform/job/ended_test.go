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

func (c endsMeanwhile) waiting(context.Context) ([]*rivertype.JobRow, error) {
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
