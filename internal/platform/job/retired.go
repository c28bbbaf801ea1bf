package job

import (
	"context"

	"github.com/riverqueue/river"
)

// retired is a kind of job that only earlier versions of the program asked for.
type retired struct{ kind string }

// Kind names the job.
func (r retired) Kind() string { return r.kind }

// Retired registers kinds of jobs that this version does not ask for any more. One that was still waiting when
// the program was upgraded ends without doing anything; without this it would fail and be tried again for days.
func Retired(ws *Workers, kinds ...string) {
	nothing := river.WorkFunc(func(context.Context, *river.Job[retired]) error { return nil })
	for _, kind := range kinds {
		river.AddWorkerArgs(ws.river, retired{kind}, nothing)
	}
}
