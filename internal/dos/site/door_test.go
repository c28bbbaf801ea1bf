package site_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/national/cis2"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/relying/relyingtest"
)

// positionsAt gives roles with the directory's position at each organisation. None of them was chosen at CIS2.
func positionsAt(organisations ...string) (roles []cis2.NationalRole) {
	for i, code := range organisations {
		role := relyingtest.Ada().Roles.([]cis2.NationalRole)[0]
		role.PersonRoleID = "50000000010" + strconv.Itoa(i)
		role.OrgCode = code
		roles = append(roles, role)
	}
	return roles
}

// claims has somebody wait for an administrator to confirm where they belong.
func (w *world) claims(id, code string) {
	w.Helper()
	w.update(func(ctx context.Context, u *db.W) error {
		if err := account.SetOrganisation(ctx, u, id, "", "test"); err != nil {
			return err
		}
		_, err := u.Exec(ctx, `INSERT INTO organisation_claim (account_id, organisation, claimed_at, refused_at)
			VALUES ($1, $2, $3, NULL) ON CONFLICT (account_id) DO UPDATE SET organisation = $2, refused_at = NULL`,
			id, code, u.Now())
		return err
	})
}

// administrator gives a browser on which a user administrator is logged in.
func (w *world) administrator() *browser {
	w.Helper()
	w.account(account.New{
		Username: "boss", FirstName: "Bea", LastName: "Boss", Email: "boss@example.nhs.uk",
		Grants: account.Everywhere.Of(account.ManageUsers),
	}, path.Choose)
	b := w.browser()
	b.withPassword("boss", goodPass)
	return b
}

// Each check at the door is there: whoever lacks one thing is not let in, and reads what it is and who can give it.
func TestEachCheckAtTheDoor(t *testing.T) {
	var y tally
	for name, tt := range map[string]struct {
		change func(w *world)
		says   string
	}{
		"the identity is checked to level 2": {
			func(w *world) { w.issuer.Person.IdentityLevel = "2" }, "needs identity level 3",
		},
		"the authenticator is of level 1": {
			func(w *world) { w.issuer.Person.AuthenticationLevel = "1" }, "not strong enough",
		},
		"another class than was asked for": {
			func(w *world) { w.issuer.Alter.IDToken = func(c map[string]any) { c["acr"] = "AAL1_USERPASS" } }, "not strong enough",
		},
		"proved an hour ago": {func(w *world) {
			w.issuer.Alter.IDToken = func(c map[string]any) { c["auth_time"] = w.clock.Now().Unix() - 3600 }
		}, "too long ago"},
		"no time of the proof": {
			func(w *world) { w.issuer.Alter.IDToken = func(c map[string]any) { delete(c, "auth_time") } }, "too long ago",
		},
		"the answer to another request": {
			func(w *world) { w.issuer.Alter.IDToken = func(c map[string]any) { c["nonce"] = "another" } }, "could not be sure",
		},
		"details of somebody else": {
			func(w *world) { w.issuer.Alter.UserInfo = func(c map[string]any) { c["sub"] = "500000000099" } },
			"two different people",
		},
		"no roles": {func(w *world) { w.issuer.Person.Roles = nil }, "does not have the position"},
		"the role and the activity in two profiles": {func(w *world) {
			roles := positionsAt("Z99Z9", "Z99Z9")
			roles[0].ActivityCodes = []string{"B0560"}
			roles[1].RoleCode = "S8000:G8000:R8001"
			w.issuer.Person.Roles = roles
		}, "does not have the position"},
		"deactivated": {func(w *world) {
			w.update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, w.ada.ID, "left") })
		}, "boss@example.nhs.uk"},
		"L25 the position is at another organisation": {
			func(w *world) { w.issuer.Person.Roles = positionsAt("RXK") }, "boss@example.nhs.uk",
		},
		"the organisation is not known": {func(w *world) {
			w.update(func(ctx context.Context, u *db.W) error {
				return account.SetOrganisation(ctx, u, w.ada.ID, "", "test")
			})
		}, "boss@example.nhs.uk"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.link()
			w.administrator()
			if b := w.browser(); b.careIdentity().location != "/" || !b.signedIn() {
				t.Fatal("the honest twin is not let in")
			}
			tt.change(w)
			b := w.browser()
			got := b.careIdentity()
			y.attack(t, name, b.signedIn())
			body := got.body
			if strings.HasPrefix(got.location, "/") {
				body = b.get(got.location).body
			}
			if !strings.Contains(body, tt.says) {
				t.Errorf("the page does not say %q: %d to %q %s", tt.says, got.status, got.location, body)
			}
		})
	}
	y.report(t, "L25 the door")
}

