package login_test

import (
	"crypto/x509"
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider"
	"signpost/internal/national/authn"
	"signpost/internal/platform/certificate/certificatetest"
	"signpost/internal/platform/db"
)

// withCard makes a world whose person has a smartcard.
func withCard(t *testing.T) (*world, *logintest.Cards, *logintest.Card) {
	t.Helper()
	w := open(t)
	cards := w.Cards()
	card := cards.Person("Ada Example", nil)
	w.BindCard(cards, card)
	return w, cards, &card
}

// signsIn reports what a sign-in with a card ends with: the code, or what is wrong.
func signsIn(
	t *testing.T, b *logintest.Browser, cards *logintest.Cards, card *logintest.Card,
) (code bool, problem string) {
	t.Helper()
	at := b.ChooseCard(authn.SmartcardInternet, logintest.Request("prompt", "login"))
	res := b.UseCard(cards, at, card)
	to := res.Header.Get("Location")
	if strings.HasPrefix(to, logintest.Callback) {
		logintest.CodeOf(t, to)
		return true, ""
	}
	if strings.HasPrefix(to, provider.FlowPath) {
		return false, logintest.Heading(b.Get(to))
	}
	return false, said(b, res)
}

// Everything for which a card is refused has words of its own, and the honest card is taken before and after.
func TestSmartcardsThatAreRefused(t *testing.T) {
	w, cards, card := withCard(t)
	other := certificatetest.New(t, "Cards", w.Clock)
	expired := cards.Person("Ada Example", func(c *x509.Certificate) { c.NotAfter = w.Clock.Now().Add(-time.Hour) })
	early := cards.Person("Ada Example", func(c *x509.Certificate) { c.NotBefore = w.Clock.Now().Add(2 * time.Hour) })
	mail := cards.Person("Ada Example", func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}
	})
	silent := cards.Person("Ada Example", func(c *x509.Certificate) { c.CRLDistributionPoints = nil })
	namesake := cards.Person("Ada Example", func(c *x509.Certificate) { c.SerialNumber = card.SerialNumber })
	elsewhere := other.Person("Ada Example", nil)
	revoked := cards.Person("Ada Example", nil)
	cards.Revoke(revoked)
	w.Clock.Advance(time.Hour) // for a newer list
	if in, problem := signsIn(t, w.Browser(), cards, card); !in {
		t.Fatalf("the honest card: %s", problem)
	}
	cases := map[string]struct {
		card *logintest.Card
		want string
	}{
		"none":                  {nil, "Your browser did not show us a smartcard."},
		"expired":               {&expired, "Your smartcard has expired."},
		"not valid yet":         {&early, "Your smartcard is not valid yet."},
		"of another authority":  {&elsewhere, "was not issued by an authority that is accepted here"},
		"for another purpose":   {&mail, "is not for logging in with"},
		"revoked":               {&revoked, "Your smartcard was cancelled."},
		"of which nobody tells": {&silent, "We cannot find out now whether your smartcard is still valid."},
		"of the same name":      {&namesake, "This smartcard is not registered to a Care Identity here."},
	}
	for name, tt := range cases {
		in, problem := signsIn(t, w.Browser(), cards, tt.card)
		if in || !strings.Contains(problem, tt.want) {
			t.Errorf("%s: let in %v, told %q", name, in, problem)
		}
	}
	if in, problem := signsIn(t, w.Browser(), cards, card); !in {
		t.Fatalf("the honest card afterwards: %s", problem)
	}
	t.Logf("tried %d, accepted 0", len(cases))
}

