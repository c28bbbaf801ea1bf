package config

import (
	"strings"
	"testing"
)

const elsewhereIssuer = "https://login.example/a"

func elsewhere(name, issuer string) Upstream {
	return Upstream{Name: name, Label: "NHS.net Connect", Issuer: issuer, ClientID: "us", ClientSecret: "a secret",
		AMR: []string{"mfa"}}
}

// What is set of accounts elsewhere is refused where it could not work or would let in others, and what is wrong is
// named.
func TestForServingRefusesAccountsElsewhere(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(u *Upstream)
		want   string
	}{
		"as it should be":               {func(*Upstream) {}, ""},
		"one factor":                    {func(u *Upstream) { u.AMR = nil }, nhsnet("amr") + "set what shows"},
		"without a secret":              {func(u *Upstream) { u.ClientSecret = "" }, nhsnet("client_id") + "set the"},
		"over http":                     {func(u *Upstream) { u.Issuer = "http://login.example/a" }, "upstreams.issuer: begin "},
		"told apart by their addresses": {func(u *Upstream) { u.Subject = "email" }, nhsnet("subject") + "set sub or oid"},
		"objects of any tenant":         {func(u *Upstream) { u.Subject = ObjectClaim }, nhsnet("tenant") + "set the tenant"},
		"objects of a tenant": {func(u *Upstream) {
			u.Subject = ObjectClaim
			u.Tenant = "tenant"
		}, ""},
	} {
		u := elsewhere("nhsnet", elsewhereIssuer)
		tt.change(&u)
		refusesUpstreams(t, name, tt.want, u)
	}
	refusesUpstreams(t, "of one issuer twice", "upstreams.issuer of \"two\": set an issuer that no other has",
		elsewhere("one", elsewhereIssuer), elsewhere("two", elsewhereIssuer))
	refusesUpstreams(t, "at one callback", "upstreams.name of \"one\": set a name of its own",
		elsewhere("one", elsewhereIssuer), elsewhere("one", "https://login.example/b"))
}

func refusesUpstreams(t *testing.T, name, want string, list ...Upstream) {
	t.Helper()
	c := safe()
	c.Upstreams = list
	err := c.ForServing("dos")
	if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
		t.Errorf("%s: %v, want %q", name, err, want)
	}
}

// nhsnet begins what is said of a setting of the account at nhsnet.
func nhsnet(setting string) string { return "upstreams." + setting + " of \"nhsnet\": " }
