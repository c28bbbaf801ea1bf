package signin_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/signin"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/tries"
	"signpost/internal/platform/tries/triestest"
)

const goodPass = dostest.Password

// world holds the password sign-in with a real database, and a linker for the refusals that both give.
type world struct {
	*dostest.World

	desk   *signin.PasswordSignIn
	linker *linking.Linker
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC))}
	w.Start()
	w.desk = &signin.PasswordSignIn{DB: w.DB, Hasher: w.Passwords, Box: w.Box}
	w.linker = &linking.Linker{DB: w.DB, Post: w.Post, Passwords: w.desk}
	w.AddWaves()
	return w
}

// account makes an individual account whose address is proved, in a wave of the phase.
func (w *world) account(username string, phase path.Phase, change ...func(n *account.New)) account.Account {
	w.Helper()
	n := account.New{
		Username: username, FirstName: "Ada", LastName: "Example", Email: username + "@example.nhs.uk",
		EmailProved: true, PasswordHash: w.Hash,
	}
	for _, fn := range change {
		fn(&n)
	}
	return w.Account(n, w.Waves[phase])
}

// link links an account to a care identity, without the ceremony.
func (w *world) link(a account.Account, subject string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u,
			account.Link{AccountID: a.ID, Issuer: "https://issuer.example", Subject: subject, How: "test"})
	})
}

// settle moves the clock on until the addresses are old enough to count.
func (w *world) settle() { w.Clock.Advance(10 * 24 * time.Hour) }

func (w *world) in(username, plain string) (cookie string, err error) {
	return w.on(tries.Browser{}, username, plain)
}

func (w *world) on(browser tries.Browser, username, plain string) (cookie string, err error) {
	begun, err := w.desk.WithPassword(w.Context(), actor.Actor{Kind: actor.Stranger},
		signin.Typed{Username: username, Password: plain, Browser: browser}, "")
	return begun.Cookie, err
}

// wrong types a wrong password, which must be refused.
func (w *world) wrong(username string, browser tries.Browser) {
	w.Helper()
	if _, err := w.on(browser, username, "wrong"); err == nil {
		w.Fatal("a wrong password signed in")
	}
}

// browserOf gives a browser on which an account signed in before.
func (w *world) browserOf(username string) tries.Browser {
	w.Helper()
	a, err := db.Read(w.Context(), w.DB, func(r db.R) (account.Account, error) {
		return account.ByUsername(w.Context(), r, username)
	})
	if err != nil {
		w.Fatal(err)
	}
	return triestest.Browser(w, tries.Known{Box: w.Box, Name: "known"}, a.ID)
}

// claim claims an account for a stranger's care identity.
func (w *world) claim(username, plain string) error {
	stranger := linking.Arrival{
		Issuer: "https://issuer.example", Subject: "stranger", Name: "Ada Example", Email: "stranger@example.nhs.uk",
		EmailProved: true, IdentityLevel: 3,
	}
	_, err := w.linker.Claim(w.Context(), actor.Actor{Kind: actor.Stranger}, stranger,
		signin.Typed{Username: username, Password: plain})
	return err
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
