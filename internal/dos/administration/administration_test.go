package administration_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/administration"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/session"
	"signpost/internal/platform/worldtest"
)

// world has two regions with services and the administrators of each, and everywhere.
type world struct {
	*dostest.World

	office       administration.Office
	north, south string // regions
	clinic       string // a service in the north

	everywhere, second, ofNorth, user, southern account.Account
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC))}
	w.Start()
	w.office = administration.Office{DB: w.DB, Post: w.Post}
	w.north = w.service(directory.Service{Name: "North", Type: directory.RegionType})
	w.south = w.service(directory.Service{Name: "South", Type: directory.RegionType})
	w.clinic = w.service(directory.Service{Name: "Clinic", Type: 17, Parent: w.north, ODSCode: "A81001"})
	w.service(directory.Service{Name: "Branch", Type: 17, Parent: w.south, ODSCode: "A81009"})
	w.everywhere = w.person("everywhere", "", "ZIB", account.UserAdministrator.In(account.Everywhere))
	w.second = w.person("second", "", "ZIB", account.UserAdministrator.In(account.Everywhere))
	w.ofNorth = w.person("north", w.north, "ZN1", account.UserAdministrator.In(account.InRegion(w.north)))
	w.user = w.person("user", w.north, "A81001", nil)
	w.southern = w.person("southern", w.south, "A81002", nil)
	return w
}

func (w *world) service(s directory.Service) string {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) (err error) {
		s, err = directory.Add(ctx, u, s, "")
		return err
	})
	return s.ID
}

func (w *world) person(username, region, organisation string, grants account.Grants) account.Account {
	w.Helper()
	return w.Account(account.New{Username: username, FirstName: "Ada", Email: username + "@example.nhs.uk",
		PasswordHash: w.Hash, Region: region, Organisation: organisation, Grants: grants}, "")
}

func by(a account.Account) actor.Actor {
	return actor.Actor{Kind: actor.Person, ID: a.ID, Name: a.Name()}
}

func (w *world) give(from, to account.Account, g account.Group, s account.Scope) error {
	return w.office.Give(w.Context(), by(from), to.ID, g, s)
}

func (w *world) take(from, to account.Account, g account.Group, s account.Scope) error {
	return w.office.Take(w.Context(), by(from), to.ID, g, s)
}

func (w *world) groups(a account.Account) (list []string) {
	w.Helper()
	w.Must(w.DB.View(w.Context(), func(r db.R) error {
		grants, err := account.GrantsOf(w.Context(), r, a.ID)
		for _, m := range grants.Memberships() {
			list = append(list, string(m.Group)+" "+string(m.Scope.Kind))
		}
		return err
	}))
	return list
}

// What was given can be used, is told to its holder, and is undone by the opposite act.
func TestGroupsAreGivenAndTaken(t *testing.T) {
	w := newWorld(t)
	for _, s := range []account.Scope{
		account.OwnOrganisation, account.InRegion(w.north), account.BelowService(w.clinic),
	} {
		w.Must(w.give(w.ofNorth, w.user, account.ProviderUser, s))
	}
	if got := w.groups(w.user); len(got) != 3 {
		t.Errorf("groups %q", got)
	}
	if err := directory.SetCapacity(t.Context(), w.DB, by(w.user), w.clinic, directory.Amber, "", 0, ""); err != nil {
		t.Errorf("what was given is refused: %v", err)
	}
	if n := w.Mailed("account.group-given", "user@example.nhs.uk"); n != 3 {
		t.Errorf("%d mails", n)
	}
	w.Must(w.take(w.ofNorth, w.user, account.ProviderUser, account.OwnOrganisation))
	w.Must(w.take(w.ofNorth, w.user, account.ProviderUser, account.InRegion(w.north)))
	w.Must(w.take(w.ofNorth, w.user, account.ProviderUser, account.BelowService(w.clinic)))
	if got := w.groups(w.user); len(got) != 0 {
		t.Errorf("groups after all were taken: %q", got)
	}
	err := directory.SetCapacity(t.Context(), w.DB, by(w.user), w.clinic, directory.Amber, "", 0, "")
	if !errors.Is(err, fault.Forbidden) {
		t.Errorf("what was taken works on: %v", err)
	}
	given := w.Count(`SELECT COUNT(*) FROM event WHERE kind = 'account.group-given'`)
	taken := w.Count(`SELECT COUNT(*) FROM event WHERE kind = 'account.group-taken'`)
	if given != 3 || taken != 3 || w.Mailed("account.group-taken", "user@example.nhs.uk") != 3 {
		t.Errorf("%d events of giving, %d of taking", given, taken)
	}
}

