package provider_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"signpost/internal/careid/access"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/client"
	"signpost/internal/platform/db"
	"signpost/internal/platform/jwt"
)

func TestSignedUserInfo(t *testing.T) {
	w, key := withKey(t)
	w.alter(func(c *client.Client) { c.UserInfoAlgorithm = jwt.RS256 })
	got := w.Redeem(w.Browser().SignIn(logintest.Request(), key).Query().Get("code"))
	res := w.BrowserWith("Bearer " + got.AccessToken).Get(logintest.Realm + "/userinfo")
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "application/jwt" {
		t.Fatalf("%d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	claims := w.IDClaims(logintest.Text(res))
	if claims["iss"] != logintest.Issuer || claims["aud"] != logintest.ClientID || claims["sub"] != w.UUID ||
		claims["email"] != "Ada@example.nhs.uk" || claims["exp"] != nil {
		t.Errorf("claims %v", claims)
	}
}

// A suspended client learns nothing more, not even by a token that it had before.
func TestUserInfoOfASuspendedClient(t *testing.T) {
	w, key := withKey(t)
	got := w.Redeem(w.Browser().SignIn(logintest.Request(), key).Query().Get("code"))
	ask := func() int {
		return w.BrowserWith("Bearer " + got.AccessToken).Get(logintest.Realm + "/userinfo").StatusCode
	}
	if status := ask(); status != 200 {
		t.Fatalf("before: %d", status)
	}
	w.move(client.Suspend)
	if status := ask(); status != 401 {
		t.Errorf("after: %d", status)
	}
}

// Claims that are asked for one by one, and about whom (O28).
func TestClaimsParameter(t *testing.T) {
	w, key := withKey(t)
	h := &harness{world: w, device: key}
	ask := func(claims string) url.Values { return logintest.Request("scope", "openid", "claims", claims) }
	f := h.flow(w.Browser(), ask(`{
		"userinfo":{"email":null,"nhsid_nrbac_roles":{"essential":true},"shoe_size":null},
		"id_token":{"name":null,"auth_time":{"essential":true}}
	}`))
	if f.info["email"] == nil || f.info["nhsid_nrbac_roles"] == nil || f.info["given_name"] != nil ||
		f.info["shoe_size"] != nil {
		t.Errorf("userinfo %v", f.info)
	}
	if f.id["name"] != "Ada Example" || f.id["email"] != nil || f.id["sub"] != w.UUID {
		t.Errorf("ID token %v", f.id)
	}
	essential := `{"id_token":{"acr":{"essential":true,"values":["AAL2_OR_AAL3_ANY"]}}}`
	f = h.flow(w.Browser(), logintest.Request("acr_values", "-", "claims", essential))
	if f.id["acr"] != "AAL2_OR_AAL3_ANY" {
		t.Errorf("acr %v", f.id["acr"])
	}
	for name, claims := range map[string]string{
		"not JSON": "name", "a list": "[]", "a member twice": `{"userinfo":{},"userinfo":{"email":null}}`, "two subjects": `{"id_token":{"sub":{"values":["1","2"]}}}`,
		"subject a number": `{"id_token":{"sub":{"value":5}}}`, "two places, two subjects": `{"id_token":{"sub":{"value":"1"}},"userinfo":{"sub":{"value":"2"}}}`,
	} {
		if e := h.refused(w.Browser(), ask(claims)); e != "invalid_request" {
			t.Errorf("%s: %q", name, e)
		}
	}
	unknown := ask(`{"id_token":{"acr":{"essential":true,"values":["AAL9_ANY"]}}}`)
	if e := h.refused(w.Browser(), unknown); e != "unmet_authentication_requirements" {
		t.Errorf("an essential class that is not offered: %q", e)
	}
	claimsGiven := func() bool {
		f := h.flow(w.Browser(), ask(`{"userinfo":{"email":null},"id_token":{"name":null}}`))
		return f.info["email"] != nil || f.id["name"] != nil
	}
	if !claimsGiven() {
		t.Fatal("claims of scopes that the client is registered for were not given")
	}
	w.alter(func(c *client.Client) { c.Scopes = []string{"openid"} })
	got := claimsGiven()
	countRow(got, "O28")
	if got {
		t.Error("O28: claims of scopes that the client is not registered for were given")
	}
}

// The claims of C6 from rows: registrations, memberships, workgroups and areas of work.
func TestClaimsOfEveryScope(t *testing.T) {
	w, key := withKey(t)
	w.ByDesk(func(dw *db.W) error {
		for _, body := range identity.Bodies {
			if err := identity.Register(t.Context(), dw, w.UUID, body, strings.ToUpper(body)+"1"); err != nil {
				return err
			}
		}
		id, err := access.AddPosition(t.Context(), dw, access.Position{
			Organisation: "FXX01", Name: "Nurse", Profiles: []access.Profile{{
				RoleCode: "S8000:G8000:R8001", Activities: []string{"B0560"},
				Workgroups: []access.Coded{{Code: "500000000041", Name: "Example group"}},
				AreasOfWork: []access.Coded{{Code: "P0010:Q0050:T0210",
					Name: `"Medicine":"Respiratory Medicine":"Respiratory Medicine"`}},
			}},
		})
		if err != nil {
			return err
		}
		return access.Assign(t.Context(), dw,
			access.Grant{UUID: w.UUID, Position: id, Organisation: "FXX01", Starts: dw.Now(), Number: identity.Number})
	})
	h := &harness{world: w, device: key}
	f := h.flow(w.Browser(),
		logintest.Request("scope", "openid professionalmemberships organisationalmemberships nationalrbacaccess"))
	for _, name := range []string{"gmc_id", "nmc_id", "gphc_id", "gdc_id", "gdp_id", "gmp_id", "rcn_id",
		"consultant_id"} {
		if want := strings.ToUpper(strings.TrimSuffix(name, "_id")) + "1"; f.info[name] != want {
			t.Errorf("%s is %v, want %s", name, f.info[name], want)
		}
	}
	roles, _ := f.info["nhsid_nrbac_roles"].([]any)
	if len(roles) != 2 {
		t.Fatalf("roles %v", roles)
	}
	nurse, _ := roles[1].(map[string]any)
	for name, want := range map[string][]any{
		"workgroups": {"Example group"}, "workgroups_codes": {"500000000041"}, "aow_codes": {"P0010:Q0050:T0210"},
		"aow": {`"Medicine":"Respiratory Medicine":"Respiratory Medicine"`},
	} {
		if diff := cmp.Diff(want, nurse[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if first, _ := roles[0].(map[string]any); first["workgroups"] != nil || first["aow"] != nil {
		t.Errorf("empty lists are there: %v", first)
	}
	if members, _ := f.info["nhsid_org_memberships"].([]any); len(members) != 1 {
		t.Errorf("memberships %v", members)
	}
}
