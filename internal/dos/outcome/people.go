package outcome

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/db"
)

// grace is how long somebody who was turned away may take to link, which takes minutes, before they are locked out.
const grace = 30 * time.Minute

// lockedOut finds whoever was turned away at the door with the right password, and has neither come in nor linked
// within the grace or since.
func lockedOut(args *db.Arguments, waveID string, since, now time.Time) string {
	var outcomes []string
	for _, o := range signin.TurnedAway() {
		outcomes = append(outcomes, string(o))
	}
	return ` FROM outcome_person p WHERE p.wave_id = ` + args.Add(waveID) + ` AND p.outcome IN (` +
		db.AddEach(args, outcomes) + `) AND p.last_at >= ` + args.Add(atOrFirst(since)) + ` AND p.first_at <= ` +
		args.Add(now.Add(-grace)) + ` AND ` + account.StillOut("p.person") + `
		AND NOT EXISTS (SELECT 1 FROM outcome_person e WHERE e.person = p.person AND e.last_at > p.first_at
			AND e.outcome IN (` + db.AddEach(args, []string{string(signin.Enter), string(Linked)}) + `))`
}

// atOrFirst gives a time that a query compares with: the beginning of all where it is not known.
func atOrFirst(t time.Time) time.Time {
	if t.IsZero() {
		return time.UnixMilli(0)
	}
	return t
}

// CountLockedOut counts the people of a wave who are locked out and tried to come in since a time.
func CountLockedOut(ctx context.Context, r db.R, waveID string, since time.Time) (int, error) {
	var args db.Arguments
	from := lockedOut(&args, waveID, since, r.Now())
	n, err := db.Value[int](ctx, r, `SELECT COUNT(DISTINCT p.person)`+from, args.List()...)
	if err != nil {
		return 0, fmt.Errorf("count who is locked out: %w", err)
	}
	return n, nil
}

// LockedOut lists the ids of people's accounts whom CountLockedOut counts, at most limit of them, who came last first.
func LockedOut(ctx context.Context, r db.R, waveID string, since time.Time, limit int) ([]string, error) {
	var args db.Arguments
	from := lockedOut(&args, waveID, since, r.Now())
	ids, err := db.All(ctx, r, db.Column[string], `SELECT p.person`+from+` GROUP BY p.person
		ORDER BY MAX(p.last_at) DESC, p.person LIMIT `+args.Add(limit), args.List()...)
	if err != nil {
		return nil, fmt.Errorf("list who is locked out: %w", err)
	}
	return ids, nil
}

// CountRefused counts the people of a wave who came with the Care Identity that is linked to their account, and were
// not let in, since a time.
func CountRefused(ctx context.Context, r db.R, waveID string, since time.Time) (int, error) {
	var args db.Arguments
	var outcomes []string
	for _, o := range signin.Refusals() {
		if o != signin.NoAccount {
			outcomes = append(outcomes, string(o))
		}
	}
	n, err := db.Value[int](ctx, r, `SELECT COUNT(DISTINCT person) FROM outcome_person WHERE wave_id = `+
		args.Add(waveID)+` AND outcome IN (`+db.AddEach(&args, outcomes)+`) AND last_at >= `+args.Add(atOrFirst(since)),
		args.List()...)
	if err != nil {
		return 0, fmt.Errorf("count who was refused: %w", err)
	}
	return n, nil
}
