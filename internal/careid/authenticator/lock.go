package authenticator

import (
	"context"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// MaxWrongTries is how many wrong tries in a row lock an authenticator. NIST SP 800-63B-4 §3.2.2 allows 100; nobody
// needs that many.
const MaxWrongTries = 10

// WrongTry is the kind of event, and of counter, of a proof that was refused.
const WrongTry audit.Kind = "authenticator.refused"

// Locked reports whether there were too many wrong tries at a subject. The subject is an authenticator's id, or a name
// made up for an address that has none, so that both are answered in the same way.
func Locked(ctx context.Context, r db.R, subject string) (bool, error) {
	c, err := db.Counted(ctx, r, WrongTry, subject)
	return c.N >= MaxWrongTries, err
}

// Refusal gives the event of a refused proof, which counts as a wrong try.
func Refusal(id, reason string) audit.Event {
	return audit.Event{Kind: WrongTry, Subject: Ref(id), Reason: reason}
}

// forgetWrongTries lets an authenticator's wrong tries be counted from none again.
func forgetWrongTries(ctx context.Context, w *db.W, id string) error {
	return db.ClearCount(ctx, w, WrongTry, id)
}

// Unlock forgets an authenticator's wrong tries, for somebody who helps its owner.
func Unlock(ctx context.Context, d *db.DB, by actor.Actor, id, reason string) error {
	return d.Update(ctx, by, func(w *db.W) error {
		if _, err := ByID(ctx, w, id); err != nil {
			return err
		}
		if err := forgetWrongTries(ctx, w, id); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventUnlocked, Subject: Ref(id), Reason: reason})
	})
}
