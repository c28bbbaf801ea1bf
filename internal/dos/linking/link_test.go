package linking_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/wave"
	"signpost/internal/national/cis2"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// R2: an account is proposed only if both email addresses are the same and were proved recently.
func TestCandidate(t *testing.T) {
	w := newWorld(t)
	w.account("ada", path.Choose)
	w.account("late", path.Require)
	w.account("early", path.Prepare)
	w.account("closed", path.Closed)
	w.account("unproved", path.Choose, func(n *account.New) { n.EmailProved = false })
	w.account("team", path.Choose, func(n *account.New) { n.Kind = account.Shared })
	w.account("desk", path.Choose, func(n *account.New) { n.Email = "reception@example.nhs.uk" })
	gone := w.account("gone", path.Choose)
	w.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, gone.ID, "left") })
	moved := w.account("moved", path.Choose)
	w.settle()
	w.link(moved, person("moved", moved.Email))
	fresh := w.account("fresh", path.Choose)
	propose := func(p cis2.Person) string {
		t.Helper()
		candidate, err := w.linker.Candidate(t.Context(), arrived(p))
		w.Must(err)
		return candidate.Username
	}
	for _, name := range []string{"ada", "late"} {
		if got := propose(person("1", strings.ToUpper(name)+"@Example.NHS.uk")); got != name {
			t.Fatalf("the honest candidate is %q, want %q", got, name)
		}
	}
	var y worldtest.Tally
	unproved := person("1", "ada@example.nhs.uk")
	unproved.EmailVerified = false
	y.Refused(t, "an address that CIS2 has not proved", propose(unproved) != "")
	for _, address := range []string{"", "nonsense", "nobody@example.nhs.uk", "early@example.nhs.uk",
		"closed@example.nhs.uk", "unproved@example.nhs.uk", "team@example.nhs.uk",
		"reception@example.nhs.uk", gone.Email, moved.Email, fresh.Email, "ada+dos@example.nhs.uk",
		"a.da@example.nhs.uk", "аda@example.nhs.uk", "ada@example.nhs.uk.example"} {
		y.Refused(t, address, propose(person("1", address)) != "")
	}
	w.Clock.Advance(21 * 24 * time.Hour)
	y.Refused(t, "proved more than 30 days ago", propose(person("1", "ada@example.nhs.uk")) != "")
	y.Report(t, "R2, L1, L7, L10, L11, L14 candidates")
}

// L2, L8, L13: an equal, proved address gives nobody an account whose password they do not know.
func TestAddressAloneLinksNothing(t *testing.T) {
	w := newWorld(t)
	hijacked := w.account("planted", path.Choose, func(n *account.New) {
		n.Email = "victim@example.nhs.uk"
		n.EmailProved = false
	})
	leaver := w.account("leaver", path.Choose)
	mine := w.account("mine", path.Choose)
	second := w.account("second", path.Choose)
	w.settle()
	me := person("me", mine.Email)
	w.link(mine, me)
	var y worldtest.Tally
	try := func(name string, p cis2.Person, username, plain string) {
		t.Helper()
		cookie, err := w.claim(p, username, plain)
		if err == nil {
			err = w.confirm(cookie, "")
		}
		y.Refused(t, name, err == nil)
	}
	try("L2 the victim, without the attacker's password", person("victim", hijacked.Email), "planted", "")
	try("L2 the attacker, with the victim's address but a Care Identity of their own",
		person("attacker", "attacker@example.nhs.uk"), "planted", goodPass)
	try("L8 a new starter who was given the leaver's address", person("starter", leaver.Email), "leaver", "")
	try("L13 a second account for one Care Identity", me, "second", goodPass)
	try("L12 a second Care Identity with the address, for the account that is linked", person("twin", mine.Email),
		"mine", goodPass)
	for _, a := range []account.Account{hijacked, leaver, second} {
		if w.linked(a.ID) {
			t.Errorf("%s is linked", a.Username)
		}
	}
	y.Report(t, "L2, L8, L12, L13 addresses")
}

