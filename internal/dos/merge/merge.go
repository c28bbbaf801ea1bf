// Package merge makes two accounts of one person one: an administrator proposes it, the holder shows that both are
// theirs, and an administrator does it. It can be undone for 30 days.
//
// One account survives as it is, the other is closed and keeps its username, address and history. What may move is the
// link to the Care Identity, and the groups that were chosen. Nothing merges by itself.
package merge

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/linking"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
)

// The kinds of events that this package records.
const (
	eventProposed  audit.Kind = "merge.proposed"
	eventConfirmed audit.Kind = "merge.confirmed"
	eventDeclined  audit.Kind = "merge.declined"
	eventWithdrawn audit.Kind = "merge.withdrawn"
	eventDone      audit.Kind = "merge.done"
	eventUndone    audit.Kind = "merge.undone"
	eventRefused   audit.Kind = "merge.refused"
)

// State says how far a merge has come.
type State string

// The states.
const (
	Proposed  State = "proposed"
	Confirmed State = "confirmed" // by the holder of both
	Done      State = "done"
	Undone    State = "undone"
	Withdrawn State = "withdrawn" // by an administrator
	Declined  State = "declined"  // by a holder
)

// The times within which something can be done.
const (
	ConfirmFor = 14 * 24 * time.Hour // after it was proposed
	MergeFor   = 7 * 24 * time.Hour  // after it was confirmed
	UndoFor    = 30 * 24 * time.Hour // after it was done
)

// Merge is two accounts that are to be one, or are.
type Merge struct {
	ID          string
	Survivor    string // id of the account that stays
	Closed      string // id of the account that is closed
	State       State
	Memberships []account.Membership // groups of the closed account that the other is given
	Reason      string

	Proposed     time.Time
	ProposedBy   string // id of an account
	ProposedName string

	Confirmed     time.Time // zero if it is not
	ConfirmedLink string    // id of the account that was linked then; empty for none
	Proofs        []string  // in words

	Done     time.Time
	DoneName string
	Moved    Moved

	Ended       time.Time // when it was undone, withdrawn or declined
	EndedName   string
	EndedReason string
}

// Moved is what a merge moved, for its undo.
type Moved struct {
	Link        *account.Link        `json:",omitempty"` // as the closed account had it
	Memberships []account.Membership `json:",omitempty"` // that the survivor did not have before
}

// Until is when the time is over for what comes next; zero where nothing does.
func (m Merge) Until() time.Time {
	switch m.State {
	case Proposed:
		return m.Proposed.Add(ConfirmFor)
	case Confirmed:
		return m.Confirmed.Add(MergeFor)
	case Done:
		return m.Done.Add(UndoFor)
	}
	return time.Time{}
}

// Over reports whether nothing can come of the merge any more at a time.
func (m Merge) Over(now time.Time) bool { return !now.Before(m.Until()) }

// waits reports whether the merge waits for its holder or an administrator at a time.
func (m Merge) waits(now time.Time) bool {
	return (m.State == Proposed || m.State == Confirmed) && !m.Over(now)
}

// Office proposes, does and undoes merges.
type Office struct {
	DB    *db.DB
	Post  *mail.Post
	Links *linking.Linker // moves the links
}

const selectMerge = `SELECT id, survivor, closed, state, memberships, reason, proposed_at, proposed_by, proposed_name,
	confirmed_at, confirmed_link, proofs, done_at, done_name, moved, ended_at, ended_name, ended_reason
	FROM account_merge`

func scanMerge(scan db.Scanner) (m Merge, err error) {
	var memberships, proofs, moved string
	err = scan(&m.ID, &m.Survivor, &m.Closed, &m.State, &memberships, &m.Reason, db.At(&m.Proposed), &m.ProposedBy,
		&m.ProposedName, db.At(&m.Confirmed), &m.ConfirmedLink, &proofs, db.At(&m.Done), &m.DoneName, &moved,
		db.At(&m.Ended), &m.EndedName, &m.EndedReason)
	if err != nil {
		return m, err
	}
	return m, errors.Join(
		json.Unmarshal([]byte(memberships), &m.Memberships),
		json.Unmarshal([]byte(cmp.Or(proofs, "[]")), &m.Proofs),
		json.Unmarshal([]byte(cmp.Or(moved, "{}")), &m.Moved),
	)
}

// ByID reads a merge, or fault.NotFound.
func ByID(ctx context.Context, r db.R, id string) (Merge, error) {
	m, err := db.One(ctx, r, scanMerge, selectMerge+` WHERE id = $1`, id)
	if err != nil {
		return m, fmt.Errorf("read merge of accounts: %w", err)
	}
	return m, nil
}

// maxOfAccount is how many merges of an account are read, the newest.
const maxOfAccount = 20

// Of lists the merges of an account, the newest first.
func Of(ctx context.Context, r db.R, id string) ([]Merge, error) {
	list, err := db.All(ctx, r, scanMerge, selectMerge+` WHERE survivor = $1 OR closed = $1
		ORDER BY proposed_at DESC, id DESC LIMIT $2`, id, maxOfAccount)
	if err != nil {
		return nil, fmt.Errorf("list merges of account: %w", err)
	}
	return list, nil
}

