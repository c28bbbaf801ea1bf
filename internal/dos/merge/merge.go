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
	"signpost/internal/platform/actor"
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

// Over reports whether nothing can come of the merge any more at a time.
func (m Merge) Over(now time.Time) bool {
	switch m.State {
	case Proposed:
		return now.Sub(m.Proposed) >= ConfirmFor
	case Confirmed:
		return now.Sub(m.Confirmed) >= MergeFor
	case Done:
		return now.Sub(m.Done) >= UndoFor
	}
	return true
}

// Office proposes, does and undoes merges.
type Office struct {
	DB   *db.DB
	Post *mail.Post
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
	at := slices.IndexFunc(list, func(m Merge) bool {
		return (m.State == Proposed || m.State == Confirmed) && !m.Over(r.Now())
	})
	if at < 0 {
		return Merge{}, fault.NotFound
	}
	return list[at], nil
}

// MaxListed is how many merges that stand are listed.
const MaxListed = 100

// maxLookedAt is how many merges are looked through for those.
const maxLookedAt = 500

// longest is how long after it was proposed something can come of a merge.
const longest = ConfirmFor + MergeFor + UndoFor

// Standing lists the merges of accounts within a reach that wait for something or can be undone, the newest
// first, at most 100.
func Standing(ctx context.Context, r db.R, within account.Reach) ([]Merge, error) {
	var args db.Arguments
	text := selectMerge + ` WHERE proposed_at > ` + args.Add(r.Now().Add(-longest)) +
		` AND ` + within.HasAccount(&args, "survivor") + ` AND ` + within.HasAccount(&args, "closed") +
		` ORDER BY proposed_at DESC, id DESC LIMIT ` + args.Add(maxLookedAt)
	list, err := db.All(ctx, r, scanMerge, text, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("list merges of accounts: %w", err)
	}
	list = slices.DeleteFunc(list, func(m Merge) bool { return m.Over(r.Now()) })
	return list[:min(len(list), MaxListed)], nil
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

// over checks that the actor may change both accounts, and that neither is theirs.
func over(ctx context.Context, w *db.W, s Sides) error {
	for _, a := range []account.Account{s.Survivor, s.Closed} {
		if err := account.RequireOver(ctx, w, account.ManageUsers, a.ID); err != nil {
			return err
		}
	}
	if w.Actor().Kind != actor.Person {
		return nil
	}
	me, err := account.PersonOf(ctx, w, w.Actor().ID)
	if err != nil {
		return err
	}
	holder, err := account.PersonBehind(ctx, w, account.Identity{}, s.Survivor.ID, s.Closed.ID)
	if err == nil && me.Is(holder) {
		err = errOwn
	}
	return err
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

func (o Office) sendAll(ctx context.Context, w *db.W, messages []mail.Message) error {
	var sent []string
	for _, m := range messages {
		if m.To == "" || slices.Contains(sent, m.To) {
			continue
		}
		sent = append(sent, m.To)
		if err := o.Post.Send(ctx, w, m); err != nil {
			return err
		}
	}
	return nil
}