// Whoever has several positions chooses one of them, and what they do is recorded with it.
func TestARoleIsChosen(t *testing.T) {
	w := newWorld(t)
	w.link()
	w.issuer.Person.Roles = positionsAt("Z99Z9", "RXK", "Z99Z9")
	w.issuer.Person.SelectedRoleID = ""
	b := w.browser()
	if got := b.careIdentity(); got.location != "/sign-in/role" || b.signedIn() {
		t.Fatalf("came to %q", got.location)
	}
	page := b.get("/sign-in/role").body
	if !strings.Contains(page, `value="500000000100"`) || !strings.Contains(page, `value="500000000102"`) ||
		strings.Contains(page, `value="500000000101"`) {
		t.Errorf("the page offers other roles: %s", page)
	}
	for _, role := range []string{"", "500000000101", "500000000999"} {
		b.post("/sign-in/role", "role", role)
		if b.signedIn() {
			t.Fatalf("let in with the role %q", role)
		}
	}
	before := w.browser()
	for name, value := range b.cookies {
		before.cookies[name] = value
	}
	if got := b.post("/sign-in/role", "role", "500000000102"); got.location != "/account" || !b.signedIn() {
		t.Fatalf("chose a role: %d to %q %s", got.status, got.location, got.body)
	}
	if n := w.count(`SELECT COUNT(*) FROM session WHERE state LIKE '%"Role":"500000000102"%'`); n != 1 {
		t.Error("the session has no such role")
	}
	if before.post("/sign-in/role", "role", "500000000102"); before.signedIn() {
		t.Error("the same visit let somebody in twice")
	}
	if w.browser().post("/sign-in/role", "role", "500000000102").location == "/" {
		t.Error("a browser on which nobody came let somebody in")
	}
}

// A role that was chosen at CIS2 and opens nothing is not exchanged for another without asking.
func TestAnotherRoleIsNotTakenUnasked(t *testing.T) {
	w := newWorld(t)
	w.link()
	roles := positionsAt("Z99Z9", "Z99Z9")
	roles[1].RoleCode = "S8000:G8000:R8001"
	w.issuer.Person.Roles = roles
	w.issuer.Person.SelectedRoleID = roles[1].PersonRoleID
	b := w.browser()
	if got := b.careIdentity(); got.location != "/sign-in/role" {
		t.Fatalf("came to %q", got.location)
	}
	b.get("/sign-in/role").mustHave(t, "does not open the Directory of Services")
	if b.post("/sign-in/role", "role", roles[0].PersonRoleID); !b.signedIn() {
		t.Error("not let in with the other role")
	}
}

// A role that ends, or an account that is moved to another organisation, ends the session that rests on it.
func TestTheChosenRoleStands(t *testing.T) {
	w := newWorld(t)
	w.link()
	w.issuer.Person.Roles = positionsAt("Z99Z9", "Z99Z9")
	w.issuer.Person.SelectedRoleID = "500000000101"
	b := w.came()
	w.nowAtCIS2(func(info map[string]any) { info[cis2.RolesClaim] = positionsAt("Z99Z9") })
	w.clock.Advance(time.Minute)
	if b.signedIn() {
		t.Error("still in after the role ended")
	}
	b.get("/").mustHave(t, "the role in which you logged in has ended")
	w.nowAtCIS2(nil)
	moved := w.browser()
	if moved.careIdentity(); !moved.signedIn() {
		t.Fatal("not logged in again")
	}
	w.update(func(ctx context.Context, u *db.W) error {
		return account.SetOrganisation(ctx, u, w.ada.ID, "RXK", "moved")
	})
	if moved.signedIn() {
		t.Error("L25 still in after the account was moved")
	}
}

