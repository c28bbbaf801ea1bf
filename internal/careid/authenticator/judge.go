package authenticator

import (
	"context"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// Judge is a Method whose authenticators may get another level though nobody touches them, as more is published about
// their models.
type Judge interface {
	// JudgeAgain judges those of which something else is known than before, and counts those that have another level
	// now.
	JudgeAgain(ctx context.Context, d *db.DB, by actor.Actor) (changed int, err error)
}

// JudgeAgain has every method that is a judge judge again. A registry is a Judge itself.
func (r Registry[M]) JudgeAgain(ctx context.Context, d *db.DB, by actor.Actor) (changed int, err error) {
	for _, m := range r.all {
		judge, is := any(m).(Judge)
		if !is {
			continue
		}
		n, err := judge.JudgeAgain(ctx, d, by)
		changed += n
		if err != nil {
			return changed, err
		}
	}
	return changed, nil
}

const judgeEvery = time.Hour

// JudgeJob is the job that has authenticators judged again.
type JudgeJob struct{}

// Kind names the job.
func (JudgeJob) Kind() string { return "authenticator.judge" }

// WorkJudge registers the job.
func WorkJudge(ws *job.Workers, d *db.DB, judge Judge) {
	job.Work(ws, func(ctx context.Context, _ JudgeJob) error {
		_, err := judge.JudgeAgain(ctx, d, actor.ForJob(JudgeJob{}.Kind(), ""))
		return err
	})
	job.Every(ws, judgeEvery, JudgeJob{})
}
