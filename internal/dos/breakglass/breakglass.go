// Package breakglass opens emergency rights for somebody who came in with their Care Identity: who asks for them and
// why, who opens them with them, to whom that is told, when they end, and who reviews what was done.
//
// It is no way in, and what is opened gives nobody more power over people: package account says which rights these are.
package breakglass

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/widening"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
)

// State says how far a use of emergency rights has come.
type State string

// The states of a use.
const (
	Waiting   State = "waiting"   // for a second person
	Open      State = "open"      // the rights are there
	Ended     State = "ended"     // they were there, and nobody has reviewed their use
	Reviewed  State = "reviewed"  // somebody looked at what was done
	Declined  State = "declined"  // the second person did not open them
	Withdrawn State = "withdrawn" // whoever asked did not want them any more
	Lapsed    State = "lapsed"    // nobody opened them in time
)

// Use is one use of emergency rights, from the asking to the review.
type Use struct {
	ID              string
	AccountID       string
	Issuer, Subject string // of the Care Identity with which they asked
	Scope           account.Scope
	Reason          string
	State           State
	Asked           time.Time
	WaitsUntil      time.Time // until then a second person can open it
	Second          string    // the account of whoever opened or declined it with them; empty if nobody did
	Opened          time.Time
	Ends            time.Time // of what is open: when it ends by itself; otherwise when it ended
	EndedBy         string    // an account; empty if it ended by itself
	Reviewed        time.Time
	ReviewedBy      string
	Right           bool // the reviewer found it right
	Finding         string
	Reminded        time.Time
}

// The kinds of events that this package records, about the account of whoever asks.
const (
	eventAsked     audit.Kind = "breakglass.asked"
	eventOpened    audit.Kind = "breakglass.opened"
	eventDeclined  audit.Kind = "breakglass.declined"
	eventWithdrawn audit.Kind = "breakglass.withdrawn"
	eventLapsed    audit.Kind = "breakglass.lapsed"
	eventEnded     audit.Kind = "breakglass.ended"
	eventReviewed  audit.Kind = "breakglass.reviewed"
	eventReminded  audit.Kind = "breakglass.reminded"
	eventRefused   audit.Kind = "breakglass.refused"
)

// Office opens emergency rights, ends them and has their use reviewed.
type Office struct {
	DB     *db.DB
	Post   *mail.Post
	Home   string // address of the site, for links in mails
	Policy Policy
}

// Path is the path of the page of a use.
func Path(id string) string { return "/emergency-rights/" + id }

const selectUse = `SELECT id, account_id, issuer, subject, scope_kind, scope_id, reason, state, asked_at, waits_until,
	second_id, opened_at, ended_at, ended_by, reviewed_at, reviewed_by, right_use, finding, reminded_at
	FROM break_glass`

func scanUse(scan db.Scanner) (u Use, err error) {
	err = scan(&u.ID, &u.AccountID, &u.Issuer, &u.Subject, &u.Scope.Kind, &u.Scope.ID, &u.Reason, &u.State,
		db.At(&u.Asked), db.At(&u.WaitsUntil), &u.Second, db.At(&u.Opened), db.At(&u.Ends), &u.EndedBy,
		db.At(&u.Reviewed), &u.ReviewedBy, &u.Right, &u.Finding, db.At(&u.Reminded))
	return u, err
}

// ByID reads a use as it stands at this moment, or fault.NotFound.
func ByID(ctx context.Context, r db.R, id string) (Use, error) {
	u, err := db.One(ctx, r, scanUse, selectUse+` WHERE id = $1`, id)
	if err != nil {
		return u, fmt.Errorf("read use of emergency rights: %w", err)
	}
	return u.now(ctx, r)
}

// now gives a use as it stands at this moment, whether that was noted already or not.
func (u Use) now(ctx context.Context, r db.R) (Use, error) {
	switch {
	case u.State == Waiting && !r.Now().Before(u.WaitsUntil):
		u.State = Lapsed
	case u.State == Open:
		rights, err := widening.ByID(ctx, r, u.ID)
		if err != nil && !errors.Is(err, fault.NotFound) {
			return u, err
		}
		u.Ends = rights.Ends
		if !rights.OpenAt(r.Now()) {
			u.State = Ended
		}
	}
	return u, nil
}

// maxUses is how many uses a list has.
const maxUses = 200

const undone = ` WHERE state IN ('waiting', 'open', 'ended') AND (asked_at, id) > ($2, $3)
	ORDER BY asked_at, id LIMIT $1`

// Undone lists all uses of which nobody has noted that nothing is to be done about them any more, the oldest first.
func Undone(ctx context.Context, r db.R) (all []Use, err error) {
	last := Use{Asked: time.Unix(0, 0)}
	for {
		some, err := read(ctx, r, undone, maxUses, last.Asked, last.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
		if len(some) < maxUses {
			return all, nil
		}
		last = some[len(some)-1]
	}
}

// Closed lists uses about which nothing is to be done any more, the newest first.
func Closed(ctx context.Context, r db.R) ([]Use, error) {
	return newest(ctx, r, ` WHERE state NOT IN ('waiting', 'open', 'ended')`)
}

// Of lists what was asked for with an account, the newest first.
func Of(ctx context.Context, r db.R, accountID string) ([]Use, error) {
	return newest(ctx, r, ` WHERE account_id = $2`, accountID)
}

// ofPerson lists what the holder of an account asked for with whichever of their accounts, the newest of each first.
func ofPerson(ctx context.Context, r db.R, accountID string, link account.Link) (uses []Use, err error) {
	person, err := account.PersonBehind(ctx, r, link.Identity(), accountID)
	if err != nil {
		return nil, err
	}
	for _, id := range person.Accounts {
		of, err := Of(ctx, r, id)
		if err != nil {
			return nil, err
		}
		uses = append(uses, of...)
	}
	return uses, nil
}

func newest(ctx context.Context, r db.R, where string, args ...any) ([]Use, error) {
	return read(ctx, r, where+` ORDER BY asked_at DESC, id DESC LIMIT $1`, append([]any{maxUses}, args...)...)
}

// read reads uses as they stand at this moment.
func read(ctx context.Context, r db.R, where string, args ...any) (found []Use, err error) {
	all, err := db.All(ctx, r, scanUse, selectUse+where, args...)
	if err != nil {
		return nil, fmt.Errorf("list uses of emergency rights: %w", err)
	}
	for _, u := range all {
		if u, err = u.now(ctx, r); err != nil {
			return nil, err
		}
		found = append(found, u)
	}
	return found, nil
}

const changeState = `UPDATE break_glass SET state = $3 WHERE id = $1 AND state = $2`

// become takes a use from the state that was noted to another, and records it.
func (u Use) become(ctx context.Context, w *db.W, from, to State, kind audit.Kind, reason string) error {
	if err := w.Change(ctx, changeState, u.ID, string(from), string(to)); err != nil {
		return fmt.Errorf("change use of emergency rights: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: kind, Subject: account.Ref(u.AccountID), Reason: reason,
		Before: from, After: map[string]any{"use": u.ID, "state": to}})
}
