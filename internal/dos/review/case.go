package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// The kinds of events that this package records.
const (
	eventOpened  audit.Kind = "review.opened"
	eventDecided audit.Kind = "review.decided"
	// Refused is the kind of the event of a decision that somebody may not make.
	Refused audit.Kind = "review.refused"
)

// GoodFor is how long a link that was approved can be made. A refusal stands as long, before the pair is looked at
// again.
const GoodFor = 7 * 24 * time.Hour

// Case is a link that a person has to look at.
type Case struct {
	Facts

	ID          string
	AccountID   string
	Kinds       []Kind
	Holds       bool // the link is not made until somebody has approved it
	Opened      time.Time
	Decided     time.Time // zero while it waits
	DecidedBy   string    // the id of an account
	DecidedName string
	Approved    bool
	Reason      string
	GoodUntil   time.Time // zero where nothing was approved, or the link was made
}

// Waiting reports whether nobody has decided yet.
func (c Case) Waiting() bool { return c.Decided.IsZero() }

const selectCase = `SELECT id, account_id, kinds, holds, facts, opened_at, decided_at, decided_by, decided_name,
	approved, reason, good_until FROM link_review`

func scanCase(scan db.Scanner) (c Case, err error) {
	var kinds, facts string
	err = scan(&c.ID, &c.AccountID, &kinds, &c.Holds, &facts, db.At(&c.Opened), db.At(&c.Decided), &c.DecidedBy,
		&c.DecidedName, &c.Approved, &c.Reason, db.At(&c.GoodUntil))
	if err != nil {
		return c, err
	}
	c.Kinds = split(kinds)
	return c, json.Unmarshal([]byte(facts), &c.Facts)
}

// ByID reads a case, or fault.NotFound.
func ByID(ctx context.Context, r db.R, id string) (Case, error) {
	c, err := db.One(ctx, r, scanCase, selectCase+` WHERE id = $1`, id)
	if err != nil {
		return c, fmt.Errorf("read case of link: %w", err)
	}
	return c, nil
}

const selectNoted = selectCase + ` WHERE account_id = $1 AND issuer = $2 AND subject = $3 AND NOT holds
	ORDER BY opened_at DESC, id DESC LIMIT 1`

// newestNoted reads the newest case about a link that was made, or fault.NotFound.
func newestNoted(ctx context.Context, r db.R, accountID string, i account.Identity) (Case, error) {
	c, err := db.One(ctx, r, scanCase, selectNoted, accountID, i.Issuer, i.Subject)
	if err != nil {
		return c, fmt.Errorf("look for a case of link: %w", err)
	}
	return c, nil
}

// Found is what there is of a pair that somebody has to look at.
type Found struct {
	Case Case
	New  bool // it was opened now
	Pass bool // the link can be made: it was approved, or nothing is doubted and there is no case
}

// Hold gives what was decided about a pair, or opens a case where there are doubts: once, as a part of the Update in
// which somebody wants to link.
func Hold(ctx context.Context, w *db.W, accountID string, kinds []Kind, f Facts) (Found, error) {
	cases, err := ofPair(ctx, w, accountID, f.CareIdentity.identity())
	if err != nil {
		return Found{}, err
	}
	if stop, stops := stopOf(cases, w.Now()); stops {
		return Found{Case: stop}, nil
	}
	if len(kinds) == 0 {
		return Found{Pass: true}, nil
	}
	newest := slices.IndexFunc(cases, func(c Case) bool { return c.Holds })
	if newest >= 0 && cases[newest].lets(kinds, f, w.Now()) {
		return Found{Case: cases[newest], Pass: true}, nil
	}
	opened, err := open(ctx, w, Case{Facts: f, AccountID: accountID, Kinds: kinds, Holds: true})
	return Found{Case: opened, New: true}, err
}

// Stops reports whether a pair is not to be linked, by whatever way: a reviewer has yet to decide about it, or refused
// it not long ago.
func Stops(ctx context.Context, r db.R, accountID string, i account.Identity) (bool, error) {
	cases, err := ofPair(ctx, r, accountID, i)
	_, stops := stopOf(cases, r.Now())
	return stops, err
}

// stopOf gives the case that stops a pair of which these are all cases, if one does: one that holds the link and waits,
// or else the newest decision, where that is a refusal of the last 7 days. It may be about a link that had been made:
// what was undone is not to be made anew at once.
func stopOf(cases []Case, now time.Time) (stop Case, stops bool) {
	for _, c := range cases {
		switch {
		case c.Holds && c.Waiting():
			return c, true
		case c.DecidedBy != "" && c.Decided.After(stop.Decided): // by nobody: the link was undone meanwhile
			stop = c
		}
	}
	return stop, !stop.Approved && now.Sub(stop.Decided) < GoodFor
}

// maxCases is how many cases of an account, or of a pair, are looked through: the newest.
const maxCases = 50

const newestFirst = ` ORDER BY opened_at DESC, id DESC LIMIT `

