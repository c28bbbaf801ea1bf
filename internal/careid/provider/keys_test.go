package provider_test

import (
	"net/http"
	"testing"
	"time"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/key"
	"signpost/internal/national/authn"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/worldtest"
)

// turn makes and retires keys as they are due, as a node does all the time.
func (w *world) turn() {
	w.Helper()
	keys := w.Provider.Keys()
	worldtest.Check(w, keys.Flush(w.Context()))
	worldtest.Must(keys.Turn(w.Context(), logintest.Desk))(w)
	worldtest.Check(w, keys.Refresh(w.Context()))
}

// signer is the kid that an ID token names.
func signer(t *testing.T, token string) string {
	t.Helper()
	return worldtest.Must(jwt.Unverified(token))(t).KeyID
}

// A whole rotation as a service sees it: every ID token is verified by the key set as it is published at
// the time, and the next key signs once the service was seen to fetch it.
func TestKeysRotateUnderASignedInService(t *testing.T) {
	w := open(t)
	device := logintest.NewDevice()
	w.BindDevice(device, authn.SecurityKey)
	signIn := func() string {
		t.Helper()
		got := w.Redeem(w.Browser().SignIn(logintest.Request(), device).Query().Get("code"))
		if got.Status != http.StatusOK {
			t.Fatalf("tokens: %+v", got)
		}
		return got.IDToken
	}
	first := signIn()
	w.Clock.Advance(89 * 24 * time.Hour)
	w.turn()
	second := signIn() // and the service has not fetched the new set
	w.turn()
	w.Clock.Advance(2 * 24 * time.Hour)
	w.turn()
	third := signIn()
	if signer(t, first) != signer(t, third) {
		t.Fatal("a new key signs before the service has fetched it")
	}
	w.IDClaims(third) // the service fetches the set
	w.turn()
	fourth := signIn()
	if signer(t, fourth) == signer(t, first) {
		t.Fatal("the new key does not sign though the service has fetched it and it was announced for a day")
	}
	for _, token := range []string{second, third, fourth} {
		w.IDClaims(token)
	}
	list := worldtest.Must(w.Provider.Keys().Report(t.Context()))(t)
	for _, s := range list {
		if s.State == key.Signing && (len(s.Clients) != 1 || !s.Clients[0].Seen ||
			s.Clients[0].Client != logintest.ClientID) {
			t.Errorf("%s: who has fetched it: %+v", s.Algorithm, s.Clients)
		}
	}
}

func TestClientThatAsksGetsES256(t *testing.T) {
	w := open(t)
	device := logintest.NewDevice()
	w.BindDevice(device, authn.SecurityKey)
	for _, want := range key.Algorithms {
		w.alter(func(c *client.Client) { c.IDTokenAlgorithm = want })
		got := w.Redeem(w.Browser().SignIn(logintest.Request(), device).Query().Get("code"))
		published := logintest.Text(w.Browser().Get(logintest.Realm + "/connect/jwk_uri"))
		set := worldtest.Must(jwt.ParseSet([]byte(published)))(t)
		for _, a := range key.Algorithms {
			_, err := jwt.Verify(t.Context(), got.IDToken, set,
				jwt.Expect{Algorithms: []jwt.Algorithm{a}, Types: []string{"JWT"}})
			if (err == nil) != (a == want) {
				t.Errorf("asked for %s, verified as %s: %v", want, a, err)
			}
		}
	}
}
