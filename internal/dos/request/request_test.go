package request_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/request"
	"signpost/internal/dos/request/invitation"
	"signpost/internal/dos/signin"
	"signpost/internal/national/cis2"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/relying"
)

const (
	issuer = "https://issuer.example"
	home   = "https://dos.example"
)

var stranger = actor.Actor{Kind: actor.Stranger}

// world has two regions, and an administrator of everywhere and of each region.
type world struct {
	*dostest.World

	requests            *request.Requests
	north, south        string // regions
	boss, norma, sandra account.Account
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))}
	w.Start()
	w.AddWaves()
	desk := &signin.PasswordSignIn{DB: w.DB, Hasher: w.Passwords, Box: w.Box}
	w.requests = &request.Requests{
		DB: w.DB, Post: w.Post, Home: home, Linker: &linking.Linker{DB: w.DB, Post: w.Post, Passwords: desk},
	}
	w.north = w.region("North")
	w.south = w.region("South")
	w.boss = w.administrator("boss", account.Everywhere)
	w.norma = w.administrator("norma", account.InRegion(w.north))
	w.sandra = w.administrator("sandra", account.InRegion(w.south))
	return w
}

func (w *world) region(name string) (id string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		s, err := directory.Add(ctx, u, directory.Service{Name: name, Type: directory.RegionType}, "")
		id = s.ID
		return err
	})
	return id
}

func (w *world) administrator(username string, s account.Scope) account.Account {
	w.Helper()
	return w.Account(account.New{
		Username: username, FirstName: strings.ToUpper(username[:1]) + username[1:], LastName: "Example",
		Email: username + "@example.nhs.uk", PasswordHash: w.Hash, Region: s.ID,
		Grants: account.UserAdministrator.In(s),
	}, w.Waves[path.Choose])
}

// as is somebody who is logged in.
func as(a account.Account) actor.Actor {
	return actor.Actor{Kind: actor.Person, ID: a.ID, Name: a.Name(), Session: "session of " + a.Username}
}

func nia(change ...func(t *request.Typed)) request.Typed {
	t := request.Typed{
		FirstName: "Nia", LastName: "Newcomer", Email: "nia@example.nhs.uk", Organisation: "FXX01",
		Profession: "pharmacist", Reason: "I keep our opening hours right.",
	}
	for _, fn := range change {
		fn(&t)
	}
	return t
}

func in(region string) func(t *request.Typed) { return func(t *request.Typed) { t.Region = region } }

// person is somebody at CIS2 who holds the position.
func person(subject, given, family string) cis2.Person {
	return cis2.Person{
		Issuer: issuer, Subject: subject, Name: given + " " + family, GivenName: given, FamilyName: family,
		Email: "nia@example.nhs.uk", IdentityLevel: 3, AuthenticationLevel: "3",
		Roles: []cis2.NationalRole{{OrgCode: "FXX01", RoleCode: "S8001:G8002:R8008", ActivityCodes: []string{"B0166"}}},
	}
}

var niaAtCIS2 = person("500000000031", "Nia", "Newcomer")

// begun gives the sitting of a request that was filled in by somebody.
func (w *world) begun(by actor.Actor, t request.Typed) (cookie string) {
	w.Helper()
	cookie, err := w.requests.Begin(w.Context(), by, t, invitation.Invitation{})
	w.Must(err)
	return cookie
}

// confirmed gives the sitting of a request whose address is confirmed, and the request's id.
func (w *world) confirmed(by actor.Actor, t request.Typed) (cookie, id string) {
	w.Helper()
	cookie = w.begun(by, t)
	w.Must(w.requests.Confirm(w.Context(), by, cookie, w.Code(t.Email)))
	asked, err := w.requests.Mine(w.Context(), cookie)
	w.Must(err)
	return cookie, asked.ID
}

// prove logs in at CIS2 in a sitting.
func (w *world) prove(cookie string, p cis2.Person) error {
	w.Helper()
	ask, err := w.requests.Ask(w.Context(), cookie)
	if err != nil {
		return err
	}
	pending := portal.Pending{
		Relying: relying.Pending{Prompt: ask.Prompt}, Act: ask.Act, Subject: ask.Subject, Session: ask.Session,
	}
	return w.requests.Prove(w.Context(), stranger, cookie, pending, p)
}

// sent gives the id of a request with a Care Identity.
func (w *world) sent(t request.Typed, p cis2.Person) (id string) {
	w.Helper()
	cookie, id := w.confirmed(stranger, t)
	w.Must(w.prove(cookie, p))
	return id
}

func (w *world) approve(by account.Account, id string, a request.Approval) error {
	w.Helper()
	a.Seen = w.seen(id)
	_, err := w.requests.Approve(w.Context(), as(by), id, a)
	return err
}

// seen names a request as somebody sees it now; nothing if there is none.
func (w *world) seen(id string) string {
	w.Helper()
	name, err := db.Read(w.Context(), w.DB, func(r db.R) (string, error) {
		asked, err := request.ByID(w.Context(), r, id)
		if err != nil {
			return "", err
		}
		doubts, err := request.DoubtsOf(w.Context(), r, w.Post, asked)
		if err != nil {
			return "", err
		}
		return asked.Seen(doubts)
	})
	if errors.Is(err, fault.NotFound) {
		return ""
	}
	w.Must(err)
	return name
}

func (w *world) state(id string) request.State {
	w.Helper()
	return w.read(id).State
}

func (w *world) read(id string) (asked request.Request) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) (err error) {
		asked, err = request.ByID(ctx, r, id)
		return err
	})
	return asked
}

func (w *world) accounts() int64 { return w.Count(`SELECT COUNT(*) FROM account`) }

func is(err error, code fault.Code) bool { return errors.Is(err, code) }

var searchOnly = request.Approval{Group: account.SearchOnly}

// provider is a group that the administrators of North can give.
func (w *world) provider() request.Approval {
	return request.Approval{Group: account.ProviderUser, Scope: account.InRegion(w.north)}
}

type auditEntry = audit.Entry

func (w *world) links() int64 { return w.Count(`SELECT COUNT(*) FROM account_link`) }

// linked links an account to a Care Identity.
func (w *world) linked(a account.Account, subject string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u, account.Link{AccountID: a.ID, Issuer: issuer, Subject: subject})
	})
}

// linkedBefore makes an account one that a Care Identity opened before.
func (w *world) linkedBefore(a account.Account, subject string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `INSERT INTO account_link_past (id, account_id, issuer, subject, linked_at, ended_at)
			VALUES ('past', $1, $2, $3, $4, $4)`, a.ID, issuer, subject, u.Now())
		return err
	})
}

// give gives a group to an account, as an administrator does.
func (w *world) give(a account.Account, g account.Group, s account.Scope) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error { return account.AddGroup(ctx, u, a.ID, g, s) })
}

// list gives what somebody sees of the requests.
func (w *world) list(by account.Account, f request.Filter) (list []request.Found) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) error {
		grants, err := account.GrantsOf(ctx, r, by.ID)
		if err != nil {
			return err
		}
		f.Reach = grants.Reach(by.Organisation, account.ApproveUser)
		list, _, err = request.List(ctx, r, f, 0, 50)
		return err
	})
	return list
}

// enter logs a person in with their Care Identity.
func (w *world) enter(p cis2.Person) (outcome string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		door := &signin.Door{Box: w.Box, DB: w.DB}
		admitted, err := door.Admit(ctx, u, signin.Visitor{Person: p})
		if err != nil {
			return err
		}
		outcome = admitted.Outcome
		return u.Record(ctx, admitted.Event)
	})
	return outcome
}
