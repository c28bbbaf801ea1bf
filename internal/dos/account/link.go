package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/dos/account/widening"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mailcode"
	"signpost/internal/platform/random"
)

// Link joins an account to one care identity. From then on issuer and subject alone decide who can sign in
// (rule R1).
type Link struct {
	AccountID       string
	Issuer, Subject string
	How             string    // the proofs that the person gave
	Linked          time.Time // when the Care Identity was proved for it; it stays when the link moves
	Moved           time.Time `json:",omitzero"` // when it came from another account; zero if it never did
	TheirEmail      string    `json:"-"`         // of the Care Identity at the link; empty if it had none, or is not known
}

// Since is since when the Care Identity opens the account.
func (l Link) Since() time.Time {
	if l.Moved.IsZero() {
		return l.Linked
	}
	return l.Moved
}

// UndoFor is how long a link can be undone by the person or an administrator (rule R11).
const UndoFor = 30 * 24 * time.Hour

const selectLink = `SELECT account_id, issuer, subject, how, linked_at, moved_at, their_email FROM account_link`

func scanLink(scan db.Scanner) (l Link, err error) {
	err = scan(&l.AccountID, &l.Issuer, &l.Subject, &l.How, db.At(&l.Linked), db.At(&l.Moved), &l.TheirEmail)
	return l, err
}

// LinkOf reads the link of an account, or fault.NotFound.
func LinkOf(ctx context.Context, r db.R, id string) (Link, error) {
	l, err := db.One(ctx, r, scanLink, selectLink+` WHERE account_id = $1`, id)
	if err != nil {
		return l, fmt.Errorf("read link of account: %w", err)
	}
	return l, nil
}

const movedSince = `SELECT account_id FROM account_email_past WHERE until > $1
	UNION SELECT account_id FROM account_link WHERE linked_at > $1
	UNION SELECT l.account_id FROM account_link_past p
		JOIN account_link l ON l.issuer = p.issuer AND l.subject = p.subject WHERE p.ended_at > $1
	UNION SELECT account_id FROM account_link_past WHERE ended_at > $1 ORDER BY 1 LIMIT $2`

// MovedSince lists accounts whose address changed, or that were linked or no longer are, since a time. A link that
// moved from another account keeps its age, so it is found by its end there.
func MovedSince(ctx context.Context, r db.R, since time.Time, limit int) ([]string, error) {
	list, err := db.All(ctx, r, db.Column[string], movedSince, since, limit)
	if err != nil {
		return nil, fmt.Errorf("list accounts that changed lately: %w", err)
	}
	return list, nil
}

// LinksOf reads the links of several accounts, by the accounts' ids. Those that are not linked are left out.
func LinksOf(ctx context.Context, r db.R, ids []string) (map[string]Link, error) {
	var args db.Arguments
	where := ` WHERE account_id IN (` + db.AddEach(&args, ids) + `)`
	list, err := db.All(ctx, r, scanLink, selectLink+where, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read links of accounts: %w", err)
	}
	found := map[string]Link{}
	for _, l := range list {
		found[l.AccountID] = l
	}
	return found, nil
}

// ByCareIdentity reads the account linked to a care identity, or fault.NotFound.
func ByCareIdentity(ctx context.Context, r db.R, issuer, subject string) (Account, error) {
	l, err := db.One(ctx, r, scanLink, selectLink+` WHERE issuer = $1 AND subject = $2`, issuer, subject)
	if err != nil {
		return Account{}, fmt.Errorf("read link of care identity: %w", err)
	}
	return ByID(ctx, r, l.AccountID)
}

// HasLinks reports whether any account is linked to somebody of an issuer.
func HasLinks(ctx context.Context, r db.R, issuer string) (bool, error) {
	exists, err := db.Value[bool](ctx, r, `SELECT EXISTS (SELECT 1 FROM account_link WHERE issuer = $1)`, issuer)
	if err != nil {
		return false, fmt.Errorf("look for links: %w", err)
	}
	return exists, nil
}

const insertLink = `INSERT INTO account_link (account_id, issuer, subject, how, linked_at, moved_at, their_email)
	VALUES ($1, $2, $3, $4, $5, $6, $7)`

