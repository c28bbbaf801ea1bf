// Package wave keeps the groups of accounts that move from passwords to Care Identity together: which
// accounts belong to a wave, its phase and its dates.
//
// It does not know what a phase means for signing in, or what a person has to do.
package wave

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/when"
)

// The kinds of events that this package records.
const (
	eventAdded    audit.Kind = "wave.added"
	eventJoined   audit.Kind = "wave.joined"
	eventPhaseSet audit.Kind = "wave.phase-set"
)

// Wave is a group of accounts that move together.
type Wave struct {
	ID    string
	Name  string
	Phase path.Phase
	Dates Dates
	// PasswordsEnded is when the wave last entered a phase in which nobody can sign in with a password; zero if
	// it never did.
	PasswordsEnded time.Time
	Since          time.Time // when it entered its phase; zero if that is not known
	Pause          Pause
	Resumed        time.Time // when its last pause ended; zero if there was none
	// Guidance is for how many days everybody is to have had the guidance for a phase before the wave enters it.
	Guidance GuidanceDays
	// Allowance is for how many days that somebody works their password still opens the directory in Require.
	Allowance int
	// Exception is until when passwords work for the account as in Choose, whose wave was read, if its own phase is a
	// later one; zero for none.
	Exception time.Time
}

// GuidanceDays is a number of days, if somebody has set it for the wave.
type GuidanceDays struct {
	Set  bool
	Days int
}

// CountsFrom gives since when it is counted what became of logins in the phase: from its beginning, or since somebody
// last ended a pause.
func (v Wave) CountsFrom() time.Time {
	if v.Resumed.After(v.Since) {
		return v.Resumed
	}
	return v.Since
}

// Dates are the times at which a wave changes phase. A zero time is not known.
type Dates struct {
	Choose  time.Time // linking opens
	Require time.Time // the password stops signing people in
	Close   time.Time // the password no longer has any use
}

// Worded gives the days with the words that people read.
func (d Dates) Worded() path.Dates {
	return path.Dates{Choose: worded(d.Choose), Require: worded(d.Require), Close: worded(d.Close)}
}

// Worded gives the days of a wave as it is for an account: with the time of day, where they end an exception.
func (v Wave) Worded() path.Dates {
	dates := v.Dates.Worded()
	if !v.Exception.IsZero() {
		dates.Require.Text = when.DateTime(v.Exception)
	}
	return dates
}

func worded(t time.Time) path.Date {
	if t.IsZero() {
		return path.Date{}
	}
	return path.Date{At: t, Text: when.Date(t)}
}

