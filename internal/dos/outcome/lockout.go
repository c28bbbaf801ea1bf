package outcome

import (
	"context"
	"fmt"
	"slices"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/db"
)

// Grace is how long somebody who was turned away may take to link, which takes minutes, before they are locked out.
const Grace = 30 * time.Minute

const (
	turnAway = `INSERT INTO outcome_lockout (person, begun_at, last_at, tries, wave_id) VALUES ($1, $2, $2, 1, $3)
		ON CONFLICT (person) WHERE ended_at IS NULL DO UPDATE SET last_at = excluded.last_at,
			tries = outcome_lockout.tries + 1, wave_id = excluded.wave_id`
	letIn = `UPDATE outcome_lockout SET ended_at = $2 WHERE person = $1 AND ended_at IS NULL`
)

// follow notes of an attempt that somebody is turned away with the right password, or has come in or linked. Attempts
// come in the order of their time.
func follow(ctx context.Context, k *db.K, a Attempt) (err error) {
	switch {
	case slices.Contains(signin.TurnedAway(), a.Outcome):
		_, err = k.Exec(ctx, turnAway, a.Person, a.At, a.Wave.ID)
	case a.Outcome == signin.Enter || a.Outcome == Linked:
		_, err = k.Exec(ctx, letIn, a.Person, a.At)
	}
	if err != nil {
		return fmt.Errorf("note who is locked out: %w", err)
	}
	return nil
}

// lockedOut finds whoever is locked out now: turned away at the door with the right password, and neither come in nor
// linked within the grace or since.
func lockedOut(args *db.Arguments, waveID string, since, now time.Time) string {
	return ` FROM outcome_lockout p WHERE p.ended_at IS NULL AND p.wave_id = ` + args.Add(waveID) +
		` AND p.last_at >= ` + args.Add(atOrFirst(since)) + ` AND p.begun_at <= ` + args.Add(now.Add(-Grace)) +
		` AND ` + account.StillOut("p.person")
}

// CountLockedOut counts the people of a wave who are locked out and tried to come in since a time.
func CountLockedOut(ctx context.Context, r db.R, waveID string, since time.Time) (int, error) {
	var args db.Arguments
	from := lockedOut(&args, waveID, since, r.Now())
	n, err := db.Value[int](ctx, r, `SELECT COUNT(*)`+from, args.List()...)
	if err != nil {
		return 0, fmt.Errorf("count who is locked out: %w", err)
	}
	return n, nil
}

// LockedOut lists the ids of people's accounts whom CountLockedOut counts, at most limit of them, who came last first.
func LockedOut(ctx context.Context, r db.R, waveID string, since time.Time, limit int) ([]string, error) {
	var args db.Arguments
	from := lockedOut(&args, waveID, since, r.Now())
	ids, err := db.All(ctx, r, db.Column[string], `SELECT p.person`+from+` ORDER BY p.last_at DESC, p.person LIMIT `+
		args.Add(limit), args.List()...)
	if err != nil {
		return nil, fmt.Errorf("list who is locked out: %w", err)
	}
	return ids, nil
}

// Lockout is one time that somebody was locked out.
type Lockout struct {
	Account string    `json:"account"` // id
	Wave    string    `json:"wave"`    // id; empty for none
	Begun   time.Time `json:"begun"`
	Ended   time.Time `json:"ended,omitzero"` // zero while it lasts
	Tries   int       `json:"tries"`
}

// lockouts are those that are meant which lasted longer than the grace.
func (s Selection) lockouts(args *db.Arguments, now time.Time) string {
	longer := fmt.Sprint(Grace.Milliseconds())
	return ` FROM outcome_lockout p WHERE p.begun_at >= ` + args.Add(s.From) + ` AND p.begun_at < ` +
		args.Add(s.Until) + ` AND p.begun_at <= ` + args.Add(now.Add(-Grace)) +
		` AND (p.ended_at IS NULL OR p.ended_at - p.begun_at > ` + longer + `)` + s.wave(args) + ` AND ` +
		s.Within.HasAccount(args, "p.person")
}

// CountLockouts counts how often somebody was locked out, and how many people these were.
func CountLockouts(ctx context.Context, r db.R, s Selection) (times, people int, err error) {
	var args db.Arguments
	from := s.lockouts(&args, r.Now())
	counted, err := db.One(ctx, r, func(scan db.Scanner) (n [2]int, err error) {
		err = scan(&n[0], &n[1])
		return n, err
	}, `SELECT COUNT(*), COUNT(DISTINCT p.person)`+from, args.List()...)
	if err != nil {
		return 0, 0, fmt.Errorf("count lock-outs: %w", err)
	}
	return counted[0], counted[1], nil
}

// Lockouts lists the newest times that somebody was locked out.
func Lockouts(ctx context.Context, r db.R, s Selection, limit int) ([]Lockout, error) {
	var args db.Arguments
	from := s.lockouts(&args, r.Now())
	list, err := db.All(ctx, r, func(scan db.Scanner) (l Lockout, err error) {
		err = scan(&l.Account, &l.Wave, db.At(&l.Begun), db.At(&l.Ended), &l.Tries)
		return l, err
	}, `SELECT p.person, p.wave_id, p.begun_at, p.ended_at, p.tries`+from+` ORDER BY p.begun_at DESC, p.person LIMIT `+
		args.Add(limit), args.List()...)
	if err != nil {
		return nil, fmt.Errorf("list lock-outs: %w", err)
	}
	return list, nil
}