// Nobody gives what they do not hold, reaches outside their scope, or changes a peer's account or their own.
func TestGroupsThatCannotBeGiven(t *testing.T) {
	w := newWorld(t)
	peer := w.person("peer", w.north, "ZN2", account.UserAdministrator.In(account.InRegion(w.north)))
	outreach := w.person("outreach", w.north, "A81009", nil) // its organisation has a service in the south
	homeless := w.person("homeless", w.north, "", nil)
	desk := w.person("desk", "", "ZIB", account.Desk.In(account.Everywhere))
	partial := w.person("partial", w.north, "ZN3", account.InRegion(w.north).Of(account.ManageUsers))
	team := w.Account(account.New{Username: "team", Email: "team@example.nhs.uk", Kind: account.Shared, Region: w.north,
		Organisation: "A81001"}, "")
	robot := w.Account(account.New{Username: "robot", Email: "robot@example.nhs.uk", Kind: account.Machine,
		Region: w.north}, "")
	w.Must(w.give(w.ofNorth, robot, account.Program, account.InRegion(w.north)))
	w.Must(w.give(w.ofNorth, team, account.ProviderUser, account.OwnOrganisation))
	inNorth := account.InRegion(w.north)
	var y worldtest.Tally
	for name, tt := range map[string]struct {
		from, to account.Account
		group    account.Group
		scope    account.Scope
	}{
		"in another region":               {w.ofNorth, w.user, account.ProviderUser, account.InRegion(w.south)},
		"everywhere":                      {w.ofNorth, w.user, account.ProviderUser, account.Everywhere},
		"to an account of another region": {w.ofNorth, w.southern, account.ProviderUser, inNorth},
		"at an organisation that reaches into another region": {w.ofNorth, outreach, account.ProviderUser,
			account.OwnOrganisation},
		"over all the people of an organisation": {w.ofNorth, w.user, account.UserAdministrator,
			account.OwnOrganisation},
		"at no organisation":                  {w.ofNorth, homeless, account.ProviderUser, account.OwnOrganisation},
		"to a peer":                           {w.ofNorth, peer, account.ProviderUser, inNorth},
		"to a peer everywhere":                {w.everywhere, w.second, account.ProviderUser, account.Everywhere},
		"to oneself":                          {w.ofNorth, w.ofNorth, account.ProviderUser, inNorth},
		"to oneself everywhere":               {w.everywhere, w.everywhere, account.ProgrammeTeam, account.Everywhere},
		"what one does not hold":              {partial, w.user, account.ProviderUser, inNorth},
		"waves by a user administrator":       {w.everywhere, w.user, account.ProgrammeTeam, account.Everywhere},
		"by the service desk":                 {desk, w.user, account.Desk, account.Everywhere},
		"by a user":                           {w.user, w.southern, account.ProviderUser, account.OwnOrganisation},
		"of machines to a person":             {w.ofNorth, w.user, account.Program, inNorth},
		"of people to a machine":              {w.ofNorth, robot, account.ProviderUser, inNorth},
		"of administrators to a team":         {w.ofNorth, team, account.UserAdministrator, inNorth},
		"no such group":                       {w.ofNorth, w.user, "lord", inNorth},
		"no such region":                      {w.everywhere, w.user, account.ProviderUser, account.InRegion("none")},
		"a service that is no region":         {w.everywhere, w.user, account.ProviderUser, account.InRegion(w.clinic)},
		"a scope that the group cannot have":  {w.everywhere, w.user, account.UserAdministrator, account.BelowService(w.clinic)},
		"no such scope":                       {w.everywhere, w.user, account.ProviderUser, account.Scope{Kind: "moon"}},
		"a group that has no permission":      {w.everywhere, w.user, account.SearchOnly, account.Everywhere},
		"a service of another region's scope": {w.ofNorth, w.user, account.ProviderUser, account.BelowService(w.south)},
	} {
		before := w.groups(tt.to)
		err := w.give(tt.from, tt.to, tt.group, tt.scope)
		y.Refused(t, name, err == nil)
		if err != nil && !errors.Is(err, fault.Forbidden) && !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
		if !slices.Equal(before, w.groups(tt.to)) {
			t.Errorf("%s: the groups changed", name)
		}
	}
	y.Report(t, "groups that cannot be given")
	w.Must(w.give(w.everywhere, outreach, account.ProviderUser, account.OwnOrganisation))
	err := w.take(w.ofNorth, outreach, account.ProviderUser, account.OwnOrganisation)
	if !errors.Is(err, fault.Forbidden) {
		t.Errorf("taken away by somebody who could not give it: %v", err)
	}
}

