package simulation

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
	"signpost/internal/platform/random"
)

const eventSaved audit.Kind = "simulation.saved"

// Saved is a result that somebody kept.
type Saved struct {
	ID        string
	At        time.Time
	By        string // name
	Switch    Switch
	Accounts  int
	LockedOut int
	Already   int // of them were locked out before the switch
	people    []byte
}

// Already counts those who are locked out whatever becomes of the switch.
func (r *Result) Already() (n int) {
	for _, p := range r.LockedOut {
		if p.Already {
			n++
		}
	}
	return n
}

// Save keeps a result, for whoever moves waves.
func Save(ctx context.Context, d *db.DB, by actor.Actor, r *Result) error {
	people, err := packed(r.LockedOut)
	if err != nil {
		return err
	}
	return d.Update(ctx, by, func(w *db.W) error {
		if err := account.RequireEverywhere(ctx, w, account.ManageWaves); err != nil {
			return err
		}
		id := random.ID()
		_, err := w.Exec(ctx, `INSERT INTO simulation (id, saved_at, saved_by, saved_name, wave_id, phase, accounts,
			locked_out, already, people) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, id, w.Now(), by.ID, by.Name,
			r.Switch.Wave, int(r.Switch.Phase), r.Accounts, len(r.LockedOut), r.Already(), people)
		if err != nil {
			return fmt.Errorf("save simulation: %w", err)
		}
		if _, err := w.Exec(ctx, forgetOldest, r.Switch.Wave, int(r.Switch.Phase), maxSaved); err != nil {
			return fmt.Errorf("forget older simulations: %w", err)
		}
		counts := map[string]int{"accounts": r.Accounts, "locked_out": len(r.LockedOut), "already": r.Already()}
		saved := audit.Event{Kind: eventSaved, Subject: audit.Ref{Kind: "simulation", ID: id}, After: counts}
		return w.Record(ctx, saved)
	})
}

// maxSaved is how many results of one switch are kept, the newest, and savedKept is for how long.
const (
	maxSaved  = 20
	savedKept = 400 * 24 * time.Hour
)

const forgetOldest = `DELETE FROM simulation WHERE wave_id = $1 AND phase = $2 AND id NOT IN (SELECT s.id
	FROM simulation s WHERE s.wave_id = $1 AND s.phase = $2 ORDER BY s.saved_at DESC, s.id DESC LIMIT $3)`

// SweepJob is the job that forgets results of long ago.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "simulation.sweep" }

const eventSwept audit.Kind = "simulation.swept"

// Work registers the job.
func Work(ws *job.Workers, d *db.DB) {
	over := db.Sweep{Table: "simulation", Key: "id", Over: "saved_at", Keep: savedKept}
	job.Forget(ws, SweepJob{}, job.Sweeper{DB: d, Tables: []db.Sweep{over}, Event: eventSwept})
}

// List lists what was saved of a switch, the last first.
func List(ctx context.Context, r db.R, s Switch) ([]Saved, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (one Saved, err error) {
		err = scan(&one.ID, db.At(&one.At), &one.By, &one.Accounts, &one.LockedOut, &one.Already, &one.people)
		one.Switch = s
		return one, err
	}, `SELECT id, saved_at, saved_name, accounts, locked_out, already, people FROM simulation
		WHERE wave_id = $1 AND phase = $2 ORDER BY saved_at DESC, id DESC LIMIT $3`, s.Wave, int(s.Phase), maxSaved)
	if err != nil {
		return nil, fmt.Errorf("list saved simulations: %w", err)
	}
	return list, nil
}

// Since gives the accounts of those who would be locked out now and were not when a result was saved, and of those who
// were then and are not now, by their ids.
func (r *Result) Since(s Saved) (added, gone []string, err error) {
	before, err := unpacked(s.people)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range r.LockedOut {
		if before[p.Account] {
			delete(before, p.Account)
		} else {
			added = append(added, p.Account)
		}
	}
	return added, slices.Sorted(maps.Keys(before)), nil
}

func packed(list []Person) ([]byte, error) {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	for _, p := range list {
		if _, err := io.WriteString(z, p.Account+"\n"); err != nil {
			return nil, fmt.Errorf("pack a simulation: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("pack a simulation: %w", err)
	}
	return out.Bytes(), nil
}

// maxPacked is the most that a saved result is unpacked to: a million ids.
const maxPacked = 64 << 20

func unpacked(people []byte) (map[string]bool, error) {
	z, err := gzip.NewReader(bytes.NewReader(people))
	if err != nil {
		return nil, fmt.Errorf("unpack a simulation: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(z, maxPacked))
	if err != nil {
		return nil, fmt.Errorf("unpack a simulation: %w", err)
	}
	found := map[string]bool{}
	for id := range strings.Lines(string(text)) {
		found[strings.TrimSuffix(id, "\n")] = true
	}
	return found, nil
}