const selectPair = selectCase + ` WHERE account_id = $1 AND issuer = $2 AND subject = $3` + newestFirst + `$4`

// ofPair lists the cases of an account and a Care Identity, the newest first.
func ofPair(ctx context.Context, r db.R, accountID string, i account.Identity) ([]Case, error) {
	list, err := db.All(ctx, r, scanCase, selectPair, accountID, i.Issuer, i.Subject, maxCases)
	if err != nil {
		return nil, fmt.Errorf("list cases of a link: %w", err)
	}
	return list, nil
}

const selectOfAccount = selectCase + ` WHERE account_id = $1` + newestFirst + `$2`

// LookedAt reports whether a link of an account waits for a reviewer.
func LookedAt(ctx context.Context, r db.R, accountID string) (bool, error) {
	stopping, err := Stopping(ctx, r, accountID)
	return slices.ContainsFunc(stopping, Case.Waiting), err
}

// LookedAtAmong gives those of some accounts of which a link waits for a reviewer.
func LookedAtAmong(ctx context.Context, r db.R, accountIDs []string) (map[string]bool, error) {
	var args db.Arguments
	list, err := db.All(ctx, r, db.Column[string], `SELECT account_id FROM link_review
		WHERE decided_at IS NULL AND holds AND account_id IN (`+db.AddEach(&args, accountIDs)+`)`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("look for links that wait for a reviewer: %w", err)
	}
	looked := map[string]bool{}
	for _, id := range list {
		looked[id] = true
	}
	return looked, nil
}

// Stopping lists the cases that stop links of an account now, at most one of each Care Identity.
func Stopping(ctx context.Context, r db.R, accountID string) (stopping []Case, err error) {
	list, err := db.All(ctx, r, scanCase, selectOfAccount, accountID, maxCases)
	if err != nil {
		return nil, fmt.Errorf("list cases of an account: %w", err)
	}
	byIdentity := map[account.Identity][]Case{}
	for _, c := range list {
		of := c.CareIdentity.identity()
		byIdentity[of] = append(byIdentity[of], c)
	}
	for _, c := range list {
		of := c.CareIdentity.identity()
		if stop, stops := stopOf(byIdentity[of], r.Now()); stops && stop.ID == c.ID {
			stopping = append(stopping, c)
		}
	}
	return stopping, nil
}

// CanBeLinked gives the link of an account that was held, was approved and can be made now; fault.NotFound if there is
// none.
func CanBeLinked(ctx context.Context, r db.R, accountID string) (Case, error) {
	const approved = selectCase + ` WHERE account_id = $1 AND holds AND approved AND good_until > $2` +
		newestFirst + `1`
	c, err := db.One(ctx, r, scanCase, approved, accountID, r.Now())
	if err != nil && !errors.Is(err, fault.NotFound) {
		return c, fmt.Errorf("look for an approved link of an account: %w", err)
	}
	return c, err
}

// lets reports whether a case was approved, for these doubts and these two sides, and can still be used.
func (c Case) lets(kinds []Kind, f Facts, now time.Time) bool {
	return c.Approved && now.Before(c.GoodUntil) && covers(c.Kinds, kinds) && c.sameSides(f)
}

// sameSides reports whether both sides still have the names and the addresses that were looked at.
func (f Facts) sameSides(now Facts) bool {
	return f.Account.Name == now.Account.Name && f.Account.Email == now.Account.Email &&
		f.CareIdentity.Name == now.CareIdentity.Name && f.CareIdentity.Email == now.CareIdentity.Email
}

// Note opens a case about a link that was made, which somebody has to look at afterwards.
func Note(ctx context.Context, w *db.W, accountID string, k Kind, f Facts) error {
	before, err := newestNoted(ctx, w, accountID, f.CareIdentity.identity())
	if err == nil && before.Waiting() {
		return nil
	}
	if err != nil && !errors.Is(err, fault.NotFound) {
		return err
	}
	_, err = open(ctx, w, Case{Facts: f, AccountID: accountID, Kinds: []Kind{k}})
	return err
}

// Again has a link that was made wait for a decision, as its Care Identity was suspended since, and reports whether it
// did not wait for that already.
func Again(ctx context.Context, w *db.W, accountID string, f Facts) (bool, error) {
	before, err := newestNoted(ctx, w, accountID, f.CareIdentity.identity())
	if err != nil && !errors.Is(err, fault.NotFound) {
		return false, err
	}
	if err != nil || !before.Waiting() {
		_, err = open(ctx, w, Case{Facts: f, AccountID: accountID, Kinds: []Kind{Reactivated}})
		return true, err
	}
	if before.Is(Reactivated) {
		return false, nil
	}
	kinds := append(before.Kinds, Reactivated)
	const widen = `UPDATE link_review SET kinds = $2 WHERE id = $1 AND decided_at IS NULL`
	if err := w.Change(ctx, widen, before.ID, join(kinds)); err != nil {
		return false, fmt.Errorf("add to case of link: %w", err)
	}
	return true, w.Record(ctx, audit.Event{Kind: eventOpened, Subject: account.Ref(accountID), After: kinds})
}

