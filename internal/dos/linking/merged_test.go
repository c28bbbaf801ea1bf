package linking_test

import (
	"time"

	"signpost/internal/dos/merge"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
)

// What the oracle says of two accounts that become one (rules R3, R5, R7, R8, R10, R11), and what histories do with it.

// The times of a merge.
const (
	oracleConfirm = 14 * 24 * time.Hour
	oracleMerge   = 7 * 24 * time.Hour
)

// stage is how far a merge has come.
type stage int

const (
	proposed stage = iota
	confirmed
	merged
	over // undone, declined or withdrawn
)

// trueMerge is a merge as it truly is.
type trueMerge struct {
	id               string
	survivor, closed *trueAccount
	proposed         time.Time
	stage            stage
	since            time.Time    // of the stage
	linked           *trueAccount // which of the two was linked when it was confirmed; nil for none
	moved            int          // the number of the Care Identity whose link was moved; -1 for none
}

// open reports whether a merge waits for something.
func (m *trueMerge) open(now time.Time) bool {
	return m.stage == proposed && now.Sub(m.since) < oracleConfirm ||
		m.stage == confirmed && now.Sub(m.since) < oracleMerge
}

// linkedSide gives the account of a merge that is linked; nil if neither is.
func (m *trueMerge) linkedSide() *trueAccount {
	for _, a := range []*trueAccount{m.survivor, m.closed} {
		if a.link != -1 {
			return a
		}
	}
	return nil
}

// waitsForReview reports whether a link of an account, made or held, waits for a person.
func (t *truth) waitsForReview(a *trueAccount) bool {
	for _, c := range t.cases {
		if c.account == a && c.decided.IsZero() {
			return true
		}
	}
	return a.noted
}

// mayBecomeOne reports whether two accounts can become one: both are of one person each and active, no more than one is
// linked, nobody has to look at a link of either, and nobody would have to look at a link that moves.
func (t *truth) mayBecomeOne(survivor, closed *trueAccount, now time.Time) bool {
	for _, a := range []*trueAccount{survivor, closed} {
		if a.shared || !a.active || t.waitsForReview(a) {
			return false
		}
	}
	switch {
	case survivor == closed, survivor.link != -1 && closed.link != -1:
		return false
	case closed.link == -1:
		return true
	}
	return !looksLike(survivor.email().text, closed.theirs) && !t.recycledBeyond(survivor, closed) &&
		t.mayMove(closed.link, survivor, now)
}

// mayMove reports whether a link may come to another account, as far as that account and what reviewers said of the
// two are concerned.
func (t *truth) mayMove(identity int, to *trueAccount, now time.Time) bool {
	c := t.caseOf(to, identity)
	stopped := c != nil && (c.decided.IsZero() || !c.approved && now.Sub(c.decided) < oracleReviewed)
	return !stopped && t.phaseOf(to) != path.Prepare && !ofTeam(to.email().text) &&
		!ofTeam(to.emailAt(now.Add(-oracleSettled)))
}

// stands reports whether the link of an account opens it: its Care Identity is active, and was not suspended since.
func (t *truth) stands(a *trueAccount) bool { return t.identities[a.link].standing && !t.waitsAgain(a) }

// recycledBeyond reports whether one of the addresses of a link that moves was that of anybody else but the account
// that is closed.
func (t *truth) recycledBeyond(survivor, closed *trueAccount) bool {
	for _, one := range t.traces {
		same := one.text == survivor.email().text || one.text == closed.theirs
		if same && one.account != closed && one.identity != closed.link && (one.account != survivor || one.theirs) {
			return true
		}
	}
	return false
}

// proposedToday counts the merges of an account that were proposed within a day.
func (t *truth) proposedToday(a *trueAccount, now time.Time) (n int) {
	for _, m := range t.merges {
		if (m.survivor == a || m.closed == a) && now.Sub(m.proposed) < 24*time.Hour {
			n++
		}
	}
	return n
}

