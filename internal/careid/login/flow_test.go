package login_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/national/authn"
)

func TestSignInWithASecurityKey(t *testing.T) {
	w := open(t)
	key := logintest.NewDevice()
	w.BindDevice(key, authn.SecurityKey)
	b := w.Browser()
	to := b.SignIn(logintest.Request(), key)
	q := to.Query()
	if to.Scheme+"://"+to.Host+to.Path != logintest.Callback || q.Get("state") != "st-1" ||
		q.Get("iss") != logintest.Issuer ||
		q.Get("client_id") != logintest.ClientID {
		t.Fatalf("back at the service: %s", to)
	}
	got := w.Redeem(q.Get("code"))
	if got.Status != 200 || got.TokenType != "Bearer" || got.ExpiresIn != 3599 || got.Nonce != "no-1" {
		t.Fatalf("tokens: %+v", got)
	}
	claims := w.IDClaims(got.IDToken)
	want := map[string]any{
		"iss": logintest.Issuer, "aud": logintest.ClientID, "azp": logintest.ClientID, "sub": w.UUID, "subname": w.UUID, "nonce": "no-1",
		"iat": float64(logintest.Nine.Unix()), "exp": float64(logintest.Nine.Unix() + 3600), "auth_time": float64(logintest.Nine.Unix()),
		"acr": "AAL2_OR_AAL3_ANY", "amr": []any{"FIDO2"}, "authentication_assurance_level": "3", "id_assurance_level": "3", "idassurancelevel": "3",
		"realm": "/NHSIdentity/Healthcare", "tokenName": "id_token", "tokenType": "JWTToken",
	}
	random := []string{"sid", "at_hash", "c_hash", "s_hash", "auditTrackingId", "org.forgerock.openidconnect.ops"}
	ignore := cmpopts.IgnoreMapEntries(func(k string, _ any) bool {
		for _, r := range random {
			if k == r {
				return true
			}
		}
		return false
	})
	if diff := cmp.Diff(want, claims, ignore); diff != "" {
		t.Errorf("ID token (-want +got):\n%s", diff)
	}
	for _, name := range random {
		if s, _ := claims[name].(string); s == "" {
			t.Errorf("ID token has no %s", name)
		}
	}
	status, info := w.UserInfo(got.AccessToken)
	if status != 200 || info["sub"] != w.UUID || info["email"] != "Ada@example.nhs.uk" ||
		info["email_verified"] != true || info["email_verified_method"] != "seen by the RA" {
		t.Errorf("userinfo %d: %v", status, info)
	}
	roles, _ := info["nhsid_nrbac_roles"].([]any)
	if len(roles) != 1 {
		t.Fatalf("roles: %v", info)
	}
	role, _ := roles[0].(map[string]any)
	if role["role_code"] != "S8001:G8002:R8008" || role["org_code"] != "FXX01" || role["workgroups"] != nil ||
		cmp.Diff(role["activity_codes"], []any{"B0166"}) != "" {
		t.Errorf("role: %v", role)
	}
}

func TestSignInWithAnAuthenticatorApp(t *testing.T) {
	w := open(t)
	w.BindApp(t)
	b := w.Browser()
	at := b.Begin(logintest.Request())
	b.Send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
	b.Send(at+"/password", "email", "ada@EXAMPLE.nhs.uk", "password", logintest.GoodPass)
	w.Clock.Advance(60e9)
	to := b.Send(at+"/code", "code", w.AppCode(t))
	code := logintest.CodeOf(t, to)
	claims := w.IDClaims(w.Redeem(code).IDToken)
	if claims["authentication_assurance_level"] != "2" || cmp.Diff(claims["amr"], []any{"TOTP"}) != "" {
		t.Errorf("claims %v", claims)
	}
}

// People who step up, try one way and come back to the choice read the same once more.
func TestSteppingUpStillSaysWhatWillDoAfterATry(t *testing.T) {
	const none = "You do not have one."
	const one = "You have one that you can use: Security Key."
	cancel := func(b *logintest.Browser, at string, _ *logintest.Device) {
		b.Send(at+"/key", "failed", "NotAllowedError")
	}
	prove := func(b *logintest.Browser, at string, synced *logintest.Device) {
		b.Send(at+"/key", "answer", b.Touch(at, synced))
	}
	for _, tt := range []struct {
		name string
		has  bool // a security key
		try  func(b *logintest.Browser, at string, synced *logintest.Device)
		want string
	}{
		{"none, no try", false, nil, none},
		{"none, one that was cancelled", false, cancel, none},
		{"one, no try", true, nil, one},
		{"one, another was cancelled", true, cancel, one},
		{"one, another was too weak", true, prove, one},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := open(t)
			synced := logintest.NewDevice()
			synced.Authenticator.Options.BackupEligible = true
			synced.Authenticator.Options.BackupState = true
			w.BindDevice(synced, authn.Passkey)
			if tt.has {
				w.BindDevice(logintest.NewDevice(), authn.SecurityKey)
			}
			b := w.Browser()
			b.SignIn(logintest.Request(), synced)
			at := b.Begin(logintest.Request("acr_values", "AAL3_ANY"))
			if tt.try != nil {
				b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
				tt.try(b, at, synced)
				if got := logintest.Text(b.Get(at)); !strings.Contains(got, "Log in another way") {
					t.Fatalf("the try was not refused: %s", got)
				}
				b.Send(at + "/again")
			}
			if got := logintest.Text(b.Get(at)); !strings.Contains(got, "asks for a stronger authenticator. "+tt.want) {
				t.Errorf("the choice: %s", got)
			}
		})
	}
}
