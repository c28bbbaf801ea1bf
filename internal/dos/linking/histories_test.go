package linking_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/wave"
	"signpost/internal/national/cis2"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

const (
	actsOfHistory    = 16
	historiesOfWorld = 100 // are played in one database
)

// counts are what happened in histories.
type counts struct {
	histories, acts, linked, wrong, refused, undone, entered int
	offered, rightOffers                                     int
	held, approved                                           int // by a rule; linked after a reviewer approved it
	byAlias                                                  int // right accounts that were offered by an alias
	each                                                     map[string]*outcome
}

// outcome is what became of one kind of act.
type outcome struct{ done, refused int }

func (n *counts) of(act string) *outcome {
	if n.each == nil {
		n.each = map[string]*outcome{}
	}
	if n.each[act] == nil {
		n.each[act] = &outcome{}
	}
	return n.each[act]
}

func (n *counts) add(m counts) {
	n.histories += m.histories
	n.acts += m.acts
	n.linked += m.linked
	n.wrong += m.wrong
	n.refused += m.refused
	n.undone += m.undone
	n.entered += m.entered
	n.offered += m.offered
	n.rightOffers += m.rightOffers
	n.held += m.held
	n.approved += m.approved
	n.byAlias += m.byAlias
	for act, o := range m.each {
		n.of(act).done += o.done
		n.of(act).refused += o.refused
	}
}

// TestHistoriesOfLinks plays random histories of people, their accounts, Care Identities and mailboxes: addresses
// change and are given to others, passwords are known to colleagues, people link, undo, leave and come back, often in
// the middle of one another's ceremonies. After each act the database is as the oracle says.
func TestHistoriesOfLinks(t *testing.T) {
	t.Parallel()
	var all counts
	var mu sync.Mutex
	t.Run("worlds", func(t *testing.T) {
		for first := 0; first < histories; first += historiesOfWorld {
			t.Run(fmt.Sprint("from ", first), func(t *testing.T) {
				t.Parallel()
				n := playWorld(t, first, min(first+historiesOfWorld, histories))
				mu.Lock()
				defer mu.Unlock()
				all.add(n)
			})
		}
	})
	worldtest.Linking(t, "R1 to R13: %d histories, %d acts: %d links made, wrong %d; %d refused; "+
		"right accounts to offer %d, offered %d; %d links undone; %d came in; %d held for a person, of whom %d "+
		"linked after a reviewer approved it; %d of those offered by an alias", all.histories, all.acts, all.linked, all.wrong, all.refused,
		all.rightOffers, all.offered, all.undone, all.entered, all.held, all.approved, all.byAlias)
	if all.histories != histories || all.wrong != 0 || all.offered != all.rightOffers || all.linked == 0 ||
		all.held == 0 || all.approved == 0 || all.refused == 0 || all.rightOffers == 0 || all.undone == 0 ||
		all.entered == 0 {
		t.Error("a wrong link was made, a right account was not offered, or something was never tried")
	}
	all.table(t)
}

// manyHistories are as many as try every kind of act, with either end.
const manyHistories = 1000

// kindsOfAct is how many kinds of act there are whose end the oracle foretells.
const kindsOfAct = 18

// neverRefused is the act of which nothing is refused.
const neverRefused = "decide about a suspended Care Identity"

// table says how often each kind of act succeeded and was refused.
func (n *counts) table(t *testing.T) {
	t.Helper()
	if n.histories >= manyHistories && len(n.each) != kindsOfAct {
		t.Errorf("%d kinds of act came, not %d", len(n.each), kindsOfAct)
	}
	for _, act := range slices.Sorted(maps.Keys(n.each)) {
		o := n.each[act]
		worldtest.Linking(t, "R1 to R13, histories: %s: done %d, refused %d, each as the oracle says", act, o.done,
			o.refused)
		if n.histories >= manyHistories && (o.done == 0 || o.refused == 0 && act != neverRefused) {
			t.Errorf("%s: never done, or never refused", act)
		}
	}
	if n.histories >= manyHistories && n.byAlias == 0 {
		t.Error("no account was offered by an alias")
	}
}

