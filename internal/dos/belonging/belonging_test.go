package belonging_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/belonging"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/signin"
	"signpost/internal/national/cis2"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

const issuer = "https://issuer.example"

// world has people who wait at the door, and administrators.
type world struct {
	*dostest.World

	claims *belonging.Claims
}

func open(t testing.TB) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))}
	w.Start()
	w.AddWaves()
	door := &signin.Door{DB: w.DB, Box: w.Box, Post: w.Post}
	w.claims = &belonging.Claims{DB: w.DB, Post: w.Post, Door: door}
	return w
}

// person makes an account that is linked.
func (w *world) person(username, region, organisation string, grants account.Grants) account.Account {
	w.Helper()
	a := w.Account(account.New{
		Username: username, FirstName: username, LastName: "Example", Email: username + "@example.nhs.uk",
		EmailProved: true, Region: region, Organisation: organisation, Grants: grants,
	}, w.Waves[path.Choose])
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u, account.Link{AccountID: a.ID, Issuer: issuer, Subject: "ci-" + username, How: "test"})
	})
	return a
}

// visits gives the cookie of somebody who came to the door with the position at some organisations.
func (w *world) visits(a account.Account, organisations ...string) string {
	w.Helper()
	p := cis2.Person{Issuer: issuer, Subject: "ci-" + a.Username, Name: a.Name(), IdentityLevel: 3}
	for i, code := range organisations {
		p.Roles = append(p.Roles, cis2.NationalRole{PersonRoleID: fmt.Sprint(i), OrgCode: code,
			RoleCode: "S8001:G8002:R8008", ActivityCodes: []string{"B0166"}})
	}
	return worldtest.Must(w.claims.Door.Wait(w.Context(), signin.Visitor{Person: p}))(w)
}

func (w *world) says(cookie, code string) error {
	return w.claims.Say(w.Context(), actor.Actor{Kind: actor.Stranger}, cookie, code)
}

func (w *world) decides(by, a account.Account, code string, confirmed bool) error {
	return w.claims.Decide(w.Context(), as(by),
		belonging.Decision{AccountID: a.ID, Seen: w.seen(a, code), Confirmed: confirmed, Reason: "I asked"})
}

// seen names somebody who waits as the page showed them who said an organisation.
func (w *world) seen(a account.Account, code string) string {
	w.Helper()
	return worldtest.Must(db.Read(w.Context(), w.DB, func(r db.R) (string, error) {
		claim, err := belonging.Of(w.Context(), r, a.ID)
		if err != nil {
			return "", err
		}
		now, err := account.ByID(w.Context(), r, a.ID)
		if err != nil {
			return "", err
		}
		claim.Organisation = code
		return belonging.Waiting{Account: now, Claim: claim}.Seen()
	}))(w)
}

func (w *world) organisation(a account.Account) string {
	w.Helper()
	return worldtest.Must(db.Read(w.Context(), w.DB, func(r db.R) (string, error) {
		now, err := account.ByID(w.Context(), r, a.ID)
		return now.Organisation, err
	}))(w)
}

func as(a account.Account) actor.Actor {
	return actor.Actor{Kind: actor.Person, ID: a.ID, Name: a.Name()}
}

func administers(s account.Scope) account.Grants { return account.UserAdministrator.In(s) }

