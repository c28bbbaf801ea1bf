package request

import (
	"net/url"
	"strings"
	"testing"

	"signpost/internal/careid/provider/client"
)

// Whatever strangers send, parsing a request ends in a Request with only what was asked and allowed, or
// in an error of the protocol.
func FuzzParse(f *testing.F) {
	f.Add("response_type=code&scope=openid&acr_values=AAL3_ANY&max_age=5&prompt=none")
	f.Add("response_type=code&scope=openid&code_challenge=x&code_challenge_method=S256")
	c := client.Client{ID: "1", Name: "One", Scopes: []string{"openid", "profile"}}
	f.Fuzz(func(t *testing.T, query string) {
		q, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		r, e := Parse(q, c)
		if e == nil && (r.WantedClass().Name() == "" || len(r.Scopes) == 0 || len(r.Scopes) > 2 || r.MaxAge < 0 ||
			r.Silent && r.Login) {
			t.Errorf("%q gives %+v", query, r)
		}
	})
}

func TestEachParameterHasItsBound(t *testing.T) {
	c := client.Client{ID: "1", Name: "One", Scopes: []string{"openid"}}
	long := func(name string, bytes int) string {
		if name == "claims" {
			return `{"userinfo":{}}` + strings.Repeat(" ", bytes-len(`{"userinfo":{}}`))
		}
		return strings.Repeat("x", bytes)
	}
	for name, most := range map[string]int{
		"state": 8000, "nonce": 512, "login_hint": 254, "ui_locales": 100, "id_token_hint": 16000, "claims": 16000,
	} {
		q := url.Values{"response_type": {"code"}, "scope": {"openid"}, "acr_values": {"AAL3_ANY"}}
		q.Set(name, long(name, most))
		if _, e := Parse(q, c); e != nil {
			t.Errorf("%s of %d bytes: %v", name, most, e)
		}
		q.Set(name, long(name, most+1))
		if _, e := Parse(q, c); e == nil || e.Description != "The parameter "+name+" is too long or is not text." {
			t.Errorf("%s of %d bytes: %v", name, most+1, e)
		}
	}
}

// The numbers that may be asked for in the claims are as long as they can be.
func TestNumbersInClaimsHaveTheirBound(t *testing.T) {
	c := client.Client{ID: "1", Name: "One", Scopes: []string{"openid", "nationalrbacaccess", "selectedrole"}}
	for _, name := range []string{"sub", "selected_roleid"} {
		for length, want := range map[int]string{
			20: "", 21: "The parameter claims asks for a sub or a role that is too long.",
		} {
			q := url.Values{"response_type": {"code"}, "scope": {"openid"}, "acr_values": {"AAL3_ANY"}}
			q.Set("claims", `{"id_token":{"`+name+`":{"value":"`+strings.Repeat("5", length)+`"}}}`)
			_, e := Parse(q, c)
			if e == nil && want != "" || e != nil && e.Description != want {
				t.Errorf("%s of %d characters: %v", name, length, e)
			}
		}
	}
}

// Whatever is wrong with a request, the error goes the way that the service asked for.
func TestEveryErrorGoesTheWayAskedFor(t *testing.T) {
	c := client.Client{ID: "1", Name: "One", Scopes: []string{"openid"}}
	for _, change := range []url.Values{
		{"state": {strings.Repeat("s", maxStateBytes+1)}}, {"nonce": {"a", "b"}}, {"nonce": {"a\x00b"}},
		{"response_type": {"token"}}, {"scope": {"profile"}},
	} {
		for mode, post := range map[string]bool{"form_post": true, "query": false} {
			q := url.Values{"response_type": {"code"}, "scope": {"openid"}, "acr_values": {"AAL3_ANY"}}
			q.Set("response_mode", mode)
			if r, e := Parse(q, c); e != nil || r.FormPost != post {
				t.Fatalf("honest twin by %s: %v", mode, e)
			}
			for name, values := range change {
				q[name] = values
			}
			if r, e := Parse(q, c); e == nil || r.FormPost != post {
				t.Errorf("%.60q by %s: %v, posted %v", change, mode, e, r.FormPost)
			}
		}
	}
}
