package linking_test

import (
	"time"

	"signpost/internal/dos/linking"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/tries"
)

// deed is a kind of act, with how often it comes among all.
type deed struct {
	name  string
	often int
	do    func()
}

// do does an act, in which others may happen meanwhile.
func (h *history) do(d deed) {
	before := h.act
	h.act = d.name
	d.do()
	h.act = before
}

// anyOf chooses among acts, by how often each comes.
func (h *history) anyOf(all []deed) deed {
	sum := 0
	for _, d := range all {
		sum += d.often
	}
	at := h.rand.IntN(sum)
	for _, d := range all {
		if at -= d.often; at < 0 {
			return d
		}
	}
	return deed{}
}

// play plays a history.
func (h *history) play() {
	acts := []deed{
		{"link by password", 6, h.link}, {"link by relink code", 4, h.relink}, {"come in", 2, h.enter},
		{"log in by password", 2, h.byPassword}, {"offer", 4, h.offer}, {"undo a link", 2, h.undo},
		{"", 6, h.happen},
	}
	waits := []time.Duration{
		20 * time.Minute, 20 * time.Minute, time.Hour, 25 * time.Hour, 80 * time.Hour, 400 * time.Hour,
	}
	for range actsOfHistory {
		h.do(h.anyOf(acts))
		h.count.acts++
		h.compare()
		if h.Failed() {
			return
		}
		h.Clock.Advance(waits[h.rand.IntN(len(waits))])
	}
}

// came holds what came of an act against what must come of it.
func (h *history) came(err error, want bool, format string, args ...any) {
	h.Helper()
	h.say(format+" → must succeed: %v, came: %v", append(args, want, err)...)
	if (err == nil) != want {
		h.Errorf("the last act")
	}
	if err != nil {
		h.count.refused++
		h.count.of(h.act).refused++
		return
	}
	h.count.of(h.act).done++
}

// anyAccount is often the one of before, so that what happens to it meets what happens next.
func (h *history) anyAccount() *trueAccount {
	if h.last == nil || h.chance(60) {
		h.last = h.truth.accounts[h.rand.IntN(len(h.truth.accounts))]
	}
	return h.last
}

// pair is an account and a Care Identity; often, both are one person's.
func (h *history) pair() (a *trueAccount, identity int) {
	identity = h.rand.IntN(len(h.truth.identities))
	a = h.anyAccount()
	if of := h.truth.identities[identity].of; of < humans && h.chance(60) {
		a = h.truth.accounts[of]
	}
	return a, identity
}

// attempt is one ceremony, as its person goes through it.
type attempt struct {
	account   *trueAccount
	identity  int
	relink    string // the relink code that was typed; empty for one by password
	claimed   time.Time
	begun     time.Time
	email     string // of the account when it began
	theirs    string // the address of the Care Identity then
	needsCode bool
	codeRight bool
	accepted  bool // that the names differ
	cookie    string
	code      string
}

func (t *attempt) relinking() bool { return t.relink != "" }

// controlled reports whether what was shown of the account is still worth something.
func (t *attempt) controlled(now time.Time) bool {
	if now.After(t.claimed.Add(oracleCeremony)) {
		return false
	}
	if t.relinking() {
		return t.account.relink == t.relink && now.Before(t.account.relinkUntil)
	}
	return t.account.password
}

// link tries to link by the password.
func (h *history) link() {
	h.linkPair(h.pair())
}

func (h *history) linkPair(a *trueAccount, identity int) {
	who := h.truth.identities[identity].of
	typed := "not the password"
	if who == a.owner || who == a.colleague {
		typed = goodPass
	}
	now := h.Clock.Now()
	want := typed == goodPass && a.knowsPassword(who) && h.truth.mayJoin(a, identity, now, false)
	claim, err := h.linker.Claim(h.Context(), stranger, arrived(h.person(identity)),
		signin.Typed{Username: a.username, Password: typed})
	h.came(err, want, "human %d claims %s for identity %d by %q", who, a.username, identity, typed)
	if err == nil && want {
		h.ceremony(claim, &attempt{account: a, identity: identity, claimed: now})
	}
}

// relink tries to link by the relink code that an administrator handed to the owner.
func (h *history) relink() {
	h.relinkPair(h.pair())
}

func (h *history) relinkPair(a *trueAccount, identity int) {
	who := h.truth.identities[identity].of
	typed := "AAAA AAAA"
	if who == a.owner && a.relink != "" {
		typed = a.relink
	}
	now := h.Clock.Now()
	want := typed == a.relink && now.Before(a.relinkUntil) && h.truth.mayJoin(a, identity, now, true)
	claim, err := h.linker.ClaimByRelinkCode(h.Context(), stranger, arrived(h.person(identity)), a.username, typed)
	h.came(err, want, "human %d claims %s for identity %d by relink code %q", who, a.username, identity, typed)
	if err == nil && want {
		h.ceremony(claim, &attempt{account: a, identity: identity, claimed: now, relink: typed})
	}
}

