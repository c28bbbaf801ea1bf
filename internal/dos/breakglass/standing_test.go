package breakglass_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/breakglass"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// night lets it become a time at which two people open emergency rights, with all of them logged in anew.
func (w *world) night() {
	w.Clock.Advance(12 * time.Hour)
	for _, a := range []account.Account{w.editor, w.first, w.second, w.searchOnly} {
		w.logIn(a, signin.State{How: signin.ByCareIdentity, CareIdentity: "number of " + a.Username})
	}
}

// takeAll takes all groups from an account.
func (w *world) takeAll(a account.Account) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		grants, err := account.GrantsOf(ctx, u, a.ID)
		if err != nil {
			return err
		}
		for _, m := range grants.Memberships() {
			err = errors.Join(err, account.RemoveGroup(ctx, u, a.ID, m))
		}
		return err
	})
}

// Who may not ask any more is not given either what they asked for while they could.
func TestNotOpenedForWhoMayNotAskAnyMore(t *testing.T) {
	w := open(t)
	w.night()
	u, err := w.ask(w.editor)
	w.Must(err)
	w.takeAll(w.editor)
	_, err = w.office.Confirm(t.Context(), w.by(w.first), u.ID)
	if !errors.Is(err, fault.Conflict) || w.use(u.ID).State != breakglass.Waiting {
		t.Errorf("%v, %v", err, w.use(u.ID).State)
	}
}

// Emergency rights do not outlive what was taken from whoever has them.
func TestEndedByTheTakingOfAGroup(t *testing.T) {
	w := open(t)
	u, err := w.ask(w.editor)
	w.Must(err)
	if !w.edits(w.as(w.editor), w.clinic) {
		t.Fatal("they were not opened")
	}
	w.takeAll(w.editor)
	if state := w.use(u.ID).State; state != breakglass.Ended || w.edits(w.as(w.editor), w.clinic) {
		t.Errorf("state %s", state)
	}
	w.Must(w.office.Due(t.Context()))
	if n := w.Count(`SELECT COUNT(*) FROM break_glass WHERE id = $1 AND state = 'ended'`, u.ID); n != 1 {
		t.Error("their end was not noted")
	}
}

// Whoever was made an administrator a moment ago opens nothing (attack L29), and does an hour later.
func TestNotOpenedByWhoWasJustGivenThePermission(t *testing.T) {
	w := open(t)
	w.night()
	u, err := w.ask(w.editor)
	w.Must(err)
	w.Update(func(ctx context.Context, x *db.W) error {
		return account.AddGroup(ctx, x, w.searchOnly.ID, account.UserAdministrator, account.Everywhere)
	})
	_, err = w.office.Confirm(t.Context(), w.by(w.searchOnly), u.ID)
	if !errors.Is(err, fault.Forbidden) || w.use(u.ID).State != breakglass.Waiting {
		t.Errorf("%v, %v", err, w.use(u.ID).State)
	}
	w.Clock.Advance(account.JustGivenLasts - time.Minute)
	w.Must(w.office.End(t.Context(), w.by(w.editor), u.ID))
	w.Clock.Advance(time.Minute)
	w.night() // which is the next day
	w.night()
	if u, err = w.ask(w.editor); err != nil || u.State != breakglass.Waiting {
		t.Fatalf("%v, %v", u.State, err)
	}
	if _, err = w.office.Confirm(t.Context(), w.by(w.searchOnly), u.ID); err != nil {
		t.Error(err)
	}
}