// mayShow reports whether somebody who is logged in to one side can show that both are theirs: with the linked one, if
// there is one, whose address was proved lately and stands long enough.
func (m *trueMerge) mayShow(own *trueAccount, now time.Time) bool {
	other := m.survivor
	if own == m.survivor {
		other = m.closed
	}
	settled := len(own.emails) == 1 || now.Sub(own.email().since) >= oracleSettled
	return m.stage == proposed && m.open(now) && other.link == -1 && !own.proved.IsZero() &&
		now.Sub(own.proved) <= oracleProof && settled
}

// mayBeDone reports whether a merge can be done: nothing that the holder's proof rests on has changed since.
func (t *truth) mayBeDone(m *trueMerge, now time.Time) bool {
	for _, a := range []*trueAccount{m.survivor, m.closed} {
		if a.email().since.After(m.since) || a.link != -1 && a.hereSince.After(m.since) {
			return false
		}
	}
	return m.stage == confirmed && m.open(now) && m.linkedSide() == m.linked &&
		t.mayBecomeOne(m.survivor, m.closed, now) && (m.closed.link == -1 || t.stands(m.closed))
}

// mayBeUndone reports whether a merge can be undone.
func (t *truth) mayBeUndone(m *trueMerge, now time.Time) bool {
	if m.stage != merged || now.Sub(m.since) >= oracleUndo || !m.survivor.active || m.moved == -1 {
		return m.stage == merged && now.Sub(m.since) < oracleUndo && m.survivor.active
	}
	there := m.survivor.link == m.moved && !m.survivor.hereSince.After(m.since)
	return there && !t.waitsForReview(m.survivor) && !t.waitsForReview(m.closed) && t.stands(m.survivor) &&
		t.mayMove(m.moved, m.closed, now)
}

func (h *history) office() merge.Office { return merge.Office{DB: h.DB, Post: h.Post, Links: h.linker} }

// merge takes the newest merge a step further, or proposes one.
func (h *history) merge() {
	if len(h.truth.merges) == 0 || h.chance(25) {
		h.do(deed{"propose a merge", 1, h.proposeMerge})
		return
	}
	m := h.truth.merges[len(h.truth.merges)-1]
	steps := []deed{
		{"show that both accounts are theirs", 1, func() { h.confirmMerge(m) }},
		{"merge", 1, func() { h.doMerge(m) }},
		{"undo a merge", 1, func() { h.undoMerge(m) }},
	}
	step := min(int(m.stage), 2)
	if h.chance(15) {
		step = h.rand.IntN(3)
	}
	h.do(steps[step])
}

// proposeMerge has an administrator propose that two accounts are one person's, most often rightly.
func (h *history) proposeMerge() {
	survivor, closed := h.anyAccount(), h.truth.accounts[h.rand.IntN(len(h.truth.accounts))]
	for _, a := range h.truth.accounts {
		if a != survivor && a.owner == survivor.owner && h.chance(90) {
			closed = a
		}
	}
	want := h.truth.mayBecomeOne(survivor, closed, h.Clock.Now())
	for _, a := range []*trueAccount{survivor, closed} {
		want = want && h.openMerge(a) == nil && h.truth.proposedToday(a, h.Clock.Now()) < 3
	}
	by, who := h.anyAdministrator()
	id, err := h.office().Propose(h.Context(), who, merge.Proposal{
		Survivor: survivor.id, Closed: closed.id, Reason: "They told me so",
	})
	h.came(err, want, "%s proposes that %s becomes a part of %s", by.Username, closed.username, survivor.username)
	if err != nil {
		return
	}
	h.truth.merges = append(h.truth.merges, &trueMerge{
		id: id, survivor: survivor, closed: closed, proposed: h.Clock.Now(), since: h.Clock.Now(), moved: -1,
	})
	if h.chance(80) {
		m := h.truth.merges[len(h.truth.merges)-1]
		h.do(deed{"show that both accounts are theirs", 1, func() { h.confirmMerge(m) }})
	}
}