// Is reports whether a kind is among those of the case.
func (c Case) Is(k Kind) bool { return slices.Contains(c.Kinds, k) }

// ApprovedAgain reports whether somebody has approved a link since a time, after its Care Identity was suspended.
func ApprovedAgain(ctx context.Context, r db.R, link account.Link, since time.Time) (bool, error) {
	list, err := ofPair(ctx, r, link.AccountID, link.Identity())
	return slices.ContainsFunc(list, func(c Case) bool {
		return c.Is(Reactivated) && c.Approved && !c.Decided.Before(since)
	}), err
}

// WaitsAgain reports whether a link waits for a decision, as its Care Identity was suspended since.
func WaitsAgain(ctx context.Context, r db.R, link account.Link) (bool, error) {
	list, err := ofPair(ctx, r, link.AccountID, link.Identity())
	return slices.ContainsFunc(list, func(c Case) bool { return c.Is(Reactivated) && c.Waiting() }), err
}

const insertCase = `INSERT INTO link_review (id, account_id, issuer, subject, kinds, holds, facts, opened_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`

func open(ctx context.Context, w *db.W, c Case) (Case, error) {
	text, err := json.Marshal(c.Facts)
	if err != nil {
		return c, fmt.Errorf("write case of link: %w", err)
	}
	c.ID = random.ID()
	c.Opened = w.Now()
	_, err = w.Exec(ctx, insertCase, c.ID, c.AccountID, c.CareIdentity.Issuer, c.CareIdentity.Subject, join(c.Kinds),
		c.Holds, string(text), w.Now())
	if err != nil {
		return c, fmt.Errorf("open case of link: %w", err)
	}
	return c, w.Record(ctx, audit.Event{Kind: eventOpened, Subject: account.Ref(c.AccountID), After: c.Kinds})
}

// Use ends an approval whose link was made.
func Use(ctx context.Context, w *db.W, id string) error {
	if err := w.Change(ctx, `UPDATE link_review SET good_until = NULL WHERE id = $1`, id); err != nil {
		return fmt.Errorf("use approval of link: %w", err)
	}
	return nil
}

// Waiting lists the cases about accounts within a reach that nobody has decided, the oldest first, and counts them all.
func Waiting(ctx context.Context, r db.R, within account.Reach, skip, limit int) (list []Case, total int, err error) {
	var args db.Arguments
	where := ` WHERE decided_at IS NULL AND ` + within.HasAccount(&args, "link_review.account_id")
	count, err := db.Value[int64](ctx, r, `SELECT COUNT(opened_at) FROM link_review`+where, args.List()...)
	if err != nil {
		return nil, 0, fmt.Errorf("count cases of links: %w", err)
	}
	order := ` ORDER BY opened_at, id LIMIT ` + args.Add(limit) + ` OFFSET ` + args.Add(skip)
	list, err = db.All(ctx, r, scanCase, selectCase+where+order, args.List()...)
	if err != nil {
		return nil, 0, fmt.Errorf("list cases of links: %w", err)
	}
	return list, int(count), nil
}

// WaitsFor reports whether a link of an account, made or held, waits for a decision.
func WaitsFor(ctx context.Context, r db.R, accountID string) (bool, error) {
	const waits = `SELECT EXISTS (SELECT 1 FROM link_review WHERE account_id = $1 AND decided_at IS NULL)`
	is, err := db.Value[bool](ctx, r, waits, accountID)
	if err != nil {
		return false, fmt.Errorf("look for a waiting case of an account: %w", err)
	}
	return is, nil
}

const dropNoted = `UPDATE link_review SET decided_at = $2, reason = 'The link was undone.' WHERE account_id = $1
	AND NOT holds AND decided_at IS NULL`

// Drop closes what waits about a link that was undone, as a part of the Update that undoes it.
func Drop(ctx context.Context, w *db.W, accountID string) error {
	if _, err := w.Exec(ctx, dropNoted, accountID, w.Now()); err != nil {
		return fmt.Errorf("close case of link: %w", err)
	}
	return nil
}

const moveNoted = `UPDATE link_review SET account_id = $4 WHERE account_id = $1 AND issuer = $2 AND subject = $3
	AND NOT holds AND (decided_at IS NULL OR approved)`

// Move has the cases about a link that was made go with it to another account, waiting or approved: what was approved
// of it since its Care Identity was suspended holds for it there too. A refusal is about the account that it names,
// and stays. It is a part of the Update that moves the link.
func Move(ctx context.Context, w *db.W, link account.Link, to string) error {
	if _, err := w.Exec(ctx, moveNoted, link.AccountID, link.Issuer, link.Subject, to); err != nil {
		return fmt.Errorf("move cases of link: %w", err)
	}
	return nil
}
