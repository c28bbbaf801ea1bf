package issuing_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/authenticator/smartcard/issuing"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/identity"
	"signpost/internal/national/authn"
	"signpost/internal/platform/certificate"
	"signpost/internal/platform/certificate/certificatetest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/worldtest"
)

// world is a desk that issues cards, and the sign-in service whose door takes them.
type world struct {
	*logintest.World

	cards *logintest.Cards
	desk  *issuing.Desk
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{World: logintest.Open(t)}
	w.cards = w.Cards()
	w.desk = &issuing.Desk{DB: w.DB, Box: w.Box}
	list := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		_, _ = out.Write(worldtest.Must(w.desk.List(r.Context()))(t))
	}))
	t.Cleanup(list.Close)
	w.desk.Authority = &issuing.Authority{
		Certificate: w.cards.Issuing.Certificate, Signer: w.cards.Issuing.Key, List: list.URL,
	}
	return w
}

// code has the registration authority allow an act.
func (w *world) code(t *testing.T, act issuing.Act) string {
	t.Helper()
	code, err := w.allow(t, act)
	worldtest.Check(t, err)
	return code
}

func (w *world) allow(t *testing.T, act issuing.Act) (code string, err error) {
	t.Helper()
	return db.Write(t.Context(), w.DB, logintest.Desk, func(dw *db.W) (string, error) {
		code, _, err := issuing.Allow(t.Context(), dw, w.UUID, act)
		return code, err
	})
}

// key is the key of a card.
type key struct{ *ecdsa.PrivateKey }

func newKey(t *testing.T) key {
	t.Helper()
	return key{worldtest.Must(ecdsa.GenerateKey(elliptic.P256(), nil))(t)}
}

// asks gives the card's request for a certificate, which asks for more than it gets.
func (k key) asks(t *testing.T) []byte {
	t.Helper()
	template := &x509.CertificateRequest{DNSNames: []string{"cis2.example.nhs.uk"}}
	return worldtest.Must(x509.CreateCertificateRequest(nil, template, k.PrivateKey))(t)
}

func (k key) signs(t *testing.T, content []byte) []byte {
	t.Helper()
	sum := sha256.Sum256(content)
	return worldtest.Must(k.Sign(nil, sum[:], crypto.SHA256))(t)
}

func (k key) card(t *testing.T, made issuing.Made) *logintest.Card {
	t.Helper()
	return &logintest.Card{Certificate: worldtest.Must(x509.ParseCertificate(made.Certificate))(t), Key: k.PrivateKey}
}

// issues issues a card to the person.
func (w *world) issues(t *testing.T, k key) *logintest.Card {
	t.Helper()
	made, err := w.desk.Issue(t.Context(), logintest.Desk, w.code(t, issuing.Issue), k.asks(t), "31415926")
	worldtest.Check(t, err)
	return k.card(t, made)
}

// logsIn reports whether a card logs the person in.
func (w *world) logsIn(t *testing.T, card *logintest.Card) bool {
	t.Helper()
	b := w.Browser()
	at := b.ChooseCard(authn.SmartcardInternet, logintest.Request("prompt", "login"))
	return strings.HasPrefix(b.UseCard(w.cards, at, card).Header.Get("Location"), logintest.Callback)
}

// A card is issued by a code, logs its person in, is renewed, and is worth nothing once it was cancelled.
func TestALifeOfACard(t *testing.T) {
	w := open(t)
	first := newKey(t)
	card := w.issues(t, first)
	if len(card.DNSNames) != 0 || card.IsCA || card.Subject.CommonName != w.UUID {
		t.Errorf("the authority wrote what the card asked for: %v %v", card.DNSNames, card.Subject)
	}
	if !w.logsIn(t, card) {
		t.Fatal("the card logs nobody in")
	}
	if _, err := w.allow(t, issuing.Issue); !errors.Is(err, fault.Conflict) {
		t.Errorf("a second card: %v", err)
	}
	second := newKey(t)
	request := second.asks(t)
	renew := func(old *logintest.Card, signature []byte) error {
		_, err := w.desk.RenewByCard(t.Context(), logintest.Desk, request, old.Raw, signature)
		return err
	}
	if err := renew(card, first.signs(t, request)); !errors.Is(err, fault.Conflict) {
		t.Errorf("long before its end: %v", err)
	}
	w.Clock.Advance(card.NotAfter.Sub(w.Clock.Now()) - 89*24*time.Hour)
	if err := renew(card, second.signs(t, request)); !errors.Is(err, fault.Forbidden) {
		t.Errorf("signed with another key: %v", err)
	}
	stranger := w.cards.Person("Ada Example", nil)
	if err := renew(&stranger, key{stranger.Key}.signs(t, request)); !errors.Is(err, fault.Forbidden) {
		t.Errorf("by a card that was not issued here: %v", err)
	}
	made, err := w.desk.RenewByCard(t.Context(), logintest.Desk, request, card.Raw, first.signs(t, request))
	worldtest.Check(t, err)
	renewed := second.card(t, made)
	if !w.logsIn(t, renewed) || w.logsIn(t, card) {
		t.Error("not the renewed certificate logs in, or the one before does")
	}
	if err := renew(card, first.signs(t, request)); !errors.Is(err, fault.Forbidden) {
		t.Errorf("by what was replaced: %v", err)
	}
	third := newKey(t)
	made, err = w.desk.Renew(t.Context(), logintest.Desk, w.code(t, issuing.Renew), third.asks(t))
	worldtest.Check(t, err)
	if repaired := third.card(t, made); !w.logsIn(t, repaired) || w.logsIn(t, renewed) {
		t.Error("not the repaired card logs in, or the certificate before does")
	}
	jobtest.Settle(t, w.Jobs)
	told := 0
	for _, m := range w.Mails.To("Ada@example.nhs.uk") {
		if m.Subject == "Your smartcard was renewed" {
			told++
		}
	}
	if told != 2 {
		t.Errorf("told %d times that the card was renewed", told)
	}
	w.ByDesk(func(dw *db.W) error { return authenticator.Remove(t.Context(), dw, w.AuthenticatorID(t), "lost") })
	if w.logsIn(t, third.card(t, made)) {
		t.Error("a cancelled card logs in")
	}
	w.Clock.Advance(time.Minute) // for another list
	list := worldtest.Must(certificate.ParseList(worldtest.Must(w.desk.List(t.Context()))(t)))(t)
	worldtest.Check(t, list.CheckSignatureFrom(w.cards.Issuing.Certificate))
	if n := len(list.RevokedCertificateEntries); n != 3 {
		t.Errorf("%d certificates are on the list, want 3", n)
	}
	if !w.logsIn(t, w.issues(t, newKey(t))) {
		t.Error("the next card logs nobody in")
	}
}