// Whoever confirms an organisation could give there all that the account may do at its own one.
func TestWhoConfirmsMoreThanTheyCouldGive(t *testing.T) {
	w := open(t)
	norma := w.person("norma", "north", "ZN1", administers(account.InRegion("north")))
	widest := append(administers(account.Everywhere), account.ProgrammeTeam.In(account.Everywhere)...)
	boss := w.person("boss", "", "ZIB", widest)
	var y worldtest.Tally
	tried := 0
	for name, grants := range map[string]account.Grants{
		"who manages people there":         administers(account.OwnOrganisation),
		"who approves people there":        account.OwnOrganisation.Of(account.ApproveUser),
		"who may what the other may not":   account.OwnOrganisation.Of(account.ManageWaves),
		"who decides about links there":    account.OwnOrganisation.Of(account.ReviewLinks),
		"who helps people there to log in": account.OwnOrganisation.Of(account.ServiceDesk),
	} {
		a := w.person("a"+fmt.Sprint(len(name)), "north", "ZN2", grants)
		w.Must(w.says(w.visits(a, "FXX01"), "FXX01"))
		err := w.decides(norma, a, "FXX01", true)
		y.Refused(t, name, err == nil)
		if !errors.Is(err, fault.Forbidden) || w.organisation(a) != "ZN2" {
			t.Errorf("%s: %v, at %s", name, err, w.organisation(a))
		}
		tried++
		if w.Mailed("signin.organisation-claimed", boss.Email) != tried {
			t.Errorf("%s: whoever can confirm it was not told", name)
		}
	}
	y.Report(t, "organisations that somebody could not give")
	if n := w.Mailed("signin.organisation-claimed", norma.Email); n != 0 {
		t.Errorf("whoever cannot confirm it got %d mails", n)
	}
	user := w.person("user", "north", "ZN2", account.ProviderUser.In(account.OwnOrganisation))
	w.Must(w.says(w.visits(user, "FXX01"), "FXX01"))
	w.Must(w.decides(norma, user, "FXX01", true))
	local := w.person("local", "north", "ZN2", administers(account.OwnOrganisation))
	w.Must(w.says(w.visits(local, "FXX01"), "FXX01"))
	w.Must(w.decides(boss, local, "FXX01", true))
	if w.organisation(user) != "FXX01" || w.organisation(local) != "FXX01" {
		t.Error("the honest twins were not moved")
	}
}

// Whoever looks after one organisation alone moves nobody to another: they would not look after them there.
func TestNobodyConfirmsOutsideTheirArea(t *testing.T) {
	w := open(t)
	local := w.person("local", "", "ZN2", administers(account.OwnOrganisation))
	wider := w.person("wider", "", "ZN3", administers(account.InRegion("north")))
	user := w.person("user", "north", "ZN2", nil)
	w.Must(w.says(w.visits(user, "FXX01"), "FXX01"))
	err := w.decides(local, user, "FXX01", true)
	if !errors.Is(err, fault.Forbidden) || w.organisation(user) != "ZN2" {
		t.Errorf("by whoever looks after the former organisation alone: %v, at %s", err, w.organisation(user))
	}
	w.Must(w.decides(wider, user, "FXX01", true))
	if w.organisation(user) != "FXX01" {
		t.Error("the honest twin was not moved")
	}
}

// Of two who manage users everywhere, one confirms where the other belongs; and those who run the system can, if none
// of them comes in. Nobody confirms their own while there is another.
func TestAdministratorsOfEverythingComeIn(t *testing.T) {
	w := open(t)
	one := w.person("one", "", "", administers(account.Everywhere))
	two := w.person("two", "", "RXK", administers(account.Everywhere))
	norma := w.person("norma", "north", "RXK", administers(account.InRegion("north")))
	cookie := w.visits(one, "RXK")
	w.Must(w.says(cookie, "RXK"))
	var y worldtest.Tally
	y.Refused(t, "their own", w.decides(one, one, "RXK", true) == nil)
	y.Refused(t, "by an administrator of a region", w.decides(norma, one, "RXK", true) == nil)
	if w.organisation(one) != "" || w.Mailed("signin.organisation-claimed", two.Email) != 1 {
		t.Errorf("at %q; mails %d", w.organisation(one), w.Mailed("signin.organisation-claimed", two.Email))
	}
	w.Must(w.decides(two, one, "RXK", true))
	if w.organisation(one) != "RXK" {
		t.Error("not confirmed by the other")
	}
	set := func(who actor.Actor) error {
		return w.claims.Set(t.Context(), who, two.ID, "RYY", "the trust has a new code")
	}
	y.Refused(t, "set by a page", set(as(one)) == nil)
	w.Must(set(actor.ForCommand("test")))
	if w.organisation(two) != "RYY" || w.Mailed("signin.organisation-decided", two.Email) != 1 {
		t.Error("not set by those who run the system")
	}
	y.Report(t, "who confirms for administrators of everything")
}

