package breakglass_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/widening"
	"signpost/internal/dos/breakglass"
	"signpost/internal/dos/directory"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// In office hours one person opens emergency rights. All administrators are told at once, each act is marked, the
// rights end by themselves after 4 hours without any job, and somebody else reviews what was done.
func TestAUseInOfficeHours(t *testing.T) {
	w := open(t)
	if w.edits(w.as(w.editor), w.clinic) {
		t.Fatal("the editor of the south changed a service in the north")
	}
	u, err := w.ask(w.editor)
	w.Must(err)
	if u.State != breakglass.Open || !u.Ends.Equal(w.Clock.Now().Add(4*time.Hour)) {
		t.Fatalf("asked in office hours: %s until %v", u.State, u.Ends)
	}
	if opened := w.Events("breakglass.opened"); len(opened) != 1 || opened[0].Reason != why {
		t.Errorf("that they were opened is recorded as %v", opened)
	}
	for _, a := range []account.Account{w.first, w.second, w.ofNorth, w.editor} {
		if w.Mailed("breakglass.opened", a.Email) != 1 {
			t.Errorf("%s was not told", a.Username)
		}
	}
	if w.Mailed("breakglass.opened", w.searchOnly.Email) != 0 {
		t.Error("somebody who administers nothing was told")
	}
	if !w.edits(w.as(w.editor), w.clinic) || !w.edits(w.as(w.editor), w.branch) {
		t.Error("the editor changes nothing with emergency rights")
	}
	if got := w.acts(u); len(got) == 0 || got[0].Subject.ID != w.branch.ID || got[0].ActorName != w.editor.Name() {
		t.Errorf("the marked acts are %v", got)
	}
	w.Clock.Advance(4*time.Hour - time.Second)
	w.logInAgain()
	if !w.edits(w.as(w.editor), w.clinic) {
		t.Error("the rights ended early")
	}
	before := w.as(w.editor) // of a request that began before the end
	w.Clock.Advance(time.Second)
	if w.edits(before, w.clinic) || w.edits(w.as(w.editor), w.clinic) {
		t.Error("the rights did not end")
	}
	if got := w.use(u.ID).State; got != breakglass.Ended {
		t.Errorf("after its end the use is %s", got)
	}
	w.Must(w.office.Due(t.Context()))
	w.Must(w.office.Due(t.Context())) // notes and tells it once
	if w.Mailed("breakglass.ended", w.editor.Email) != 1 || w.Mailed("breakglass.to-review", w.first.Email) != 1 ||
		w.Mailed("breakglass.to-review", w.ofNorth.Email) != 1 {
		t.Error("the end was not told")
	}
	for range 2 {
		w.Clock.Advance(24 * time.Hour)
		w.Must(w.office.Due(t.Context()))
		w.Must(w.office.Due(t.Context()))
	}
	if got := w.Mailed("breakglass.to-review", w.first.Email); got != 3 {
		t.Errorf("%d mails about a review in two days, want 3", got)
	}
	w.Must(w.office.Review(t.Context(), w.by(w.first), u.ID, false, "They changed the branch as well."))
	got := w.use(u.ID)
	if got.State != breakglass.Reviewed || got.Right || got.ReviewedBy != w.first.ID {
		t.Errorf("reviewed: %+v", got)
	}
	if w.Mailed("breakglass.reviewed", w.editor.Email) != 1 || w.Mailed("breakglass.reviewed", w.second.Email) != 1 {
		t.Error("the finding was not told")
	}
	w.Clock.Advance(48 * time.Hour)
	w.Must(w.office.Due(t.Context()))
	if got := w.Mailed("breakglass.to-review", w.first.Email); got != 3 {
		t.Error("somebody was reminded after the review")
	}
}

// acts lists what was done in a use, the newest first.
func (w *world) acts(u breakglass.Use) []audit.Entry {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]audit.Entry, error) {
		list, _, err := u.Acts().Page(ctx, r, 0, 100)
		return list, err
	})
}

