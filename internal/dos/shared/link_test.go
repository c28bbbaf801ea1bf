package shared_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/signin"
	"signpost/internal/national/cis2"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/session"
	"signpost/internal/platform/worldtest"
)

// Nobody can ever link a shared account, in whatever state of its case, by whatever way (L14, L15).
func TestASharedAccountIsNeverLinked(t *testing.T) {
	w := open(t)
	// Nothing else about it says that several people use it.
	w.team = w.Account(account.New{Username: "sam.reed", FirstName: "Sam", LastName: "Reed", EmailProved: true,
		Email: "sam.reed@riverside.example", Kind: account.Shared, Organisation: "A81001", PasswordHash: w.Hash,
	}, w.Waves[path.Choose])
	w.Must(w.cases.Begin(t.Context(), by(w.admin), w.team.ID, w.in(60)))
	linker := &linking.Linker{DB: w.DB, Post: w.Post, Passwords: w.desk}
	person := cis2.Person{Issuer: "https://issuer.example", Subject: "500000000017", Name: "Sam Reed",
		Email: w.team.Email, EmailVerified: true, IdentityLevel: 3, Roles: []cis2.NationalRole{{PersonRoleID: "1",
			OrgCode: "A81001", RoleCode: "S0080:G0450:R8008", ActivityCodes: []string{"B0166"}}}}
	own := w.Account(account.New{Username: "ann", FirstName: "Ann", LastName: "Example", Email: "ann@example.nhs.uk",
		EmailProved: true, PasswordHash: w.Hash, Organisation: "A81001"}, w.Waves[path.Choose])
	stranger := actor.Actor{Kind: actor.Stranger}
	begin := func(claim linking.Claim) error {
		ask := claim.Ask()
		pending := portal.Pending{Relying: relying.Pending{Prompt: ask.Prompt}, Act: ask.Act, Subject: ask.Subject,
			Session: ask.Session}
		_, err := linker.Begin(t.Context(), stranger, pending, person)
		return err
	}
	arrived := linking.Arrival{Issuer: person.Issuer, Subject: person.Subject, Name: person.Name, Email: person.Email,
		EmailProved: true, IdentityLevel: 3}
	ways := map[string]func(a account.Account) error{
		"typing its password": func(a account.Account) error {
			claim, err := linker.Claim(t.Context(), stranger, arrived,
				signin.Typed{Username: a.Username, Password: dostest.Password})
			if err != nil {
				return err
			}
			return begin(claim)
		},
		"its session": func(a account.Account) error {
			begun, err := w.desk.WithPassword(t.Context(), stranger,
				signin.Typed{Username: a.Username, Password: dostest.Password}, "")
			w.Must(err)
			id, _ := session.Split(begun.Cookie)
			return begin(linking.Claim{AccountID: a.ID, Control: linking.BySession, Session: id})
		},
		"a relink code": func(a account.Account) error {
			_, err := linker.AllowRelink(t.Context(), by(w.admin), a.ID)
			return err
		},
		"a request": func(a account.Account) error {
			undone := errors.New("undone")
			err := w.DB.Update(t.Context(), by(w.admin), func(u *db.W) error {
				return errors.Join(linker.JoinRequested(t.Context(), u, a, person, nil), undone)
			})
			if errors.Is(err, undone) && len(fault.All(err)) == 0 {
				return nil
			}
			return err
		},
	}
	w.Clock.Advance(10 * 24 * time.Hour)
	var y worldtest.Tally
	for _, state := range []struct {
		name string
		act  func(context.Context, actor.Actor, string) error
	}{{"open", nil}, {"frozen", w.cases.Freeze}, {"unfrozen", w.cases.Unfreeze}} {
		if state.act != nil {
			w.Must(state.act(t.Context(), by(w.admin), w.team.ID))
		}
		for name, way := range ways {
			y.Refused(t, state.name+" by "+name, way(w.team) == nil)
			if err := way(own); err != nil {
				t.Errorf("honest twin, by %s: %v", name, err)
			}
		}
	}
	if n := w.Count(`SELECT COUNT(*) FROM account_link WHERE account_id = $1`, w.team.ID); n != 0 {
		t.Errorf("%d links", n)
	}
	y.Report(t, "L14, L15 shared accounts by every way")
}
