package totp_test

import (
	"context"
	"encoding/base32"
	"errors"
	"net/url"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/authenticator/totp"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/population"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// The secret and the times of RFC 6238, appendix B, cut to six digits.
func TestCodesAreThoseOfTheStandard(t *testing.T) {
	secret := base32.StdEncoding.EncodeToString([]byte("12345678901234567890"))
	for seconds, want := range map[int64]string{
		59:          "287082",
		1111111109:  "081804",
		1234567890:  "005924",
		20000000000: "353130",
	} {
		if got, err := totp.CodeAt(secret, time.Unix(seconds, 0)); got != want || err != nil {
			t.Errorf("code at %d = %s, %v; want %s", seconds, got, err, want)
		}
	}
}

func TestMatch(t *testing.T) {
	secret := totp.NewSecret()
	now := time.Date(2026, 11, 24, 9, 0, 10, 0, time.UTC)
	step := now.Unix() / 30
	code := func(seconds int) string {
		c, err := totp.CodeAt(secret, now.Add(time.Duration(seconds)*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, tt := range []struct {
		name, typed string
		last        int64
		want        bool
	}{
		{"the code shown now", code(0), 0, true},
		{"typed with a space", " " + code(0)[:3] + " " + code(0)[3:], 0, true},
		{"phone half a minute behind", code(-30), 0, true},
		{"phone half a minute ahead", code(30), 0, true},
		{"a minute old", code(-60), 0, false},
		{"a minute early", code(60), 0, false},
		{"used already", code(0), step, false},
		{"older than the one used", code(-30), step, false},
		{"nothing", "", 0, false},
		{"five digits", code(0)[:5], 0, false},
	} {
		if _, got := totp.Match(secret, tt.typed, now, tt.last); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

var (
	nine = time.Date(2026, 11, 24, 9, 0, 10, 0, time.UTC)
	by   = actor.Actor{Kind: actor.Stranger}
)

// bound is a world with an authenticator app that Ann has bound.
type bound struct {
	*careidtest.World
	secret string
}

const (
	address = "ann@nhs.net"
	right   = "correct horse battery"
)

func bind(t *testing.T) bound {
	t.Helper()
	b := bound{World: careidtest.Open(t, nine), secret: totp.NewSecret()}
	b.Person(population.Person{GivenName: "Ann", FamilyName: "Example", Email: address, EmailVerified: true,
		Authenticators: []population.Authenticator{
			{Kind: authn.AuthenticatorApp, Password: right, Secret: b.secret},
		},
	})
	return b
}

// begin begins a proof with a password, and counts it if it is wrong.
func (b bound) begin(address, plain string) (authenticator.Attempt, error) {
	b.Helper()
	a := authenticator.Attempt{DB: b.DB, Actor: by, Kind: authn.AuthenticatorApp,
		Form: url.Values{"email": {address}, "password": {plain}}}
	c, err := b.Apps.BeginProof(b.Context(), a)
	a.State = c.State
	if wrong, is := authenticator.AsWrongAnswer(err); is {
		err = b.DB.Update(b.Context(), by, func(w *db.W) error { return refuse(b.Context(), w, wrong) })
	}
	return a, err
}

// refuse refuses an answer that needs no step of a sign-in.
func refuse(ctx context.Context, w *db.W, wrong *authenticator.WrongAnswer) error {
	return wrong.Refuse(ctx, w, func(context.Context) error { return nil })
}

// prove finishes a proof with a code.
func (b bound) prove(a authenticator.Attempt, code string) error {
	b.Helper()
	a.Form = url.Values{"code": {code}}
	proof := worldtest.Must(b.Apps.FinishProof(b.Context(), a))(b)
	return b.DB.Update(b.Context(), by, func(w *db.W) error {
		_, err := proof.Accept(b.Context(), w)
		if wrong, is := authenticator.AsWrongAnswer(err); is {
			return refuse(b.Context(), w, wrong)
		}
		if err != nil {
			return err
		}
		return w.Record(b.Context(), audit.Event{Kind: "test.signed-in"})
	})
}

func TestTenWrongPasswordsLockTheApp(t *testing.T) {
	b := bind(t)
	begun, err := b.begin(address, right)
	if err != nil {
		t.Fatalf("the right password: %v", err)
	}
	for range 10 {
		if _, err := b.begin(address, "wrong"); !errors.Is(err, fault.Unauthenticated) {
			t.Fatalf("a wrong password: %v", err)
		}
	}
	_, locked := b.begin(address, right)
	_, unknown := b.begin("bo@nhs.net", right)
	if locked == nil || unknown == nil || locked.Error() != unknown.Error() {
		t.Errorf("locked: %v, unknown: %v; want both refused in the same words", locked, unknown)
	}
	code, _ := totp.CodeAt(b.secret, b.Clock.Now())
	if err := b.prove(begun, code); !errors.Is(err, authenticator.Unusable) {
		t.Errorf("a right code while locked: %v", err)
	}
	b.Clock.Advance(5*time.Minute - time.Millisecond)
	if _, err := b.begin(address, right); err == nil {
		t.Error("the lock ended too early")
	}
	b.Clock.Advance(time.Millisecond)
	if begun, err = b.begin(address, right); err != nil {
		t.Errorf("after the lock: %v", err)
	}
	code, _ = totp.CodeAt(b.secret, b.Clock.Now())
	if err := b.prove(begun, code); err != nil {
		t.Errorf("a right code after the lock: %v", err)
	}
}

// O42: of 50 requests with one code, sent at once, one is accepted. What was used is in the database alone, so that it
// does not matter which node each reaches.
func TestACodeIsTakenOnce(t *testing.T) {
	b := bind(t)
	begun := worldtest.Must(b.begin(address, right))(t)
	code, _ := totp.CodeAt(b.secret, b.Clock.Now())
	const many = 50
	results := make(chan error)
	for range many {
		go func() { results <- b.prove(begun, code) }()
	}
	accepted := 0
	for range many {
		switch err := <-results; {
		case err == nil:
			accepted++
		case !errors.Is(err, fault.Invalid) && !errors.Is(err, authenticator.Unusable):
			t.Errorf("the same code again: %v", err)
		}
	}
	if accepted != 1 {
		t.Errorf("tried %d, accepted %d", many, accepted)
	}
}

func TestASecondAppIsRefused(t *testing.T) {
	b := bind(t)
	uuids := worldtest.Read(b.World.World, func(ctx context.Context, r db.R) ([]identity.Identity, error) {
		return identity.ByEmail(ctx, r, address)
	})
	err := b.DB.Update(t.Context(), by, func(w *db.W) error {
		_, err := b.Apps.Make(t.Context(), w, uuids[0].UUID, authenticator.Description{Password: right})
		return err
	})
	if !errors.Is(err, fault.Conflict) {
		t.Errorf("second app: %v", err)
	}
}