// Only an administrator of everything decides their own, where no other can come in; the others are told.
func TestWhoDecidesTheirOwn(t *testing.T) {
	w := open(t)
	local := w.person("local", "", "", administers(account.InRegion("north")))
	w.Must(w.says(w.visits(local, "RXK"), "RXK"))
	if w.organisation(local) != "" {
		t.Error("an administrator of a region decided their own")
	}
	one := w.person("one", "", "", administers(account.Everywhere))
	never := w.Account(account.New{Username: "never.in", Email: "never.in@example.nhs.uk", Organisation: "RXK",
		Grants: administers(account.Everywhere)}, w.Waves[path.Choose])
	w.Update(func(ctx context.Context, u *db.W) error {
		return u.Change(ctx, `UPDATE account SET password_hash = '' WHERE id = $1`, never.ID)
	})
	w.Must(w.says(w.visits(one, "RXK"), "RXK"))
	if w.organisation(one) != "RXK" || w.Mailed("signin.organisation-own", never.Email) != 1 {
		t.Errorf("at %q; the other got %d mails", w.organisation(one), w.Mailed("signin.organisation-own", never.Email))
	}
}

// A refused organisation stays refused whatever is said between, and nobody mails administrators without end.
func TestARefusedOrganisationStaysRefused(t *testing.T) {
	w := open(t)
	norma := w.person("norma", "north", "ZN1", administers(account.InRegion("north")))
	user := w.person("user", "north", "ZN2", nil)
	cookie := w.visits(user, "FXX01", "FXX02", "FXX03")
	w.Must(w.says(cookie, "FXX01"))
	w.Must(w.decides(norma, user, "FXX01", false))
	var y worldtest.Tally
	y.Refused(t, "the refused one again", w.says(cookie, "FXX01") == nil)
	w.Must(w.says(cookie, "FXX02"))
	y.Refused(t, "the refused one after another", w.says(cookie, "FXX01") == nil)
	told := w.Mailed("signin.organisation-claimed", norma.Email)
	var often error
	for range 20 {
		often = errors.Join(often, w.says(cookie, "FXX03"), w.says(cookie, "FXX02"))
	}
	if often == nil || !strings.Contains(often.Error(), "too many times") {
		t.Errorf("to and fro without end: %v", often)
	}
	if n := w.Mailed("signin.organisation-claimed", norma.Email); n != told {
		t.Errorf("%d more mails of one who waits already", n-told)
	}
	if n := w.Count(`SELECT COUNT(*) FROM event WHERE kind = 'signin.organisation-claimed'`); n > 6 {
		t.Errorf("%d events", n)
	}
	w.Clock.Advance(24 * time.Hour)
	cookie = w.visits(user, "FXX01", "FXX02", "FXX03")
	w.Must(w.says(cookie, "FXX02"))
	if n := w.Mailed("signin.organisation-claimed", norma.Email); n != told+1 {
		t.Errorf("a day later: %d more mails", n-told)
	}
	y.Refused(t, "the refused one a day later", w.says(cookie, "FXX01") == nil)
	y.Report(t, "refused organisations")
}

// The list reaches beyond those who wait elsewhere.
func TestWhoWaitsIsFoundBehindManyOthers(t *testing.T) {
	w := open(t)
	w.Update(func(ctx context.Context, u *db.W) error {
		for i := range 450 {
			name := fmt.Sprintf("far.%03d", i)
			a, err := account.Add(ctx, u, account.New{Username: name, Email: name + "@example.nhs.uk", Region: "south"})
			if err != nil {
				return err
			}
			if err := w.waits(ctx, u, a); err != nil {
				return err
			}
		}
		a, err := account.Add(ctx, u, account.New{Username: "near", Email: "near@example.nhs.uk", Region: "north"})
		return errors.Join(err, w.waits(ctx, u, a))
	})
	list := worldtest.Must(db.Read(t.Context(), w.DB, func(r db.R) ([]belonging.Waiting, error) {
		return belonging.WaitingWithin(t.Context(), r, account.Reach{Regions: []string{"north"}})
	}))(t)
	if len(list) != 1 || list[0].Account.Username != "near" {
		t.Errorf("found %d", len(list))
	}
}

func (w *world) waits(ctx context.Context, u *db.W, a account.Account) error {
	_, err := u.Exec(ctx, `INSERT INTO organisation_claim (account_id, organisation, claimed_at, refused_at)
		VALUES ($1, 'FXX01', $2, NULL)`, a.ID, u.Now())
	return err
}