// ErrLinked says that the account or the care identity is already linked; each can have one link (rule R10).
var ErrLinked = errors.New("already linked")

// AddLink stores a link and removes the old way in: the password and any codes that were mailed (rule R5). It is a
// part of the ceremony's Update, which ends the sessions.
func AddLink(ctx context.Context, w *db.W, l Link) error {
	l.Linked = w.Now()
	l.Moved = time.Time{}
	return putLink(ctx, w, l)
}

func putLink(ctx context.Context, w *db.W, l Link) error {
	_, err := w.Exec(ctx, insertLink, l.AccountID, l.Issuer, l.Subject, l.How, l.Linked, l.Moved, l.TheirEmail)
	if errors.Is(err, db.ErrUnique) {
		return ErrLinked
	}
	if err != nil {
		return fmt.Errorf("add link: %w", err)
	}
	if err := SetPassword(ctx, w, l.AccountID, ""); err != nil {
		return err
	}
	if _, err := w.Exec(ctx, markLinked, l.AccountID); err != nil {
		return fmt.Errorf("mark account as linked: %w", err)
	}
	if err := mailcode.Cancel(ctx, w, Ref(l.AccountID), ForEmail, ForLink, ForUndo, ForPassword); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: LinkedEvent, Subject: Ref(l.AccountID), After: l})
}

// RelinkFor is how long a relink code is valid: the code that an administrator hands over.
const RelinkFor = 7 * 24 * time.Hour

const markLinked = `UPDATE account SET linked = TRUE, relink_until = NULL, relink_digest = NULL WHERE id = $1`

const allowRelink = `UPDATE account SET relink_until = $2, relink_digest = $3 WHERE id = $1 AND active AND NOT shared
	AND NOT web_service_only
	AND NOT EXISTS (SELECT 1 FROM account_link WHERE account_id = $1)`

var errOwnRelink = fault.SayCure(fault.Forbidden, "You cannot vouch for yourself.",
	"Ask another DoS user administrator.")