// Somebody whose organisation is not known says where they belong, an administrator confirms, and they come in.
func TestAnOrganisationIsConfirmed(t *testing.T) {
	w := newWorld(t)
	w.link()
	boss := w.administrator()
	w.issuer.Person.Roles = positionsAt("RXK")
	w.issuer.Person.SelectedRoleID = ""
	b := w.browser()
	if got := b.careIdentity(); got.location != "/sign-in/organisation" {
		t.Fatalf("came to %q", got.location)
	}
	b.post("/sign-in/organisation", "organisation", "Z99Z9")
	if n := w.count(`SELECT COUNT(*) FROM organisation_claim`); n != 0 {
		t.Fatal("somebody claims an organisation where they hold no position")
	}
	if got := b.post("/sign-in/organisation", "organisation", "RXK"); got.location != "/sign-in/organisation" {
		t.Fatalf("said where they belong: %d %s", got.status, got.body)
	}
	b.get("/sign-in/organisation").mustHave(t, "waits to be confirmed", "boss@example.nhs.uk")
	if n := w.Mailed("signin.organisation-claimed", "boss@example.nhs.uk"); n != 1 {
		t.Errorf("%d mails to the administrator", n)
	}
	if w.browser().careIdentity(); w.sessions(w.ada.ID) != 0 {
		t.Error("came in before it was confirmed")
	}
	boss.get("/users/organisations").mustHave(t, "Ada Example", "RXK")
	at := "/users/" + w.ada.ID + "/organisation"
	boss.get(at).mustHave(t, "Ada Example", "RXK", "Do they belong to it?")
	if got := boss.post(at, boss.seeing(at, "belongs", "yes", "reason", "I rang them")...); got.location !=
		"/users/organisations" {
		t.Fatalf("confirm: %d %s", got.status, got.body)
	}
	if n := w.Mailed("signin.organisation-decided", "ada@example.nhs.uk"); n != 1 {
		t.Errorf("%d mails to the person", n)
	}
	in := w.browser()
	if in.careIdentity(); !in.signedIn() {
		t.Error("not let in after it was confirmed")
	}
	boss.get(at).mustHave(t, "Something has changed", "does not wait for anybody to confirm")
	again := boss.post(at, boss.seeing(at, "belongs", "no", "reason", "again")...)
	if again.status == http.StatusSeeOther {
		t.Error("decided twice")
	}
}

// One that is refused lets nobody in, and is not asked for once more.
func TestAnOrganisationIsRefused(t *testing.T) {
	w := newWorld(t)
	w.link()
	boss := w.administrator()
	w.issuer.Person.Roles = positionsAt("RXK")
	b := w.browser()
	b.careIdentity()
	b.post("/sign-in/organisation", "organisation", "RXK")
	at := "/users/" + w.ada.ID + "/organisation"
	boss.post(at, boss.seeing(at, "belongs", "no")...)
	boss.post(at, "belongs", "no", "reason", "not ours", "seen", "any")
	b.get("/sign-in/organisation").mustHave(t, "waits to be confirmed")
	boss.post(at, boss.seeing(at, "belongs", "no", "reason", "not ours")...)
	b.get("/sign-in/organisation").mustHave(t, "has said that you do not belong")
	b.post("/sign-in/organisation", "organisation", "RXK").mustHave(t, "Contact them, or choose another one")
	if w.browser().careIdentity(); w.sessions(w.ada.ID) != 0 {
		t.Error("came in after it was refused")
	}
}

// Nobody confirms their own, and nobody that of whom they do not look after.
func TestWhoConfirmsAnOrganisation(t *testing.T) {
	var y tally
	w := newWorld(t)
	w.link()
	w.claims(w.ada.ID, "RXK")
	at := "/users/" + w.ada.ID + "/organisation"
	for name, grants := range map[string]account.Grants{
		"of another region":       account.InRegion("north").Of(account.ManageUsers),
		"of another organisation": account.OwnOrganisation.Of(account.ManageUsers),
		"of services":             account.Everywhere.Of(account.EditService),
	} {
		username := strings.ReplaceAll(name, " ", ".")
		w.account(account.New{Username: username, FirstName: "A", Email: username + "@example.nhs.uk",
			Organisation: "Z99Z9", Grants: grants}, path.Choose)
		b := w.browser()
		b.withPassword(username, goodPass)
		b.post(at, "organisation", "RXK", "belongs", "yes", "reason", "known")
		y.attack(t, name, w.count(`SELECT COUNT(*) FROM account WHERE organisation = 'RXK'`) != 0)
		if strings.Contains(b.get("/users/organisations").body, "Ada Example") {
			t.Errorf("%s sees who waits", name)
		}
	}
	y.report(t, "who confirms")
}

// An administrator above whom there is nobody can say themselves where they belong, or nobody could ever come in.
func TestTheLastAdministratorComesIn(t *testing.T) {
	w := newWorld(t)
	w.link()
	w.update(func(ctx context.Context, u *db.W) error {
		if err := account.SetOrganisation(ctx, u, w.ada.ID, "", "test"); err != nil {
			return err
		}
		_, err := u.Exec(ctx, `INSERT INTO account_grant (account_id, permission, scope_kind, scope_id, group_name)
			VALUES ($1, 'manageUsers', 'everywhere', '', '')`, w.ada.ID)
		return err
	})
	b := w.browser()
	b.careIdentity()
	if got := b.post("/sign-in/organisation", "organisation", "Z99Z9"); got.location != "/" {
		t.Errorf("came to %q", got.location)
	}
	if b.careIdentity(); !b.signedIn() {
		t.Error("the only administrator is locked out")
	}
	if n := w.count(`SELECT COUNT(*) FROM event WHERE kind = 'signin.organisation-own'`); n != 1 {
		t.Error("no event tells of it")
	}
}
