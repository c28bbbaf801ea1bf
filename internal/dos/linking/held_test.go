package linking_test

import (
	"context"
	"time"

	"signpost/internal/dos/linking"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// What the oracle says of links that a person has to look at, and what histories do with them.

// oracleReviewed is how long a reviewer's decision about a pair stands.
const oracleReviewed = 7 * 24 * time.Hour

// trace is an address that an account had, or that came to its link with a Care Identity.
type trace struct {
	text     string
	account  *trueAccount
	identity int // -1 where the address left the account
}

// trueCase is a pair that a person has to look at.
type trueCase struct {
	account  *trueAccount
	identity int
	doubts   doubts
	decided  time.Time
	approved bool
	used     bool
}

// doubts are why a person has to look.
type doubts struct{ recycled, ambiguous, alike bool }

func (d doubts) any() bool { return d != doubts{} }

// within reports whether a decision about some doubts covers these.
func (d doubts) within(decided doubts) bool {
	return (!d.recycled || decided.recycled) && (!d.ambiguous || decided.ambiguous) && (!d.alike || decided.alike)
}

// doubtsOf gives what a person has to look at, where the Care Identity came with an address.
func (t *truth) doubtsOf(a *trueAccount, identity int, theirs string) doubts {
	d := doubts{ambiguous: t.having(a.email().text) > 1, alike: looksLike(a.email().text, theirs)}
	for _, one := range t.traces {
		if (one.text == a.email().text || one.text == theirs) && one.account != a && one.identity != identity {
			d.recycled = true
		}
	}
	return d
}

// having counts the Care Identities that have an address.
func (t *truth) having(text string) (n int) {
	for _, i := range t.identities {
		if i.email == text && i.verified {
			n++
		}
	}
	return n
}

// caseOf gives the newest case of a pair, or nil.
func (t *truth) caseOf(a *trueAccount, identity int) (found *trueCase) {
	for _, c := range t.cases {
		if c.account == a && c.identity == identity {
			found = c
		}
	}
	return found
}

// passes reports whether a pair with doubts can be linked, and makes a case where there must be a new one.
func (t *truth) passes(a *trueAccount, identity int, d doubts, now time.Time) bool {
	if !d.any() {
		return true
	}
	c := t.caseOf(a, identity)
	switch {
	case c == nil:
	case c.decided.IsZero():
		return false
	case c.approved && !c.used && now.Before(c.decided.Add(oracleReviewed)) && d.within(c.doubts):
		c.used = true
		return true
	case !c.approved && now.Sub(c.decided) < oracleReviewed:
		return false
	}
	t.cases = append(t.cases, &trueCase{account: a, identity: identity, doubts: d})
	return false
}

const waitingCase = `SELECT id FROM link_review WHERE account_id = $1 AND subject = $2 AND holds AND decided_at IS NULL`

// review decides about a pair that is held: the administrator finds out whose both are. Then, often, whoever wanted to
// link tries again.
func (h *history) review(t *attempt) {
	c := h.truth.caseOf(t.account, t.identity)
	if !c.decided.IsZero() || h.chance(20) {
		return
	}
	id := worldtest.Read(h.World.World, func(ctx context.Context, r db.R) (string, error) {
		return db.Value[string](ctx, r, waitingCase, t.account.id, h.truth.identities[t.identity].subject)
	})
	c.decided = h.Clock.Now()
	c.approved = h.truth.identities[t.identity].of == t.account.owner
	_, err := h.linker.DecideReview(h.Context(), actor.Actor{Kind: actor.Person, ID: h.admin.ID, Name: "Al"}, id,
		c.approved, "asked them")
	h.came(err, true, "identity %d for %s is approved: %v", t.identity, t.account.username, c.approved)
	if h.chance(70) {
		h.Clock.Advance(time.Hour)
		h.again(t)
	}
}

// again tries to link the pair of an attempt once more.
func (h *history) again(t *attempt) {
	if t.relinking() {
		h.relinkPair(t.account, t.identity)
		return
	}
	h.linkPair(t.account, t.identity)
}

// cameHeld holds whether a link was held against whether it must be.
func (h *history) cameHeld(err error, want bool) {
	h.Helper()
	refusal, _ := linking.RefusalOf(err)
	if held := refusal == linking.HeldBack; held != want {
		h.Errorf("held: %v, must be %v", held, want)
	}
	if want {
		h.count.held++
	}
}
