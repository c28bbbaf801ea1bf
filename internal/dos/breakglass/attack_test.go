package breakglass_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/administration"
	"signpost/internal/dos/breakglass"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

func byCareIdentity(username string) signin.State {
	return signin.State{How: signin.ByCareIdentity, CareIdentity: "number of " + username}
}

// Each attack comes after the honest use that it is like.
func TestEmergencyRightsAreNoWayIn(t *testing.T) {
	w := open(t)
	var tally worldtest.Tally
	u, err := w.ask(w.editor)
	w.Must(err)
	w.Must(w.office.End(t.Context(), w.by(w.editor), u.ID))
	w.Must(w.office.Review(t.Context(), w.by(w.first), u.ID, true, "As it should be."))

	asks := func(name string, by actor.Actor, want error) {
		t.Helper()
		asked := breakglass.Request{Scope: account.BelowService(w.clinic.ID), Reason: why}
		_, err := w.office.Ask(t.Context(), by, asked)
		tally.Refused(t, name, err == nil)
		if message(err) != message(want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	machine := w.by(w.editor)
	machine.Kind = actor.Machine
	asks("a program in the session of somebody", machine, breakglass.ErrMayNotAsk)
	w.logIn(w.editor, signin.State{How: signin.ByPassword})
	asks("a session by password", w.by(w.editor), breakglass.ErrNotByCareIdentity)
	w.logIn(w.editor, signin.State{How: signin.ByPassword, CareIdentity: "number of editor"})
	asks("a session by password, in which the Care Identity was shown", w.by(w.editor),
		breakglass.ErrNotByCareIdentity)
	w.logIn(w.editor, byCareIdentity("somebody else"))
	asks("a session by another Care Identity", w.by(w.editor), breakglass.ErrNotByCareIdentity)
	none := w.by(w.editor)
	none.Session = ""
	asks("no session", none, breakglass.ErrNotByCareIdentity)
	none.Session = w.sessions[w.first.ID]
	asks("the session of somebody else", none, breakglass.ErrNotByCareIdentity)
	asks("somebody who only searches", w.by(w.searchOnly), breakglass.ErrMayNotAsk)
	asks("the command line", actor.ForCommand("test"), breakglass.ErrMayNotAsk)
	team := w.Account(account.New{Username: "team", Email: "team@example.nhs.uk", Kind: account.Shared,
		Grants: account.ProviderUser.In(account.OwnOrganisation)}, "")
	asks("a shared account", actor.Actor{Kind: actor.Person, ID: team.ID}, breakglass.ErrMayNotAsk)
	w.office.Policy.Who = breakglass.Anybody
	program := w.Account(account.New{Username: "program", Email: "program@example.nhs.uk", Kind: account.Machine,
		Grants: account.Program.In(account.Everywhere)}, "")
	asks("the account of a program", actor.Actor{Kind: actor.Person, ID: program.ID}, breakglass.ErrMayNotAsk)
	w.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, w.second.ID, "left") })
	asks("a deactivated account", w.by(w.second), breakglass.ErrMayNotAsk)
	tally.Report(t, "asking for emergency rights")
	if n := len(w.Events("breakglass.refused")); n < 11 {
		t.Errorf("%d refusals were recorded", n)
	}
}

// message gives the words of a fault.
func message(err error) string {
	said, _ := fault.From(err)
	return said.Message
}

func TestWhatIsAskedMustBeRight(t *testing.T) {
	w := open(t)
	w.office.Policy.Widest = account.KindRegion
	var tally worldtest.Tally
	for name, asked := range map[string]breakglass.Request{
		"a short reason":               {Scope: account.InRegion(w.north), Reason: "flood          "},
		"a reason of a book":           {Scope: account.InRegion(w.north), Reason: strings.Repeat("flood ", 200)},
		"everywhere":                   {Scope: account.Everywhere, Reason: why},
		"no place":                     {Reason: why},
		"own organisation":             {Scope: account.OwnOrganisation, Reason: why},
		"a region without id":          {Scope: account.InRegion(""), Reason: why},
		"a region, which is a service": {Scope: account.InRegion(w.clinic.ID), Reason: why},
		"a service that is not there":  {Scope: account.BelowService("nothing"), Reason: why},
	} {
		_, err := w.office.Ask(t.Context(), w.by(w.editor), asked)
		tally.Refused(t, name, err == nil)
	}
	tally.Report(t, "what is asked for")
	_, err := w.askFor(w.editor, account.InRegion(w.north))
	w.Must(err)
}

