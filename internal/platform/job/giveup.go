package job

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"signpost/internal/platform/db"
)

// giveUpTime is how long it may take to note that a job was given up, after its own time may be over.
const giveUpTime = 5 * time.Second

// WorkOrGiveUp is Work for jobs that leave something waiting if they are never done. When the last of a job's tries,
// some three weeks after the first, has failed, giveUp notes it. A program that ends in that very moment notes
// nothing, so whoever needs to be sure looks for what has waited too long, too.
func WorkOrGiveUp[T db.Job](ws *Workers, do, giveUp func(ctx context.Context, args T) error) {
	work(ws, func(ctx context.Context, j *river.Job[T]) error {
		err := do(ctx, j.Args)
		if err == nil || putOff(err) || j.Attempt < j.MaxAttempts {
			return err
		}
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveUpTime)
		defer cancel()
		return errors.Join(err, giveUp(last, j.Args))
	})
}

// putOff reports whether a worker put its job off, by Later.
func putOff(err error) bool {
	var later *rivertype.JobSnoozeError
	return errors.As(err, &later)
}
