package authenticator

import (
	"context"

	"signpost/internal/platform/db"
)

// Change says what was done to somebody's authenticators, of which they are told.
type Change string

// The changes.
const (
	WasAdded     Change = "added"
	WasSuspended Change = "suspended"
	WasRestored  Change = "restored"
	WasRemoved   Change = "removed"
	WasUnlocked  Change = "unlocked" // the lock after wrong tries was ended
	WasPassMade  Change = "pass-made"
	WasPassUsed  Change = "pass-used"

	WasCardRenewed  Change = "card-renewed"  // a smartcard has another certificate
	WasCardUnlocked Change = "card-unlocked" // a smartcard has another PIN

	IsUnusedDay   Change = "unused-day" // it was not used within a day after it was added
	IsUnusedWeek  Change = "unused-week"
	IsUnusedMonth Change = "unused-month"
)

// Changes lists the changes.
func Changes() []Change {
	return []Change{WasAdded, WasSuspended, WasRestored, WasRemoved, WasUnlocked, WasPassMade, WasPassUsed,
		WasCardRenewed, WasCardUnlocked, IsUnusedDay, IsUnusedWeek, IsUnusedMonth}
}

// statusChanges gives the change by which an authenticator gets a status.
var statusChanges = map[Status]Change{Active: WasRestored, Suspended: WasSuspended, Removed: WasRemoved}

// Notice is the job that tells somebody, at every address that is known to be theirs, of a change to their
// authenticators.
type Notice struct {
	UUID            string
	AuthenticatorID string // empty where it is about a pass
	Change          Change
	Proved          string `json:",omitempty"` // an address of which they have just shown that they read it
	Language        string `json:",omitempty"` // the tag of theirs; empty where it is not known
}

// Kind names the job.
func (Notice) Kind() string { return "authenticator.notice" }

// Tell has somebody told of a change, when the Update that makes it commits.
func Tell(ctx context.Context, w *db.W, n Notice) error { return w.Enqueue(ctx, n) }