// With another account of theirs nobody goes round what the first one is bound by.
func TestBoundsAreOfAPerson(t *testing.T) {
	w := open(t)
	other := w.person("editor2", w.south, account.ProviderUser.In(account.BelowService(w.branch.ID)))
	w.Update(func(ctx context.Context, x *db.W) error { // both were opened by one Care Identity
		_, err := x.Exec(ctx, `INSERT INTO account_link_past (id, account_id, issuer, subject, linked_at, ended_at)
			SELECT 'past', $1, issuer, subject, linked_at, linked_at FROM account_link WHERE account_id = $2`, other.ID,
			w.editor.ID)
		return errors.Join(err, x.Record(ctx, audit.Event{Kind: signin.SignedIn, Subject: account.Ref(other.ID)}))
	})
	u, err := w.ask(w.editor)
	w.Must(err)
	if _, err := w.ask(other); !errors.Is(err, fault.Conflict) {
		t.Errorf("beside open rights: %v", err)
	}
	w.Must(w.office.End(t.Context(), w.by(w.editor), u.ID))
	second, err := w.ask(other)
	w.Must(err)
	if second.State != breakglass.Waiting {
		t.Errorf("while nobody has reviewed the first: %v", second.State)
	}
	w.Must(w.office.End(t.Context(), w.by(other), second.ID))
	third, err := w.ask(other)
	w.Must(err)
	w.Must(w.office.End(t.Context(), w.by(other), third.ID))
	if _, err := w.ask(w.editor); !errors.Is(err, fault.TooMany) {
		t.Errorf("a fourth time in a day: %v", err)
	}
}

// However many uses of others wait for their review, each is ended, noted and listed.
func TestUsesBehindManyOthers(t *testing.T) {
	w := open(t)
	u, err := w.ask(w.editor)
	w.Must(err)
	w.Clock.Advance(time.Minute)
	w.Update(func(ctx context.Context, x *db.W) error {
		for i := range 450 {
			_, err := x.Exec(ctx, `INSERT INTO break_glass (id, account_id, issuer, subject, scope_kind, scope_id, reason,
				state, asked_at, waits_until, opened_at, ended_at, reminded_at)
				VALUES ($1, $2, 'i', 's', 'region', $3, 'what happened elsewhere', 'ended', $4, $4, $4, $4, $4)`,
				fmt.Sprint("use", i), w.searchOnly.ID, w.south, x.Now())
			if err != nil {
				return err
			}
		}
		return x.Record(ctx, audit.Event{Kind: signin.SignedIn, Subject: account.Ref(w.editor.ID)})
	})
	w.Clock.Advance(8 * time.Hour)
	w.Must(w.office.Due(t.Context()))
	if n := w.Count(`SELECT COUNT(*) FROM break_glass WHERE id = $1 AND state = 'ended'`, u.ID); n != 1 {
		t.Error("the end of the oldest was not noted")
	}
	w.View(func(ctx context.Context, r db.R) error {
		all, err := breakglass.Undone(ctx, r)
		if len(all) != 451 || all[0].ID != u.ID {
			t.Errorf("%d are listed", len(all))
		}
		return err
	})
}

// Where the policy's widest place is a service, a region is none.
func TestARegionIsNoService(t *testing.T) {
	w := open(t)
	w.office.Policy.Widest = account.KindService
	for _, place := range []account.Scope{account.InRegion(w.north), account.BelowService(w.north)} {
		_, err := w.office.Ask(t.Context(), w.by(w.editor), breakglass.Request{Scope: place, Reason: why})
		if !errors.Is(err, fault.Invalid) {
			t.Errorf("%v: %v", place, err)
		}
	}
	_, err := w.office.Ask(t.Context(), w.by(w.editor),
		breakglass.Request{Scope: account.BelowService(w.clinic.ID), Reason: why})
	w.Must(err)
}

// What an administrator ends before it was opened is declined, with their name, and whoever asked is told.
func TestEndedByAnotherWhileItWaits(t *testing.T) {
	w := open(t)
	w.night()
	u, err := w.ask(w.editor)
	w.Must(err)
	w.Must(w.office.End(t.Context(), w.by(w.first), u.ID))
	w.Settle()
	if got := w.use(u.ID); got.State != breakglass.Declined || got.Second != w.first.ID {
		t.Errorf("%+v", got)
	}
	if n := w.Mailed("breakglass.declined", w.editor.Email); n != 1 {
		t.Errorf("whoever asked has %d mails", n)
	}
}

// A reason, and a finding, is words that somebody can read.
func TestReasonsAreWords(t *testing.T) {
	w := open(t)
	for _, reason := range []string{strings.Repeat("\u200b", 20), strings.Repeat(".", 20), "short"} {
		_, err := w.office.Ask(t.Context(), w.by(w.editor),
			breakglass.Request{Scope: account.BelowService(w.clinic.ID), Reason: reason})
		if !errors.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", reason, err)
		}
	}
	u, err := w.ask(w.editor)
	w.Must(err)
	w.Must(w.office.End(t.Context(), w.by(w.editor), u.ID))
	for _, finding := range []string{strings.Repeat("\u2060", 20), strings.Repeat("-", 20)} {
		if err := w.office.Review(t.Context(), w.by(w.first), u.ID, true, finding); !errors.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", finding, err)
		}
	}
}

