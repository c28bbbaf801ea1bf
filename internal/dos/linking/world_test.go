package linking_test

import (
	"context"
	"errors"
	"strings"
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
	"signpost/internal/platform/password"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/session"
)

const (
	issuer   = "https://issuer.example"
	goodPass = dostest.Password
)

// world holds the password sign-in and a linker with a real database. The tests make up what CIS2 says of people.
type world struct {
	*dostest.World

	desk   *signin.PasswordSignIn
	linker *linking.Linker

	holders map[string]string // by account, the number of the Care Identity that a race would link it to
	made    int               // how many accounts were made to race for
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)), holders: map[string]string{}}
	w.DeliverByHand()
	w.desk = &signin.PasswordSignIn{DB: w.DB, Hasher: w.Passwords, Box: w.Box}
	w.linker = &linking.Linker{DB: w.DB, Post: w.Post, Passwords: w.desk}
	w.AddWaves()
	_, _, err := w.Passwords.Check(w.Context(), password.Asker{}, cheapImported, "")
	w.Must(err)
	return w
}

// cheapImported is a hash of an older system that costs nothing: what each refusal costs, once it was checked.
var cheapImported = "$pbkdf2-sha256$1$MDEyMzQ1Njc4OWFiY2RlZg$" + strings.Repeat("A", 43)

func (w *world) linked(id string) bool {
	w.Helper()
	return w.Count(`SELECT COUNT(*) FROM account_link WHERE account_id = $1`, id) == 1
}

// account makes an individual account whose address is proved, in a wave of the phase.
func (w *world) account(username string, phase path.Phase, change ...func(n *account.New)) account.Account {
	w.Helper()
	n := account.New{
		Username:     username,
		FirstName:    "Ada",
		LastName:     "Example",
		Email:        username + "@example.nhs.uk",
		EmailProved:  true,
		PasswordHash: w.Hash,
	}
	for _, fn := range change {
		fn(&n)
	}
	return w.Account(n, w.Waves[phase])
}

// settle moves the clock on until the addresses are old enough to count.
func (w *world) settle() { w.Clock.Advance(10 * 24 * time.Hour) }

// person gives a person whose address CIS2 has verified.
func person(subject, address string) cis2.Person {
	return cis2.Person{
		Issuer:        issuer,
		Subject:       subject,
		Name:          "Ada Example",
		Email:         address,
		EmailVerified: true,
		IdentityLevel: 3,
		Roles:         positionOpens,
	}
}

// arrived gives the arrival of a person, who can then say which account is theirs.
func arrived(p cis2.Person) linking.Arrival {
	return linking.Arrival{
		Issuer:        p.Issuer,
		Subject:       p.Subject,
		Name:          p.Name,
		Email:         p.Email,
		EmailProved:   p.EmailVerified,
		IdentityLevel: p.IdentityLevel,
	}
}

func (w *world) in(username, plain string) (cookie string, err error) {
	begun, err := w.desk.WithPassword(w.Context(), actor.Actor{Kind: actor.Stranger},
		signin.Typed{Username: username, Password: plain}, "")
	return begun.Cookie, err
}

// claim claims an account, proves who they are at CIS2 and comes back.
func (w *world) claim(p cis2.Person, username, plain string) (cookie string, err error) {
	stranger := actor.Actor{Kind: actor.Stranger}
	claim, err := w.linker.Claim(w.Context(), stranger, arrived(p),
		signin.Typed{Username: username, Password: plain})
	if err != nil {
		return "", err
	}
	return w.linker.Begin(w.Context(), stranger, cameBack(claim.Ask()), p)
}

// claimByRelinkCode claims an account with a code from an administrator, proves who they are at CIS2 and comes back.
func (w *world) claimByRelinkCode(p cis2.Person, username, code string) (cookie string, err error) {
	stranger := actor.Actor{Kind: actor.Stranger}
	claim, err := w.linker.ClaimByRelinkCode(w.Context(), stranger, arrived(p), username, code)
	if err != nil {
		return "", err
	}
	return w.linker.Begin(w.Context(), stranger, cameBack(claim.Ask()), p)
}

// allow has an administrator make a relink code for an account, and gives it.
func (w *world) allow(admin, a account.Account) (code string) {
	w.Helper()
	code, err := w.linker.AllowRelink(w.Context(), actor.Actor{Kind: actor.Person, ID: admin.ID}, a.ID)
	w.Must(err)
	return code
}

// cameBack is the sign-in at CIS2 that an Ask started, as it comes back.
func cameBack(ask portal.Ask) portal.Pending {
	return portal.Pending{
		Relying: relying.Pending{Prompt: ask.Prompt}, Act: ask.Act, Subject: ask.Subject, Session: ask.Session,
	}
}

func (w *world) confirm(cookie, code string) error {
	_, err := w.linker.Link(w.Context(), actor.Actor{Kind: actor.Stranger}, cookie, code)
	return err
}

// link links an account as its holder does, with a typed password.
func (w *world) link(a account.Account, p cis2.Person) {
	w.Helper()
	cookie, err := w.claim(p, a.Username, goodPass)
	w.Must(err)
	w.Must(w.confirm(cookie, ""))
	if !w.linked(a.ID) {
		w.Fatalf("%s is not linked", a.Username)
	}
}

// code gives the newest code that was mailed to an address, or an empty text.
func (w *world) code(to string) string {
	w.Helper()
	return w.Code(to)
}

func is(err error, code fault.Code) bool { return errors.Is(err, code) }

// find looks for the session of a cookie, as each request does.
func (w *world) find(cookie string) error {
	w.Helper()
	return w.DB.View(w.Context(), func(r db.R) error {
		s, err := signin.Sessions.Find(w.Context(), r, cookie)
		if err == nil {
			_, err = signin.Find(w.Context(), r, s)
		}
		return err
	})
}

// enter signs a person in with their Care Identity, as the portal does after CIS2 has identified them.
func (w *world) enter(p cis2.Person) (outcome signin.Outcome, cookie string) {
	w.Helper()
	return w.enterActive(p, time.Time{})
}

// enterActive is enter of somebody whose Care Identity is active again since a time; zero if it was never suspended.
func (w *world) enterActive(p cis2.Person, again time.Time) (outcome signin.Outcome, cookie string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		door := &signin.Door{Box: w.Box, DB: w.DB, Links: w.linker}
		admitted, err := door.Admit(ctx, u, signin.Visitor{Person: p, Asked: true, ActiveAgain: again})
		outcome = signin.Outcome(admitted.Outcome)
		if err == nil && admitted.Admitted {
			cookie, err = signin.Sessions.Begin(ctx, u,
				session.New[signin.State]{Subject: admitted.Subject, State: admitted.State})
		}
		return err
	})
	return outcome, cookie
}

// positionOpens is the position that opens the directory.
var positionOpens = []cis2.NationalRole{{
	PersonRoleID: "1", OrgCode: "Z99Z9", RoleCode: "S0080:G0450:R8008", ActivityCodes: []string{"B0166"},
}}
