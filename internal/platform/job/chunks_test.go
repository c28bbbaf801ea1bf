package job_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/riverqueue/river/rivertype"

	"signpost/internal/platform/job"
)

// What is done a chunk at a time leaves others time between each two of them, and comes again where there is more than
// one run of a job may do.
func TestChunksLeaveTimeForOthers(t *testing.T) {
	for name, tt := range map[string]struct {
		chunks int
		took   time.Duration
		again  bool
	}{
		"one":   {1, 0, false},
		"three": {3, 40 * time.Millisecond, false},
		"many":  {1000, 10 * time.Second, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			begun := time.Now()
			done := 0
			err := job.InChunks(t.Context(), func(context.Context) (bool, error) {
				done++
				return done < tt.chunks, nil
			})
			var later *rivertype.JobSnoozeError
			if again := errors.As(err, &later); again != tt.again || !again && err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if took := time.Since(begun); took != tt.took {
				t.Errorf("%s: took %s, want %s", name, took, tt.took)
			}
		})
	}
}

// A chunk that fails is the last one, and whoever goes away waits for no other.
func TestChunksEndWithAFailure(t *testing.T) {
	broken := errors.New("broken")
	done := 0
	err := job.InChunks(t.Context(), func(context.Context) (bool, error) { done++; return true, broken })
	if !errors.Is(err, broken) || done != 1 {
		t.Errorf("%d chunks: %v", done, err)
	}
	gone, leave := context.WithCancel(t.Context())
	err = job.InChunks(gone, func(context.Context) (bool, error) { done++; leave(); return true, nil })
	if !errors.Is(err, context.Canceled) || done != 2 {
		t.Errorf("%d chunks after leaving: %v", done, err)
	}
}
