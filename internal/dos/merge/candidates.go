package merge

import (
	"context"
	"errors"
	"slices"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/namesake"
	"signpost/internal/dos/alias"
	"signpost/internal/dos/review"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Pair is two accounts that may be one person's, with what speaks for it. It proposes nothing: a person looks at both.
type Pair struct {
	One, Other account.Account
	Evidence   []string
}

// Evidence says what two accounts have in common that accounts of one person have, in words.
func Evidence(one, other account.Account) (list []string) {
	says := func(is bool, words string) {
		if is {
			list = append(list, words)
		}
	}
	same := func(a, b string) bool { return a != "" && a == b }
	says(sameName(one, other), "Same name")
	says(same(one.Organisation, other.Organisation), "Same organisation")
	says(same(digits(one.Phone), digits(other.Phone)), "Same telephone number")
	says(same(local(one), local(other)), "Same address but for what stands after the @")
	says(review.Alike(one.Email, other.Email), "Addresses that look alike")
	return list
}

// EvidenceOf is Evidence, with what the signed aliases of domains say of both addresses.
func EvidenceOf(ctx context.Context, r db.R, one, other account.Account) ([]string, error) {
	list := Evidence(one, other)
	pair, err := alias.Between(ctx, r, one.Email, other.Email)
	if errors.Is(err, fault.NotFound) {
		return list, nil
	}
	if err != nil {
		return nil, err
	}
	return append(list, pair.Words()), nil
}

func sameName(one, other account.Account) bool {
	key := namesake.Key(one.FirstName, one.LastName)
	return key != "" && key == namesake.Key(other.FirstName, other.LastName)
}

// local is what stands before the @ of an account's address.
func local(a account.Account) string {
	text, _, found := strings.Cut(a.EmailKey, "@")
	if !found {
		return ""
	}
	return text
}

func digits(phone string) string {
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, phone)
}

// maxCandidates is how many accounts with one word are looked at.
const maxCandidates = 50

// Candidates lists the accounts within a reach that have two things in common with an account: the name or the address,
// and one more.
func Candidates(ctx context.Context, d *db.DB, a account.Account, within account.Reach) ([]Pair, error) {
	return db.Costly(ctx, d, func(r db.R) ([]Pair, error) { return candidates(ctx, r, a, within) })
}

func candidates(ctx context.Context, r db.R, a account.Account, within account.Reach) (list []Pair, err error) {
	var seen []string
	for _, words := range []string{a.FirstName + " " + a.LastName, local(a)} {
		if strings.TrimSpace(words) == "" {
			continue
		}
		search := account.Search{Words: words, Kind: account.Individual, Within: within}
		found, err := account.Find(ctx, r, search, account.Place{}, maxCandidates)
		if errors.Is(err, fault.Invalid) {
			continue // so many have these words that they tell nobody apart
		}
		if err != nil {
			return nil, err
		}
		for _, one := range found.Accounts {
			evidence := Evidence(a, one.Account)
			if one.ID == a.ID || !one.Active || len(evidence) < 2 || slices.Contains(seen, one.ID) {
				continue
			}
			seen = append(seen, one.ID)
			list = append(list, Pair{One: a, Other: one.Account, Evidence: evidence})
		}
	}
	return byAlias(ctx, r, a, within, list)
}

// byAlias adds the accounts that have the address of an account at a domain that stands for the same.
func byAlias(ctx context.Context, r db.R, a account.Account, within account.Reach, list []Pair) ([]Pair, error) {
	keys, err := alias.Keys(ctx, r, a.Email)
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		other, err := account.ByEmail(ctx, r, key)
		if errors.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if other.ID == a.ID || !other.Active || other.Kind != account.Individual || !within.Covers(other) {
			continue
		}
		at := slices.IndexFunc(list, func(p Pair) bool { return p.Other.ID == other.ID })
		if at < 0 {
			at = len(list)
			list = append(list, Pair{One: a, Other: other})
		}
		if list[at].Evidence, err = EvidenceOf(ctx, r, a, other); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// maxPairs is how many pairs a list has.
const maxPairs = 100

// Pairs lists accounts within a reach that may be one person's: those of one name at one organisation.
func Pairs(ctx context.Context, r db.R, within account.Reach) (list []Pair, err error) {
	found, err := account.ListNamesakes(ctx, r, within, maxPairs)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, n := range found {
		ids = append(ids, n.One.ID, n.Other.ID)
	}
	accounts, err := account.ByIDs(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	for _, n := range found {
		one := accounts[n.One.ID]
		other := accounts[n.Other.ID]
		list = append(list, Pair{One: one, Other: other, Evidence: Evidence(one, other)})
	}
	return list, nil
}
