package claim

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"signpost/internal/national/cis2"
)

func TestParseWanted(t *testing.T) {
	scopes := []string{cis2.OpenID, cis2.Profile, cis2.Email}
	for _, tt := range []struct {
		name, text string
		want       Wanted
		ok         bool
	}{
		{"nothing", `{}`, Wanted{}, true},
		{"null members", `{"userinfo":null,"id_token":null}`, Wanted{}, true},
		{"one of each", `{"userinfo":{"email":null},"id_token":{"name":{"essential":true}}}`, Wanted{UserInfo: []string{"email"}, IDToken: []string{"name"}}, true},
		{"of a scope the client lacks", `{"userinfo":{"nhsid_nrbac_roles":null}}`, Wanted{}, true},
		{"unknown", `{"userinfo":{"shoe_size":null},"verified_claims":{}}`, Wanted{}, true},
		{"a person", `{"id_token":{"sub":{"value":"500000000017"}}}`, Wanted{Subject: "500000000017"}, true},
		{"a role, twice the same", `{"id_token":{"selected_roleid":{"value":"5"}},"userinfo":{"selected_roleid":{"values":["5"]}}}`, Wanted{RoleID: "5"}, true},
		{"essential classes", `{"id_token":{"acr":{"essential":true,"values":["AAL3_ANY","AAL2_ANY"]}}}`, Wanted{ACR: []string{"AAL3_ANY", "AAL2_ANY"}}, true},
		{"voluntary classes", `{"id_token":{"acr":{"values":["AAL3_ANY"]}}}`, Wanted{}, true},
		{"not JSON", `x`, Wanted{}, false},
		{"not an object", `[]`, Wanted{}, false},
		{"a member twice", `{"userinfo":{"email":null,"email":null}}`, Wanted{}, false},
		{"a person as a number", `{"id_token":{"sub":{"value":5}}}`, Wanted{}, false},
		{"two people", `{"id_token":{"sub":{"value":"1"}},"userinfo":{"sub":{"value":"2"}}}`, Wanted{}, false},
		{"an empty class", `{"id_token":{"acr":{"essential":true,"value":""}}}`, Wanted{}, false},
	} {
		got, err := ParseWanted(tt.text, scopes)
		if (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, got); tt.ok && diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// Whatever strangers send, the result holds only claims of the client's own scopes.
func FuzzParseWanted(f *testing.F) {
	f.Add(`{"userinfo":{"email":null,"nhsid_nrbac_roles":{"essential":true}},"id_token":{"sub":{"value":"1"}}}`)
	f.Add(`{"id_token":{"acr":{"essential":true,"values":["AAL3_ANY"]},"selected_roleid":{"value":"5"}}}`)
	scopes := []string{cis2.OpenID, cis2.Email}
	allowed := cis2.ClaimsOf(scopes)
	f.Fuzz(func(t *testing.T, text string) {
		w, err := ParseWanted(text, scopes)
		if err != nil {
			return
		}
		for _, name := range slices.Concat(w.UserInfo, w.IDToken) {
			if !slices.Contains(allowed, name) {
				t.Errorf("%q gives %s", text, name)
			}
		}
	})
}