// Each refusal that the holder of an account can get has its own page.
func TestRefusalsOfHolders(t *testing.T) {
	w := newWorld(t)
	w.account("honest", path.Choose)
	w.account("early", path.Prepare)
	w.account("team", path.Choose, func(n *account.New) { n.Kind = account.Shared })
	w.account("desk", path.Choose, func(n *account.New) { n.Email = "reception@example.nhs.uk" })
	w.account("twin", path.Choose)
	moved := w.account("moved", path.Choose)
	w.settle()
	w.link(moved, person("moved", moved.Email))
	if _, err := w.claim(person("1", "honest@example.nhs.uk"), "honest", goodPass); err != nil {
		t.Fatal(err)
	}
	weak := person("1", "honest@example.nhs.uk")
	weak.IdentityLevel = 2
	var y worldtest.Tally
	for _, tt := range []struct {
		username string
		p        cis2.Person
		want     linking.Refusal
	}{
		{"early", person("2", "early@example.nhs.uk"), linking.TooEarly},
		{"team", person("2", "team@example.nhs.uk"), linking.SharedAccount},
		{"desk", person("2", "reception@example.nhs.uk"), linking.TeamMailbox},
		{"twin", person("moved", "twin@example.nhs.uk"), linking.AlreadyLinked},
		{"honest", weak, linking.IdentityWeak},
	} {
		_, err := w.claim(tt.p, tt.username, goodPass)
		y.Refused(t, tt.username, err == nil)
		if got, _ := linking.RefusalOf(err); got != tt.want {
			t.Errorf("%s: %q, want %q (%v)", tt.username, got, tt.want, err)
		}
	}
	y.Report(t, "L6, L14 refusals of holders")
}

// R9: an account that had a team's mailbox until a moment ago is refused, and no code goes there.
func TestTeamMailboxOfYesterdayProvesNothing(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", path.Choose, func(n *account.New) { n.Email = "reception@example.nhs.uk" })
	w.settle()
	me := actor.Actor{Kind: actor.Person, ID: a.ID, Session: "one"}
	w.Must(mailbox.Ask(t.Context(), w.DB, me, w.linker.Post, a.ID, "ada@example.nhs.uk"))
	w.Must(mailbox.Confirm(t.Context(), w.DB, me, w.linker.Post, a.ID, w.code("ada@example.nhs.uk")))
	p := person("1", "ada@example.nhs.uk")
	_, err := w.claim(p, "ada", goodPass)
	if reason, _ := linking.RefusalOf(err); reason != linking.TeamMailbox {
		t.Errorf("at once: %v", err)
	}
	w.Clock.Advance(mailbox.Settled)
	cookie, err := w.claim(p, "ada", goodPass)
	w.Must(err)
	w.Must(w.confirm(cookie, ""))
}

// L20: a code is for one account and one ceremony, the newest, for 15 minutes.
func TestLinkCodes(t *testing.T) {
	w := newWorld(t)
	w.account("ada", path.Choose)
	w.account("bo", path.Choose)
	w.settle()
	p := person("ada", "other@example.nhs.uk")
	begin := func(p cis2.Person, username string) (cookie, code string) {
		t.Helper()
		cookie, err := w.claim(p, username, goodPass)
		w.Must(err)
		return cookie, w.code(username + "@example.nhs.uk")
	}
	var y worldtest.Tally
	_, old := begin(p, "ada")
	cookie, newest := begin(p, "ada")
	_, others := begin(person("bo", "another@example.nhs.uk"), "bo")
	for name, code := range map[string]string{"none": "", "an older one": old, "another account's": others,
		"all but a letter": newest[:7]} {
		y.Refused(t, name, w.confirm(cookie, code) == nil)
	}
	w.Clock.Advance(15 * time.Minute)
	y.Refused(t, "after 15 minutes", w.confirm(cookie, newest) == nil)
	cookie, newest = begin(p, "ada")
	w.Must(w.confirm(cookie, strings.ToLower(newest[:4])+" - "+newest[4:]))
	y.Refused(t, "twice", w.confirm(cookie, newest) == nil)
	y.Report(t, "L20 codes")
}

