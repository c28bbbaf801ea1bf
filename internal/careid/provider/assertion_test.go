package provider_test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"signpost/internal/careid/careidtest/logintest"
)

// An assertion proves nothing a second time, whatever it was used for and however that ended. The code that
// came with it is not spent.
func TestAnAssertionIsUsedOnce(t *testing.T) {
	w, key := withKey(t)
	code := func() string { return w.Browser().SignIn(logintest.Request(), key).Query().Get("code") }
	spent := code()
	w.Redeem(spent)
	for name, use := range map[string]func(assertion string) bool{
		"for tokens":            func(a string) bool { return w.Redeem(code(), "client_assertion", a).Status == http.StatusOK },
		"with a code of nobody": func(a string) bool { return w.Redeem("none", "client_assertion", a).Error == "invalid_grant" },
		"with a code used before": func(a string) bool {
			return w.Redeem(spent, "client_assertion", a).Error == "invalid_grant"
		},
		"with a wrong verifier": func(a string) bool {
			return w.Redeem(code(), "client_assertion", a, "code_verifier", "wrong").Error == "invalid_grant"
		},
		"with another grant type": func(a string) bool {
			return w.Redeem("none", "client_assertion", a, "grant_type", "password").Error == "unsupported_grant_type"
		},
		"to revoke": func(a string) bool {
			form := w.proved("token", "none")
			form.Set("client_assertion", a)
			return w.Call(logintest.Realm+"/token/revoke", form).StatusCode == http.StatusOK
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.Assertion()
			if !use(a) {
				t.Fatal("the honest use was not answered as it should be")
			}
			good := code()
			if got := w.Redeem(good, "client_assertion", a); got.Status != http.StatusUnauthorized ||
				got.Error != "invalid_client" {
				t.Errorf("used again: %d %q, want 401 invalid_client", got.Status, got.Error)
			}
			if got := w.Redeem(good); got.Status != http.StatusOK {
				t.Errorf("the code that came with it: %d %q, want it still good", got.Status, got.Error)
			}
		})
	}
}

// Of many who send one assertion at once, each with a good code, one is served.
func TestARaceForOneAssertion(t *testing.T) {
	w, key := withKey(t)
	const rivals = 20
	codes := make([]string, rivals)
	for n := range codes {
		codes[n] = w.Browser().SignIn(logintest.Request(), key).Query().Get("code")
	}
	a := w.Assertion()
	var served, refused atomic.Int64
	var together sync.WaitGroup
	for _, code := range codes {
		together.Go(func() {
			switch got := w.Redeem(code, "client_assertion", a); got.Error {
			case "":
				served.Add(1)
			case "invalid_client":
				refused.Add(1)
			default:
				t.Errorf("%d %q", got.Status, got.Error)
			}
		})
	}
	together.Wait()
	if served.Load() != 1 || refused.Load() != rivals-1 {
		t.Errorf("%d served and %d refused, want 1 and %d", served.Load(), refused.Load(), rivals-1)
	}
}
