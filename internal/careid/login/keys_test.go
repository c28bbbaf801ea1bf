package login_test

import (
	"net/http"
	"testing"
	"time"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/key"
	"signpost/internal/national/authn"
	"signpost/internal/platform/jwt"
)

// turn makes and retires keys as they are due, as a node does all the time.
func (w *world) turn() {
	w.t.Helper()
	keys := w.provider.Keys()
	check(w.t, keys.Flush(w.t.Context()))
	must(keys.Turn(w.t.Context(), desk))(w.t)
	check(w.t, keys.Refresh(w.t.Context()))
}

// signer is the kid that an ID token names.
func signer(t *testing.T, token string) string {
	t.Helper()
	return must(jwt.Unverified(token))(t).KeyID
}

// A whole rotation as a service sees it: every ID token is verified by the key set as it is published at
// the time, and the next key signs once the service was seen to fetch it.
func TestKeysRotateUnderASignedInService(t *testing.T) {
	w := open(t)
	device := newDevice()
	w.bindDevice(device, authn.SecurityKey)
	signIn := func() string {
		t.Helper()
		got := w.redeem(w.browser().signIn(request(), device).Query().Get("code"))
		if got.status != http.StatusOK {
			t.Fatalf("tokens: %+v", got)
		}
		return got.IDToken
	}
	first := signIn()
	w.clock.Advance(89 * 24 * time.Hour)
	w.turn()
	second := signIn() // and the service has not fetched the new set
	w.turn()
	w.clock.Advance(2 * 24 * time.Hour)
	w.turn()
	third := signIn()
	if signer(t, first) != signer(t, third) {
		t.Fatal("a new key signs before the service has fetched it")
	}
	w.idClaims(third) // the service fetches the set
	w.turn()
	fourth := signIn()
	if signer(t, fourth) == signer(t, first) {
		t.Fatal("the new key does not sign though the service has fetched it and it was announced for a day")
	}
	for _, token := range []string{second, third, fourth} {
		w.idClaims(token)
	}
	list := must(w.provider.Keys().Report(t.Context()))(t)
	for _, s := range list {
		if s.State == key.Signing && (len(s.Clients) != 1 || !s.Clients[0].Seen || s.Clients[0].Client != clientID) {
			t.Errorf("%s: who has fetched it: %+v", s.Algorithm, s.Clients)
		}
	}
}

func TestClientThatAsksGetsES256(t *testing.T) {
	w := open(t)
	device := newDevice()
	w.bindDevice(device, authn.SecurityKey)
	for _, want := range key.Algorithms {
		w.alter(func(c *client.Client) { c.IDTokenAlgorithm = want })
		got := w.redeem(w.browser().signIn(request(), device).Query().Get("code"))
		set := must(jwt.ParseSet([]byte(text(w.browser().get(realm + "/connect/jwk_uri")))))(t)
		for _, a := range key.Algorithms {
			_, err := jwt.Verify(t.Context(), got.IDToken, set,
				jwt.Expect{Algorithms: []jwt.Algorithm{a}, Types: []string{"JWT"}})
			if (err == nil) != (a == want) {
				t.Errorf("asked for %s, verified as %s: %v", want, a, err)
			}
		}
	}
}