// A card is its person's alone, and only as long as it and they may be used.
func TestSmartcardsThatMayNotBeUsed(t *testing.T) {
	w, cards, card := withCard(t)
	suspend := func(on bool) {
		change := authenticator.Restore
		if on {
			change = authenticator.Suspend
		}
		w.Must(change(t.Context(), w.DB, logintest.Desk, w.AuthenticatorID(t), "lost"))
	}
	suspend(true)
	if in, problem := signsIn(t, w.Browser(), cards, card); in || !strings.Contains(problem, "cannot be used") {
		t.Errorf("suspended: let in %v, told %q", in, problem)
	}
	suspend(false)
	if in, problem := signsIn(t, w.Browser(), cards, card); !in {
		t.Errorf("restored: %q", problem)
	}
	b := w.Browser()
	first := w.UUID
	w.Another(t)
	at := w.BindPages(b, w.UUID, adasAddress, authn.SmartcardInternet)
	if got := said(b, b.UseCard(cards, at, card)); !strings.Contains(got, "registered to a Care Identity already") {
		t.Errorf("bound again: %q", got)
	}
	w.UUID = first
	w.Must(identity.Move(t.Context(), w.DB, logintest.Desk, w.UUID, identity.Close, "left"))
	if in, problem := signsIn(t, w.Browser(), cards, card); in || !strings.Contains(problem, "not active") {
		t.Errorf("of a closed identity: let in %v, told %q", in, problem)
	}
}

// A card that was removed from one person may be given to another.
func TestARemovedSmartcardIsFree(t *testing.T) {
	w, cards, card := withCard(t)
	w.ByDesk(func(dw *db.W) error {
		return authenticator.Remove(t.Context(), dw, w.AuthenticatorID(t), "handed back")
	})
	if in, problem := signsIn(t, w.Browser(), cards, card); in || problem == "" {
		t.Errorf("removed: let in %v, told %q", in, problem)
	}
	w.BindCard(cards, *card)
	if in, problem := signsIn(t, w.Browser(), cards, card); !in {
		t.Errorf("bound once more: %q", problem)
	}
}