// Outside office hours somebody else opens the rights with whoever asks, within an hour, and till then nothing is open.
func TestAUseAtNight(t *testing.T) {
	w := open(t)
	w.Clock.Advance(17 * time.Hour) // 3 in the morning
	w.logInAgain()
	u, err := w.ask(w.editor)
	w.Must(err)
	if u.State != breakglass.Waiting || w.edits(w.as(w.editor), w.clinic) {
		t.Fatalf("asked at night: %s", u.State)
	}
	if w.Mailed("breakglass.asked", w.first.Email) != 1 || w.Mailed("breakglass.asked", w.ofNorth.Email) != 1 {
		t.Error("the administrators were not told that somebody asks")
	}
	_, err = w.office.Confirm(t.Context(), w.by(w.ofNorth), u.ID)
	w.Must(err)
	if !w.edits(w.as(w.editor), w.clinic) || w.use(u.ID).Second != w.ofNorth.ID {
		t.Error("a second person opened nothing")
	}
	if w.mayOpen(w.first, u.ID) {
		t.Error("somebody is offered to open what is open")
	}
	w.Clock.Advance(time.Minute)
	w.Must(w.office.End(t.Context(), w.by(w.editor), u.ID))
	if w.edits(w.as(w.editor), w.clinic) {
		t.Error("the rights are there after their holder ended them")
	}
	if got := w.use(u.ID); got.EndedBy != w.editor.ID || !got.Ends.Equal(w.Clock.Now()) {
		t.Errorf("it was ended by %q at %v", got.EndedBy, got.Ends)
	}
	if err := w.office.Review(t.Context(), w.by(w.ofNorth), u.ID, true, "I was there myself."); !errors.Is(err,
		fault.Forbidden) {
		t.Errorf("whoever opened the rights reviews their use: %v", err)
	}
	w.Must(w.office.Review(t.Context(), w.by(w.first), u.ID, true, "The clinic was indeed closed."))

	u, err = w.ask(w.editor)
	w.Must(err)
	w.Must(w.office.Decline(t.Context(), w.by(w.first), u.ID))
	if got := w.use(u.ID); got.State != breakglass.Declined || got.Second != w.first.ID ||
		w.Mailed("breakglass.declined", w.editor.Email) != 1 {
		t.Errorf("declined: %s by %q", got.State, got.Second)
	}
	u, err = w.ask(w.editor)
	w.Must(err)
	w.Clock.Advance(time.Hour)
	if _, err := w.office.Confirm(t.Context(), w.by(w.first), u.ID); !errors.Is(err, fault.Conflict) {
		t.Errorf("opened an hour after somebody asked: %v", err)
	}
	w.Must(w.office.Due(t.Context()))
	if len(w.Events("breakglass.lapsed")) != 1 {
		t.Error("that nobody opened the rights was not noted")
	}
	closed := worldtest.Read(w.World.World, breakglass.Closed)
	if len(closed) != 3 {
		t.Errorf("%d uses are listed of which nothing is left to be done, want 3", len(closed))
	}
}

// logInAgain lets everybody log in again, after a time in which sessions ended.
func (w *world) logInAgain() {
	w.Helper()
	for _, a := range []account.Account{w.first, w.second, w.ofNorth, w.editor, w.searchOnly} {
		w.logIn(a, byCareIdentity(a.Username))
	}
}

// An administrator ends what is open. Where nobody else could review it, whoever opened it with somebody may.
func TestAnAdministratorEndsAndReviews(t *testing.T) {
	w := open(t)
	w.office.Policy.TwoPeople = breakglass.Always
	u, err := w.ask(w.editor)
	w.Must(err)
	_, err = w.office.Confirm(t.Context(), w.by(w.first), u.ID)
	w.Must(err)
	if err := w.office.Review(t.Context(), w.by(w.second), u.ID, true, "Reviewed while open."); !errors.Is(err,
		fault.Conflict) {
		t.Errorf("reviewed while it is open: %v", err)
	}
	w.Must(w.office.End(t.Context(), w.by(w.second), u.ID))
	if w.edits(w.as(w.editor), w.clinic) {
		t.Error("the rights are there after an administrator ended them")
	}
	for _, other := range []account.Account{w.second, w.ofNorth} {
		w.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, other.ID, "left") })
	}
	w.Clock.Advance(24 * time.Hour)
	w.Must(w.office.Due(t.Context()))
	if n := w.Mailed("breakglass.to-review", w.first.Email); n != 1 {
		t.Errorf("whoever is left to review it got %d mails, want 1", n)
	}
	w.Must(w.office.Review(t.Context(), w.by(w.first), u.ID, true, "Nobody else is there."))
}

// What is opened is told as well to somebody who looks at the account: the mark is in the role of the event.
func TestTheMarkNamesTheUse(t *testing.T) {
	w := open(t)
	u, err := w.ask(w.editor)
	w.Must(err)
	w.edits(w.as(w.editor), w.clinic)
	for _, e := range w.acts(u) {
		if widening.UseOf(e.Role) != u.ID {
			t.Errorf("%s has the role %q", e.Kind, e.Role)
		}
	}
	if strings.Contains(widening.UseOf("S8000"), "S") {
		t.Error("another role is taken for a mark")
	}
}

// mayOpen reports whether the page of a use offers somebody to open it.
func (w *world) mayOpen(a account.Account, id string) bool {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (bool, error) {
		u, err := breakglass.ByID(ctx, r, id)
		if err != nil {
			return false, err
		}
		grants, err := account.GrantsOf(ctx, r, a.ID)
		if err != nil {
			return false, err
		}
		return u.MayOpen(ctx, r, a.ID, grants.Reach(a.Organisation, account.BreakGlass))
	})
}

