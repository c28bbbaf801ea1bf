package console_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/organisation"
	"signpost/internal/national/authn"
	"signpost/internal/national/cards"
	"signpost/internal/platform/certificate"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// reader asks what a code allows, as the program at a reader does.
func (w *world) reader(path string, asked cards.Request) (status int, got cards.Response) {
	w.Helper()
	body := worldtest.Must(json.Marshal(asked))(w)
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, r)
	worldtest.Check(w, json.Unmarshal(rec.Body.Bytes(), &got))
	return rec.Code, got
}

var shownCode = regexp.MustCompile(`<p class="signpost-code">([^<]+)</p>`)

// allows has somebody of the registration authority make a code for a person.
func (b *browser) allows(t *testing.T, at, act string) string {
	t.Helper()
	if p := b.post(at, "act", act); p.status != http.StatusSeeOther {
		t.Fatalf("%s: %d %s", act, p.status, p.text)
	}
	found := shownCode.FindStringSubmatch(b.get(at).markup)
	if found == nil {
		t.Fatalf("%s: no code", act)
	}
	if shownCode.MatchString(b.get(at).markup) {
		t.Errorf("%s: the code is shown twice", act)
	}
	return found[1]
}

// A card is issued, unlocked and cancelled: what the desk allows, the reader does.
func TestSmartcardsAreLookedAfterByPages(t *testing.T) {
	w := open(t)
	w.assign(manager)
	b := w.signedIn()
	bea := b.post("/people/new", typedPerson()...).location
	b.get(bea+"/authenticators").has(t, "Smartcard: issue, renew, unlock or cancel it")
	at := bea + "/smartcard"
	b.get(at).has(t, "Bea Okafor has no smartcard that was issued here.", "Issue a smartcard")
	key := worldtest.Must(ecdsa.GenerateKey(elliptic.P256(), nil))(t)
	request := worldtest.Must(x509.CreateCertificateRequest(nil, &x509.CertificateRequest{}, key))(t)
	asked := cards.Request{Code: "AAAA AAAA", Request: request, UnlockKey: "27182818"}
	status, got := w.reader(cards.IssuePath, asked)
	if status != http.StatusForbidden || got.Problem == "" || got.Cure == "" {
		t.Errorf("a code that nobody made: %d %+v", status, got)
	}
	asked.Code = b.allows(t, at, "issue")
	status, got = w.reader(cards.IssuePath, asked)
	if status != http.StatusOK || len(got.Certificate) == 0 {
		t.Fatalf("issue: %d %+v", status, got)
	}
	b.get(at).has(t, "Bea Okafor has a smartcard. Its certificate ends on 23 November 2028.", "Unlock it")
	if p := b.post(at, "act", "issue"); p.status != http.StatusUnprocessableEntity {
		t.Errorf("a second card: %d %s", p.status, p.text)
	}
	unlock := cards.Request{Code: b.allows(t, at, "unlock")}
	if _, got := w.reader(cards.UnlockPath, unlock); got.UnlockKey != "27182818" {
		t.Errorf("unlock: %+v", got)
	}
	if status, got := w.reader(cards.UnlockPath, unlock); status != http.StatusForbidden || got.UnlockKey != "" {
		t.Errorf("unlock twice: %d %+v", status, got)
	}
	if n := w.revoked(t); n != 0 {
		t.Errorf("%d cards are revoked before", n)
	}
	if p := b.post(at+"/cancel", "why", "lost on the way home"); p.location != at {
		t.Fatalf("cancel: %d %s", p.status, p.text)
	}
	b.get(at).has(t, "Smartcard cancelled.", "has no smartcard that was issued here")
	w.Clock.Advance(30 * time.Second)
	if n := w.revoked(t); n != 1 {
		t.Errorf("%d cards are revoked, want 1", n)
	}
}

// revoked counts the certificates on the list.
func (w *world) revoked(t *testing.T) int {
	t.Helper()
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, cards.ListPath, nil))
	list := worldtest.Must(certificate.ParseList(rec.Body.Bytes()))(t)
	if !strings.HasPrefix(rec.Header().Get("Content-Type"), "application/pkix-crl") {
		t.Errorf("the list is %s", rec.Header().Get("Content-Type"))
	}
	return len(list.RevokedCertificateEntries)
}

// Nobody makes a code for their own card, nor for the people of others.
func TestCodesForSmartcardsOfOthersAlone(t *testing.T) {
	w := open(t)
	w.assign(manager)
	b := w.signedIn()
	own := "/people/person/" + w.ada + "/smartcard"
	b.get(own).has(t, "This is your own Care Identity.")
	elsewhere := w.Person(personAt("Cat", "Z90002")).ID
	if p := b.get("/people/person/" + elsewhere + "/smartcard"); p.status != http.StatusForbidden {
		t.Errorf("the page of somebody elsewhere: %d", p.status)
	}
	for _, at := range []string{own, "/people/person/" + elsewhere + "/smartcard"} {
		b.post(at, "act", "issue")
		b.post(at+"/cancel", "why", "asked")
	}
	if n := w.Count(`SELECT COUNT(*) FROM smartcard_code`); n != 0 {
		t.Errorf("%d codes were made", n)
	}
}

// Where an organisation has not approved smartcards, none is issued to its people.
func TestNoSmartcardThatIsNotApproved(t *testing.T) {
	w := open(t)
	w.assign(manager)
	b := w.signedIn()
	at := b.post("/people/new", typedPerson()...).location + "/smartcard"
	w.Update(func(ctx context.Context, u *db.W) error {
		only := organisation.Policy{Kinds: []authn.Kind{authn.SecurityKey}}
		return organisation.Decide(ctx, u, "Z90001", 0, only, "no readers")
	})
	p := b.post(at, "act", "issue")
	if p.status != http.StatusUnprocessableEntity || w.Count(`SELECT COUNT(*) FROM smartcard_code`) != 0 {
		t.Errorf("%d %s", p.status, p.text)
	}
	p.has(t, "Their organisation has not approved smartcards.")
}