// ceremony goes on from a claim to the end; things may happen meanwhile.
func (h *history) ceremony(claim linking.Claim, t *attempt) {
	h.meanwhile()
	if !h.truth.identities[t.identity].standing {
		h.say("CIS2 does not let identity %d in", t.identity)
		return
	}
	if h.begin(claim, t); t.cookie == "" {
		return
	}
	if !h.truth.sameName(t.account, t.identity) && h.chance(80) {
		t.accepted = true
		h.Must(h.linker.AcceptNames(h.Context(), stranger, t.cookie))
	}
	h.meanwhile()
	h.finish(t)
}

func (h *history) begin(claim linking.Claim, t *attempt) {
	now := h.Clock.Now()
	a := t.account
	want := t.controlled(now) && h.truth.mayJoin(a, t.identity, now, t.relinking())
	t.begun = now
	t.email = a.email().text
	t.theirs = h.truth.identities[t.identity].email
	t.needsCode = t.relinking() || !h.truth.addressesProve(a, t.identity, now)
	codeTo := a.emailAt(now.Add(-oracleSettled))
	cookie, err := h.linker.Begin(h.Context(), stranger, cameBack(claim.Ask()), h.person(t.identity))
	h.came(err, want, "identity %d is proved for %s; a code to %s is needed: %v", t.identity, a.username,
		codeTo, t.needsCode)
	if err != nil || !want {
		return
	}
	t.cookie = cookie
	if t.needsCode && h.truth.readers[codeTo] == h.truth.identities[t.identity].of {
		t.code = h.Code(codeTo)
		t.codeRight = true
	}
}

func (h *history) finish(t *attempt) {
	now := h.Clock.Now()
	want := !now.After(t.begun.Add(oracleCeremony)) && t.controlled(now) && t.email == t.account.email().text &&
		h.truth.mayJoin(t.account, t.identity, now, t.relinking()) && h.truth.identities[t.identity].standing &&
		(h.truth.sameName(t.account, t.identity) || t.accepted) && (!t.needsCode || t.codeRight)
	doubts := h.truth.doubtsOf(t.account, t.identity, t.theirs)
	held := want && !h.truth.passes(t.account, t.identity, t.theirs, doubts, now)
	err := h.confirm(t.cookie, t.code)
	h.came(err, want && !held, "identity %d confirms %s with code %q; doubts: %+v", t.identity, t.account.username,
		t.code, doubts)
	h.cameHeld(err, held)
	if err == nil {
		if doubts.any() {
			h.count.approved++
		}
		h.linkMade(t.account, t.identity, t.theirs)
		t.account.noted = !h.truth.sameName(t.account, t.identity)
	}
	if held && !h.Failed() {
		h.review(t)
	}
}

// byPassword signs in by a password, known or not.
func (h *history) byPassword() {
	a := h.anyAccount()
	who := human(h.rand.IntN(humans + 1))
	typed := "not the password"
	if who == a.owner || who == a.colleague {
		typed = goodPass
	}
	_, err := h.in(a.username, typed)
	want := h.truth.opensByPassword(a) && typed == goodPass
	h.came(err, want, "human %d signs in to %s by %q", who, a.username, typed)
}

// offer asks which account is proposed to a Care Identity.
func (h *history) offer() { h.offerTo(h.rand.IntN(len(h.truth.identities))) }

func (h *history) offerTo(identity int) {
	want := ""
	if a := h.truth.candidate(identity, h.Clock.Now()); a != nil {
		want = a.username
		h.count.rightOffers++
		if a.email().text != h.truth.identities[identity].email {
			h.count.byAlias++
		}
	}
	candidate, err := h.linker.Candidate(h.Context(), arrived(h.person(identity)))
	h.Must(err)
	got := candidate.Username
	h.say("identity %d is offered %q, must be %q", identity, got, want)
	if got != want {
		h.Errorf("the last act")
	} else if got != "" {
		h.count.offered++
	}
}

// undo undoes a link by one of the three who may.
func (h *history) undo() {
	a := h.anyAccount()
	want := a.undoable(h.Clock.Now())
	var err error
	var code string
	by := []string{"its holder", "an administrator", "a code to its address"}[h.rand.IntN(3)]
	switch by {
	case "its holder":
		_, err = h.linker.Undo(h.Context(), actor.Actor{Kind: actor.Person, ID: a.id}, a.id, "test")
	case "an administrator":
		code, err = h.linker.Undo(h.Context(), actor.Actor{Kind: actor.Person, ID: h.admin.ID}, a.id, "test")
	default:
		err = h.undoByCode(a, want)
	}
	h.came(err, want, "the link of %s is undone by %s", a.username, by)
	if err != nil {
		return
	}
	a.part()
	h.count.undone++
	if code != "" {
		a.relink = code
		a.relinkUntil = h.Clock.Now().Add(oracleRelink)
		a.codeMade = h.Clock.Now()
	}
}

func (h *history) undoByCode(a *trueAccount, undoable bool) error {
	cookie, err := h.linker.AskUndo(h.Context(), stranger, a.username, tries.Browser{})
	if err != nil {
		return err
	}
	code := "AAAA AAAA"
	if undoable {
		code = h.Code(a.emailAt(a.hereSince))
	}
	return h.linker.UndoByCode(h.Context(), stranger, cookie, code)
}