// A right that was taken away a moment ago gives nothing any more: it is looked at in the Update that acts.
func TestARightTakenAwayGivesNothing(t *testing.T) {
	w := newWorld(t)
	w.Must(w.take(w.everywhere, w.ofNorth, account.UserAdministrator, account.InRegion(w.north)))
	err := w.give(w.ofNorth, w.user, account.ProviderUser, account.OwnOrganisation)
	if !errors.Is(err, fault.Forbidden) {
		t.Errorf("given by somebody whose right had ended: %v", err)
	}
}

// L31: the last administrator who can come in stays, however they would go; also when two go at once.
func TestTheLastAdministratorStays(t *testing.T) {
	w := newWorld(t)
	line := actor.ForCommand("test")
	everywhere := account.Everywhere
	var together sync.WaitGroup
	results := make([]error, 2)
	for i, a := range []account.Account{w.everywhere, w.second} {
		together.Go(func() { results[i] = w.take(a, a, account.UserAdministrator, everywhere) })
	}
	together.Wait()
	if gone := slices.Index(results, nil); gone < 0 || results[1-gone] == nil ||
		!strings.Contains(results[1-gone].Error(), "without an administrator") {
		t.Fatalf("of two who gave up at once: %v", results)
	}
	last := w.everywhere
	if results[0] == nil {
		last = w.second
	}
	var y worldtest.Tally
	y.Refused(t, "giving it up", w.take(last, last, account.UserAdministrator, everywhere) == nil)
	y.Refused(t, "taken by the command line",
		w.office.Take(t.Context(), line, last.ID, account.UserAdministrator, everywhere) == nil)
	y.Refused(t, "deactivation", w.office.Deactivate(t.Context(), line, last.ID, "left") == nil)
	w.person("never.in", "", "ZIB", account.UserAdministrator.In(everywhere))
	w.Update(func(ctx context.Context, u *db.W) error {
		return u.Change(ctx, `UPDATE account SET password_hash = '' WHERE username = 'never.in'`)
	})
	y.Refused(t, "where the other cannot come in", w.office.Deactivate(t.Context(), line, last.ID, "left") == nil)
	y.Report(t, "L31 the last administrator")
	w.person("third", "", "ZIB", account.UserAdministrator.In(everywhere))
	w.Must(w.office.Deactivate(t.Context(), line, last.ID, "left"))
}

// A deactivated account has no session, and is activated by another than deactivated it.
func TestAccountsAreActivatedByAnother(t *testing.T) {
	w := newWorld(t)
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := signin.Sessions.Begin(ctx, u, session.New[signin.State]{Subject: w.user.ID})
		return err
	})
	if err := w.office.Deactivate(t.Context(), by(w.southern), w.user.ID, "mine"); !errors.Is(err, fault.Forbidden) {
		t.Errorf("deactivated by somebody who may not: %v", err)
	}
	w.Must(w.office.Deactivate(t.Context(), by(w.ofNorth), w.user.ID, "left the practice"))
	if n := w.Count(`SELECT COUNT(*) FROM session WHERE subject = $1`, w.user.ID); n != 0 {
		t.Errorf("%d sessions go on", n)
	}
	if err := w.office.Deactivate(t.Context(), by(w.ofNorth), w.user.ID, "again"); err == nil {
		t.Error("deactivated twice")
	}
	err := w.office.Reactivate(t.Context(), by(w.ofNorth), w.user.ID, "a mistake")
	if !errors.Is(err, fault.Forbidden) {
		t.Errorf("activated by the same: %v", err)
	}
	w.Must(w.office.Reactivate(t.Context(), by(w.everywhere), w.user.ID, "came back"))
	if w.Mailed("account.deactivated", "user@example.nhs.uk") != 1 ||
		w.Mailed("account.reactivated", "user@example.nhs.uk") != 1 {
		t.Error("the holder was not told")
	}
	if err := w.office.Reactivate(t.Context(), by(w.everywhere), w.user.ID, "again"); err == nil {
		t.Error("activated although it is active")
	}
}
