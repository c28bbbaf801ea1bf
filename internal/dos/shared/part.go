package shared

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/deciding"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// Part names some of the claims that wait: those from a network, from the new browsers there, or from one of its
// browsers.
type Part struct {
	Network string // empty where that is not known
	Browser string // empty for all browsers
	New     bool   // of all browsers those that are not known
}

// has reports whether those who came from a browser on a network are of the part.
func (p Part) has(one group) bool {
	if p.Browser != "" && p.Browser != one.browser || p.New && one.isKnown {
		return false
	}
	return p.Network == one.network
}

// IsOf reports whether a claim came from the one browser that the part is.
func (p Part) IsOf(c Claim) bool {
	return p.Browser != "" && p == Part{Network: c.Network, Browser: c.browser}
}

// Waiting are the claims of a part that wait for a decision.
type Waiting struct {
	Part

	Claims  int
	Newest  time.Time // when the last of them came
	Vouched bool      // it is one browser, and somebody who said there who they are was confirmed
}

// maxBrowsers is how many browsers of a network are parts of their own.
const maxBrowsers = 10

// Parts gives the parts of the claims that wait, the network with the most first. Behind a network come its new
// browsers, and those of its known browsers from which several wait, as those have room of their own too.
func (c Crowd) Parts() (list []Waiting) {
	networks := map[string]int{}
	for _, one := range c.groups {
		networks[one.network] += one.claims
	}
	for network := range networks {
		list = append(list, c.waiting(Part{Network: network}))
	}
	slices.SortFunc(list, byClaims)
	for at := 0; at < len(list); at++ {
		within := c.partsOf(list[at])
		list = slices.Insert(list, at+1, within...)
		at += len(within)
	}
	return list
}

// partsOf gives the parts of those who came from a network.
func (c Crowd) partsOf(network Waiting) (list []Waiting) {
	for _, one := range c.groups {
		if one.network != network.Network || !one.isKnown || one.claims < 2 || one.claims == network.Claims {
			continue
		}
		part := c.waiting(Part{Network: one.network, Browser: one.browser})
		part.Vouched = one.vouched
		list = append(list, part)
	}
	slices.SortFunc(list, byClaims)
	list = list[:min(len(list), maxBrowsers)]
	fresh := c.waiting(Part{Network: network.Network, New: true})
	if fresh.Claims > 0 && fresh.Claims < network.Claims {
		list = slices.Insert(list, 0, fresh)
	}
	return list
}

func byClaims(a, b Waiting) int {
	return cmp.Or(cmp.Compare(b.Claims, a.Claims), strings.Compare(a.Network, b.Network),
		strings.Compare(a.Browser, b.Browser))
}

// waiting counts the claims of a part.
func (c Crowd) waiting(part Part) Waiting {
	w := Waiting{Part: part}
	for _, one := range c.groups {
		if !part.has(one) {
			continue
		}
		w.Claims += one.claims
		if one.newest.After(w.Newest) {
			w.Newest = one.newest
		}
	}
	return w
}

// browsers gives the browsers from which the claims of a part came.
func (c Crowd) browsers(part Part) (list []string) {
	for _, one := range c.groups {
		if part.has(one) {
			list = append(list, one.browser)
		}
	}
	return list
}

// RejectAll rejects all claims of a part that wait, as whoever rejects them saw it, and says how many. It leaves those
// with an address that is or was one's own, and those that came since. It is for a case that somebody filled who knows
// the password.
func (c *Cases) RejectAll(
	ctx context.Context, by actor.Actor, accountID string, from Waiting, reason string,
) (int, error) {
	reason = strings.TrimSpace(reason)
	if reason == "" || len([]rune(reason)) > 500 {
		return 0, errReason
	}
	return db.Write(ctx, c.DB, by, func(w *db.W) (int, error) {
		if err := account.RequireOver(ctx, w, account.ManageUsers, accountID); err != nil {
			return 0, err
		}
		if err := deciding.Settled(ctx, w, account.ManageUsers); err != nil {
			return 0, refuseDecision(ctx, w, accountID, err)
		}
		n, err := rejectOthers(ctx, w, accountID, from, reason)
		if err != nil {
			return 0, err
		}
		if n == 0 {
			return 0, errState
		}
		return int(n), w.Record(ctx, audit.Event{Kind: eventRejected, Subject: account.Ref(accountID), Reason: reason,
			After: map[string]any{
				"network": from.Network, "browser": from.Browser, "new browsers": from.New, "claims": n,
			}})
	})
}

const rejectAll = `UPDATE shared_claim SET state = $4, reason = $5, decided_at = $6, decided_by = $7
	WHERE account_id = $1 AND state = $2 AND network = $3 AND made_at <= $8 AND email_key NOT IN (`

// rejectOthers rejects the claims of a part that wait, but for the actor's own.
func rejectOthers(ctx context.Context, w *db.W, accountID string, from Waiting, reason string) (int64, error) {
	me, err := account.PersonOf(ctx, w, w.Actor().ID)
	if err != nil {
		return 0, err
	}
	crowd, err := WaitingFrom(ctx, w, accountID)
	if err != nil {
		return 0, err
	}
	browsers := crowd.browsers(from.Part)
	if len(browsers) == 0 {
		return 0, nil
	}
	var args db.Arguments
	for _, value := range []any{accountID, string(Claimed), from.Network, string(Rejected), reason, w.Now(),
		w.Actor().ID, from.Newest} {
		args.Add(value)
	}
	own := append(me.EmailKeys, "") // no claim is without an address
	text := rejectAll + db.AddEach(&args, own) + `) AND browser IN (` + db.AddEach(&args, browsers) + `)`
	n, err := w.Exec(ctx, text, args.List()...)
	if err != nil {
		return 0, fmt.Errorf("reject claims: %w", err)
	}
	return n, nil
}