// An answer of the door is worth something once, to the ceremony that asked, on the browser that began it.
func TestAnswersOfTheDoorAreForOneCeremony(t *testing.T) {
	w, cards, card := withCard(t)
	mine := func() (*logintest.Browser, string) {
		b := w.Browser()
		return b, b.ChooseCard(authn.SmartcardInternet, logintest.Request("prompt", "login"))
	}
	late := "came too late, or it belongs to another login"
	tried := 0
	refuse := func(name, got, want string) {
		t.Helper()
		tried++
		if !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	t.Run("of another's ceremony", func(t *testing.T) { // whoever has a card ends nobody else's sign-in with it
		b, at := mine()
		other, otherAt := mine()
		back := other.AtDoor(cards, other.ToDoor(otherAt), card)
		_, query, _ := strings.Cut(back, "?")
		b.ToDoor(at)
		refuse("on my page", said(b, b.Bring(at+"?"+query)), late)
	})
	t.Run("on another browser", func(t *testing.T) { // whoever is lured to the door with my ticket gives me nothing
		b, at := mine()
		back := w.Browser().AtDoor(cards, b.ToDoor(at), card)
		refuse("the lured", logintest.Heading(w.Browser().Get(back)), "This login was started in another browser")
	})
	t.Run("of the ceremony before", func(t *testing.T) {
		b, at := mine()
		back := b.AtDoor(cards, b.ToDoor(at), card)
		b.ToDoor(at)
		refuse("begun anew", said(b, b.Bring(back)), late)
	})
	t.Run("late", func(t *testing.T) {
		b, at := mine()
		back := b.AtDoor(cards, b.ToDoor(at), card)
		w.Clock.Advance(2 * time.Minute)
		refuse("after two minutes", said(b, b.Bring(back)), late)
	})
	t.Run("made up", func(t *testing.T) {
		b, at := mine()
		ticket := b.ToDoor(at)
		_, sealed, _ := strings.Cut(ticket, "ticket=")
		refuse("the ticket as the answer", said(b, b.Bring(at+"?card="+sealed)), late)
		b.ToDoor(at)
		refuse("nothing that is sealed", said(b, b.Bring(at+"?card=AAAA")), late)
	})
	t.Run("twice", func(t *testing.T) {
		b, at := mine()
		back := b.AtDoor(cards, b.ToDoor(at), card)
		to := b.Bring(back).Header.Get("Location")
		logintest.CodeOf(t, to)
		refuse("once more", logintest.Heading(b.Get(back)), "This login has already gone on")
	})
	t.Logf("tried %d, accepted 0", tried)
}

// The door answers no ticket that it did not get from the sign-in service, and none that is old.
func TestTicketsToTheDoor(t *testing.T) {
	w := open(t)
	cards := w.Cards()
	b := w.Browser()
	at := b.ChooseCard(authn.SmartcardInternet, logintest.Request())
	honest := b.ToDoor(at)
	b.AtDoor(cards, honest, nil)
	for name, path := range map[string]string{
		"none": "/card", "made up": "/card?ticket=AAAA", "spoiled": strings.TrimSuffix(honest, honest[len(honest)-4:]) + "AAAA",
	} {
		res := b.Visit(cards, path, nil)
		if res.StatusCode != http.StatusGone || res.Header.Get("Location") != "" {
			t.Errorf("%s: %d, to %q", name, res.StatusCode, res.Header.Get("Location"))
		}
	}
	w.Clock.Advance(16 * time.Minute)
	if res := b.Visit(cards, honest, nil); res.StatusCode != http.StatusGone {
		t.Errorf("old: %d", res.StatusCode)
	}
	if res := b.Visit(cards, "/", nil); res.StatusCode != http.StatusSeeOther {
		t.Errorf("without a ticket: %d", res.StatusCode)
	}
}

// One card has the value of amr under which it was used, and that of the Identity Agent in its network alone.
func TestSmartcardsInTheLegacyNetwork(t *testing.T) {
	w, cards, card := withCard(t)
	outside := w.Browser()
	res := outside.Do("POST", outside.Begin(logintest.Request())+"/authenticator",
		logintest.Values("authenticator", string(authn.SmartcardHSCN)))
	if res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("no network was declared: %d", res.StatusCode)
	}
	w.Site = w.LegacySite()
	for _, tt := range []struct {
		name, address string
		kind          authn.Kind
		amr           string
	}{
		{"in the network, the old way", logintest.LegacyAddress, authn.SmartcardHSCN, authn.AMRSmartcardHSCN},
		{"in the network, the new way", logintest.LegacyAddress, authn.SmartcardInternet, authn.AMRSmartcardInternet},
		{"on the internet", "", authn.SmartcardInternet, authn.AMRSmartcardInternet},
	} {
		b := w.Browser()
		if tt.address != "" {
			b.Address = tt.address
		}
		at := b.ChooseCard(tt.kind, logintest.Request("prompt", "login"))
		to := b.UseCard(cards, at, card).Header.Get("Location")
		claims := w.IDClaims(w.Redeem(logintest.CodeOf(t, to)).IDToken)
		if amr := logintest.List(claims["amr"]); len(amr) != 1 || amr[0] != tt.amr {
			t.Errorf("%s: amr %v", tt.name, amr)
		}
		if claims["authentication_assurance_level"] != "3" {
			t.Errorf("%s: level %v", tt.name, claims["authentication_assurance_level"])
		}
	}
	b := w.Browser()
	b.Address = logintest.LegacyAddress
	at := b.ChooseCard(authn.SmartcardHSCN, logintest.Request("prompt", "login"))
	back := b.AtDoor(cards, b.ToDoor(at), card)
	b.Address = outside.Address // carried out of the network
	if page := logintest.Text(b.Get(back)); strings.Contains(page, "data-onward") {
		t.Errorf("outside of the network it goes on: %s", page)
	}
	only := w.Browser()
	page := logintest.Heading(only.Get(only.Begin(logintest.Request("acr_values", "AAL3_N3_SMARTCARD"))))
	if !strings.Contains(page, "You cannot log in to this service here") {
		t.Errorf("nothing else is asked for: %s", page)
	}
}

// A page of ours sees what a browser shows at the door; nobody else's does, and nobody is named.
func TestTheDoorIsChecked(t *testing.T) {
	w, cards, card := withCard(t)
	b := w.Browser()
	for want, shown := range map[string]*logintest.Card{
		`{"shown":true}`: card, `{"shown":false,"problem":"missing"}`: nil,
	} {
		res := b.Visit(cards, "/check", shown)
		if got := logintest.Text(res); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if allowed := res.Header.Get("Access-Control-Allow-Origin"); allowed != "http://cis2.localhost:8080" {
			t.Errorf("%q may read it", allowed)
		}
	}
}
