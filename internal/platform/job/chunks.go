package job

import (
	"context"
	"time"
)

// InChunks runs what a job does a chunk at a time, until nothing is left, with pauses in which others write. A job
// returns its error unchanged: one that has had its share comes again a little later.
func InChunks(ctx context.Context, chunk func(ctx context.Context) (more bool, err error)) error {
	more, err := inChunks(ctx, rest, chunk)
	if err == nil && more {
		return Later(nextRun)
	}
	return err
}

// inChunks runs chunks with something between each two of them, and says whether there is more to do than one run of a
// job may.
func inChunks(ctx context.Context, between func(ctx context.Context) error,
	chunk func(ctx context.Context) (more bool, err error)) (more bool, err error) {
	for range maxChunks {
		if more, err := chunk(ctx); err != nil || !more {
			return false, err
		}
		if err := between(ctx); err != nil {
			return false, err
		}
	}
	return true, nil
}

// rest lets others write.
func rest(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(chunkPause):
		return nil
	}
}
