package wave

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/when"
)

const copyMembers = `INSERT INTO wave_start_member (start_id, account_id, phase, over_at)
	SELECT CAST($1 AS TEXT), m.account_id, CAST($2 AS BIGINT), CAST($5 AS BIGINT) FROM wave_member m
	WHERE m.wave_id = $3
		AND m.account_id > COALESCE((SELECT MAX(n.account_id) FROM wave_start_member n WHERE n.start_id = $1), '')
	ORDER BY m.account_id LIMIT $4`

// membersKept is how long it is kept who was in a wave at a start: while it can be undone, and 90 days more.
const membersKept = 120 * 24 * time.Hour

// SweepJob is the job that forgets who was in waves at starts of long ago. The starts stay, with how many these were.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "wave.sweep" }

const eventStartsSwept audit.Kind = "wave.start-swept"

// Work registers the job.
func Work(ws *job.Workers, d *db.DB) {
	over := db.Sweep{Table: "wave_start_member", Key: "start_id, account_id", Over: "over_at"}
	job.Forget(ws, SweepJob{}, job.Sweeper{DB: d, Tables: []db.Sweep{over}, Event: eventStartsSwept})
}

// CopyMembers adds the next accounts of a wave to the snapshot of a start, as a part of an Update, and says how many
// these were.
func CopyMembers(ctx context.Context, w *db.W, s Start, maxRows int) (int, error) {
	n, err := w.Exec(ctx, copyMembers, s.ID, int(s.From), s.Wave, maxRows, w.Now().Add(membersKept))
	if err != nil {
		return 0, fmt.Errorf("copy members of wave: %w", err)
	}
	if n == 0 {
		return 0, nil
	}
	return int(n), w.Record(ctx, audit.Event{Kind: eventStartPrepared, Subject: Ref(s.Wave), After: n})
}

// What makes a snapshot the same as the wave: those who joined while it was taken come in, those who left go out.
const (
	takeOut = `DELETE FROM wave_start_member WHERE start_id = $1 AND NOT EXISTS (SELECT 1 FROM wave_member m
		WHERE m.account_id = wave_start_member.account_id AND m.wave_id = $2)`
	putIn = `INSERT INTO wave_start_member (start_id, account_id, phase, over_at)
		SELECT CAST($1 AS TEXT), m.account_id, CAST($2 AS BIGINT), CAST($4 AS BIGINT) FROM wave_member m
		WHERE m.wave_id = $3
			AND NOT EXISTS (SELECT 1 FROM wave_start_member n WHERE n.start_id = $1 AND n.account_id = m.account_id)`
)

func settle(ctx context.Context, w *db.W, s Start) error {
	if _, err := w.Exec(ctx, takeOut, s.ID, s.Wave); err != nil {
		return fmt.Errorf("take those who left out of the snapshot: %w", err)
	}
	_, err := w.Exec(ctx, putIn, s.ID, int(s.From), s.Wave, w.Now().Add(membersKept))
	if err != nil {
		return fmt.Errorf("put those who joined into the snapshot: %w", err)
	}
	return nil
}

func (s Start) sealContext() string { return "wave_start/" + s.ID }

// sumOf gives the digest of a start with its snapshot, and how many accounts are in it.
func sumOf(ctx context.Context, r db.R, s Start) (sum []byte, members int, err error) {
	head, err := json.Marshal([]any{s.ID, s.Wave, s.From, s.To, s.At.UnixMilli(), s.By, s.Name, s.Reason})
	if err != nil {
		return nil, 0, fmt.Errorf("digest of start: %w", err)
	}
	h := sha256.New()
	h.Write(head)
	err = r.Each(ctx, func(scan db.Scanner) error {
		var id string
		var phase int64
		if err := scan(&id, &phase); err != nil {
			return err
		}
		members++
		_, err := fmt.Fprintf(h, "\n%q %d", id, phase)
		return err
	}, `SELECT account_id, phase FROM wave_start_member WHERE start_id = $1 ORDER BY account_id`, s.ID)
	if err != nil {
		return nil, 0, fmt.Errorf("read snapshot: %w", err)
	}
	return h.Sum(nil), members, nil
}

var (
	// ErrChanged answers whoever undoes a start whose snapshot is not what was sealed.
	ErrChanged = fault.SayCure(fault.Conflict,
		"The list of who was in the wave at this start is not the one that was sealed: somebody changed it in the "+
			"database. So the start is not undone.",
		"Tell whoever runs the system. You can move the wave back instead, which is for everybody who is in it now.")
	errOtherKey = fault.SayCure(fault.Conflict,
		"The list of who was in the wave at this start was sealed under a master key that is not here. So the start "+
			"is not undone.",
		"Bring the master key of that time back into its file. You can move the wave back instead, which is for "+
			"everybody who is in it now.")
)

// Verify checks that a start and its snapshot are what was sealed.
func (s Start) Verify(ctx context.Context, r db.R, box *seal.Box) error {
	sealed, err := box.Open(s.seal, s.sealContext())
	if errors.Is(err, seal.ErrOtherKey) && len(s.seal) > 0 {
		return errOtherKey
	}
	if err != nil {
		return ErrChanged
	}
	sum, members, err := sumOf(ctx, r, s)
	if err == nil && (!bytes.Equal(sum, sealed) || members != s.Members) {
		err = ErrChanged
	}
	return err
}