// Open gives the merge of an account that waits for something, or fault.NotFound.
func Open(ctx context.Context, r db.R, id string) (Merge, error) {
	list, err := Of(ctx, r, id)
	if err != nil {
		return Merge{}, err
	}
	at := slices.IndexFunc(list, func(m Merge) bool { return m.waits(r.Now()) })
	if at < 0 {
		return Merge{}, fault.NotFound
	}
	return list[at], nil
}

// Current lists the merges that wait or can be undone, of accounts that are both within a reach, the newest first, and
// counts them all.
func Current(ctx context.Context, r db.R, within account.Reach, skip, limit int) (list []Merge, total int, err error) {
	var args db.Arguments
	from := func(length time.Duration) string { return args.Add(r.Now().Add(-length)) }
	where := ` WHERE proposed_at > ` + from(ConfirmFor+MergeFor+UndoFor) +
		` AND (state = 'proposed' AND proposed_at > ` + from(ConfirmFor) +
		` OR state = 'confirmed' AND confirmed_at > ` + from(MergeFor) +
		` OR state = 'done' AND done_at > ` + from(UndoFor) + `)` +
		` AND ` + within.HasAccount(&args, "account_merge.survivor") +
		` AND ` + within.HasAccount(&args, "account_merge.closed")
	count, err := db.Value[int64](ctx, r, `SELECT COUNT(proposed_at) FROM account_merge`+where, args.List()...)
	if err != nil {
		return nil, 0, fmt.Errorf("count merges of accounts: %w", err)
	}
	order := ` ORDER BY proposed_at DESC, id DESC LIMIT ` + args.Add(limit) + ` OFFSET ` + args.Add(skip)
	list, err = db.All(ctx, r, scanMerge, selectMerge+where+order, args.List()...)
	if err != nil {
		return nil, 0, fmt.Errorf("list merges of accounts: %w", err)
	}
	return list, int(count), nil
}

// Sides are the two accounts of a merge.
type Sides struct {
	Survivor, Closed account.Account
}

// SidesOf reads the two accounts of a merge.
func SidesOf(ctx context.Context, r db.R, m Merge) (s Sides, err error) {
	if s.Survivor, err = account.ByID(ctx, r, m.Survivor); err != nil {
		return s, err
	}
	s.Closed, err = account.ByID(ctx, r, m.Closed)
	return s, err
}

// SidesOfAll reads the two accounts of each of several merges, in their order.
func SidesOfAll(ctx context.Context, r db.R, list []Merge) (sides []Sides, err error) {
	var ids []string
	for _, m := range list {
		ids = append(ids, m.Survivor, m.Closed)
	}
	accounts, err := account.ByIDs(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	for _, m := range list {
		sides = append(sides, Sides{Survivor: accounts[m.Survivor], Closed: accounts[m.Closed]})
	}
	return sides, nil
}

// over checks that somebody may change both accounts, and that neither is theirs.
func (by Decider) over(ctx context.Context, r db.R, s Sides) error {
	reach, err := by.Gives(account.ManageUsers)
	if err != nil {
		return err
	}
	for _, a := range []account.Account{s.Survivor, s.Closed} {
		if err := by.mayChange(ctx, r, reach, a); err != nil {
			return err
		}
	}
	if by.ID == "" {
		return nil
	}
	me, err := account.PersonOf(ctx, r, by.ID)
	if err != nil {
		return err
	}
	holder, err := account.PersonBehind(ctx, r, account.Identity{}, s.Survivor.ID, s.Closed.ID)
	if err == nil && me.Is(holder) {
		err = errOwn
	}
	return err
}

func (by Decider) mayChange(ctx context.Context, r db.R, reach account.Reach, a account.Account) error {
	if by.ID == "" {
		return nil // the command line reaches everywhere
	}
	grants, err := account.GrantsOf(ctx, r, a.ID)
	if err != nil {
		return err
	}
	return account.MayChange(by.ID, reach, a, grants)
}

// refuse records what somebody may not do, about both accounts.
func refuse(ctx context.Context, w *db.W, s Sides, what string, problem error) error {
	f, known := fault.From(problem)
	if !known || f.Code != fault.Forbidden && f.Code != fault.Conflict {
		return problem
	}
	return w.Refuse(ctx, audit.Event{Kind: eventRefused, Subject: account.Ref(s.Survivor.ID),
		After: map[string]string{"act": what, "other": s.Closed.ID}, Reason: f.Message}, problem)
}

// theirEmail is the address of the Care Identity of the link that was moved; empty if there is none.
func (m Moved) theirEmail() string {
	if m.Link == nil {
		return ""
	}
	return m.Link.TheirEmail
}

// record records an event about both accounts, in the trail of each.
func record(ctx context.Context, w *db.W, m Merge, e audit.Event) error {
	for _, id := range []string{m.Survivor, m.Closed} {
		e.Subject = account.Ref(id)
		e.After = map[string]any{"merge": m.ID, "survivor": m.Survivor, "closed": m.Closed,
			"groups": m.Memberships, "moved": m.Moved}
		if err := w.Record(ctx, e); err != nil {
			return err
		}
	}
	return nil
}
