package code_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/provider/code"
	"signpost/internal/careid/provider/request"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

var nine = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

var grant = code.Grant{
	Request: request.Request{ClientID: "rota", Scopes: []string{"openid"}},
	Proven:  authenticator.Proven{UUID: "500000000017"}, SID: "sid-1", Role: "2",
}

type world struct{ *careidtest.World }

func open(t *testing.T) *world {
	t.Helper()
	return &world{careidtest.Open(t, nine)}
}

// issue makes a code of the grant.
func (w *world) issue() (one string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) (err error) {
		one, err = code.Issue(ctx, u, grant)
		return err
	})
	return one
}

// spend uses a code up and says whether it was there.
func (w *world) spend(one string) (c code.Code, found bool) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) (err error) {
		c, err = code.Spend(ctx, u, one)
		found = err == nil
		if errors.Is(err, fault.NotFound) {
			return nil
		}
		return err
	})
	return c, found
}

// redeem exchanges a new code for a token.
func (w *world) redeem(token string) (one string) {
	w.Helper()
	one = w.issue()
	w.spend(one)
	w.Update(func(ctx context.Context, u *db.W) error { return code.IssueToken(ctx, u, grant, one, token) })
	return one
}

// live reports whether a token may be used.
func (w *world) live(token string) bool {
	w.Helper()
	t, err := db.Glance(w.Context(), w.DB, func(r db.R) (code.Token, error) {
		return code.FindToken(w.Context(), r, token)
	})
	if err != nil && !errors.Is(err, fault.NotFound) {
		w.Fatal(err)
	}
	return err == nil && t.Live(w.Clock.Now())
}

func TestACodeIsNewOnce(t *testing.T) {
	w := open(t)
	one := w.issue()
	c, found := w.spend(one)
	if !found || !c.Used.IsZero() || c.ClientID != "rota" || c.Grant.SID != "sid-1" ||
		!c.Ends.Equal(nine.Add(time.Minute)) {
		t.Errorf("spent %+v, %v", c, found)
	}
	if _, found := w.spend(one); found {
		t.Error("a code that gave nothing is there again")
	}
	if _, found := w.spend("no such code"); found {
		t.Error("a code that nobody made is there")
	}
}

func TestAUsedCodeIsKnownByItsToken(t *testing.T) {
	w := open(t)
	one := w.redeem("token")
	w.Clock.Advance(time.Minute)
	if c, found := w.spend(one); !found || !c.Used.Equal(nine) || c.Grant.Role != "2" {
		t.Errorf("spent again: %+v, %v", c, found)
	}
	if !w.live("token") {
		t.Error("looking at a used code ended its token")
	}
	w.Update(func(ctx context.Context, u *db.W) error { return code.RevokeReplayed(ctx, u, "rota", one) })
	if w.live("token") {
		t.Error("the token outlives the replay of its code")
	}
}

func TestATokenEnds(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(ctx context.Context, u *db.W) error
		live bool
	}{
		{"revoked", func(ctx context.Context, u *db.W) error { return code.Revoke(ctx, u, "rota", "token") }, false},
		{"by another client", func(ctx context.Context, u *db.W) error { return code.Revoke(ctx, u, "other", "token") }, true},
		{"another token", func(ctx context.Context, u *db.W) error { return code.Revoke(ctx, u, "rota", "other") }, true},
		{"with its session", func(ctx context.Context, u *db.W) error { return code.EndSession(ctx, u, "sid-1") }, false},
		{"another session", func(ctx context.Context, u *db.W) error { return code.EndSession(ctx, u, "sid-2") }, true},
	} {
		w := open(t)
		w.redeem("token")
		w.Update(tt.end)
		if got := w.live("token"); got != tt.live {
			t.Errorf("%s: live %v, want %v", tt.name, got, tt.live)
		}
	}
	w := open(t)
	w.redeem("token")
	w.Clock.Advance(code.TokenLife)
	if w.live("token") {
		t.Error("the token is live at its end")
	}
}

func TestACodeEndsWithItsSession(t *testing.T) {
	w := open(t)
	one := w.issue()
	w.Update(func(ctx context.Context, u *db.W) error { return code.EndSession(ctx, u, "sid-1") })
	if _, found := w.spend(one); found {
		t.Error("the code outlives its session")
	}
}

// What has ended stays for an hour, so that what comes late is known for what it is.
func TestSweepLeavesAnHour(t *testing.T) {
	w := open(t)
	w.issue()
	w.redeem("token")
	for _, tt := range []struct {
		after         time.Duration
		codes, tokens int64
	}{{time.Hour, 0, 0}, {time.Minute, 1, 0}, {58 * time.Minute, 0, 0}, {time.Minute, 0, 1}} {
		w.Clock.Advance(tt.after)
		codes := w.sweep(t, "provider_code")
		tokens := w.sweep(t, "provider_token")
		if codes != tt.codes || tokens != tt.tokens {
			t.Errorf("at %s: swept %d codes and %d tokens", w.Clock.Now().Format(time.TimeOnly), codes, tokens)
		}
	}
}

func (w *world) sweep(t *testing.T, table string) (deleted int64) {
	t.Helper()
	for _, s := range code.Sweeps {
		if s.Table != table {
			continue
		}
		n, _, err := w.DB.Sweep(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		deleted += n
	}
	return deleted
}
