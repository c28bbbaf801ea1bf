package standing_test

import (
	"testing"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/request"
	"signpost/internal/careid/provider/standing"
)

const callback = "https://rota.example/callback"

func TestWhatASignInRestsOn(t *testing.T) {
	rota := client.Client{Active: true, RedirectURIs: []string{callback}, Scopes: []string{"openid", "email"}}
	suspended := rota
	suspended.Active = false
	moved := rota
	moved.RedirectURIs = []string{"https://rota.example/new"}
	sound := standing.Facts{Client: rota, Person: identity.Active, Authenticator: authenticator.Active}
	for _, tt := range []struct {
		name   string
		change func(f *standing.Facts)
		want   standing.Part
	}{
		{"nothing was changed", func(*standing.Facts) {}, ""},
		{"the client is gone", func(f *standing.Facts) { f.Client = client.Client{} }, standing.Client},
		{"the client is suspended", func(f *standing.Facts) { f.Client = suspended }, standing.Client},
		{"its address was changed", func(f *standing.Facts) { f.Client = moved }, standing.Client},
		{"the person is gone", func(f *standing.Facts) { f.Person = "" }, standing.Person},
		{"the person is suspended", func(f *standing.Facts) { f.Person = identity.Suspended }, standing.Person},
		{"the authenticator is gone", func(f *standing.Facts) { f.Authenticator = "" }, standing.Authenticator},
		{"the authenticator is suspended",
			func(f *standing.Facts) { f.Authenticator = authenticator.Suspended }, standing.Authenticator},
		{"they left the team", func(f *standing.Facts) { f.Stranger = true }, standing.Team},
		{"client and person", func(f *standing.Facts) { *f = standing.Facts{} }, standing.Client},
	} {
		facts := sound
		tt.change(&facts)
		fallen := facts.Problem(request.Request{RedirectURI: callback, Scopes: []string{"openid"}})
		if (fallen != nil) != (tt.want != "") || fallen != nil && fallen.Part != tt.want {
			t.Errorf("%s: %+v, want %q", tt.name, fallen, tt.want)
		}
	}
}
