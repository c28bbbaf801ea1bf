package breakglass_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/breakglass"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/session"
	"signpost/internal/platform/worldtest"
)

const why = "The flu clinic of the whole town is closed by a flood."

// world has two regions, a provider user of the south, who comes with a Care Identity and looks after one service, and
// administrators everywhere and of the north.
type world struct {
	*dostest.World

	office              breakglass.Office
	north, south        string
	clinic, branch      directory.Service // in the north and in the south
	editor              account.Account
	first, second       account.Account // administrators everywhere
	ofNorth, searchOnly account.Account
	sessions            map[string]string // of accounts, by their ids
}

// open makes the world on a Tuesday morning in office hours.
func open(t testing.TB) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, time.Date(2026, 11, 3, 10, 0, 0, 0, time.UTC)), sessions: map[string]string{}}
	w.Start(func(*job.Workers) {})
	w.office = breakglass.Office{DB: w.DB, Post: w.Post, Home: "https://dos.example", Policy: breakglass.Usual}
	w.north = w.service(directory.Service{Name: "North", Type: directory.RegionType}).ID
	w.south = w.service(directory.Service{Name: "South", Type: directory.RegionType}).ID
	w.clinic = w.service(directory.Service{Name: "Clinic", Type: 17, Parent: w.north, ODSCode: "A81001"})
	w.branch = w.service(directory.Service{Name: "Branch", Type: 17, Parent: w.south, ODSCode: "A81009"})
	w.first = w.person("first", "", account.UserAdministrator.In(account.Everywhere))
	w.second = w.person("second", "", account.UserAdministrator.In(account.Everywhere))
	w.ofNorth = w.person("north", w.north, account.UserAdministrator.In(account.InRegion(w.north)))
	w.editor = w.person("editor", w.south, account.ProviderUser.In(account.BelowService(w.branch.ID)))
	w.searchOnly = w.person("looker", w.south, nil)
	return w
}

func (w *world) service(s directory.Service) directory.Service {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) (err error) {
		s, err = directory.Add(ctx, u, s, "")
		return err
	})
	return s
}

// person makes an account that is linked, and logs in with its Care Identity.
func (w *world) person(username, region string, grants account.Grants) account.Account {
	w.Helper()
	a := w.Account(account.New{Username: username, FirstName: "Ada", LastName: username,
		Email: username + "@example.nhs.uk", Region: region, Organisation: "A81009", Grants: grants}, "")
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u, account.Link{AccountID: a.ID, Issuer: "https://cis2.example",
			Subject: "number of " + username, How: "test"})
	})
	w.logIn(a, signin.State{How: signin.ByCareIdentity, CareIdentity: "number of " + username})
	return a
}

func (w *world) logIn(a account.Account, state signin.State) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		cookie, err := signin.Sessions.Begin(ctx, u, session.New[signin.State]{Subject: a.ID, State: state})
		w.sessions[a.ID], _ = session.Split(cookie)
		return errors.Join(err, u.Record(ctx, audit.Event{Kind: signin.SignedIn, Subject: account.Ref(a.ID)}))
	})
}

func (w *world) by(a account.Account) actor.Actor {
	return actor.Actor{Kind: actor.Person, ID: a.ID, Name: a.Name(), Session: w.sessions[a.ID]}
}

// as gives the actor of an account as the pages do: in the role of its emergency rights while they are open.
func (w *world) as(a account.Account) actor.Actor {
	w.Helper()
	by := w.by(a)
	c := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (signin.Current, error) {
		live, err := signin.Sessions.OfSubject(ctx, r, a.ID)
		if err != nil || len(live) == 0 {
			return signin.Current{}, err
		}
		return signin.Find(ctx, r, live[0])
	})
	by.Role = c.Role()
	return by
}

// ask asks for emergency rights for the clinic in the north.
func (w *world) ask(a account.Account) (breakglass.Use, error) {
	return w.askFor(a, account.BelowService(w.clinic.ID))
}

func (w *world) askFor(a account.Account, s account.Scope) (breakglass.Use, error) {
	return w.office.Ask(w.Context(), w.by(a), breakglass.Request{Scope: s, Reason: why})
}

// edits reports whether somebody can change the capacity of a service now.
func (w *world) edits(by actor.Actor, s directory.Service) bool {
	w.Helper()
	err := directory.SetCapacity(w.Context(), w.DB, by, s.ID, directory.Red, "flood", 0, "")
	if err != nil && !errors.Is(err, fault.Forbidden) {
		w.Fatal(err)
	}
	return err == nil
}

func (w *world) use(id string) breakglass.Use {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (breakglass.Use, error) {
		return breakglass.ByID(ctx, r, id)
	})
}
