package merge_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/merge"
	"signpost/internal/dos/signin"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

const issuer = "https://issuer.example"

// world has a region, its administrator and one who looks after everything, and two accounts of one person.
type world struct {
	*dostest.World

	office          merge.Office
	links           *linking.Linker
	north           string
	admin, ofNorth  account.Account
	old, young      account.Account
	desk            *signin.PasswordSignIn
	secondOfNorth   account.Account
	wide, elsewhere account.Account
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC))}
	w.Start()
	w.AddWaves()
	w.links = &linking.Linker{DB: w.DB, Post: w.Post}
	w.office = merge.Office{DB: w.DB, Post: w.Post, Links: w.links}
	w.desk = &signin.PasswordSignIn{DB: w.DB, Hasher: w.Passwords, Box: w.Box}
	w.Update(func(ctx context.Context, u *db.W) error {
		s, err := directory.Add(ctx, u, directory.Service{Name: "North", Type: directory.RegionType}, "")
		w.north = s.ID
		return err
	})
	w.admin = w.person("admin", "", account.UserAdministrator.In(account.Everywhere))
	w.wide = w.person("wide", "", account.UserAdministrator.In(account.Everywhere))
	w.ofNorth = w.person("north", w.north, account.UserAdministrator.In(account.InRegion(w.north)))
	w.secondOfNorth = w.person("second", w.north, account.UserAdministrator.In(account.InRegion(w.north)))
	w.elsewhere = w.person("elsewhere", "", nil)
	w.old = w.person("ann.old", w.north, account.ProviderUser.In(account.OwnOrganisation))
	w.young = w.person("ann.young", w.north, nil)
	w.Clock.Advance(10 * 24 * time.Hour)
	return w
}

func (w *world) person(username, region string, grants account.Grants) account.Account {
	w.Helper()
	return w.Account(account.New{Username: username, FirstName: "Ann", LastName: "Example", EmailProved: true,
		Email: username + "@example.nhs.uk", PasswordHash: w.Hash, Region: region, Organisation: "A81001",
		Grants: grants}, w.Waves[path.Choose])
}

func by(a account.Account) actor.Actor {
	return actor.Actor{Kind: actor.Person, ID: a.ID, Name: a.Name(), Session: "session-of-" + a.Username}
}

// link links an account to a Care Identity.
func (w *world) link(a account.Account, subject string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u, account.Link{AccountID: a.ID, Issuer: issuer, Subject: subject, How: "typed",
			TheirEmail: subject + "@care.nhs.uk"})
	})
}

func (w *world) linkedTo(a account.Account) (subject string) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) error {
		l, err := account.LinkOf(ctx, r, a.ID)
		if err == nil {
			subject = l.Subject
		}
		return nil
	})
	return subject
}

func (w *world) read(a account.Account) (now account.Account) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) (err error) {
		now, err = account.ByID(ctx, r, a.ID)
		return err
	})
	return now
}

func (w *world) grants(a account.Account) (g account.Grants) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) (err error) {
		g, err = account.GrantsOf(ctx, r, a.ID)
		return err
	})
	return g
}

func (w *world) merge(id string) (m merge.Merge) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) (err error) {
		m, err = merge.ByID(ctx, r, id)
		return err
	})
	return m
}

// seen names a merge as its page shows it now.
func (w *world) seen(id string) (name string) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) error {
		m, err := merge.ByID(ctx, r, id)
		if err != nil {
			return err
		}
		s, err := merge.SidesOf(ctx, r, m)
		if err != nil {
			return err
		}
		name, err = merge.Seen(ctx, r, m, s)
		return err
	})
	return name
}

// undo has somebody undo a merge that they look at.
func (w *world) undo(a account.Account, id, reason string) error {
	w.Helper()
	return w.office.Undo(w.Context(), by(a), id, w.seen(id), reason)
}

// propose has an administrator propose that one account becomes a part of another.
func (w *world) propose(admin, survivor, closed account.Account, groups ...account.Membership) (string, error) {
	return w.office.Propose(w.Context(), by(admin), merge.Proposal{
		Survivor: survivor.ID, Closed: closed.ID, Memberships: groups, Reason: "She told me so",
	})
}

// confirm shows, from a session of one account, that the other is theirs.
func (w *world) confirm(from, other account.Account) {
	w.Helper()
	w.Must(w.office.SendCode(w.Context(), by(from)))
	w.Settle()
	w.Must(w.office.Confirm(w.Context(), by(from), w.Code(other.Email)))
}

// ready proposes a merge of the young account into the old one, and confirms it from a session of one of them.
func (w *world) ready(from, other account.Account, groups ...account.Membership) string {
	w.Helper()
	id, err := w.propose(w.ofNorth, w.old, w.young, groups...)
	w.Must(err)
	w.confirm(from, other)
	return id
}

func (w *world) in(a account.Account) (cookie string, err error) {
	begun, err := w.desk.WithPassword(w.Context(), actor.Actor{Kind: actor.Stranger},
		signin.Typed{Username: a.Username, Password: dostest.Password}, "")
	return begun.Cookie, err
}

// since has the address of an account be there since now.
func (w *world) since(a account.Account) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `UPDATE account SET email_since = $2 WHERE id = $1`, a.ID, u.Now())
		return errors.Join(err, u.Record(ctx, administrationEvent(a)))
	})
}

// anew undoes the link of an account, and makes it again.
func (w *world) anew(a account.Account) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error { return account.RemoveLink(ctx, u, a.ID, "test") })
	w.link(a, "900")
}

// administrationEvent is an event about what a test does to an account.
func administrationEvent(a account.Account) audit.Event {
	return audit.Event{Kind: "account.amended", Subject: account.Ref(a.ID)}
}

const insertAlias = `INSERT INTO domain_alias (id, one, other, reason, proposed_by, proposed_name, proposed_at,
	signed_by, signed_name, signed_at)
	VALUES ('pair', 'example.nhs.uk', 'trust.nhs.uk', 'moved', 'one', 'One', $1, 'two', 'Two', $1)`