const insertWave = `INSERT INTO wave (id, name, phase, choose_at, require_at, close_at, passwords_ended_at, phase_at,
	allowance) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

// Add makes a wave, as a part of an Update, and gives its id.
func Add(ctx context.Context, w *db.W, v Wave) (string, error) {
	v.ID = random.ID()
	if v.Phase >= path.Require && v.PasswordsEnded.IsZero() {
		v.PasswordsEnded = w.Now()
	}
	_, err := w.Exec(ctx, insertWave, v.ID, v.Name, int(v.Phase), v.Dates.Choose, v.Dates.Require, v.Dates.Close,
		v.PasswordsEnded, w.Now(), v.Allowance)
	if err != nil {
		return "", fmt.Errorf("add wave %s: %w", v.Name, err)
	}
	return v.ID, w.Record(ctx, audit.Event{Kind: eventAdded, Subject: Ref(v.ID), After: v})
}

const putMember = `INSERT INTO wave_member (account_id, wave_id) VALUES ($1, $2) ON CONFLICT (account_id) DO UPDATE
	SET wave_id = $2`

// Join moves an account into a wave, out of any other, as a part of an Update.
func Join(ctx context.Context, w *db.W, accountID, waveID string) error {
	if _, err := w.Exec(ctx, putMember, accountID, waveID); err != nil {
		return fmt.Errorf("join wave: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventJoined, Subject: account.Ref(accountID), After: waveID})
}

// withoutPassword is the wave of accounts that never had a password, which move nowhere.
const withoutPassword = "Accounts without a password"

// JoinWithoutPassword puts an account into the wave of those that never had a password, as a part of an Update. The
// wave is made for the first of them; its passwords have ended.
func JoinWithoutPassword(ctx context.Context, w *db.W, accountID string) error {
	id, err := WithoutPassword(ctx, w)
	if err == nil && id == NoWave {
		id, err = Add(ctx, w, Wave{Name: withoutPassword, Phase: path.Closed})
	}
	if err != nil {
		return fmt.Errorf("join wave: %w", err)
	}
	return Join(ctx, w, accountID, id)
}

// Early gives the day on which people were told that the wave enters its phase, if that day has still to come; zero if
// it has come, or was never set.
func (v Wave) Early(now time.Time) time.Time {
	days := map[path.Phase]time.Time{
		path.Choose: v.Dates.Choose, path.Require: v.Dates.Require, path.Closed: v.Dates.Close,
	}
	if day := days[v.Phase]; now.Before(day) {
		return day
	}
	return time.Time{}
}

// NoWave is the id that no wave has.
const NoWave = "none"

// WithoutPassword gives the id of the wave of accounts that never had a password, or NoWave if there is none yet.
func WithoutPassword(ctx context.Context, r db.R) (string, error) {
	id, err := db.Value[string](ctx, r, `SELECT id FROM wave WHERE name = $1 AND phase = $2`, withoutPassword,
		int(path.Closed))
	if errors.Is(err, fault.NotFound) {
		return NoWave, nil
	}
	if err != nil {
		return "", fmt.Errorf("find wave of accounts without a password: %w", err)
	}
	return id, nil
}

const (
	waveColumns = `w.id, w.name, w.phase, w.choose_at, w.require_at, w.close_at, w.passwords_ended_at, w.phase_at,
		w.paused_at, w.paused_name, w.paused_reason, COALESCE(w.guidance_days, -1), w.allowance, w.resumed_at`
	selectWave = `SELECT ` + waveColumns + ` FROM wave w`
)

func scanWave(scan db.Scanner) (v Wave, err error) {
	var phase, days int64
	err = scan(&v.ID, &v.Name, &phase, db.At(&v.Dates.Choose), db.At(&v.Dates.Require), db.At(&v.Dates.Close),
		db.At(&v.PasswordsEnded), db.At(&v.Since), db.At(&v.Pause.At), &v.Pause.Name, &v.Pause.Reason, &days,
		&v.Allowance, db.At(&v.Resumed))
	if days >= 0 {
		v.Guidance = GuidanceDays{Set: true, Days: int(days)}
	}
	v.Phase = path.Phase(phase)
	return v, err
}

const exceptedColumns = waveColumns + `, x.ends_at`

// joinExcepted joins waves, their members and the exceptions that have not ended at a time.
func joinExcepted(now string) string {
	return ` FROM wave w JOIN wave_member m ON m.wave_id = w.id
		LEFT JOIN wave_exception x ON x.account_id = m.account_id AND x.ends_at > ` + now + `
			AND ` + account.HasToLink("x.account_id")
}

var selectOf = `SELECT ` + exceptedColumns + joinExcepted("$2") + ` WHERE m.account_id = $1`

// scanExcepted reads a wave as it is for an account: for one with an exception it is in Choose until that ends.
func scanExcepted(scan db.Scanner) (v Wave, err error) {
	var ends time.Time
	v, err = scanWave(func(to ...any) error { return scan(append(to, db.At(&ends))...) })
	if !ends.IsZero() && v.Phase > path.Choose {
		v.Phase = path.Choose
		v.Exception = ends
		v.Dates.Require = ends
		v.Allowance = 0
	}
	return v, err
}

// Of reads the wave of an account, as it is for that account. An account without a wave is in the prepare phase.
func Of(ctx context.Context, r db.R, accountID string) (Wave, error) {
	v, err := db.One(ctx, r, scanExcepted, selectOf, accountID, r.Now())
	if errors.Is(err, fault.NotFound) {
		return Wave{Phase: path.Prepare}, nil
	}
	if err != nil {
		return v, fmt.Errorf("read wave: %w", err)
	}
	return v, nil
}

const setPhase = `UPDATE wave SET phase = $2, passwords_ended_at = $3, phase_at = $4 WHERE id = $1`

// SetPhase moves a wave forward or back, as a part of an Update. When it enters a phase without passwords, sessions
// that began with a password end. Moving back restores neither those sessions nor the passwords of accounts that have
// been linked. Package administration decides who moves it, and when it must not be moved.
func SetPhase(ctx context.Context, w *db.W, waveID string, to path.Phase, reason string) error {
	if to < path.Prepare || to > path.Closed {
		return fault.OfField("phase", "Choose prepare, choose, require or closed")
	}
	before, err := ByID(ctx, w, waveID)
	if err != nil {
		return err
	}
	ended := before.PasswordsEnded
	if before.Phase < path.Require && to >= path.Require {
		ended = w.Now()
	}
	if err := w.Change(ctx, setPhase, waveID, int(to), ended, w.Now()); err != nil {
		return fmt.Errorf("set phase: %w", err)
	}
	return w.Record(ctx, audit.Event{
		Kind: eventPhaseSet, Subject: Ref(waveID), Before: before.Phase, After: to, Reason: reason,
	})
}

// Ref names a wave in events.
func Ref(id string) audit.Ref { return audit.Ref{Kind: "wave", ID: id} }
