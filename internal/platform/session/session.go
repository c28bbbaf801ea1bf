// Package session keeps who is signed in to a site, and flows that are under way, as rows.
//
// A browser holds an id and a secret; the row holds the id and the secret's SHA-256, so that a copy
// of the table lets nobody in. A session ends when it has been idle too long, when it has lasted too
// long, or when somebody ends it, by its id, its subject, or the sid of the provider's session it came
// from; whoever comes with one that was ended can be told why. What is in a session or flow is the
// site's own type.
package session

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// Kind is one site's sessions, with what the site keeps in them.
type Kind[T any] struct {
	Site string        // tells the sites of one database apart
	Idle time.Duration // ends a session that is not used; a session may be given another at Begin
	Max  time.Duration // ends any session
}

// Session is one sign-in on one browser.
type Session[T any] struct {
	ID      string
	Subject string // whose it is: an account id or a care identity
	SID     string // the provider's name for the sign-in it came from; may be empty
	State   T
	Begun   time.Time
	Used    time.Time // last use, at a minute's precision
	Ends    time.Time // its absolute end
	Idle    time.Duration
}

// New holds what a session begins with.
type New[T any] struct {
	Subject string
	SID     string
	State   T
	Idle    time.Duration // zero for the kind's own
	Ends    time.Time     // if it may not last as long as others of its kind
}