// Whoever manages users and asks for emergency rights is told once that theirs are open.
func TestAnAdministratorIsToldOnce(t *testing.T) {
	w := open(t)
	_, err := w.askFor(w.ofNorth, account.BelowService(w.branch.ID))
	w.Must(err)
	if n := w.Mailed("breakglass.opened", w.ofNorth.Email); n != 1 {
		t.Errorf("told %d times", n)
	}
}

// Either permission ends emergency rights, over the place or over the account of whoever has them.
func TestWhoEndsEmergencyRights(t *testing.T) {
	w := open(t)
	w.office.Policy.TwoPeople = breakglass.Never
	for name, grants := range map[string]account.Grants{
		"manages.users":     account.InRegion(w.north).Of(account.ManageUsers),
		"opens":             account.InRegion(w.north).Of(account.BreakGlass),
		"after.the.account": account.InRegion(w.south).Of(account.BreakGlass),
	} {
		a := w.person(name, "", grants)
		asker := w.person("asker.of."+name, w.south, account.ProviderUser.In(account.BelowService(w.branch.ID)))
		u, err := w.ask(asker)
		w.Must(err)
		w.Must(w.office.End(t.Context(), w.by(a), u.ID))
		if got := w.use(u.ID); got.State != breakglass.Ended || got.EndedBy != a.ID {
			t.Errorf("%s: %s by %q", name, got.State, got.EndedBy)
		}
	}
}

// What nobody reviewed can be reviewed while its end was not noted yet, by what was found, and not by a word or two.
func TestAReviewSaysWhatWasFound(t *testing.T) {
	w := open(t)
	u, err := w.ask(w.editor)
	w.Must(err)
	w.Clock.Advance(4 * time.Hour)
	w.logInAgain()
	for name, finding := range map[string]string{
		"nothing": "", "blanks": strings.Repeat(" ", 20), "two words": "All right.",
		"a book": strings.Repeat("fine ", 300),
	} {
		if err := w.office.Review(t.Context(), w.by(w.first), u.ID, true, finding); !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.Must(w.office.Review(t.Context(), w.by(w.first), u.ID, true, "  They changed the clinic alone.  "))
	if got := w.use(u.ID); got.Finding != "They changed the clinic alone." || got.State != breakglass.Reviewed {
		t.Errorf("reviewed: %+v", got)
	}
	if len(w.Events("breakglass.ended")) != 1 || w.Mailed("breakglass.ended", w.editor.Email) != 1 {
		t.Error("its end was not noted before the review")
	}
	if w.Mailed("breakglass.reviewed", w.second.Email) != 0 {
		t.Error("all are told of a use that was right")
	}
}

// An administrator of one organisation opens and reviews emergency rights for its services, with all below them, and
// for nothing beside.
func TestAnAdministratorOfOneOrganisation(t *testing.T) {
	w := open(t)
	w.office.Policy.TwoPeople = breakglass.Always
	w.service(directory.Service{Name: "Ward of the clinic", Type: 17, Parent: w.clinic.ID, ODSCode: "A81001"})
	hub := w.service(directory.Service{Name: "Hub", Type: 17, Parent: w.north, ODSCode: "A81001"})
	w.service(directory.Service{Name: "Guest in the hub", Type: 17, Parent: hub.ID, ODSCode: "A81009"})
	local := w.person("local", "", account.UserAdministrator.In(account.OwnOrganisation))
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.SetOrganisation(ctx, u, local.ID, "A81001", "test")
	})
	local.Organisation = "A81001"
	var tally worldtest.Tally
	for name, s := range map[string]account.Scope{
		"a service of another organisation":          account.BelowService(w.branch.ID),
		"a service with one of another organisation": account.BelowService(hub.ID),
		"the region": account.InRegion(w.north),
		"everywhere": account.Everywhere,
	} {
		asker := w.person("asks.for."+strings.ReplaceAll(name, " ", "."), w.south,
			account.ProviderUser.In(account.BelowService(w.branch.ID)))
		u, err := w.askFor(asker, s)
		w.Must(err)
		_, err = w.office.Confirm(t.Context(), w.by(local), u.ID)
		tally.Refused(t, "opens for "+name, err == nil || w.mayOpen(local, u.ID))
	}
	u, err := w.ask(w.editor)
	w.Must(err)
	if !w.mayOpen(local, u.ID) {
		t.Error("their page does not offer to open the rights for their own service")
	}
	_, err = w.office.Confirm(t.Context(), w.by(local), u.ID)
	w.Must(err)
	w.Must(w.office.End(t.Context(), w.by(w.editor), u.ID))
	w.Must(w.office.Review(t.Context(), w.by(w.first), u.ID, true, "The clinic was indeed closed."))
	u, err = w.ask(w.editor)
	w.Must(err)
	_, err = w.office.Confirm(t.Context(), w.by(w.first), u.ID)
	w.Must(err)
	w.Must(w.office.End(t.Context(), w.by(local), u.ID))
	w.Must(w.office.Review(t.Context(), w.by(local), u.ID, true, "The clinic was indeed closed."))
	tally.Report(t, "an administrator of one organisation")
}