// confirmMerge has the holder of one side type the code that went to the other, or what they make up.
func (h *history) confirmMerge(m *trueMerge) {
	own, other := m.survivor, m.closed
	if linked := m.linkedSide(); linked == m.closed || linked == nil && h.chance(50) || h.chance(10) {
		own, other = other, own
	}
	if !h.loggedIn(own) {
		return
	}
	now := h.Clock.Now()
	me := actor.Actor{Kind: actor.Person, ID: own.id, Name: own.username, Session: "merge"}
	err := h.office().SendCode(h.Context(), me)
	if m != h.openMerge(own) {
		h.came(err, h.openMerge(own) != nil && h.openMerge(own).mayShow(own, now), "%s asks for the code of a merge",
			own.username)
		return
	}
	h.came(err, m.mayShow(own, now), "%s asks for a code to %s", own.username, other.username)
	if err != nil {
		return
	}
	to := other.emailAt(now.Add(-oracleSettled))
	reads := h.truth.readers[to] == own.owner
	code := "AAAA AAAA"
	if reads {
		code = h.Code(to)
	}
	h.meanwhile()
	later := h.Clock.Now()
	want := reads && later.Sub(now) <= oracleCeremony && h.openMerge(own) == m && m.mayShow(own, later)
	err = h.office().Confirm(h.Context(), me, code)
	h.came(err, want, "%s types the code that went to %s", own.username, to)
	if err != nil {
		return
	}
	m.stage = confirmed
	m.since = later
	m.linked = m.linkedSide()
	if h.chance(75) {
		h.meanwhile()
		h.do(deed{"merge", 1, func() { h.doMerge(m) }})
	}
}

// openMerge gives the merge of an account that waits for something, or nil.
func (h *history) openMerge(a *trueAccount) *trueMerge {
	for _, m := range h.truth.merges {
		if (m.survivor == a || m.closed == a) && m.open(h.Clock.Now()) {
			return m
		}
	}
	return nil
}

// doMerge has an administrator merge two accounts, who finds out before whose both are.
func (h *history) doMerge(m *trueMerge) {
	if m.survivor.owner != m.closed.owner {
		err := h.office().Withdraw(h.Context(), h.adminActor(), m.id)
		h.came(err, m.open(h.Clock.Now()), "the merge of %s is withdrawn", m.closed.username)
		if err == nil {
			m.stage = over
		}
		return
	}
	now := h.Clock.Now()
	by, who := h.anyAdministrator()
	want := h.truth.mayBeDone(m, now)
	err := h.office().Do(h.Context(), who, m.id, h.shownMerge(m.id))
	h.came(err, want, "%s merges %s into %s", by.Username, m.closed.username, m.survivor.username)
	if err != nil {
		return
	}
	m.stage = merged
	m.since = now
	m.moved = m.closed.link
	h.truth.traces = append(h.truth.traces, trace{text: m.closed.email().text, account: m.closed, identity: -1})
	if m.moved != -1 {
		h.linkMoves(m.closed, m.survivor)
	}
	m.closed.active = false
	m.closed.password = false
	m.closed.relink = ""
	if h.chance(40) {
		h.meanwhile()
		h.do(deed{"undo a merge", 1, func() { h.undoMerge(m) }})
	}
}

func (h *history) adminActor() actor.Actor {
	return actor.Actor{Kind: actor.Person, ID: h.admin.ID, Name: h.admin.Username}
}

func (h *history) linkMoves(from, to *trueAccount) {
	identity := from.link
	proved := from.linkedAt
	from.part()
	h.linkMade(to, identity, from.theirs)
	to.linkedAt = proved
	h.truth.approved[pairing{to, identity}] = h.truth.approved[pairing{from, identity}]
}

// undoMerge has an administrator part two accounts again. No password comes back.
func (h *history) undoMerge(m *trueMerge) {
	now := h.Clock.Now()
	by, who := h.anyAdministrator()
	want := h.truth.mayBeUndone(m, now)
	err := h.office().Undo(h.Context(), who, m.id, h.shownMerge(m.id), "two people")
	h.came(err, want, "%s undoes the merge of %s into %s", by.Username, m.closed.username, m.survivor.username)
	if err != nil {
		return
	}
	m.stage = over
	m.closed.active = true
	if m.moved != -1 {
		h.linkMoves(m.survivor, m.closed)
	}
}
