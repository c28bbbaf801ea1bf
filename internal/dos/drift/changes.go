package drift

import (
	"context"
	"errors"
	"fmt"
	"time"

	asking "signpost/internal/dos/extract"
	"signpost/internal/dos/standing"
	"signpost/internal/national/extract"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
)

// Changes says which people and addresses changed on the care identity side. The directory's package extract has one.
type Changes interface {
	Changes(ctx context.Context, since string) (extract.Changes, error)
}

// ChangesJob is the job that asks who changed, and asks about those again.
type ChangesJob struct{}

// Kind names the job.
func (ChangesJob) Kind() string { return "drift.changes" }

const changesEvery = time.Minute

func (c Watch) workChanges(ws *job.Workers) {
	job.Work(ws, func(ctx context.Context, _ ChangesJob) error {
		if c.Changes == nil || c.Asker == nil {
			return nil
		}
		return job.InChunks(ctx, c.FollowChanges)
	})
	job.Every(ws, changesEvery, ChangesJob{})
}

// Read is up to where the changes were read.
type Read struct {
	Next string
	All  time.Time // when it was last said that everybody is to be asked about; zero if it never was
}

// lastRead reads up to where the changes were read; nothing where they never were.
func lastRead(ctx context.Context, r db.R) (Read, error) {
	read, err := db.One(ctx, r, func(scan db.Scanner) (read Read, err error) {
		err = scan(&read.Next, db.At(&read.All))
		return read, err
	}, `SELECT next, all_at FROM change_read WHERE id = $1`, onlyRun)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return read, fmt.Errorf("read where changes were read to: %w", err)
	}
	return read, nil
}

const putRead = `INSERT INTO change_read (id, next, read_at, all_at) VALUES ($1, $2, $3, $4)
	ON CONFLICT (id) DO UPDATE SET next = $2, read_at = $3, all_at = $4`

func (c Watch) saveRead(ctx context.Context, told extract.Changes, before Read) error {
	err := c.DB.Keep(ctx, func(k *db.K) error {
		all := any(nil)
		switch {
		case told.Everybody:
			all = k.Now()
		case !before.All.IsZero():
			all = before.All
		}
		_, err := k.Exec(ctx, putRead, onlyRun, told.Next, k.Now(), all)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep where changes were read to: %w", err)
	}
	return nil
}

// FollowChanges asks who changed since it asked last, asks about the accounts of those again, and says whether there
// are more. Only then is it kept up to where that was, so that nothing is left out by what fails on the way.
func (c Watch) FollowChanges(ctx context.Context) (more bool, err error) {
	before, err := db.Read(ctx, c.DB, func(r db.R) (Read, error) { return lastRead(ctx, r) })
	if err != nil {
		return false, err
	}
	told, err := c.changed(ctx, before.Next)
	if err != nil {
		if errors.Is(err, asking.ErrUnknown) {
			return false, nil // an older one, that does not say what changed
		}
		return false, fmt.Errorf("ask who changed: %w", errors.Join(errNotAsked, err))
	}
	err = c.compareThose(ctx, func(r db.R) ([]string, error) { return standing.Called(ctx, r, told.Handles) })
	if err != nil {
		return false, err
	}
	return told.More, c.saveRead(ctx, told, before)
}

// changed asks who changed. Where it is no longer known from where on to ask, everybody is to be asked about.
func (c Watch) changed(ctx context.Context, since string) (extract.Changes, error) {
	told, err := c.Changes.Changes(ctx, since)
	if since == "" || !errors.Is(err, asking.ErrRefused) {
		return told, err
	}
	told, err = c.Changes.Changes(ctx, "")
	told.Everybody = true
	return told, err
}