// Neither whoever asked, nor an account of theirs by another Care Identity or address, nor anybody without the
// permission there opens the rights with them or reviews their use.
func TestTheSecondPersonIsAnother(t *testing.T) {
	w := open(t)
	w.office.Policy.TwoPeople = breakglass.Always
	var tally worldtest.Tally
	other := w.person("other", "", account.UserAdministrator.In(account.Everywhere))
	w.Update(func(ctx context.Context, u *db.W) error { // the account had the Care Identity of the administrator before
		return account.RemoveLink(ctx, u, other.ID, "test")
	})
	w.Update(func(ctx context.Context, u *db.W) error {
		if err := account.RemoveLink(ctx, u, w.first.ID, "test"); err != nil {
			return err
		}
		return account.AddLink(ctx, u, account.Link{AccountID: other.ID, Issuer: "https://cis2.example",
			Subject: "number of first", How: "test"})
	})
	w.logIn(other, byCareIdentity("first"))
	u, err := w.ask(other)
	w.Must(err)
	southern := w.person("southern", w.south, account.UserAdministrator.In(account.InRegion(w.south)))
	everybody := map[string]account.Account{"themselves": other, "their other account": w.first,
		"an administrator of another region": southern, "an editor": w.editor,
		"somebody who only searches": w.searchOnly}
	for name, a := range everybody {
		_, err := w.office.Confirm(t.Context(), w.by(a), u.ID)
		tally.Refused(t, name+" opens", err == nil || w.mayOpen(a, u.ID))
		tally.Refused(t, name+" declines", w.office.Decline(t.Context(), w.by(a), u.ID) == nil)
	}
	_, err = w.office.Confirm(t.Context(), w.by(w.ofNorth), u.ID)
	w.Must(err)
	for name, a := range everybody {
		if a.ID != other.ID && a.ID != w.first.ID {
			tally.Refused(t, name+" ends", w.office.End(t.Context(), w.by(a), u.ID) == nil)
		}
	}
	w.Must(w.office.End(t.Context(), w.by(other), u.ID))
	if err := w.office.Review(t.Context(), w.by(w.searchOnly), "nothing", true, why); !errors.Is(err, fault.Forbidden) {
		t.Errorf("somebody without the permission learns that a use is not there: %v", err)
	}
	for name, a := range everybody {
		if n := w.Mailed("breakglass.to-review", a.Email); n != 0 {
			t.Errorf("%s are asked to review it", name)
		}
		err := w.office.Review(t.Context(), w.by(a), u.ID, true, "I find it all right.")
		tally.Refused(t, name+" reviews", err == nil)
	}
	tally.Report(t, "the second person and the reviewer")
	w.Must(w.office.Review(t.Context(), w.by(w.second), u.ID, true, "I find it all right."))
	if err := w.office.Review(t.Context(), w.by(w.second), u.ID, false, "I changed my mind."); err == nil {
		t.Error("a use was reviewed twice")
	}
}

// Emergency rights give nobody more power: with them open nobody gives groups, nor anything else over people.
func TestEmergencyRightsGiveNoPower(t *testing.T) {
	w := open(t)
	southern := w.person("southern", w.south, account.UserAdministrator.In(account.InRegion(w.south)))
	w.office.Policy.Alone = account.KindEverywhere
	u, err := w.askFor(southern, account.Everywhere)
	w.Must(err)
	if u.State != breakglass.Open || !w.edits(w.as(southern), w.clinic) {
		t.Fatal("the rights are not open")
	}
	office := administration.Office{DB: w.DB, Post: w.Post}
	by := w.as(southern)
	w.Must(office.Give(t.Context(), by, w.searchOnly.ID, account.ProviderUser, account.InRegion(w.south)))
	var tally worldtest.Tally
	for name, s := range map[string]account.Scope{
		"everywhere": account.Everywhere, "the other region": account.InRegion(w.north),
		"a service there": account.BelowService(w.clinic.ID),
	} {
		for _, g := range []account.Group{account.ProviderUser, account.UserAdministrator} {
			err := office.Give(t.Context(), by, w.searchOnly.ID, g, s)
			tally.Refused(t, "gives "+string(g)+", "+name, err == nil)
		}
	}
	tally.Refused(t, "deactivates outside", office.Deactivate(t.Context(), by, w.ofNorth.ID, "test") == nil)
	_, err = w.office.Confirm(t.Context(), by, u.ID)
	tally.Refused(t, "opens again", err == nil)
	for _, p := range account.All() {
		for _, e := range account.Emergency() {
			if p == e && (p.OverAccounts() || p == account.BreakGlass || p == account.ManageWaves) {
				tally.Refused(t, "widens "+string(p), true)
			}
		}
	}
	tally.Report(t, "power by emergency rights")
}