const insertSession = `INSERT INTO session
	(id, site, secret_digest, subject, sid, state, begun_at, ends_at, idle_millis, over_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

// Begin makes a session and gives the value for the browser's cookie. Every sign-in begins a new one,
// so that a cookie planted before it is worth nothing. The caller records the event.
func (k Kind[T]) Begin(ctx context.Context, w *db.W, n New[T]) (cookie string, err error) {
	state, err := json.Marshal(n.State)
	if err != nil {
		return "", fmt.Errorf("begin session: %w", err)
	}
	if n.Idle == 0 {
		n.Idle = k.Idle
	}
	ends := w.Now().Add(k.Max)
	if !n.Ends.IsZero() && n.Ends.Before(ends) {
		ends = n.Ends
	}
	id := random.ID()
	secret := random.Secret()
	err = w.Soon(ctx, insertSession, id, k.Site, random.Digest(secret), n.Subject, n.SID, string(state),
		w.Now(), ends, n.Idle.Milliseconds(), w.Now().Add(min(n.Idle, ends.Sub(w.Now()))))
	if err != nil {
		return "", fmt.Errorf("begin session: %w", err)
	}
	return id + "." + secret, nil
}

const selectSession = `SELECT s.id, s.subject, s.sid, s.state, s.begun_at, s.ends_at, s.idle_millis,
	COALESCE(u.used_at, s.begun_at), s.secret_digest
	FROM session s LEFT JOIN session_use u ON u.session_id = s.id WHERE s.site = $1`

// Find gives the session that a cookie's value stands for, or fault.Unauthenticated when there is
// none, it has ended, or the secret is not its.
func (k Kind[T]) Find(ctx context.Context, r db.R, cookie string) (Session[T], error) {
	id, secret, found := strings.Cut(cookie, ".")
	if !found {
		return Session[T]{}, fault.Unauthenticated
	}
	list, err := db.All(ctx, r, scanStored[T], selectSession+` AND s.id = $2`, k.Site, id)
	if err != nil {
		return Session[T]{}, fmt.Errorf("find session: %w", err)
	}
	if len(list) == 0 || subtle.ConstantTimeCompare(list[0].digest, random.Digest(secret)) != 1 ||
		!list[0].Live(r.Now()) {
		return Session[T]{}, fault.Unauthenticated
	}
	return list[0].Session, nil
}

// OfSubject lists the live sessions of a subject, the newest first.
func (k Kind[T]) OfSubject(ctx context.Context, r db.R, subject string) ([]Session[T], error) {
	list, err := db.All(ctx, r, scanStored[T], selectSession+` AND s.subject = $2 ORDER BY s.begun_at DESC, s.id`,
		k.Site, subject)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	var live []Session[T]
	for _, s := range list {
		if s.Live(r.Now()) {
			live = append(live, s.Session)
		}
	}
	return live, nil
}

// Live reports whether the session still holds at now.
func (s Session[T]) Live(now time.Time) bool {
	return now.Before(s.Ends) && now.Before(s.Used.Add(s.Idle))
}

// Left is how long the session still holds if it is not used, and whether use could not prolong that.
func (s Session[T]) Left(now time.Time) (left time.Duration, final bool) {
	idle := s.Used.Add(s.Idle).Sub(now)
	end := s.Ends.Sub(now)
	if end <= idle {
		return end, true
	}
	return idle, false
}

type stored[T any] struct {
	Session[T]
	digest []byte
}

func scanStored[T any](scan db.Scanner) (stored[T], error) {
	var s stored[T]
	var state string
	var idle int64
	err := scan(&s.ID, &s.Subject, &s.SID, &state, db.At(&s.Begun), db.At(&s.Ends), &idle, db.At(&s.Used), &s.digest)
	if err != nil {
		return s, err
	}
	s.Idle = time.Duration(idle) * time.Millisecond
	if err := json.Unmarshal([]byte(state), &s.State); err != nil {
		return s, fmt.Errorf("state of session: %w", err)
	}
	return s, nil
}

// Last use is written at most this often.
const useEvery = time.Minute

const markUse = `INSERT INTO session_use (session_id, used_at) VALUES ($1, $2)
	ON CONFLICT (session_id) DO UPDATE SET used_at = $2 WHERE session_use.used_at <= $3`

// Touch notes that the session was used at now, at most once a minute, and reports whether it did: of several requests
// at once one does.
func (s Session[T]) Touch(ctx context.Context, d *db.DB, now time.Time) (noted bool, err error) {
	if now.Before(s.Used.Add(useEvery)) {
		return false, nil
	}
	return db.Keep(ctx, d, func(k *db.K) (bool, error) {
		n, err := k.Exec(ctx, markUse, s.ID, now, now.Add(-useEvery))
		return n == 1, err
	})
}

// Change replaces what is in a session. The caller records the event.
func (k Kind[T]) Change(ctx context.Context, w *db.W, id string, state T) error {
	text, err := json.Marshal(state)
	if err != nil {
		return fmt.Errorf("change session: %w", err)
	}
	return w.Change(ctx, `UPDATE session SET state = $3 WHERE site = $1 AND id = $2`, k.Site, id, string(text))
}

// End ends one session, if it is there, of somebody who knows why. The caller records the event.
func (k Kind[T]) End(ctx context.Context, w *db.W, id string) (int64, error) {
	return w.Exec(ctx, `DELETE FROM session WHERE site = $1 AND id = $2`, k.Site, id)
}

// Replaced ends the session of a browser that has just begun a newer one, at the latest when the Update commits. If
// it has ended since it was read, the Update is fault.Conflict. The caller records the event.
//
// It comes after Begin, and the old session is read before the Update: two Updates that both looked into the page of
// an index before either added its new session to it would be in each other's way.
func (k Kind[T]) Replaced(ctx context.Context, w *db.W, id string) error {
	return w.ChangeSoon(ctx, `DELETE FROM session WHERE site = $1 AND id = $2`, k.Site, id)
}

// EndFor does what Replaced does for a session that ends before its time, and keeps why, so that its browser is told.
func (k Kind[T]) EndFor(ctx context.Context, w *db.W, id string, reason Reason) error {
	if err := k.keepReason(ctx, w, reason, `site = $1 AND id = $2`, k.Site, id); err != nil {
		return err
	}
	return k.Replaced(ctx, w, id)
}

// EndCookie ends the session that a cookie's value stands for, if it does, at the latest when the Update commits.
// Where a session begins in the same Update, it comes after that, as Replaced does. The caller records the event.
func (k Kind[T]) EndCookie(ctx context.Context, w *db.W, cookie string) error {
	id, secret, found := strings.Cut(cookie, ".")
	if !found {
		return nil
	}
	const endCookie = `DELETE FROM session WHERE site = $1 AND id = $2 AND secret_digest = $3`
	return w.Soon(ctx, endCookie, k.Site, id, random.Digest(secret))
}

// EndSubject ends all sessions of a subject and says how many there were.
func (k Kind[T]) EndSubject(ctx context.Context, w *db.W, subject string, reason Reason) (int64, error) {
	return k.endAll(ctx, w, reason, `site = $1 AND subject = $2`, subject)
}

// EndEarlier ends the sessions of a subject that had begun by a time, as an old event must not end a newer
// session, and says how many there were.
func (k Kind[T]) EndEarlier(
	ctx context.Context, w *db.W, subject string, begunBy time.Time, reason Reason,
) (int64, error) {
	return k.endAll(ctx, w, reason, `site = $1 AND subject = $2 AND begun_at <= $3`, subject, begunBy)
}

// EndSID ends the sessions that came from one sign-in at the provider and had begun by a time, and says how
// many there were.
func (k Kind[T]) EndSID(ctx context.Context, w *db.W, sid string, begunBy time.Time, reason Reason) (int64, error) {
	return k.endAll(ctx, w, reason, `site = $1 AND sid = $2 AND sid <> '' AND begun_at <= $3`, sid, begunBy)
}
