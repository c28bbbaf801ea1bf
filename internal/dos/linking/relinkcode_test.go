package linking_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/administration"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// A relink code and the mailbox together replace the password, also when passwords have ended.
func TestARelinkCodeReplacesThePassword(t *testing.T) {
	w := newWorld(t)
	admin := w.account("admin", path.Choose, func(n *account.New) {
		n.Grants = account.Everywhere.Of(account.ManageUsers)
	})
	for _, phase := range []path.Phase{path.Choose, path.Require, path.Closed} {
		name := "forgot" + string(rune('0'+phase))
		a := w.account(name, phase)
		w.settle()
		p := person(name, a.Email)
		if _, err := w.claimByRelinkCode(p, name, ""); err == nil {
			t.Errorf("phase %d: claimed without a relink code", phase)
		}
		handed := w.allow(admin, a)
		if w.Mailed("link.leave", a.Email) != 1 {
			t.Errorf("phase %d: the holder is not told", phase)
		}
		if _, err := w.claim(p, name, ""); err == nil {
			t.Errorf("phase %d: claimed without the code", phase)
		}
		cookie, err := w.claimByRelinkCode(p, name, strings.ToLower(handed))
		if err != nil {
			t.Fatalf("phase %d: claim with a relink code: %v", phase, err)
		}
		if w.confirm(cookie, "") == nil || w.linked(a.ID) {
			t.Errorf("phase %d: linked without the code", phase)
		}
		if err := w.confirm(cookie, w.code(a.Email)); err != nil {
			t.Errorf("phase %d: with the code: %v", phase, err)
		}
		if _, err := w.claimByRelinkCode(person("another", a.Email), name, handed); err == nil {
			t.Errorf("phase %d: the code worked twice", phase)
		}
	}
}

// Nobody is given a code, or told by mail that they can link with it, as long as it would open nothing. A link is
// undone all the same.
func TestACodeThatWouldOpenNothingIsNotMade(t *testing.T) {
	w := newWorld(t)
	admin := w.account("admin", path.Choose, func(n *account.New) {
		n.Grants = account.Everywhere.Of(account.ManageUsers)
	})
	by := actor.Actor{Kind: actor.Person, ID: admin.ID}
	early := w.account("early", path.Prepare)
	team := w.account("team", path.Choose, func(n *account.New) { n.Email = "reception@example.nhs.uk" })
	w.settle()
	for _, a := range []account.Account{early, team} {
		if _, err := w.linker.AllowRelink(w.Context(), by, a.ID); !errors.Is(err, fault.Forbidden) ||
			!strings.Contains(err.Error(), "A code would not work") || w.Mailed("link.leave", a.Email) != 0 {
			t.Errorf("%s: %v", a.Username, err)
		}
	}
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u, account.Link{AccountID: early.ID, Issuer: "https://cis2.example", Subject: "early",
			How: "test", Linked: u.Now()})
	})
	code, err := w.linker.Undo(w.Context(), by, early.ID, "not theirs")
	if err != nil || code != "" || w.linked(early.ID) {
		t.Errorf("undone with the code %q: %v", code, err)
	}
}

// Nobody fills a mailbox by making codes: three of an account in an hour, and the last works on. The first of another
// account is made all the same.
func TestCodesAreMadeAnewThreeTimesAnHour(t *testing.T) {
	w := newWorld(t)
	admin := w.account("admin", path.Choose, func(n *account.New) {
		n.Grants = account.Everywhere.Of(account.ManageUsers)
	})
	a := w.account("ada", path.Choose)
	other := w.account("other", path.Choose)
	w.settle()
	by := actor.Actor{Kind: actor.Person, ID: admin.ID}
	for range 2 {
		w.allow(admin, a)
	}
	last := w.allow(admin, a)
	w.Clock.Advance(time.Hour - time.Millisecond)
	var y worldtest.Tally
	_, err := w.linker.AllowRelink(t.Context(), by, a.ID)
	y.Refused(t, "a fourth", err == nil)
	y.Report(t, "relink codes made anew")
	if !errors.Is(err, fault.TooMany) || !strings.Contains(err.Error(), "Codes were made several times") ||
		w.Mailed("link.leave", a.Email) != 3 || len(w.Events(account.RelinkAllowed)) != 3 {
		t.Errorf("a fourth: %v; mailed %d times", err, w.Mailed("link.leave", a.Email))
	}
	w.allow(admin, other)
	if _, err := w.claimByRelinkCode(person("ada", a.Email), "ada", last); err != nil {
		t.Errorf("the code before: %v", err)
	}
	w.Clock.Advance(time.Millisecond)
	w.allow(admin, a)
}