// playWorld plays the histories of some seeds in a world of their own. One that fails is told act by act.
func playWorld(t *testing.T, first, end int) (n counts) {
	t.Helper()
	w := newWorld(t)
	asker := &truthfulAsker{}
	w.linker.Asker = asker
	admin := w.account("administrator", path.Prepare, func(n *account.New) {
		n.Grants = account.UserAdministrator.In(account.Everywhere)
	})
	reviewer := w.account("reviewer", path.Prepare, func(n *account.New) {
		n.Grants = account.UserAdministrator.In(account.Everywhere)
	})
	for seed := first; seed < end; seed++ {
		h := w.newHistory(seed, admin, reviewer, &n)
		asker.truth = h.truth
		h.play()
		n.histories++
		if t.Failed() {
			t.Fatalf("history %d:\n%s", seed, h.told())
		}
	}
	return n
}

// truthfulAsker answers for the care identity side of the history that is played.
type truthfulAsker struct{ truth *truth }

func (a *truthfulAsker) Ask(_ context.Context, q extract.Question) (extract.Answer, error) {
	if q.Subject == "" && a.truth.having(q.Email) > 1 {
		return extract.Answer{Ref: q.Ref, Found: extract.Several}, nil
	}
	for _, i := range a.truth.identities {
		if i.subject == q.Subject && i.standing {
			answer := extract.Answer{Ref: q.Ref, Found: extract.One, State: extract.Active}
			if !i.again.IsZero() {
				answer.ActiveAgain = i.again.UnixMilli()
			}
			return answer, nil
		}
	}
	return extract.Answer{Ref: q.Ref, Found: extract.None}, nil
}

// history is one that is played.
type history struct {
	*world

	seed     int
	rand     *rand.Rand
	truth    *truth
	wave     string
	admin    account.Account // makes relink codes
	count    *counts
	lines    []string
	fresh    int             // how many new addresses were made
	reviewer account.Account // makes none
	last     *trueAccount    // to which something happened before
	act      string          // that is under way
}

func (h *history) say(format string, args ...any) {
	h.lines = append(h.lines, fmt.Sprintf(format, args...))
}

func (h *history) told() (text string) {
	for i, line := range h.lines {
		text += fmt.Sprintf("%3d %s\n", i+1, line)
	}
	return text
}

func (h *history) chance(percent int) bool { return h.rand.IntN(100) < percent }

// humans of a history. One more has no account.
const humans = 3

func (w *world) newHistory(seed int, admin, reviewer account.Account, n *counts) *history {
	h := &history{
		world: w, seed: seed, rand: rand.New(rand.NewPCG(uint64(seed), 13)), admin: admin, reviewer: reviewer, count: n,
		truth: &truth{phase: path.Choose, readers: map[string]human{}, approved: map[pairing]time.Time{}},
	}
	var all []account.New
	for i := range humans {
		all = append(all, h.newAccount(human(i)))
	}
	if h.chance(50) {
		h.signedAliases()
	}
	if h.chance(70) {
		all = append(all, h.newAccount(human(h.rand.IntN(humans)))) // somebody has two accounts
	}
	h.add(all)
	for i := range humans + 2 {
		h.addIdentity(human(i % (humans + 1)))
	}
	w.Clock.Advance(4 * 24 * time.Hour)
	return h
}

func (h *history) name(of human) (given, family string) {
	return "Given" + letters(fmt.Sprint(h.seed)), "Family" + letters(fmt.Sprint(of))
}

func (h *history) newAddress(of human) string {
	text := h.ownAddress(of)
	if h.chance(12) {
		text = fmt.Sprintf("reception@a%d-%d.example.nhs.uk", h.seed, len(h.truth.readers))
		h.truth.readers[text] = of
	}
	return text
}

// newAccount is the account that somebody has, in truth and as it is to be made.
func (h *history) newAccount(of human) account.New {
	t := &trueAccount{
		username: fmt.Sprintf("h%d-%d", h.seed, len(h.truth.accounts)), owner: of, colleague: nobody, shared: h.chance(10),
		active: true, password: true, link: -1, created: h.Clock.Now(),
	}
	if h.chance(50) {
		t.colleague = human((int(of) + 1 + h.rand.IntN(humans)) % (humans + 1))
	}
	t.emails = []address{{text: h.newAddress(of), since: h.Clock.Now()}}
	if h.chance(70) {
		t.proved = h.Clock.Now()
	}
	kind := account.Individual
	if t.shared {
		kind = account.Shared
	}
	given, family := h.name(of)
	h.truth.accounts = append(h.truth.accounts, t)
	return account.New{
		Username: t.username, FirstName: given, LastName: family, Email: t.email().text, Kind: kind,
		PasswordHash: h.Hash, EmailProved: !t.proved.IsZero(), Organisation: "Z99Z9",
	}
}