// Whoever was made an administrator a moment ago reviews nothing (attack L29), and does an hour later.
func TestNotReviewedByWhoWasJustGivenThePermission(t *testing.T) {
	w := open(t)
	u, err := w.ask(w.editor)
	w.Must(err)
	w.Must(w.office.End(t.Context(), w.by(w.editor), u.ID))
	w.Update(func(ctx context.Context, x *db.W) error {
		return account.AddGroup(ctx, x, w.searchOnly.ID, account.UserAdministrator, account.Everywhere)
	})
	review := func() error {
		return w.office.Review(t.Context(), w.by(w.searchOnly), u.ID, true, "I looked at all they did, and it is fine")
	}
	if err := review(); !errors.Is(err, fault.Forbidden) || w.use(u.ID).State != breakglass.Ended {
		t.Errorf("at once: %v, %v", err, w.use(u.ID).State)
	}
	w.Clock.Advance(account.JustGivenLasts)
	if err := review(); err != nil || w.use(u.ID).State != breakglass.Reviewed {
		t.Errorf("an hour later: %v, %v", err, w.use(u.ID).State)
	}
}

// Nobody opens all services everywhere alone, whatever the hour, unless the operator decides otherwise.
func TestEverywhereTakesTwoPeople(t *testing.T) {
	w := open(t)
	twos := func() (list []bool) {
		w.View(func(ctx context.Context, r db.R) error {
			places, _, err := w.office.PlacesFor(ctx, r, w.editor.ID, w.clinic.ID)
			for _, p := range places {
				list = append(list, p.Two)
			}
			return err
		})
		return list
	}
	if got := twos(); !slices.Equal(got, []bool{false, false, false, true}) { // the clinic, two regions, everywhere
		t.Errorf("offered: %v take two people", got)
	}
	u, err := w.askFor(w.editor, account.Everywhere)
	w.Must(err)
	if u.State != breakglass.Waiting || w.edits(w.as(w.editor), w.clinic) {
		t.Errorf("everywhere, alone at noon: %s", u.State)
	}
	if u, err = w.office.Confirm(t.Context(), w.by(w.first), u.ID); err != nil || !w.edits(w.as(w.editor), w.clinic) {
		t.Errorf("everywhere, by two: %s, %v", u.State, err)
	}
	w.office.Policy.Alone = account.KindEverywhere
	w.Must(w.office.End(t.Context(), w.by(w.editor), u.ID))
	w.Must(w.office.Review(t.Context(), w.by(w.second), u.ID, true, "As it should be."))
	if u, err = w.askFor(w.editor, account.Everywhere); err != nil || u.State != breakglass.Open {
		t.Errorf("everywhere, where the operator lets one person: %s, %v", u.State, err)
	}
}

// Where two people have to open emergency rights and nobody but the asker may, that is said before they ask.
func TestPlacesForWhichThereIsNobody(t *testing.T) {
	w := open(t)
	alone := func() (list []bool) {
		w.View(func(ctx context.Context, r db.R) error {
			places, _, err := w.office.PlacesFor(ctx, r, w.editor.ID, w.clinic.ID)
			for _, p := range places {
				list = append(list, p.Alone)
			}
			return err
		})
		return list
	}
	nowhere := []bool{false, false, false, false}
	if got := alone(); !slices.Equal(got, nowhere) {
		t.Errorf("while administrators are there: %v", got)
	}
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `DELETE FROM account_grant WHERE permission = $1 AND scope_kind = 'everywhere'`,
			string(account.BreakGlass))
		return err
	})
	if got := alone(); !slices.Equal(got, []bool{false, false, false, true}) {
		t.Errorf("once nobody has the permission everywhere: %v", got)
	}
	w.office.Policy.Alone = account.KindEverywhere
	if got := alone(); !slices.Equal(got, nowhere) {
		t.Errorf("where one person is enough: %v", got)
	}
}
