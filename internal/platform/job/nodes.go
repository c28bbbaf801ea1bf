package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"

	"signpost/internal/platform/db"
)

// maxSilent is how many looks a node may stay silent before it is taken for dead. Looks are counted, not times
// compared, as the clocks of nodes differ, and one that could not look has no opinion.
const maxSilent = 3

// nodes knows the programs that do the jobs of a database. Each of them writes a new beat before each look.
type nodes struct {
	db   *db.DB
	id   string // of this program
	beat int64
	seen map[string]*sighting
}

// sighting holds what is known of another node.
type sighting struct {
	beat   int64
	silent int // looks since the beat was new
}

const writeBeat = `INSERT INTO job_node (id, beat) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET beat = $2`

// look writes a beat and gives the nodes that are dead, of which this node is to take up the jobs: of those that
// live, one does it.
func (n *nodes) look(ctx context.Context) (dead []string, err error) {
	n.beat++
	err = n.db.Jot(ctx, func(k *db.K) error {
		_, err := k.Exec(ctx, writeBeat, n.id, n.beat)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("write the beat of a node: %w", err)
	}
	beats, err := n.beats(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the beats of nodes: %w", err)
	}
	return n.judge(beats), nil
}

// node is a row.
type node struct {
	id   string
	beat int64
}

func (n *nodes) beats(ctx context.Context) ([]node, error) {
	return db.Glance(ctx, n.db, func(r db.R) ([]node, error) {
		return db.All(ctx, r, func(scan db.Scanner) (one node, err error) {
			err = scan(&one.id, &one.beat)
			return one, err
		}, `SELECT id, beat FROM job_node ORDER BY id`)
	})
}

// judge notes the beats and gives the dead nodes, if this is the first of those that live.
func (n *nodes) judge(beats []node) (dead []string) {
	eldest := true
	known := map[string]*sighting{}
	for _, one := range beats {
		if one.id == n.id {
			continue
		}
		s := n.seen[one.id]
		if s == nil || s.beat != one.beat {
			s = &sighting{beat: one.beat}
		} else {
			s.silent++
		}
		known[one.id] = s
		if s.silent >= maxSilent {
			dead = append(dead, one.id)
		} else if s.silent == 0 && one.id < n.id {
			eldest = false
		}
	}
	n.seen = known
	if !eldest {
		return nil
	}
	return dead
}

// forget removes the row of a node whose jobs were taken up, or that has stopped.
func (n *nodes) forget(ctx context.Context, id string) error {
	return n.db.Jot(ctx, func(k *db.K) error {
		_, err := k.Exec(ctx, `DELETE FROM job_node WHERE id = $1`, id)
		return err
	})
}

// keepWatch looks again and again, and takes up the jobs of nodes that died, until ctx ends.
func (q *Queue) keepWatch(ctx context.Context) {
	tick := time.NewTicker(q.pause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := q.watch(ctx); err != nil && ctx.Err() == nil {
			q.log.LogAttrs(ctx, slog.LevelWarn, "look for nodes that died", slog.Any("error", err))
		}
	}
}

func (q *Queue) watch(ctx context.Context) error {
	dead, err := q.nodes.look(ctx)
	if err != nil {
		return err
	}
	for _, id := range dead {
		taken, err := q.client.takeUp(ctx, id)
		if err != nil {
			return fmt.Errorf("take up jobs of a node that died: %w", err)
		}
		q.log.LogAttrs(ctx, slog.LevelInfo, "a node died; its jobs are done again", slog.Int("jobs", taken))
		if err := q.nodes.forget(ctx, id); err != nil {
			return fmt.Errorf("forget a node that died: %w", err)
		}
	}
	return nil
}

// maxTakenUp is how many jobs of a node are taken up together. More than that do not run at once.
const maxTakenUp = 1000

// errNodeDied is noted of a job that a dead node was doing.
var errNodeDied = errors.New("the program that did it died")

// takeUp makes the jobs that a node was doing due again, and counts them.
func (e engine[T]) takeUp(ctx context.Context, node string) (int, error) {
	now := time.Now().UTC()
	all := now.Add(time.Minute) // whatever the clock of the node said
	running, err := e.driver.GetExecutor().JobGetStuck(ctx, &riverdriver.JobGetStuckParams{
		Max: maxTakenUp, StuckHorizon: all,
	})
	if err != nil {
		return 0, err
	}
	rescue := riverdriver.JobRescueManyParams{StuckHorizon: all}
	for _, row := range running {
		if !doneBy(row, node) || row.Attempt >= row.MaxAttempts {
			continue
		}
		note, err := json.Marshal(rivertype.AttemptError{At: now, Attempt: row.Attempt, Error: errNodeDied.Error()})
		if err != nil {
			return 0, err
		}
		rescue.ID = append(rescue.ID, row.ID)
		rescue.Error = append(rescue.Error, note)
		rescue.FinalizedAt = append(rescue.FinalizedAt, nil)
		rescue.ScheduledAt = append(rescue.ScheduledAt, now)
		rescue.State = append(rescue.State, string(rivertype.JobStateAvailable))
	}
	if len(rescue.ID) == 0 {
		return 0, nil
	}
	_, err = e.driver.GetExecutor().JobRescueMany(ctx, &rescue)
	return len(rescue.ID), err
}

// doneBy reports whether a node was the last to begin a job.
func doneBy(row *rivertype.JobRow, node string) bool {
	return len(row.AttemptedBy) > 0 && row.AttemptedBy[len(row.AttemptedBy)-1] == node
}
