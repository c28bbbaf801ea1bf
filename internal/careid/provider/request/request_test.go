package request

import (
	"net/url"
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
		r, wrong := Parse(q, c)
		if wrong == nil && (r.Asked().Name() == "" || len(r.Scopes) == 0 || len(r.Scopes) > 2 || r.MaxAge < 0 || r.Silent && r.Login) {
			t.Errorf("%q gives %+v", query, r)
		}
	})
}
