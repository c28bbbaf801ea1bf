package linking_test

import (
	"strings"
	"time"

	"signpost/internal/national/path"
)

// The oracle says what must come of each act in a history, by the rules R1 to R13 as they are written. It is written
// apart from the product: it knows nothing of packages linking, account and signin, and asks no database.

// The times of the rules.
const (
	oracleSettled  = 72 * time.Hour
	oracleProof    = 30 * 24 * time.Hour
	oracleUndo     = 30 * 24 * time.Hour
	oracleRelink   = 7 * 24 * time.Hour
	oracleCeremony = 15 * time.Minute
)

// human is somebody of a history, by number.
type human int

// nobody reads a mailbox that nobody was given.
const nobody human = -1

// address is one address that an account had, and since when.
type address struct {
	text  string
	since time.Time
}

// trueAccount is an account as it truly is.
type trueAccount struct {
	id, username string
	owner        human
	colleague    human // knows the password too; nobody if none does
	asked        bool  // it was made for a request, without a password
	shared       bool
	active       bool
	password     bool // it has one
	created      time.Time
	emails       []address // the present one last
	proved       time.Time // when the present one was proved
	link         int       // the number of its Care Identity; -1 for none
	linkedAt     time.Time // when the Care Identity was proved for the link
	hereSince    time.Time // since when the link is at this account
	theirs       string    // the address that its Care Identity came with
	noted        bool      // its link is there, and waits for somebody to look at it
	relink       string    // the code that its owner was handed
	relinkUntil  time.Time
	codeMade     time.Time // when the newest such code was made
}

func (a *trueAccount) email() address { return a.emails[len(a.emails)-1] }

// emailAt is the address that stood at a time, or the first.
func (a *trueAccount) emailAt(then time.Time) string {
	at := a.emails[0].text
	for _, e := range a.emails {
		if !e.since.After(then) {
			at = e.text
		}
	}
	return at
}

// trueIdentity is a Care Identity as it truly is.
type trueIdentity struct {
	subject  string
	of       human
	email    string
	verified bool
	level    int
	married  bool // and has another name than in the directory
	standing bool
	again    time.Time // since when it is active again; zero if it was never suspended
}

// truth is everything that is true in a history.
type truth struct {
	phase      path.Phase
	accounts   []*trueAccount
	identities []*trueIdentity
	readers    map[string]human // who reads a mailbox
	traces     []trace
	cases      []*trueCase
	aliases    []*trueAlias
	requests   []*trueRequest
	merges     []*trueMerge
	approved   map[pairing]time.Time // when a link was approved whose Care Identity had been suspended
}

// linkedTo gives the account of a Care Identity, or nil.
func (t *truth) linkedTo(identity int) *trueAccount {
	for _, a := range t.accounts {
		if a.link == identity {
			return a
		}
	}
	return nil
}

// knowsPassword reports whether somebody can type a password that the account still has.
func (a *trueAccount) knowsPassword(h human) bool {
	return a.password && (h == a.owner || h == a.colleague)
}

// phaseOf is the phase of an account's wave. One that never had a password is in a wave in which passwords have ended.
func (t *truth) phaseOf(a *trueAccount) path.Phase {
	if a.asked {
		return path.Closed
	}
	return t.phase
}

// opensByPassword reports whether the right password begins a session.
func (t *truth) opensByPassword(a *trueAccount) bool {
	return a.active && a.password && t.phaseOf(a) < path.Require
}

// mayJoin reports whether the two may be joined at all.
func (t *truth) mayJoin(a *trueAccount, identity int, now time.Time, relinking bool) bool {
	opens := t.opensByCode(a, now) && (relinking || t.phaseOf(a) != path.Closed)
	return opens && a.link == -1 && t.linkedTo(identity) == nil && t.identities[identity].level == 3
}

// opensByCode reports whether a code could link an account now. One that would open nothing is not made.
func (t *truth) opensByCode(a *trueAccount, now time.Time) bool {
	return a.active && !a.shared && t.phaseOf(a) >= path.Choose && !ofTeam(a.email().text) &&
		!ofTeam(a.emailAt(now.Add(-oracleSettled)))
}

// ofTeam reports whether an address is a team's, of those that histories have.
func ofTeam(text string) bool { return strings.HasPrefix(text, "reception@") }

// addressesProve reports whether no code is needed: both addresses are one, and were proved lately.
func (t *truth) addressesProve(a *trueAccount, identity int, now time.Time) bool {
	return t.identities[identity].email == a.email().text && t.addressesProved(a, identity, now)
}

// addressesProved reports whether both addresses were proved lately, and the account's has stood long enough.
func (t *truth) addressesProved(a *trueAccount, identity int, now time.Time) bool {
	return t.identities[identity].verified && !a.proved.IsZero() && now.Sub(a.proved) <= oracleProof &&
		now.Sub(a.email().since) >= oracleSettled
}

// looksLike reports whether two addresses differ, and look the same, of those that histories have.
func looksLike(one, other string) bool {
	read := strings.NewReplacer("examp1e", "example")
	return one != other && read.Replace(one) == read.Replace(other)
}

// sameName reports whether the account and the Care Identity have one name.
func (t *truth) sameName(a *trueAccount, identity int) bool {
	i := t.identities[identity]
	return i.of == a.owner && !i.married
}

// candidate is the account that must be proposed to a Care Identity; nil for none.
func (t *truth) candidate(identity int, now time.Time) *trueAccount {
	a := t.holderOf(t.identities[identity].email)
	proves := t.addressesProve
	if a == nil {
		a = t.byAlias(identity)
		proves = t.addressesProved
	}
	if a == nil || !t.mayJoin(a, identity, now, false) || !proves(a, identity, now) {
		return nil
	}
	return a
}

// holderOf gives the individual account that has an address, or nil.
func (t *truth) holderOf(text string) *trueAccount {
	for _, a := range t.accounts {
		if !a.shared && a.email().text == text {
			return a
		}
	}
	return nil
}

// undoable reports whether the link of an account can be undone.
func (a *trueAccount) undoable(now time.Time) bool {
	return a.link != -1 && now.Sub(a.linkedAt) <= oracleUndo
}

// join is what a link leaves.
func (a *trueAccount) join(identity int, now time.Time) {
	a.link = identity
	a.linkedAt = now
	a.hereSince = now
	a.password = false
	a.relink = ""
}

// part is what the end of a link leaves.
func (a *trueAccount) part() {
	a.link = -1
	a.noted = false
}