// AllowRelink allows an individual account that is not linked to be linked by a code that the administrator hands to
// its holder and another one to its mailbox. Both together replace the password as proof (rule R3). It is for people
// whose password is lost or no longer accepted. The digest is the first code's; that of an earlier one ends. It is a
// part of an Update of an administrator.
func AllowRelink(ctx context.Context, w *db.W, id string, digest []byte) error {
	if err := RequireWithin(ctx, w, ManageUsers, id); err != nil {
		return err
	}
	if w.Actor().ID == id {
		return w.Refuse(ctx, audit.Event{Kind: eventRelinkRefused, Subject: Ref(id)}, errOwnRelink)
	}
	if err := w.Change(ctx, allowRelink, id, w.Now().Add(RelinkFor), digest); err != nil {
		return fmt.Errorf("allow to link again: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: RelinkAllowed, Subject: Ref(id)})
}

// RelinkDigest reads the digest of the relink code of an account, with which it may be linked without its password, or
// fault.NotFound.
func RelinkDigest(ctx context.Context, r db.R, id string) ([]byte, error) {
	const selectRelinkDigest = `SELECT relink_digest FROM account
		WHERE id = $1 AND relink_until > $2 AND relink_digest IS NOT NULL`
	digest, err := db.Value[[]byte](ctx, r, selectRelinkDigest, id, r.Now())
	if err != nil {
		return nil, fmt.Errorf("read relink code: %w", err)
	}
	return digest, nil
}

// Undoable reports whether a link can still be undone.
func (l Link) Undoable(now time.Time) bool { return now.Sub(l.Linked) <= UndoFor }

const insertPastLink = `INSERT INTO account_link_past (id, account_id, issuer, subject, linked_at, ended_at)
	VALUES ($1, $2, $3, $4, $5, $6)`

// RemoveLink undoes a link, if it is not too old. It restores neither the password nor a session. It is a part of an
// Update that ends the sessions.
func RemoveLink(ctx context.Context, w *db.W, id, reason string) error {
	l, err := LinkOf(ctx, w, id)
	if err != nil {
		return err
	}
	if !l.Undoable(w.Now()) {
		return w.Refuse(ctx, audit.Event{Kind: eventUnlinkRefused, Subject: Ref(id), Reason: reason},
			fault.SayCure(fault.Conflict, "This link is more than 30 days old.",
				"Raise a ticket with the service desk, starting \"MFA-DoS - \"."))
	}
	return endLink(ctx, w, l, reason)
}

func endLink(ctx context.Context, w *db.W, l Link, reason string) error {
	id := l.AccountID
	if err := w.Change(ctx, `DELETE FROM account_link WHERE account_id = $1`, id); err != nil {
		return fmt.Errorf("remove link: %w", err)
	}
	if err := w.Change(ctx, `UPDATE account SET linked = FALSE WHERE id = $1`, id); err != nil {
		return fmt.Errorf("mark account as not linked: %w", err)
	}
	if err := widening.End(ctx, w, id); err != nil {
		return err
	}
	if _, err := w.Exec(ctx, insertPastLink, random.ID(), id, l.Issuer, l.Subject, l.Linked, w.Now()); err != nil {
		return fmt.Errorf("keep removed link: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventUnlinked, Subject: Ref(id), Before: l, Reason: reason})
}

// MoveLink moves a link, of any age, to another account of the same person, as a part of an Update that has the proofs
// of both and ends the sessions of both. The link keeps its age: nobody proved the Care Identity anew, so what was
// suspended since then stays so, and its 30 days do not begin again.
func MoveLink(ctx context.Context, w *db.W, l Link, to, how, reason string) error {
	if err := endLink(ctx, w, l, reason); err != nil {
		return err
	}
	l.AccountID = to
	l.How = how
	l.Moved = w.Now()
	return putLink(ctx, w, l)
}

// JustUnlinked reports whether the link of an account was undone within the last minute.
func JustUnlinked(ctx context.Context, r db.R, id string) (bool, error) {
	const countJust = `SELECT COUNT(*) FROM account_link_past WHERE account_id = $1 AND ended_at > $2`
	n, err := db.Value[int64](ctx, r, countJust, id, r.Now().Add(-time.Minute))
	if err != nil {
		return false, fmt.Errorf("read links that were undone: %w", err)
	}
	return n > 0, nil
}

// Person is all that is known to belong to whoever holds an account: the Care Identities that it is or was linked to,
// the accounts that those open or opened, and the addresses of them all.
type Person struct {
	Accounts   []string   // ids
	Identities []Identity // each once
	EmailKeys  []string   // canonical addresses, of now and of before
}

// Is reports whether two are one person: by an account, a Care Identity or an address that both have or had.
func (p Person) Is(other Person) bool {
	return haveOne(p.Accounts, other.Accounts) || haveOne(p.Identities, other.Identities) ||
		haveOne(p.EmailKeys, other.EmailKeys)
}

// haveOne reports whether something is in both lists.
func haveOne[T comparable](one, other []T) bool {
	return slices.ContainsFunc(one, func(t T) bool { return slices.Contains(other, t) })
}

// Identity is a Care Identity.
type Identity struct{ Issuer, Subject string }

// Identity gives the Care Identity that the link has.
func (l Link) Identity() Identity { return Identity{Issuer: l.Issuer, Subject: l.Subject} }

const selectIdentities = `SELECT issuer, subject FROM account_link WHERE account_id IN (%[1]s)
	UNION SELECT issuer, subject FROM account_link_past WHERE account_id IN (%[1]s)`

const selectEmailKeys = `SELECT email_key FROM account WHERE id IN (%[1]s) AND email_key <> ''
	UNION SELECT email_key FROM account_email_past WHERE account_id IN (%[1]s) AND email_key <> ''`

// PersonOf gathers what belongs to whoever holds an account.
func PersonOf(ctx context.Context, r db.R, id string) (Person, error) {
	identities, err := identitiesOf(ctx, r, []string{id})
	if err != nil {
		return Person{}, err
	}
	return personOf(ctx, r, []string{id}, identities)
}

// OnePerson reports whether two accounts are one person's.
func OnePerson(ctx context.Context, r db.R, id, other string) (bool, error) {
	one, err := PersonOf(ctx, r, id)
	if err != nil {
		return false, err
	}
	another, err := PersonOf(ctx, r, other)
	return one.Is(another), err
}

// PersonBehind gathers what belongs to whoever holds a Care Identity, or any of some accounts.
func PersonBehind(ctx context.Context, r db.R, identity Identity, accounts ...string) (Person, error) {
	identities, err := identitiesOf(ctx, r, accounts)
	if err != nil {
		return Person{}, err
	}
	if identity.Subject != "" {
		identities = append(identities, identity)
	}
	return personOf(ctx, r, accounts, identities)
}

func personOf(ctx context.Context, r db.R, accounts []string, identities []Identity) (p Person, err error) {
	p.Accounts = slices.Clone(accounts)
	for _, one := range identities {
		if !slices.Contains(p.Identities, one) {
			p.Identities = append(p.Identities, one)
		}
	}
	holders, err := holdersOf(ctx, r, p.Identities)
	if err != nil {
		return p, err
	}
	p.Accounts = append(p.Accounts, holders...)
	slices.Sort(p.Accounts)
	p.Accounts = slices.Compact(p.Accounts)
	if len(p.Accounts) == 0 {
		return p, nil
	}
	var args db.Arguments
	places := db.AddEach(&args, p.Accounts)
	p.EmailKeys, err = db.All(ctx, r, db.Column[string], fmt.Sprintf(selectEmailKeys, places), args.List()...)
	if err != nil {
		return p, fmt.Errorf("read addresses of somebody: %w", err)
	}
	return p, nil
}

const selectOfKeys = `SELECT id FROM account WHERE NOT shared AND email_key <> '' AND email_key IN (%[1]s)
	UNION SELECT account_id FROM account_email_past WHERE email_key <> '' AND email_key IN (%[1]s)`

const selectHolders = `SELECT account_id FROM account_link WHERE %[1]s
	UNION SELECT account_id FROM account_link_past WHERE %[1]s`

// Among finds out which of many accounts are of the person: those of whose holder Is says so.
func (p Person) Among(ctx context.Context, r db.R, list []Account) (own map[string]bool, err error) {
	var args db.Arguments
	sql := fmt.Sprintf(selectOfKeys, db.AddEach(&args, p.EmailKeys))
	near, err := db.All(ctx, r, db.Column[string], sql, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read who has addresses of somebody: %w", err)
	}
	near = append(near, p.Accounts...)
	identities, err := identitiesOf(ctx, r, near)
	if err != nil {
		return nil, err
	}
	holders, err := holdersOf(ctx, r, identities)
	if err != nil {
		return nil, err
	}
	own = map[string]bool{}
	for _, id := range append(near, holders...) {
		own[id] = true
	}
	for _, a := range list {
		own[a.ID] = own[a.ID] || slices.Contains(p.EmailKeys, a.EmailKey)
	}
	return own, nil
}

// holdersOf lists the accounts that any of some Care Identities opens or opened.
func holdersOf(ctx context.Context, r db.R, identities []Identity) ([]string, error) {
	if len(identities) == 0 {
		return nil, nil
	}
	var args db.Arguments
	var pairs []string
	for _, one := range identities {
		pairs = append(pairs, "issuer = "+args.Add(one.Issuer)+" AND subject = "+args.Add(one.Subject))
	}
	sql := fmt.Sprintf(selectHolders, strings.Join(pairs, " OR "))
	ids, err := db.All(ctx, r, db.Column[string], sql, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read whom care identities opened accounts of: %w", err)
	}
	return ids, nil
}

func identitiesOf(ctx context.Context, r db.R, accounts []string) ([]Identity, error) {
	if len(accounts) == 0 {
		return nil, nil
	}
	var args db.Arguments
	places := db.AddEach(&args, accounts)
	scan := func(scan db.Scanner) (one Identity, err error) {
		err = scan(&one.Issuer, &one.Subject)
		return one, err
	}
	list, err := db.All(ctx, r, scan, fmt.Sprintf(selectIdentities, places), args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read care identities of somebody: %w", err)
	}
	return list, nil
}
