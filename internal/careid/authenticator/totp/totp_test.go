package totp_test

import (
	"encoding/base32"
	"errors"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/authenticator/totp"
	"signpost/internal/careid/careidtest"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/password"
	"signpost/internal/platform/tries"
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

func TestQRCodeHoldsItsQuietZone(t *testing.T) {
	q, err := totp.QRCode(totp.URL("CIS2", "ann@nhs.net", totp.NewSecret()))
	if err != nil || q.Size < 30 || !strings.HasPrefix(q.Path, "M4 4h1v1h-1z") {
		t.Errorf("%d, %.20q, %v", q.Size, q.Path, err)
	}
}

var (
	nine = time.Date(2026, 11, 24, 9, 0, 10, 0, time.UTC)
	by   = actor.Actor{Kind: actor.Stranger}
)

type bound struct {
	d      *db.DB
	clock  *clocktest.Manual
	keeper *totp.Keeper
	id     string
	secret string
}

func bind(t *testing.T) bound {
	t.Helper()
	w := careidtest.Open(t, nine)
	b := bound{d: w.DB, clock: w.Clock, keeper: w.Apps, secret: totp.NewSecret()}
	hash, err := b.keeper.Hasher.Hash(t.Context(), password.Asker{}, "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	app := totp.App{UUID: "500000000017", Secret: b.secret, PasswordHash: hash}
	b.id, err = db.Write(t.Context(), b.d, by, func(w *db.W) (string, error) {
		return b.keeper.Bind(t.Context(), w, app)
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (b bound) prove(t *testing.T, code string) error {
	t.Helper()
	return b.d.Update(t.Context(), by, func(w *db.W) error {
		if _, err := b.keeper.Proof(b.id, code, tries.Browser{}).Accept(t.Context(), w); err != nil {
			return err
		}
		return w.Record(t.Context(), audit.Event{Kind: "test.signed-in"})
	})
}

func (b bound) check(t *testing.T, uuid, plain string) error {
	t.Helper()
	_, err := b.keeper.CheckPassword(t.Context(), b.d, by, tries.Browser{}, []string{uuid}, "ann@nhs.net", plain)
	return err
}

func TestTenWrongPasswordsLockTheApp(t *testing.T) {
	b := bind(t)
	if err := b.check(t, "500000000017", "correct horse battery"); err != nil {
		t.Fatalf("the right password: %v", err)
	}
	for range 10 {
		if err := b.check(t, "500000000017", "wrong"); !errors.Is(err, fault.Unauthenticated) {
			t.Fatalf("a wrong password: %v", err)
		}
	}
	right := b.check(t, "500000000017", "correct horse battery")
	unknown := b.check(t, "", "correct horse battery")
	if right == nil || unknown == nil || right.Error() != unknown.Error() {
		t.Errorf("locked: %v, unknown: %v; want both refused in the same words", right, unknown)
	}
	code, _ := totp.CodeAt(b.secret, b.clock.Now())
	if err := b.prove(t, code); !errors.Is(err, authenticator.Unusable) {
		t.Errorf("a right code while locked: %v", err)
	}
	b.clock.Advance(5*time.Minute - time.Millisecond)
	if err := b.check(t, "500000000017", "correct horse battery"); err == nil {
		t.Error("the lock ended too early")
	}
	b.clock.Advance(time.Millisecond)
	if err := b.check(t, "500000000017", "correct horse battery"); err != nil {
		t.Errorf("after the lock: %v", err)
	}
	code, _ = totp.CodeAt(b.secret, b.clock.Now())
	if err := b.prove(t, code); err != nil {
		t.Errorf("a right code after the lock: %v", err)
	}
}

func TestACodeIsTakenOnce(t *testing.T) {
	b := bind(t)
	code, _ := totp.CodeAt(b.secret, b.clock.Now())
	if err := b.prove(t, code); err != nil {
		t.Fatalf("the code: %v", err)
	}
	results := make(chan error, 20)
	for range cap(results) {
		go func() { results <- b.prove(t, code) }()
	}
	for range cap(results) {
		if err := <-results; !errors.Is(err, fault.Invalid) && !errors.Is(err, authenticator.Unusable) {
			t.Errorf("the same code again: %v", err)
		}
	}
}

func TestASecondAppIsRefused(t *testing.T) {
	b := bind(t)
	err := b.d.Update(t.Context(), by, func(w *db.W) error {
		_, err := b.keeper.Bind(t.Context(), w, totp.App{UUID: "500000000017", Secret: totp.NewSecret()})
		return err
	})
	if !errors.Is(err, fault.Conflict) {
		t.Errorf("second app: %v", err)
	}
}
