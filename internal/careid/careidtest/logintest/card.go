package logintest

import (
	"crypto/tls"
	"crypto/x509"
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/careid/carddoor"
	"signpost/internal/careid/login"
	"signpost/internal/national/authn"
	"signpost/internal/platform/certificate"
	"signpost/internal/platform/certificate/certificatetest"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/web"
	"signpost/internal/platform/worldtest"
)

// doorAddress is where the world's smartcard door is.
const doorAddress = "https://smartcard.localhost:8443"

// LegacyAddress is in the network in which cards are used as the Identity Agent did.
const LegacyAddress = "172.20.0.7:1234"

var legacyZone = []netip.Prefix{netip.MustParsePrefix("172.20.0.0/16")}

// Cards is an authority that issues smartcards, and the door at which they are met.
type Cards struct {
	*certificatetest.Authority

	Site     *web.Site // of the door
	Verifier *certificate.Verifier
	Header   http.Header // what browsers send to the door beside the usual
}

// LegacySite makes the site as it is where smartcards are used in one network as the Identity Agent did.
func (w *World) LegacySite() *web.Site {
	w.Helper()
	needs := w.ground
	needs.LegacyCards = legacyZone
	o := w.Options
	o.Metrics = web.NewMetrics(prometheus.NewRegistry())
	o.Ways = worldtest.Must(login.NewWays(needs))(w)
	return login.New(o)
}

// Card is a smartcard; nil is none.
type Card = certificatetest.Issued

// Cards opens the world's smartcard door, which trusts an authority of its own.
func (w *World) Cards() *Cards {
	w.Helper()
	c := &Cards{Authority: certificatetest.New(w, "Cards", w.Clock)}
	// The authority that issues cards is trusted itself, so that nobody has to say whether it was revoked.
	online := &certificate.Online{Fetch: fetch.New(fetch.Options{AllowLoopback: true}), Clock: w.Clock}
	c.Verifier = &certificate.Verifier{
		Roots: []*x509.Certificate{c.Issuing.Certificate}, Status: online, Clock: w.Clock,
	}
	o := w.Options
	o.Metrics = web.NewMetrics(prometheus.NewRegistry())
	c.Site = login.NewDoor(o, &carddoor.Door{Tickets: w.door(), Verifier: c.Verifier, Clock: w.Clock})
	return c
}

func (w *World) door() *carddoor.Tickets {
	return &carddoor.Tickets{Box: w.Box, Door: doorAddress, Login: origin}
}

// ToDoor presses the button that leads to the door, and gives the address to which it leads.
func (b *Browser) ToDoor(at string) string {
	b.World.Helper()
	to := b.Send(at + "/reader")
	if !strings.HasPrefix(to, doorAddress+"/") {
		b.World.Fatalf("the reader's button leads to %q", to)
	}
	return to
}

// AtDoor shows a card at the door, or none, and gives the path on the sign-in service to which the door sends back.
func (b *Browser) AtDoor(c *Cards, to string, card *Card) string {
	b.World.Helper()
	res := b.Visit(c, to, card)
	back, ours := strings.CutPrefix(res.Header.Get("Location"), origin)
	if res.StatusCode != http.StatusSeeOther || !ours {
		b.World.Fatalf("the door: %d, to %q", res.StatusCode, res.Header.Get("Location"))
	}
	return back
}

// Visit opens an address of the door, with a card or none.
func (b *Browser) Visit(c *Cards, to string, card *Card) *http.Response {
	b.World.Helper()
	r := httptest.NewRequest(http.MethodGet, strings.TrimPrefix(to, doorAddress), nil)
	r.Host = strings.TrimPrefix(doorAddress, "https://")
	r.RemoteAddr = b.Address
	r.TLS = &tls.ConnectionState{}
	maps.Copy(r.Header, c.Header)
	if card != nil {
		r.TLS.PeerCertificates = []*x509.Certificate{card.Certificate}
	}
	rec := httptest.NewRecorder()
	c.Site.ServeHTTP(rec, r)
	return rec.Result()
}

// Bring opens the page to which the door sends back, which sends its form by itself.
func (b *Browser) Bring(back string) *http.Response {
	b.World.Helper()
	page := Text(b.Get(back))
	path, _, _ := strings.Cut(back, "?")
	_, rest, found := strings.Cut(page, `name="card" value="`)
	sealed, _, _ := strings.Cut(rest, `"`)
	if !found || !strings.Contains(page, "data-onward") {
		b.World.Fatalf("no form with the door's answer: %s", page)
	}
	return b.Do(http.MethodPost, path+"/card", url.Values{"card": {html.UnescapeString(sealed)}})
}

// UseCard proves or binds a card on the pages of a sign-in or a binding.
func (b *Browser) UseCard(c *Cards, at string, card *Card) *http.Response {
	b.World.Helper()
	return b.Bring(b.AtDoor(c, b.ToDoor(at), card))
}

// BindCard binds a card to the person.
func (w *World) BindCard(c *Cards, card Card) {
	w.Helper()
	b := w.Browser()
	at := w.BindPages(b, w.UUID, "Ada@example.nhs.uk", authn.SmartcardInternet)
	if to := b.UseCard(c, at, &card).Header.Get("Location"); to != "/authenticator-added" {
		w.Fatalf("binding a card ended at %q", to)
	}
}

// ChooseCard begins a sign-in with a smartcard of a kind and gives the path of its pages.
func (b *Browser) ChooseCard(kind authn.Kind, q url.Values) string {
	b.World.Helper()
	at := b.Begin(q)
	b.Send(at+"/authenticator", "authenticator", string(kind))
	return at
}