func TestUnlock(t *testing.T) {
	w := open(t)
	w.issues(t, newKey(t))
	code := w.code(t, issuing.Unlock)
	w.Clock.Advance(15 * time.Minute)
	if _, err := w.desk.Unlock(t.Context(), logintest.Desk, code); !errors.Is(err, fault.Forbidden) {
		t.Errorf("after 15 minutes: %v", err)
	}
	code = w.code(t, issuing.Unlock)
	w.Clock.Advance(15*time.Minute - time.Second)
	if got, err := w.desk.Unlock(t.Context(), logintest.Desk, strings.ToLower(code)); err != nil || got != "31415926" {
		t.Errorf("within 15 minutes: %q, %v", got, err)
	}
	jobtest.Settle(t, w.Jobs)
	var told []string
	for _, m := range w.Mails.To("Ada@example.nhs.uk") {
		told = append(told, m.Subject)
	}
	slices.Sort(told)
	if want := []string{"An authenticator was added to your Care Identity", "Your smartcard was unlocked"}; !slices.Equal(told, want) {
		t.Errorf("mailed are %q, want %q", told, want)
	}
}

// Each code allows one act, once, for somebody who may have a card.
func TestCodesThatAllowNothing(t *testing.T) {
	w := open(t)
	k := newKey(t)
	request := k.asks(t)
	issue := func(code string) error {
		_, err := w.desk.Issue(t.Context(), logintest.Desk, code, request, "31415926")
		return err
	}
	tried := 0
	refused := func(name string, err error, want fault.Code) {
		t.Helper()
		tried++
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	refused("made up", issue("AAAA AAAA"), fault.Forbidden)
	refused("none", issue(""), fault.Forbidden)
	old := w.code(t, issuing.Issue)
	code := w.code(t, issuing.Issue)
	refused("an older one", issue(old), fault.Forbidden)
	_, err := w.desk.Renew(t.Context(), logintest.Desk, code, request)
	refused("for another act", err, fault.Forbidden)
	_, err = w.desk.Unlock(t.Context(), logintest.Desk, code)
	refused("for another act", err, fault.Forbidden)
	spoiled := append([]byte{}, request...)
	spoiled[len(spoiled)-1] ^= 1
	_, err = w.desk.Issue(t.Context(), logintest.Desk, code, spoiled, "31415926")
	refused("without the key", err, fault.Invalid)
	short := key{worldtest.Must(ecdsa.GenerateKey(elliptic.P224(), nil))(t)}
	_, err = w.desk.Issue(t.Context(), logintest.Desk, code, short.asks(t), "31415926")
	refused("for a short key", err, fault.Invalid)
	w.Must(identity.Move(t.Context(), w.DB, logintest.Desk, w.UUID, identity.Suspend, "away"))
	refused("for a suspended person", issue(code), fault.Conflict)
	w.Must(identity.Move(t.Context(), w.DB, logintest.Desk, w.UUID, identity.Resume, "back"))
	w.Must(issue(code))
	refused("used", issue(code), fault.Forbidden)
	worldtest.Check(t, w.DB.Update(t.Context(), logintest.Desk, func(dw *db.W) error {
		return authenticator.SuspendPart(t.Context(), dw, w.AuthenticatorID(t), "lost")
	}))
	_, err = w.desk.Renew(t.Context(), logintest.Desk, w.code(t, issuing.Renew), newKey(t).asks(t))
	refused("for a suspended card", err, fault.Conflict)
	if n := w.Count(`SELECT COUNT(*) FROM smartcard_certificate`); n != 1 {
		t.Errorf("%d certificates, want 1", n)
	}
	t.Logf("tried %d, accepted 0", tried)
}

// Strangers who send codes without end fill no record.
func TestWrongCodesLeaveFewEvents(t *testing.T) {
	w := open(t)
	const events = `SELECT COUNT(*) FROM event WHERE kind = 'smartcard.refused'`
	for range 105 {
		if _, err := w.desk.Unlock(t.Context(), logintest.Desk, "AAAA AAAA"); !errors.Is(err, fault.Forbidden) {
			t.Fatalf("a wrong code: %v", err)
		}
	}
	if n := w.Count(events); n < 1 || n > 101 {
		t.Errorf("105 wrong codes left %d events", n)
	}
}

// Whoever has no code has nothing checked by a key with which that takes long.
func TestLargeKeysAreNotChecked(t *testing.T) {
	w := open(t)
	const fits = "2048 to 8192 bits"
	_, err := w.desk.Issue(t.Context(), logintest.Desk, "AAAA AAAA", certificatetest.LargeRequest(t), "31415926")
	if !errors.Is(err, fault.Invalid) || !strings.Contains(err.Error(), fits) {
		t.Errorf("a request for a large key: %v", err)
	}
}
