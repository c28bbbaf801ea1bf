// Package alias keeps the table of domain aliases: pairs of mail domains, such as nhs.net and that of a trust, of which
// two administrators say that one person may have an address in each.
//
// A pair proposes an account to somebody whose Care Identity has the address in the other domain (rule R7). It proves
// nothing and links nothing. It knows nothing of how a link is made.
package alias

import (
	"context"
	"fmt"
	"slices"
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/when"
)

// The kinds of events that this package records.
const (
	eventProposed  audit.Kind = "alias.proposed"
	eventSigned    audit.Kind = "alias.signed"
	eventWithdrawn audit.Kind = "alias.withdrawn"
	// Refused is the kind of the event of an act on the table that somebody may not do.
	Refused audit.Kind = "alias.refused"
)

// Table does what administrators do to the table.
type Table struct {
	DB   *db.DB
	Post *mail.Post
}

// Signature says who did something to a pair, and when. The zero value is none.
type Signature struct {
	By   string // the id of an account
	Name string
	At   time.Time
}

// Alias is a pair of domains. It counts while two administrators have signed it and nobody has withdrawn it.
type Alias struct {
	ID         string
	One, Other string // domains, in their order
	Reason     string
	Proposed   Signature
	Signed     Signature
	Flagged    bool // whoever proposed and whoever signed it signed a pair of each other's within a day
	Withdrawn  Signature
	WhyNot     string // why it was withdrawn
}

// Counts reports whether the pair proposes accounts.
func (a Alias) Counts() bool { return !a.Signed.At.IsZero() && a.Withdrawn.At.IsZero() }

// Waits reports whether the pair still needs its second signature.
func (a Alias) Waits() bool { return a.Signed.At.IsZero() && a.Withdrawn.At.IsZero() }

// Partner gives the other domain of the pair.
func (a Alias) Partner(domain string) string {
	if a.One == domain {
		return a.Other
	}
	return a.One
}

// Ref refers to an alias in events.
func Ref(id string) audit.Ref { return audit.Ref{Kind: "alias", ID: id} }

const selectAlias = `SELECT id, one, other, reason, proposed_by, proposed_name, proposed_at, signed_by, signed_name,
	signed_at, flagged, withdrawn_by, withdrawn_name, withdrawn_at, withdrawn_reason FROM domain_alias`

func scanAlias(scan db.Scanner) (a Alias, err error) {
	err = scan(&a.ID, &a.One, &a.Other, &a.Reason, &a.Proposed.By, &a.Proposed.Name, db.At(&a.Proposed.At),
		&a.Signed.By, &a.Signed.Name, db.At(&a.Signed.At), &a.Flagged, &a.Withdrawn.By, &a.Withdrawn.Name,
		db.At(&a.Withdrawn.At), &a.WhyNot)
	return a, err
}

// ByID reads an alias, or fault.NotFound.
func ByID(ctx context.Context, r db.R, id string) (Alias, error) {
	a, err := db.One(ctx, r, scanAlias, selectAlias+` WHERE id = $1`, id)
	if err != nil {
		return a, fmt.Errorf("read alias: %w", err)
	}
	return a, nil
}

// maxListed is how many pairs are listed.
const maxListed = 500

// List lists the pairs: those that wait, those that count, then those that were withdrawn, the newest first.
func List(ctx context.Context, r db.R) ([]Alias, error) {
	list, err := db.All(ctx, r, scanAlias, selectAlias+` ORDER BY proposed_at DESC, id LIMIT $1`, maxListed)
	if err != nil {
		return nil, fmt.Errorf("list aliases: %w", err)
	}
	slices.SortStableFunc(list, func(a, b Alias) int { return a.rank() - b.rank() })
	return list, nil
}

func (a Alias) rank() int {
	switch {
	case a.Waits():
		return 0
	case a.Counts():
		return 1
	}
	return 2
}

// whereCounts is that a pair counts.
const whereCounts = ` AND signed_at IS NOT NULL AND withdrawn_at IS NULL`

