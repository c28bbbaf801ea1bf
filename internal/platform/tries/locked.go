package tries

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/when"
)

// RefuseLocked refuses whatever is tried while the subject is locked until a time. It does not count as a wrong try:
// who waits until the end of the lock begins again.
func RefuseLocked(ctx context.Context, w *db.W, at At, e audit.Event, until time.Time, refusal error) error {
	leave := func(ctx context.Context) error { return RecordLocked(ctx, w, at, e, until) }
	return w.RefuseLeaving(ctx, refusal, leave)
}

const countLocked = `INSERT INTO locked_try
	(kind, subject_kind, subject, browser, reason, nobody, n, first_at, last_at, ends_at)
	VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $7, $8)
	ON CONFLICT (kind, subject, browser) DO UPDATE SET n = locked_try.n + 1, last_at = $7 RETURNING n`

// RecordLocked leaves what RefuseLocked leaves, for an Update that leaves more: the event of the first try until that
// time, and a count of the others, of which TellJob records one event later. Of nobody there is the count alone, so
// that it is as much work.
func RecordLocked(ctx context.Context, w *db.W, at At, e audit.Event, until time.Time) error {
	_, err := recordLocked(ctx, w, at, e, until)
	return err
}

// recordLocked is RecordLocked. It reports whether the try has an event of its own.
func recordLocked(ctx context.Context, w *db.W, at At, e audit.Event, until time.Time) (own bool, err error) {
	n, err := db.Value[int64](ctx, w, countLocked, string(e.Kind), e.Subject.Kind, e.Subject.ID, at.Browser, e.Reason,
		at.Nobody, w.Now(), until)
	if err != nil {
		return false, fmt.Errorf("count a try while locked: %w", err)
	}
	if n > 1 || at.Nobody {
		return false, nil
	}
	return true, w.RecordRefusal(ctx, e)
}

// Record records the event of what was refused to whoever has proved nothing, as long as there are few. Once there were
// as many as lock the subject, it leaves what RecordLocked leaves. It reports whether there is an event of this one.
func (l Limit) Record(ctx context.Context, w *db.W, at At, e audit.Event) (own bool, err error) {
	c, err := l.Of(ctx, w, at)
	if err != nil {
		return false, err
	}
	if c.Locked(w.Now()) {
		return recordLocked(ctx, w, at, e, c.Until)
	}
	if err := l.count(ctx, w, at); err != nil {
		return false, err
	}
	return true, w.RecordRefusal(ctx, e)
}

// More says how often there was another try like one of which there is an event.
type More struct {
	Tries int64     `json:"more tries"`
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
}

// MoreIn reads it from an event that tells of more tries. There are none in other events.
func MoreIn(e audit.Entry) (m More) {
	if err := json.Unmarshal(e.After, &m); err != nil {
		return More{} // other events have other data
	}
	return m
}

// Text says it after what is said of one try, or says nothing if there were no more.
func (m More) Text() string {
	if m.Tries == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d more times, from %s to %s)", m.Tries, when.DateTime(m.First), when.DateTime(m.Last))
}

// lockedRow is a row of locked_try.
type lockedRow struct {
	event       audit.Event
	nobody      bool
	n           int64
	first, last time.Time
}

func scanLocked(scan db.Scanner) (l lockedRow, err error) {
	err = scan(&l.event.Kind, &l.event.Subject.Kind, &l.event.Subject.ID, &l.event.Reason, &l.nobody, &l.n,
		db.At(&l.first), db.At(&l.last))
	return l, err
}

// toldAtOnce is how many subjects' tries one Update tells of.
const toldAtOnce = 100

const takeLocked = `DELETE FROM locked_try WHERE (kind, subject, browser) IN
	(SELECT kind, subject, browser FROM locked_try WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2)
	RETURNING kind, subject_kind, subject, reason, nobody, n, first_at, last_at`

// tell records one event for all the tries at each subject whose lock has ended, but the first, which has its own.
func tell(ctx context.Context, w *db.W) (told int, err error) {
	list, err := db.All(ctx, w, scanLocked, takeLocked, w.Now(), toldAtOnce)
	if err != nil {
		return 0, fmt.Errorf("read tries while locked: %w", err)
	}
	for _, l := range list {
		if l.nobody || l.n == 1 {
			continue
		}
		l.event.After = More{Tries: l.n - 1, First: l.first, Last: l.last}
		if err := w.RecordRefusal(ctx, l.event); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}
