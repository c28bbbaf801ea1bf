package linking_test

import (
	"context"
	"time"

	"signpost/internal/dos/account"
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
	identity int  // -1 where the address left the account
	theirs   bool // it is the one that the Care Identity came with
}

// trueCase is a pair that a person has to look at.
type trueCase struct {
	account  *trueAccount
	identity int
	sides    string // the addresses of both
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
		same := one.text == a.email().text || one.text == theirs
		if same && one.identity != identity && (one.account != a || one.theirs) {
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
func (t *truth) passes(a *trueAccount, identity int, theirs string, d doubts, now time.Time) bool {
	sides := a.email().text + " " + theirs
	c := t.caseOf(a, identity)
	switch {
	case c != nil && (c.decided.IsZero() || !c.approved && now.Sub(c.decided) < oracleReviewed):
		return false
	case !d.any():
		return true
	case c == nil:
	case c.approved && !c.used && now.Before(c.decided.Add(oracleReviewed)) && d.within(c.doubts) && c.sides == sides:
		c.used = true
		return true
	}
	t.cases = append(t.cases, &trueCase{account: a, identity: identity, sides: sides, doubts: d})
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
	by := []account.Account{h.admin, h.reviewer}[h.rand.IntN(2)]
	approve := h.truth.identities[t.identity].of == t.account.owner
	may := !approve || by.ID != h.admin.ID || h.Clock.Now().Sub(t.account.codeMade) > oracleRelink+oracleReviewed
	_, err := h.linker.DecideReview(h.Context(), actor.Actor{Kind: actor.Person, ID: by.ID, Name: by.Username}, id, h.looked(id, approve, "asked them"))
	h.came(err, may, "%s decides about identity %d for %s, approves: %v", by.Username, t.identity,
		t.account.username, approve)
	if !may {
		return
	}
	c.decided = h.Clock.Now()
	c.approved = approve
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