// Difference is how a wave differs from the snapshot of a start.
type Difference struct {
	Staying int      // accounts that are in the wave still
	Left    []string // ids of those that are in another wave now, the first MaxLeft of them
	LeftAll int      // how many these are
	Joined  int      // accounts that joined since
}

// MaxLeft is how many accounts are named that left a wave since a start.
const MaxLeft = 100

const (
	countStaying = `SELECT COUNT(*) FROM wave_start_member n JOIN wave_member m ON m.account_id = n.account_id
		AND m.wave_id = $2 WHERE n.start_id = $1`
	hasLeft = ` FROM wave_start_member n WHERE n.start_id = $1 AND NOT EXISTS (SELECT 1 FROM wave_member m
		WHERE m.account_id = n.account_id AND m.wave_id = $2)`
	hasJoined = ` FROM wave_member m WHERE m.wave_id = $2 AND NOT EXISTS (SELECT 1 FROM wave_start_member n
		WHERE n.start_id = $1 AND n.account_id = m.account_id)`
)

// Since compares a wave with the snapshot of a start.
func (s Start) Since(ctx context.Context, r db.R) (d Difference, err error) {
	for _, one := range []struct {
		into  *int
		query string
	}{
		{&d.Staying, countStaying},
		{&d.LeftAll, `SELECT COUNT(*)` + hasLeft},
		{&d.Joined, `SELECT COUNT(*)` + hasJoined},
	} {
		if *one.into, err = db.Value[int](ctx, r, one.query, s.ID, s.Wave); err != nil {
			return d, fmt.Errorf("compare wave with snapshot: %w", err)
		}
	}
	d.Left, err = db.All(ctx, r, db.Column[string], `SELECT n.account_id`+hasLeft+` ORDER BY n.account_id LIMIT $3`,
		s.ID, s.Wave, MaxLeft)
	if err != nil {
		return d, fmt.Errorf("list who left wave: %w", err)
	}
	return d, nil
}

// PutApart moves the next accounts that joined a wave since a start into a wave of their own, which is as theirs was,
// as a part of an Update. It says how many these were.
func PutApart(ctx context.Context, w *db.W, s Start, maxRows int) (int, error) {
	ids, err := db.All(ctx, w, db.Column[string], `SELECT m.account_id`+hasJoined+` ORDER BY m.account_id LIMIT $3`,
		s.ID, s.Wave, maxRows)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	apart, err := apartOf(ctx, w, s)
	if err != nil {
		return 0, err
	}
	var args db.Arguments
	into := args.Add(apart)
	_, err = w.Exec(ctx, `UPDATE wave_member SET wave_id = `+into+` WHERE account_id IN (`+db.AddEach(&args, ids)+`)`,
		args.List()...)
	if err != nil {
		return 0, fmt.Errorf("put accounts apart: %w", err)
	}
	return len(ids), w.Record(ctx, audit.Event{Kind: eventPutApart, Subject: Ref(s.Wave), Before: ids, After: apart})
}

// apartOf gives the wave into which those are put who joined since a start. It is made for the first of them, with the
// phase of the wave that they were in, paused where that is, with its days of guidance and of work, and with the time
// at which its passwords ended: no session comes back.
func apartOf(ctx context.Context, w *db.W, s Start) (string, error) {
	if s.Apart != "" {
		return s.Apart, nil
	}
	of, err := ByID(ctx, w, s.Wave)
	if err != nil {
		return "", err
	}
	called, err := apartName(ctx, w, of.Name, s)
	if err != nil {
		return "", err
	}
	id, err := Add(ctx, w, Wave{Name: called, Phase: of.Phase, Dates: of.Dates, PasswordsEnded: of.PasswordsEnded,
		Allowance: of.Allowance})
	if err != nil {
		return "", err
	}
	if !of.Pause.At.IsZero() {
		if err := SetPause(ctx, w, id, of.Pause.Reason); err != nil {
			return "", err
		}
	}
	if of.Guidance.Set {
		if err := SetGuidance(ctx, w, id, of.Guidance.Days, "As in the wave "+of.Name); err != nil {
			return "", err
		}
	}
	if err := w.Change(ctx, `UPDATE wave_start SET apart_wave = $2 WHERE id = $1`, s.ID, id); err != nil {
		return "", fmt.Errorf("note wave of those put apart: %w", err)
	}
	return id, nil
}

// apartName names the wave of those who joined another after a start.
func apartName(ctx context.Context, r db.R, of string, s Start) (string, error) {
	base := fmt.Sprintf("%.60s, joined after %s", of, when.Date(s.At))
	called := base
	for n := 2; ; n++ {
		taken, err := db.Value[int](ctx, r, `SELECT COUNT(*) FROM wave WHERE name = $1`, called)
		if err != nil {
			return "", fmt.Errorf("name wave of those put apart: %w", err)
		}
		if taken == 0 {
			return called, nil
		}
		called = fmt.Sprintf("%s (%d)", base, n)
	}
}
