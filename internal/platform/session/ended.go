package session

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// Reason is why a session ended. Sites have reasons of their own beside those of this package.
type Reason string

// The reasons of this package. Where it is not known any more, the session ended by time.
const (
	NotKnown Reason = ""
	Unused   Reason = "unused"  // for too long
	TooOld   Reason = "too-old" // it lasted for as long as any may
	Surplus  Reason = "surplus" // its subject had too many
	Over     Reason = "over"    // it was not to last as long as others
)

// endedLife is how long it is kept why a session was ended: longer than any session lasts.
const endedLife = 7 * 24 * time.Hour

// endAll ends the sessions that match a condition, in which the site is $1 and args follow, and keeps the reason. It
// says how many there were.
func (k Kind[T]) endAll(ctx context.Context, w *db.W, reason Reason, where string, args ...any) (int64, error) {
	args = append([]any{k.Site}, args...)
	if err := k.keepReason(ctx, w, reason, where, args...); err != nil {
		return 0, err
	}
	return w.Exec(ctx, `DELETE FROM session WHERE `+where, args...)
}

// keepReason keeps why the sessions end that match a condition.
func (k Kind[T]) keepReason(ctx context.Context, w *db.W, reason Reason, where string, args ...any) error {
	reasonAt := strconv.Itoa(len(args) + 1)
	overAt := strconv.Itoa(len(args) + 2)
	keep := `INSERT INTO session_ended (session_id, secret_digest, reason, over_at)
		SELECT id, secret_digest, CAST($` + reasonAt + ` AS TEXT), CAST($` + overAt + ` AS BIGINT)
		FROM session WHERE ` + where
	err := w.Soon(ctx, keep, append(args[:len(args):len(args)], string(reason), w.Now().Add(endedLife))...)
	if err != nil {
		return fmt.Errorf("keep why sessions end: %w", err)
	}
	return nil
}

const selectReason = `SELECT reason FROM session_ended WHERE session_id = $1 AND secret_digest = $2`

// Ending gives the reason why the session ended that a cookie's value stands for.
func (k Kind[T]) Ending(ctx context.Context, r db.R, cookie string) (Reason, error) {
	id, secret, _ := strings.Cut(cookie, ".")
	reason, err := db.Value[string](ctx, r, selectReason, id, random.Digest(secret))
	if err == nil {
		return Reason(reason), nil
	}
	if !errors.Is(err, fault.NotFound) {
		return NotKnown, fmt.Errorf("read why a session ended: %w", err)
	}
	list, err := db.All(ctx, r, scanStored[T], selectSession+` AND s.id = $2`, k.Site, id)
	if err != nil {
		return NotKnown, fmt.Errorf("read a session that ended: %w", err)
	}
	if len(list) == 0 || subtle.ConstantTimeCompare(list[0].digest, random.Digest(secret)) != 1 ||
		list[0].Live(r.Now()) {
		return NotKnown, nil
	}
	if list[0].Used.Add(list[0].Idle).Before(list[0].Ends) {
		return Unused, nil
	}
	if list[0].Ends.Before(list[0].Begun.Add(k.Max)) {
		return Over, nil
	}
	return TooOld, nil
}