func TestRelinkCodesThatNobodyMayMake(t *testing.T) {
	w := newWorld(t)
	admin := w.account("admin", path.Choose, func(n *account.New) {
		n.Grants = account.Everywhere.Of(account.ManageUsers)
	})
	other := w.account("other", path.Choose)
	plain := w.account("plain", path.Choose)
	team := w.account("team", path.Choose, func(n *account.New) { n.Kind = account.Shared })
	gone := w.account("gone", path.Choose)
	w.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, gone.ID, "left") })
	moved := w.account("moved", path.Choose)
	w.settle()
	w.link(moved, person("moved", moved.Email))
	by := func(id string) actor.Actor { return actor.Actor{Kind: actor.Person, ID: id} }
	code := w.allow(admin, other)
	var y worldtest.Tally
	for name, tt := range map[string]struct {
		by actor.Actor
		id string
	}{
		"by somebody without the permission": {by(plain.ID), other.ID},
		"by a stranger":                      {actor.Actor{Kind: actor.Stranger}, other.ID},
		"for themselves":                     {by(admin.ID), admin.ID}, "for a shared account": {by(admin.ID), team.ID},
		"for a deactivated one": {by(admin.ID), gone.ID},
		"for a linked one":      {by(admin.ID), moved.ID}, "for none": {by(admin.ID), "none"},
	} {
		_, err := w.linker.AllowRelink(t.Context(), tt.by, tt.id)
		y.Refused(t, name, err == nil)
	}
	w.Clock.Advance(account.RelinkFor)
	_, err := w.claimByRelinkCode(person("other", other.Email), "other", code)
	y.Refused(t, "after 7 days", err == nil)
	y.Report(t, "L35 relink codes")
}

// L29: whoever was made an administrator a moment ago lets nobody in by a code; they undo a link, as that lets nobody
// in, and get no code by it. An hour later they make one.
func TestNobodyMakesCodesWhoWasJustLetIn(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", path.Choose)
	linked := w.account("linked", path.Choose)
	admin := w.account("admin", path.Choose)
	w.settle()
	w.link(linked, person("linked", linked.Email))
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddGroup(ctx, u, admin.ID, account.UserAdministrator, account.Everywhere)
	})
	by := actor.Actor{Kind: actor.Person, ID: admin.ID}
	var y worldtest.Tally
	w.Clock.Advance(account.JustGivenLasts - time.Minute)
	_, err := w.linker.AllowRelink(t.Context(), by, a.ID)
	y.Refused(t, "L29 a code by whoever was just let in", err == nil || w.Mailed("link.leave", a.Email) != 0)
	if !errors.Is(err, fault.Forbidden) || !strings.Contains(err.Error(), "less than an hour ago") ||
		len(w.Events(administration.Refused)) != 1 {
		t.Errorf("%v, %d events", err, len(w.Events(administration.Refused)))
	}
	code, err := w.linker.Undo(t.Context(), by, linked.ID, "not theirs")
	y.Refused(t, "L29 a code by undoing a link", code != "")
	if err != nil || w.linked(linked.ID) {
		t.Errorf("the link was not undone: %v", err)
	}
	w.Clock.Advance(time.Minute)
	w.allow(admin, a)
	y.Report(t, "L29 relink codes")
}

// Whoever has no code learns nothing of an account that may be linked with one: nothing is mailed, no ceremony begins,
// and the words are the same for every username. Their tries end, and use up nothing of the holder's.
func TestAPermissionIsWorthNothingWithoutItsCode(t *testing.T) {
	w := newWorld(t)
	admin := w.account("admin", path.Choose, func(n *account.New) {
		n.Grants = account.Everywhere.Of(account.ManageUsers)
	})
	a := w.account("ada", path.Choose)
	w.account("free", path.Choose)
	w.settle()
	first := w.allow(admin, a)
	handed := w.allow(admin, a)
	stranger := person("stranger", "stranger@example.nhs.uk")
	var y worldtest.Tally
	words := map[string]bool{}
	for _, tt := range [][2]string{
		{"ada", "BCDF2345"}, {"ada", ""}, {"ada", first}, {"free", handed}, {"none", handed},
	} {
		_, err := w.claimByRelinkCode(stranger, tt[0], tt[1])
		y.Refused(t, strings.Join(tt[:], " with "), err == nil)
		words[err.Error()] = true
	}
	if len(words) != 1 {
		t.Errorf("they are told apart: %v", words)
	}
	for range 10 {
		_, err := w.claimByRelinkCode(stranger, "ada", "BCDF2345")
		y.Refused(t, "a guess", err == nil)
	}
	_, err := w.claimByRelinkCode(stranger, "ada", handed)
	y.Refused(t, "the right code after ten wrong ones", is(err, fault.TooMany) == false)
	if w.Settle(); w.Mailed("link.code", a.Email) != 0 {
		t.Error("a code was mailed to the holder")
	}
	if _, err := w.in("ada", goodPass); err != nil {
		t.Errorf("the guesses locked the password: %v", err)
	}
	cookie, err := w.claimByRelinkCode(person("ada", a.Email), "ada", handed)
	w.Must(err)
	w.Must(w.confirm(cookie, w.code(a.Email)))
	y.Report(t, "permission without its code")
	if n := w.Count(`SELECT COUNT(*) FROM event_detail WHERE after_json LIKE $1 OR reason LIKE $1`,
		"%"+handed+"%"); n != 0 {
		t.Errorf("%d events have the code", n)
	}
}