// add makes the wave of the history with the accounts.
func (h *history) add(all []account.New) {
	h.Helper()
	ids, err := db.Write(h.Context(), h.DB, worldtest.By, func(u *db.W) (ids []string, err error) {
		id, err := wave.Add(h.Context(), u, wave.Wave{Name: fmt.Sprint("history ", h.seed), Phase: path.Choose})
		if err != nil {
			return nil, err
		}
		for _, n := range all {
			a, err := account.Add(h.Context(), u, n)
			if err != nil {
				return nil, err
			}
			if err := wave.Join(h.Context(), u, a.ID, id); err != nil {
				return nil, err
			}
			ids = append(ids, a.ID)
		}
		return append(ids, id), nil
	})
	h.Must(err)
	for i := range all {
		h.truth.accounts[i].id = ids[i]
	}
	h.wave = ids[len(all)]
}

// addIdentity makes a Care Identity, most often with the address of its holder's account.
func (h *history) addIdentity(of human) {
	i := &trueIdentity{
		subject: fmt.Sprintf("%d-%d", h.seed, len(h.truth.identities)), of: of, verified: h.chance(80), level: 3,
		standing: true,
	}
	if h.chance(10) {
		i.level = 2
	}
	i.married = h.chance(15)
	switch {
	case int(of) < humans && h.chance(50):
		i.email = h.truth.accounts[of].email().text
	case int(of) < humans && h.chance(60):
		i.email = h.inAnotherDomain(h.truth.accounts[of].email().text, of)
	case int(of) < humans && h.chance(30):
		i.email = strings.Replace(h.truth.accounts[of].email().text, "example", "examp1e", 1)
		h.truth.readers[i.email] = of
	default:
		i.email = h.newAddress(of)
	}
	h.truth.identities = append(h.truth.identities, i)
}

// person is a Care Identity as CIS2 gives it, with the position that opens the directory.
func (h *history) person(identity int) cis2.Person {
	i := h.truth.identities[identity]
	p := person(i.subject, i.email)
	p.GivenName, p.FamilyName = h.name(i.of)
	if i.married {
		p.FamilyName += "-Other"
	}
	p.Name = p.GivenName + " " + p.FamilyName
	p.EmailVerified = i.verified
	p.IdentityLevel = i.level
	p.Roles = positionOpens
	return p
}

const stateOfAccounts = `SELECT a.id, a.active, a.password_hash <> '', COALESCE(l.subject, ''), a.email
	FROM account a LEFT JOIN account_link l ON l.account_id = a.id WHERE a.id >= $1 AND a.id <= $2`

// seen is an account as the database has it.
type seen struct {
	id               string
	active, password bool
	subject, email   string
}

// compare holds the database against the truth.
func (h *history) compare() {
	h.Helper()
	accounts := h.truth.accounts
	all := worldtest.Read(h.World.World, func(ctx context.Context, r db.R) ([]seen, error) {
		return db.All(ctx, r, func(scan db.Scanner) (s seen, err error) {
			return s, scan(&s.id, &s.active, &s.password, &s.subject, &s.email)
		}, stateOfAccounts, accounts[0].id, accounts[len(accounts)-1].id)
	})
	found := map[string]seen{}
	for _, one := range all {
		found[one.id] = one
	}
	for _, a := range accounts {
		want := seen{id: a.id, active: a.active, password: a.password, email: a.email().text}
		if a.link != -1 {
			want.subject = h.truth.identities[a.link].subject
		}
		if got := found[a.id]; got != want {
			h.Errorf("account %s is %+v, and must be %+v", a.username, got, want)
		}
	}
}

// linkMade counts a link that was made with a Care Identity that had an address.
func (h *history) linkMade(a *trueAccount, identity int, theirs string) {
	a.join(identity, h.Clock.Now())
	a.theirs = theirs
	for _, text := range []string{a.email().text, theirs} {
		h.truth.traces = append(h.truth.traces,
			trace{text: text, account: a, identity: identity, theirs: text == theirs})
	}
	h.count.linked++
	if h.truth.identities[identity].of != a.owner {
		h.count.wrong++
		h.Errorf("a wrong link, of identity %d to %s", identity, a.username)
	}
}