// They end with the account, with the link, and with the Care Identity: not when somebody looks, but at that moment.
// Whoever gets back in does not get them back.
func TestEmergencyRightsEndWithTheWayIn(t *testing.T) {
	office := func(w *world) administration.Office { return administration.Office{DB: w.DB, Post: w.Post} }
	for name, end := range map[string]func(w *world){
		"deactivated": func(w *world) {
			w.Must(office(w).Deactivate(t.Context(), w.by(w.first), w.editor.ID, "test"))
			w.Must(office(w).Reactivate(t.Context(), w.by(w.second), w.editor.ID, "test"))
		},
		"link undone": func(w *world) {
			w.Update(func(ctx context.Context, u *db.W) error {
				return account.RemoveLink(ctx, u, w.editor.ID, "test")
			})
			w.Update(func(ctx context.Context, u *db.W) error {
				return account.AddLink(ctx, u, account.Link{AccountID: w.editor.ID, Issuer: "https://cis2.example",
					Subject: "number of editor", How: "test"})
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			u, err := w.ask(w.editor)
			w.Must(err)
			before := w.as(w.editor)
			if !w.edits(before, w.clinic) {
				t.Fatal("the rights are not open")
			}
			end(w)
			w.logIn(w.editor, byCareIdentity("editor"))
			if w.edits(before, w.clinic) || w.edits(w.as(w.editor), w.clinic) {
				t.Error("the rights are there again")
			}
			w.Must(w.office.Due(t.Context()))
			if got := w.use(u.ID); got.State != breakglass.Ended || got.Ends.After(w.Clock.Now()) {
				t.Errorf("the use is %s until %v", got.State, got.Ends)
			}
			w.Must(w.office.Review(t.Context(), w.by(w.first), u.ID, true, "It ended with the account."))
		})
	}
}

// Rights that were asked for before somebody's account or link changed are not opened afterwards.
func TestWhoAskedIsStillThere(t *testing.T) {
	for name, change := range map[string]func(ctx context.Context, w *world, u *db.W) error{
		"deactivated": func(ctx context.Context, w *world, u *db.W) error {
			return account.Deactivate(ctx, u, w.editor.ID, "test")
		},
		"link undone": func(ctx context.Context, w *world, u *db.W) error {
			return account.RemoveLink(ctx, u, w.editor.ID, "test")
		},
		"linked to another Care Identity": func(ctx context.Context, w *world, u *db.W) error {
			if err := account.RemoveLink(ctx, u, w.editor.ID, "test"); err != nil {
				return err
			}
			return account.AddLink(ctx, u, account.Link{AccountID: w.editor.ID, Issuer: "https://cis2.example",
				Subject: "another number", How: "test"})
		},
	} {
		w := open(t)
		w.office.Policy.TwoPeople = breakglass.Always
		u, err := w.ask(w.editor)
		w.Must(err)
		w.Update(func(ctx context.Context, u *db.W) error { return change(ctx, w, u) })
		if _, err := w.office.Confirm(t.Context(), w.by(w.first), u.ID); !errors.Is(err, fault.Conflict) {
			t.Errorf("%s: opened: %v", name, err)
		}
	}
}

// Nobody acts by another's use, nor by one of their own that has ended, whatever role they name.
func TestTheMarkAloneGivesNothing(t *testing.T) {
	w := open(t)
	u, err := w.ask(w.editor)
	w.Must(err)
	marked := w.as(w.editor)
	var tally worldtest.Tally
	forged := w.by(w.searchOnly)
	forged.Role = marked.Role
	tally.Refused(t, "by the use of somebody else", w.edits(forged, w.clinic))
	unmarked := w.by(w.editor)
	tally.Refused(t, "without the mark", w.edits(unmarked, w.clinic))
	made := w.by(w.editor)
	made.Role = "break-glass nothing"
	tally.Refused(t, "by a use that is not there", w.edits(made, w.clinic))
	if !w.edits(marked, w.clinic) {
		t.Fatal("the rights are not open")
	}
	w.Must(w.office.End(t.Context(), w.by(w.editor), u.ID))
	tally.Refused(t, "by a use that has ended", w.edits(marked, w.clinic))
	tally.Report(t, "acts by a mark")
}

// They cannot be prolonged by asking again and again: one use at a time, three in a day, and the next one needs a
// second person until somebody has reviewed the one before.
func TestEmergencyRightsAreNotProlonged(t *testing.T) {
	w := open(t)
	first, err := w.ask(w.editor)
	w.Must(err)
	if _, err := w.ask(w.editor); !errors.Is(err, fault.Conflict) {
		t.Errorf("asked while open: %v", err)
	}
	w.Clock.Advance(4 * time.Hour)
	w.logInAgain()
	second, err := w.ask(w.editor)
	w.Must(err)
	if second.State != breakglass.Waiting {
		t.Fatalf("opened alone before the first use was reviewed: %s", second.State)
	}
	if got := w.use(first.ID).State; got != breakglass.Ended || w.Mailed("breakglass.to-review", w.first.Email) != 1 {
		t.Errorf("the first use is %s", got)
	}
	if _, err := w.ask(w.editor); !errors.Is(err, fault.Conflict) {
		t.Errorf("asked while waiting: %v", err)
	}
	w.Must(w.office.End(t.Context(), w.by(w.editor), second.ID)) // withdrawn
	third, err := w.ask(w.editor)
	w.Must(err)
	if _, err := w.ask(w.editor); !errors.Is(err, fault.Conflict) {
		t.Errorf("asked while the third of a day waits: %v", err)
	}
	_, err = w.office.Confirm(t.Context(), w.by(w.first), third.ID)
	w.Must(err)
	if _, err := w.ask(w.editor); !errors.Is(err, fault.Conflict) {
		t.Errorf("asked while the third of a day is open: %v", err)
	}
	w.Must(w.office.End(t.Context(), w.by(w.editor), third.ID))
	if _, err := w.ask(w.editor); !errors.Is(err, fault.TooMany) {
		t.Errorf("asked a fourth time in a day: %v", err)
	}
	w.Clock.Advance(24 * time.Hour)
	w.logInAgain()
	_, err = w.ask(w.editor)
	w.Must(err)
}

// Of many who open at the same moment one does, and one use is open.
func TestARaceOfOpenings(t *testing.T) {
	w := open(t)
	together := func(n int, act func() error) (done int) {
		var all sync.WaitGroup
		errs := make([]error, n)
		for i := range n {
			all.Go(func() { errs[i] = act() })
		}
		all.Wait()
		for _, err := range errs {
			if err == nil {
				done++
			} else if !errors.Is(err, fault.Conflict) {
				t.Errorf("in a race: %v", err)
			}
		}
		return done
	}
	if done := together(8, func() error { _, err := w.ask(w.editor); return err }); done != 1 {
		t.Errorf("%d of 8 uses at the same moment were opened", done)
	}
	w.office.Policy.TwoPeople = breakglass.Always
	u, err := w.askFor(w.ofNorth, account.InRegion(w.north))
	w.Must(err)
	done := together(8, func() error { _, err := w.office.Confirm(t.Context(), w.by(w.first), u.ID); return err })
	open := w.Count(`SELECT COUNT(*) FROM account_widening WHERE account_id = $1`, w.ofNorth.ID)
	if done != 1 || open != 1 {
		t.Errorf("of 8 who opened one use at the same moment %d did, %d are open", done, open)
	}
}
