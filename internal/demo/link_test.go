package demo_test

import (
	"context"
	"testing"

	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/identity"
	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/signin"
	nationalcis2 "signpost/internal/national/cis2"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/relying"
)

// An account is not linked to a Care Identity that the other side suspended or closed after it was proved.
func TestALinkAsksTheOtherSideWhetherTheIdentityStands(t *testing.T) {
	care := careidtest.Open(t, careidtest.Nine)
	care.Start(careidtest.Idle)
	directory := dostest.Open(t, care.Clock.Now())
	directory.Start()
	directory.AddWaves()
	both := &world{clock: care.Clock}
	both.Care = care.DB
	both.Box = care.Box
	desk := &signin.PasswordSignIn{DB: directory.DB, Hasher: directory.Passwords, Box: directory.Box}
	linker := &linking.Linker{DB: directory.DB, Post: directory.Post, Passwords: desk, Asker: both.extract(t)}
	for _, tt := range []struct {
		username string
		acts     []identity.Act
		linked   bool
	}{
		{"honest", nil, true},
		{"suspended", []identity.Act{identity.Suspend}, false},
		{"resumed", []identity.Act{identity.Suspend, identity.Resume}, true},
		{"closed", []identity.Act{identity.Close}, false},
	} {
		address := tt.username + "@example.nhs.uk"
		n := account.New{Username: tt.username, FirstName: "Ada", Email: address, PasswordHash: directory.Hash}
		a := directory.Account(n, directory.Waves[path.Choose])
		var person identity.Identity
		care.Update(func(ctx context.Context, u *db.W) (err error) {
			person, err = identity.Add(ctx, u, identity.New{GivenName: "Ada", FamilyName: "Example", AssuranceLevel: 3})
			return err
		})
		p := nationalcis2.Person{Issuer: "https://cis2.example", Subject: person.UUID, Name: "Ada", IdentityLevel: 3,
			Roles: []nationalcis2.NationalRole{{PersonRoleID: "1", OrgCode: "Z99Z9",
				RoleCode: "S0080:G0450:R8008", ActivityCodes: []string{"B0166"}}}}
		cookie := ceremony(t, linker, p, tt.username)
		code := directory.Code(address)
		care.Update(func(ctx context.Context, u *db.W) error {
			for _, act := range tt.acts {
				if err := identity.MovePart(ctx, u, person.UUID, act, "test"); err != nil {
					return err
				}
			}
			return nil
		})
		_, err := linker.Link(t.Context(), actor.Actor{Kind: actor.Stranger}, cookie, code)
		reason, _ := linking.RefusalOf(err)
		links := directory.Count(`SELECT COUNT(*) FROM account_link WHERE account_id = $1`, a.ID)
		if tt.linked != (err == nil) || tt.linked != (links == 1) || !tt.linked && reason != linking.IdentityEnded {
			t.Errorf("%s: %d links, %v", tt.username, links, err)
		}
	}
}

// ceremony claims an account by its password, and proves a Care Identity for it.
func ceremony(t *testing.T, l *linking.Linker, p nationalcis2.Person, username string) (cookie string) {
	t.Helper()
	stranger := actor.Actor{Kind: actor.Stranger}
	arrived := linking.Arrival{Issuer: p.Issuer, Subject: p.Subject, Name: p.Name, IdentityLevel: p.IdentityLevel}
	claim, err := l.Claim(t.Context(), stranger, arrived,
		signin.Typed{Username: username, Password: dostest.Password})
	if err != nil {
		t.Fatal(err)
	}
	ask := claim.Ask()
	cookie, err = l.Begin(t.Context(), stranger, portal.Pending{
		Relying: relying.Pending{Prompt: ask.Prompt}, Act: ask.Act, Subject: ask.Subject, Session: ask.Session,
	}, p)
	if err != nil {
		t.Fatal(err)
	}
	return cookie
}
