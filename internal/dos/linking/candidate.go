package linking

import (
	"context"
	"errors"

	"signpost/internal/dos/account"
	"signpost/internal/dos/alias"
	"signpost/internal/dos/review"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
)

// Candidate is the account that probably belongs to somebody who came with a Care Identity.
type Candidate struct {
	account.Account // the zero value if there is none

	// ByAlias is the account's domain, where it has another than the Care Identity; empty where it has the same.
	ByAlias string
}

// Candidate gives the account that probably belongs to somebody, found by their email address. It only proposes the
// account: they still have to show that it is theirs (rule R2).
func (l *Linker) Candidate(ctx context.Context, arrived Arrival) (Candidate, error) {
	return db.Read(ctx, l.DB, func(r db.R) (Candidate, error) {
		address, _ := email.Parse(arrived.Email) // a text that is no address has no key and finds nobody
		key, _ := address.Canonical()
		a, err := account.ByEmail(ctx, r, key)
		if errors.Is(err, fault.NotFound) {
			return l.candidateByAlias(ctx, r, arrived)
		}
		if err != nil || !emailsProve(a, arrived.person(), r.Now()) {
			return Candidate{}, err
		}
		return l.propose(ctx, r, a, arrived, "")
	})
}

// propose gives an account as a candidate, unless the two must not be joined.
func (l *Linker) propose(
	ctx context.Context, r db.R, a account.Account, arrived Arrival, domain string,
) (Candidate, error) {
	problem, err := Pair{Account: a, Person: arrived.person(), Control: ByTyping}.obstacle(ctx, r)
	if err != nil || problem != nil {
		return Candidate{}, err
	}
	return Candidate{Account: a, ByAlias: domain}, nil
}

// candidateByAlias looks for the account in the domains that are aliases of that of the Care Identity (rule R7). Both
// addresses were proved lately, and the names are the same: two people may have one name before the @. Where several
// accounts could be meant, none is.
func (l *Linker) candidateByAlias(ctx context.Context, r db.R, arrived Arrival) (Candidate, error) {
	keys, err := alias.Keys(ctx, r, arrived.Email)
	if err != nil {
		return Candidate{}, err
	}
	var found []account.Account
	for _, key := range keys {
		a, err := account.ByEmail(ctx, r, key)
		if errors.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return Candidate{}, err
		}
		found = append(found, a)
	}
	person := arrived.person()
	if len(found) != 1 || !emailsProved(found[0], person, r.Now()) || !SameName(found[0], person) {
		return Candidate{}, nil
	}
	return l.propose(ctx, r, found[0], arrived, alias.DomainOf(found[0].Email))
}

// keepAlias gives the rule of the pair of domains that joins the addresses of both sides of a link, and keeps that the
// link was made while it counted. Where no pair does, there is none.
func keepAlias(ctx context.Context, w *db.W, a account.Account, c Ceremony) ([]review.Rule, error) {
	pair, err := alias.Between(ctx, w, a.Email, c.Email)
	if errors.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return []review.Rule{{Number: "R7", Words: pair.Words()}}, alias.NoteLink(ctx, w, pair.ID, a.ID)
}
