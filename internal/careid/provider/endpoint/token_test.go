package endpoint

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/code"
	"signpost/internal/careid/provider/request"
)

func TestProblem(t *testing.T) {
	const verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	plain := request.Request{RedirectURI: "https://rota.example/callback"}
	withChallenge := plain
	withChallenge.Challenge = s256(verifier)
	fresh := code.Code{ClientID: "rota", Grant: code.Grant{Request: plain}, Ends: now.Add(time.Second)}
	change := func(how func(*code.Code)) code.Code {
		c := fresh
		how(&c)
		return c
	}
	others := change(func(c *code.Code) { c.ClientID = "other" })
	expired := change(func(c *code.Code) { c.Ends = now })
	used := expired
	othersUsed := others
	used.Used = now.Add(-time.Minute)
	othersUsed.Used = now.Add(-time.Minute)
	challenged := change(func(c *code.Code) { c.Grant.Request = withChallenge })
	for _, tt := range []struct {
		name   string
		code   code.Code
		form   string
		reason string // part of it; empty if the code will do
	}{
		{"the usual", fresh, "", ""},
		{"of another client", others, "", "another client"},
		{"expired", expired, "", "expired"},
		{"used before, and expired since", used, "", ""},
		{"used before, by another client", othersUsed, "", "another client"},
		{"another address", fresh, "redirect_uri=https://rota.example/other", "redirect_uri: expected"},
		{"a verifier that nobody asked for", fresh, "code_verifier=" + verifier, "no code_challenge"},
		{"the right verifier", challenged, "code_verifier=" + verifier, ""},
		{"a wrong verifier", challenged, "code_verifier=x", "not the one"},
		{"no verifier", challenged, "", "not the one"},
	} {
		form, err := url.ParseQuery(tt.form)
		if err != nil {
			t.Fatal(err)
		}
		if !form.Has("redirect_uri") {
			form.Set("redirect_uri", plain.RedirectURI)
		}
		r := tokenRequest{call: call{Client: client.Client{ID: "rota"}, form: form}}
		if got := r.problem(tt.code, now); (got == "") != (tt.reason == "") || !strings.Contains(got, tt.reason) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.reason)
		}
	}
}
