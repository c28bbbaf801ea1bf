package authenticator

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/tries"
)

// MaxWrongTries is how many wrong tries in a row lock an authenticator. NIST SP 800-63B-4 §3.2.2 allows
// 100; nobody needs that many.
const MaxWrongTries = 10

// WrongTry is the kind of event of a proof that was refused, and of the wrong tries at an authenticator.
const WrongTry audit.Kind = "authenticator.refused"

// wrongTries is how wrong tries lock an authenticator: for 5 minutes at first, then for twice as long each time.
var wrongTries = tries.Limit{WrongTry: WrongTry, Max: MaxWrongTries, First: 5 * time.Minute, Longest: time.Hour}

// At says where the wrong tries at an authenticator are counted that come from a browser.
func At(id string, browser tries.Browser) tries.At {
	return tries.At{Subject: Ref(id), Browser: browser.For(id)}
}

// Locked reports whether there were too many wrong tries. What they were made at may be nobody's, so that both are
// answered in the same way.
func Locked(ctx context.Context, r db.R, at tries.At) (bool, error) {
	c, err := wrongTries.Of(ctx, r, at)
	return c.Locked(r.Now()), err
}

// Refusal gives the event of a proof that was refused in the sign-in to a service, by the client's id; empty if it was
// in none.
func Refusal(id, reason, service string) audit.Event {
	return audit.Event{Kind: WrongTry, Subject: Ref(id), Reason: reason, After: tryAt(service)}
}

// tryAt says in an event where somebody tried; nothing if that is not known.
func tryAt(service string) any {
	if service == "" {
		return nil
	}
	return map[string]string{"client": service}
}

// reasonBarred is the reason in the event of a proof by an authenticator that may not be used.
const reasonBarred = "suspended, removed or locked"

var selectLocks = `SELECT a.id, ` + wrongTries.LastEnd("a.id") + ` FROM authenticator a
	WHERE a.uuid = $1 AND a.status <> 'removed'`

// lockRow is an authenticator with the end of the last of its locks.
type lockRow struct {
	id   string
	ends time.Time
}

// Locks gives, of the authenticators of a care identity that are locked now, when each is free again on every browser.
func Locks(ctx context.Context, r db.R, uuid string) (map[string]time.Time, error) {
	rows, err := db.All(ctx, r, func(scan db.Scanner) (l lockRow, err error) {
		err = scan(&l.id, db.At(&l.ends))
		return l, err
	}, selectLocks, uuid)
	if err != nil {
		return nil, fmt.Errorf("read locks of authenticators: %w", err)
	}
	locks := map[string]time.Time{}
	for _, l := range rows {
		if r.Now().Before(l.ends) {
			locks[l.id] = l.ends
		}
	}
	return locks, nil
}

// Unlock forgets an authenticator's wrong tries, wherever they were made, and has its owner told. The caller has made
// sure that the actor may do this.
func Unlock(ctx context.Context, w *db.W, id, reason string) error {
	if err := wrongTries.ForgetAll(ctx, w, Ref(id)); err != nil {
		return err
	}
	a, err := ByID(ctx, w, id)
	if err != nil {
		return err
	}
	if err := Tell(ctx, w, Notice{AuthenticatorID: id, UUID: a.UUID, Change: WasUnlocked}); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventUnlocked, Subject: Ref(id), Reason: reason})
}