// A claim ages as a session by password does, however often another Care Identity is tried, and what was shown must
// still be so when the link is made.
func TestAClaimAgesAndIsLookedAtAgain(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil func(w *world, admin, a account.Account)
		ends  bool
	}{
		"nothing": {func(*world, account.Account, account.Account) {}, false},
		"another password": {func(w *world, _, a account.Account) {
			w.Update(func(ctx context.Context, u *db.W) error {
				set := account.SetPassword(ctx, u, a.ID, "other")
				return errors.Join(set, u.Record(ctx, audit.Event{Kind: "test.set"}))
			})
		}, true},
		"deactivated": {func(w *world, _, a account.Account) {
			w.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, a.ID, "left") })
		}, true},
	} {
		w := newWorld(t)
		admin := w.account("admin", path.Choose, func(n *account.New) {
			n.Grants = account.Everywhere.Of(account.ManageUsers)
		})
		a := w.account("ada", path.Choose)
		w.settle()
		cookie, err := w.claim(person("ada", a.Email), "ada", goodPass)
		w.Must(err)
		tt.spoil(w, admin, a)
		if err := w.confirm(cookie, ""); (err != nil) != tt.ends {
			t.Errorf("%s: %v", name, err)
		}
	}
	w := newWorld(t)
	admin := w.account("admin", path.Choose, func(n *account.New) {
		n.Grants = account.Everywhere.Of(account.ManageUsers)
	})
	a := w.account("ada", path.Choose)
	w.settle()
	cookie, err := w.claimByRelinkCode(person("ada", a.Email), "ada", w.allow(admin, a))
	w.Must(err)
	code := w.code(a.Email)
	w.allow(admin, a)
	if err := w.confirm(cookie, code); !is(err, fault.Expired) {
		t.Errorf("the code was made anew: %v", err)
	}
	cookie, err = w.claim(person("ada", a.Email), "ada", goodPass)
	for range 2 {
		w.Must(err)
		w.Clock.Advance(7 * time.Minute)
		claim, failed := w.linker.Abandon(t.Context(), stranger, cookie)
		w.Must(failed)
		cookie, err = w.linker.Begin(t.Context(), stranger, cameBack(claim.Ask()), person("ada", a.Email))
	}
	w.Must(err)
	w.Clock.Advance(2 * time.Minute)
	if err := w.confirm(cookie, ""); !is(err, fault.Expired) {
		t.Errorf("16 minutes after the password: %v", err)
	}
}

// Another administrator hears of a relink code for the account of one who decides about others; of others' nobody does.
func TestColleaguesHearOfARelinkCode(t *testing.T) {
	w := newWorld(t)
	manages := func(n *account.New) { n.Grants = account.Everywhere.Of(account.ManageUsers) }
	admin := w.account("admin", path.Choose, manages)
	peer := w.account("peer", path.Choose, manages)
	third := w.account("third", path.Choose, manages)
	plain := w.account("plain", path.Choose)
	w.settle()
	w.allow(admin, plain)
	if n := w.Mailed("signin.colleague", third.Email); n != 0 {
		t.Errorf("%d mails about an account that decides about nobody", n)
	}
	w.allow(admin, peer)
	for of, want := range map[account.Account]int{admin: 0, peer: 0, third: 1} {
		if n := w.Mailed("signin.colleague", of.Email); n != want {
			t.Errorf("%s has %d mails, want %d", of.Username, n, want)
		}
	}
}

// Nobody vouches for another account of theirs, one that their Care Identity opened before (attack L28). They may undo
// a link of it all the same, and get no code by that.
func TestNobodyVouchesForAnotherAccountOfTheirs(t *testing.T) {
	w := newWorld(t)
	manages := func(n *account.New) { n.Grants = account.Everywhere.Of(account.ManageUsers) }
	boss := w.account("boss", path.Choose, manages)
	chief := w.account("chief", path.Choose, manages)
	second := w.account("second", path.Choose)
	w.settle()
	w.link(second, person("boss", second.Email))
	_, err := w.linker.Undo(t.Context(), actor.Actor{Kind: actor.Person, ID: second.ID}, second.ID, "the wrong one")
	w.Must(err)
	w.link(boss, person("boss", boss.Email))
	by := actor.Actor{Kind: actor.Person, ID: boss.ID}
	_, err = w.linker.AllowRelink(t.Context(), by, second.ID)
	if !errors.Is(err, fault.Forbidden) || w.Mailed("link.leave", second.Email) != 0 {
		t.Errorf("by its own holder: %v", err)
	}
	if n := len(w.Events("account.act-refused")); n != 1 {
		t.Errorf("%d refusals recorded", n)
	}
	if w.allow(chief, second) == "" {
		t.Error("nobody else may make a code")
	}
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u, account.Link{AccountID: second.ID, Issuer: "https://issuer.example",
			Subject: "another"})
	})
	code, err := w.linker.Undo(t.Context(), by, second.ID, "not theirs")
	if err != nil || code != "" || w.linked(second.ID) {
		t.Errorf("an undo by whoever holds both: code %q, %v", code, err)
	}
}