const selectPartners = selectAlias + ` WHERE (one = $1 OR other = $1)` + whereCounts + ` ORDER BY id LIMIT $2`

// Of lists the pairs that count and have a domain. Nothing follows from two of them: that a is an alias of b, and b of
// c, says nothing of a and c.
func Of(ctx context.Context, r db.R, domain string) ([]Alias, error) {
	list, err := db.All(ctx, r, scanAlias, selectPartners, domain, maxListed)
	if err != nil {
		return nil, fmt.Errorf("list aliases of domain: %w", err)
	}
	return list, nil
}

const selectBetween = selectAlias + ` WHERE one = $1 AND other = $2` + whereCounts

// Between gives the pair that counts and has the domains of two addresses, whose part before the @ is one, or
// fault.NotFound.
func Between(ctx context.Context, r db.R, address, another string) (Alias, error) {
	local, one := split(address)
	otherLocal, other := split(another)
	if one == "" || other == "" || local != otherLocal {
		return Alias{}, fault.NotFound
	}
	if other < one {
		one, other = other, one
	}
	a, err := db.One(ctx, r, scanAlias, selectBetween, one, other)
	if err != nil {
		return a, fmt.Errorf("look for alias: %w", err)
	}
	return a, nil
}

// Keys gives the keys of the addresses that somebody with an address may have in other domains.
func Keys(ctx context.Context, r db.R, address string) (keys []string, err error) {
	local, domain := split(address)
	if domain == "" {
		return nil, nil
	}
	pairs, err := Of(ctx, r, domain)
	for _, pair := range pairs {
		keys = append(keys, local+"@"+pair.Partner(domain))
	}
	return keys, err
}

// Words say who signed a pair, for the record of a link.
func (a Alias) Words() string {
	return "The domains " + a.One + " and " + a.Other + " stand in the table of domain aliases, signed by " +
		a.Proposed.Name + " on " + when.Date(a.Proposed.At) + " and by " + a.Signed.Name + " on " +
		when.Date(a.Signed.At) + ". That could propose the account, and proved nothing"
}

const insertLink = `INSERT INTO domain_alias_link (alias_id, account_id, linked_at) VALUES ($1, $2, $3)`

// NoteLink keeps that an account was linked between the domains of a pair, as a part of the Update that links.
func NoteLink(ctx context.Context, w *db.W, id, accountID string) error {
	if err := w.Soon(ctx, insertLink, id, accountID, w.Now()); err != nil {
		return fmt.Errorf("keep link of alias: %w", err)
	}
	return nil
}

// Link is a link that was made between the domains of a pair.
type Link struct {
	AccountID string
	Linked    time.Time
}

const selectLinks = `SELECT account_id, linked_at FROM domain_alias_link WHERE alias_id = $1
	ORDER BY linked_at DESC, account_id LIMIT $2`

// Links lists the newest links that were made between the domains of a pair while it counted.
func Links(ctx context.Context, r db.R, id string) ([]Link, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (l Link, err error) {
		err = scan(&l.AccountID, db.At(&l.Linked))
		return l, err
	}, selectLinks, id, maxListed)
	if err != nil {
		return nil, fmt.Errorf("list links of alias: %w", err)
	}
	return list, nil
}

// Cautions says what whoever signs a pair should look at: other pairs of its domains, and domains of the table that
// look like one of them.
func Cautions(a Alias, table []Alias) (list []string) {
	for _, other := range table {
		if other.ID == a.ID || !other.Withdrawn.At.IsZero() {
			continue
		}
		list = append(list, a.cautionsOf(other)...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (a Alias) cautionsOf(other Alias) (list []string) {
	for _, domain := range []string{a.One, a.Other} {
		for _, theirs := range []string{other.One, other.Other} {
			switch {
			case domain == theirs:
				partner := other.Partner(domain)
				list = append(list, domain+" also stands with "+partner+". Nothing follows from that for "+
					a.Partner(domain)+" and "+partner+".")
			case looksLike(domain, theirs):
				list = append(list, domain+" looks like "+theirs+", which stands in the table. "+
					"Make sure which one is real.")
			}
		}
	}
	return list
}
