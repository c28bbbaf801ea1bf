package logintest

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/login"
	"signpost/internal/national/authn"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/relying/relyingtest"
	"signpost/internal/platform/web"
	"signpost/internal/platform/worldtest"
)

// upstreamClient is our client at each provider.
const upstreamClient = "signpost-at-nhsnet"

// Elsewhere makes a provider of accounts under a name, which takes us for its client.
func (w *World) Elsewhere(t testing.TB, name string) (*relyingtest.Issuer, authenticator.Elsewhere) {
	t.Helper()
	issuer := relyingtest.New(t, w.Clock)
	back := origin + login.CallbackPath(name)
	issuer.Register(relyingtest.Client{ID: upstreamClient, RedirectURI: back, Secret: Secret})
	issuer.Change(func(s *relyingtest.Script) {
		s.Person = relyingtest.Person{Subject: "pairwise-of-ada", Email: "ada@nhs.net", AMR: []string{"pwd", "mfa"}}
		s.Alter.IDToken = func(claims map[string]any) { claims["tid"] = "tenant"; claims["oid"] = "object-of-ada" }
	})
	client := worldtest.Must(relying.New(relying.Config{
		Issuer: issuer.Name, DiscoveryURL: issuer.DiscoveryURL(), ClientID: upstreamClient,
		Auth: relying.Auth{Secret: Secret}, RedirectURI: back, Clock: w.Clock,
		Fetch: fetch.New(fetch.Options{AllowLoopback: true}),
	}))(t)
	return issuer, authenticator.Elsewhere{Name: name, Label: "NHS.net Connect", Client: client, Tenant: "tenant",
		AMR: []string{"mfa"}, Organisations: []string{"FXX01"}}
}

// AlsoElsewhere has the site know one more provider of accounts.
func (w *World) AlsoElsewhere(e authenticator.Elsewhere) {
	w.Helper()
	w.ground.Upstreams = append(w.ground.Upstreams, e)
	w.Options.Ways = worldtest.Must(login.NewWays(w.ground))(w)
	w.Options.Metrics = web.NewMetrics(prometheus.NewRegistry())
	w.Site = login.New(w.Options)
}

func (w *World) elsewhere(t testing.TB) (e authenticator.Elsewhere) {
	w.NHSNet, e = w.Elsewhere(t, "nhsnet")
	return e
}

// Connect presses the button that leads to a provider, logs in there, and gives the path on the sign-in service to
// which the provider sends the browser back.
func (b *Browser) Connect(at string, issuer *relyingtest.Issuer, provider string) (callback string) {
	b.World.Helper()
	to := b.ToProvider(at, provider)
	return login.CallbackPath(provider) + "?" + issuer.SignIn(b.World, to).Encode()
}

// ToProvider presses the button that leads to a provider, and gives the address to which it leads.
func (b *Browser) ToProvider(at, provider string) string {
	b.World.Helper()
	return b.Send(at+"/connect", "provider", provider)
}

// ComeBack opens the callback and sends the form that goes on by itself.
func (b *Browser) ComeBack(callback string) *http.Response {
	b.World.Helper()
	back := b.Get(callback).Header.Get("Location")
	if !strings.Contains(back, "account=") {
		return b.Get(callback)
	}
	page := Text(b.Get(back))
	path, _, _ := strings.Cut(back, "?")
	_, rest, found := strings.Cut(page, `name="account" value="`)
	came, _, _ := strings.Cut(rest, `"`)
	if !found || !strings.Contains(page, "data-onward") {
		b.World.Fatalf("no form with the provider's answer: %s", page)
	}
	return b.Do(http.MethodPost, path+"/account", url.Values{"account": {html.UnescapeString(came)}})
}

// BindAccount connects an account to the person.
func (w *World) BindAccount() {
	w.Helper()
	b := w.Browser()
	at := w.BindPages(b, w.UUID, "Ada@example.nhs.uk", authn.NHSMail)
	if to := b.ComeBack(b.Connect(at, w.NHSNet, "nhsnet")).Header.Get("Location"); to != "/authenticator-added" {
		w.Fatalf("connecting an account ended at %q", to)
	}
}