// L22: if somebody else has signed in on the browser, they cannot complete a ceremony that was begun on it.
func TestCeremonyOfAnotherWhoIsSignedIn(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", path.Choose)
	b := w.account("bo", path.Choose)
	w.settle()
	cookie, err := w.claim(person("ada", a.Email), "ada", goodPass)
	w.Must(err)
	if _, err := w.linker.Link(t.Context(), actor.Actor{Kind: actor.Person, ID: b.ID}, cookie,
		""); !is(err, fault.Expired) || w.linked(a.ID) {
		t.Errorf("ended by another: %v, linked %v", err, w.linked(a.ID))
	}
	if _, err := w.linker.Link(t.Context(), actor.Actor{Kind: actor.Person, ID: a.ID}, cookie, ""); err != nil ||
		!w.linked(a.ID) {
		t.Errorf("ended by its own: %v", err)
	}
	if n := w.Count(`SELECT COUNT(*) FROM event WHERE kind = 'account.linked' AND actor_kind = 'person'
		AND actor_id = $1`, a.ID); n != 1 {
		t.Errorf("%d events name the person", n)
	}
}

// R12: both addresses get a mail. It contains no web address, which a forged Host could change (L23).
func TestLinkIsToldToBothAddresses(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", path.Choose)
	w.settle()
	cookie, err := w.claim(person("ada", "ada@oldtrust.example"), "ada", goodPass)
	w.Must(err)
	w.Must(w.confirm(cookie, w.code(a.Email)))
	at := w.Mailed("link.made", a.Email)
	other := w.Mailed("link.made", "ada@oldtrust.example")
	if at != 1 || other != 1 {
		t.Errorf("told %d and %d times", at, other)
	}
	for _, m := range w.Mails.To(a.Email) {
		if strings.Contains(m.Text, "http") {
			t.Errorf("a mail has an address in it: %s", m.Text)
		}
	}
	const record = `SELECT COUNT(*) FROM account_link WHERE account_id = $1
		AND how = 'password, Care Identity, code to the account''s address'`
	if w.Count(record, a.ID) != 1 {
		t.Error("the record of the link does not name its proofs")
	}
}

// Sessions by password end when a wave requires a Care Identity, and moving it back restores none. L32: nor does it
// restore the password of an account that was linked.
func TestWaveForwardAndBack(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", path.Choose)
	moved := w.account("moved", path.Choose)
	w.settle()
	w.link(moved, person("moved", moved.Email))
	cookie, err := w.in("ada", goodPass)
	w.Must(err)
	found := func() bool { return w.find(cookie) == nil }
	if !found() {
		t.Fatal("the session does not work")
	}
	move := func(to path.Phase) {
		t.Helper()
		w.Clock.Advance(time.Minute)
		w.Update(func(ctx context.Context, u *db.W) error {
			return wave.SetPhase(ctx, u, w.Waves[path.Choose], to, "test")
		})
	}
	var y worldtest.Tally
	for _, to := range []path.Phase{path.Require, path.Closed, path.Require, path.Choose, path.Prepare} {
		move(to)
		y.Refused(t, "a session by password from before", found())
		_, err := w.in("moved", goodPass)
		y.Refused(t, "the password of a linked account", err == nil)
	}
	w.Clock.Advance(time.Minute)
	if cookie, err = w.in("ada", goodPass); err != nil || !found() {
		t.Errorf("after going back the password of %s does not work: %v", a.Username, err)
	}
	y.Report(t, "L32 forward and back")
}
