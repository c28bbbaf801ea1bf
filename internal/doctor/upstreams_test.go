package doctor

import (
	"strings"
	"testing"
	"time"

	"signpost/internal/config"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/relying/relyingtest"
)

// A provider of accounts is told of by whether it answers, takes us for its client, and lets anybody in.
func TestUpstreams(t *testing.T) {
	at := clocktest.At(time.Now().UTC().Truncate(time.Second))
	issuer := relyingtest.New(t, at)
	issuer.Register(relyingtest.Client{ID: "us", Secret: "a secret of some length",
		RedirectURI: "http://cis2.localhost:8080/upstream/nhsnet/callback"})
	right := config.Upstream{Name: "nhsnet", Label: "NHS.net Connect", Issuer: issuer.Name, ClientID: "us",
		ClientSecret: "a secret of some length", AMR: []string{"mfa"}, Organisations: []string{"RJ1"}}
	for _, tt := range []struct {
		name    string
		change  func(u *config.Upstream)
		outcome Outcome
		saw     string
	}{
		{"all well", func(*config.Upstream) {}, Well, "organisations that take part: RJ1"},
		{"for nobody", func(u *config.Upstream) { u.Organisations = nil }, Well, "nobody may use it"},
		{"not there", func(u *config.Upstream) { u.Issuer = "http://127.0.0.1:1" }, Failed, "http://127.0.0.1:1: "},
		{"another client", func(u *config.Upstream) { u.ClientID = "them" }, Failed, "does not take us for its client"},
		{"no secret", func(u *config.Upstream) { u.ClientSecret, u.ClientSecretFile = "", "/not/there" }, Failed, "not/there"},
	} {
		u := right
		tt.change(&u)
		settings := config.Usual(t.TempDir())
		settings.Addresses.CIS2 = "http://cis2.localhost:8080"
		settings.Upstreams = []config.Upstream{u}
		var line Line
		x := &examination{
			Options: Options{Config: settings, Sites: []string{"cis2"}, Clock: at, Reach: relyingtest.Fetch()},
			say:     func(l Line) { line = l },
		}
		x.upstreams(t.Context())
		if line.Outcome != tt.outcome || !strings.Contains(line.Saw, tt.saw) || tt.outcome != Well && line.Cure == "" {
			t.Errorf("%s: %+v", tt.name, line)
		}
	}
}
