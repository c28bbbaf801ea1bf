package shared

import (
	"context"
	"fmt"
	"slices"
	"time"

	"signpost/internal/platform/db"
)

// How many claims to an account may wait for a decision, so that nobody who knows the password takes all the room. A
// browser is known once an administrator has confirmed somebody who said it there, or somebody who did has waited for a
// day. A new one is made as quickly as its cookies are deleted, so all new ones of a network share one part.
const (
	maxUndecided = 200 // of one account
	maxOfNetwork = 150 // from one network
	maxOfNew     = 50  // from all new browsers of one network
	maxOfBrowser = 50  // from one browser

	newFor = 24 * time.Hour
)

// Crowd are the claims to an account that wait for a decision.
type Crowd struct{ groups []group }

// group are those that came from one browser on one network.
type group struct {
	network string // empty where that is not known
	browser string // empty where that is not known
	isKnown bool
	vouched bool // somebody who said there who they are was confirmed
	claims  int
	newest  time.Time // when the last of them came
}

// fullness says where there is no room.
type fullness struct{ here, elsewhere string }

// Total counts them all.
func (c Crowd) Total() int { return c.count(func(group) bool { return true }) }

func (c Crowd) count(is func(group) bool) (n int) {
	for _, one := range c.groups {
		if is(one) {
			n += one.claims
		}
	}
	return n
}

// fullFor says where there is no room for a claim from a browser on a network; nil if there is room.
func (c Crowd) fullFor(network, browser string, isKnown bool) *fullness {
	here := func(one group) bool { return network != "" && one.network == network }
	isNewHere := func(one group) bool { return here(one) && !one.isKnown }
	inBrowser := func(one group) bool { return browser != "" && one.browser == browser }
	switch {
	case c.count(inBrowser) >= maxOfBrowser:
		return &fullness{" in this browser", ", which may be on another computer"}
	case c.count(here) >= maxOfNetwork, !isKnown && c.count(isNewHere) >= maxOfNew:
		return &fullness{" on your network", ", which may be on another network, such as a phone’s"}
	case c.Total() >= maxUndecided:
		return &fullness{}
	}
	return nil
}

// Full reports whether there is no room for others from anywhere, for those of a browser, or for those of a network.
func (c Crowd) Full() bool {
	return c.fullFor("", "", false) != nil || slices.ContainsFunc(c.groups, func(one group) bool {
		return c.fullFor(one.network, one.browser, false) != nil
	})
}

const (
	knownBrowsers = `SELECT browser FROM shared_claim WHERE account_id = $1 AND browser <> ''
		AND (state = 'confirmed' OR state = 'claimed' AND made_at <= $2)`
	vouchedBrowsers = `SELECT browser FROM shared_claim WHERE account_id = $1 AND browser <> ''
		AND state = 'confirmed'`
	selectWaiting = `SELECT network, browser, browser IN (` + knownBrowsers + `), browser IN (` + vouchedBrowsers + `),
		COUNT(*), MAX(made_at) FROM shared_claim WHERE account_id = $1 AND state = 'claimed' GROUP BY network, browser`
)

// WaitingFrom counts the claims to an account that wait for a decision, by where they came from.
func WaitingFrom(ctx context.Context, r db.R, accountID string) (Crowd, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (one group, err error) {
		err = scan(&one.network, &one.browser, &one.isKnown, &one.vouched, &one.claims, db.At(&one.newest))
		return one, err
	}, selectWaiting, accountID, r.Now().Add(-newFor))
	if err != nil {
		return Crowd{}, fmt.Errorf("count claims that wait: %w", err)
	}
	return Crowd{groups: list}, nil
}

// knowsBrowser reports whether a browser is not new to an account.
func knowsBrowser(ctx context.Context, r db.R, accountID, browser string) (bool, error) {
	const count = `SELECT COUNT(*) FROM (` + knownBrowsers + ` AND browser = $3) known`
	n, err := db.Value[int64](ctx, r, count, accountID, r.Now().Add(-newFor), browser)
	if err != nil {
		return false, fmt.Errorf("look for a browser: %w", err)
	}
	return n > 0, nil
}
