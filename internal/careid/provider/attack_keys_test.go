package provider_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/national/authn"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/worldtest"
)

// W17, W18: a key whose signatures cost too much to check is refused, and its invitation may still be used.
func TestHugeKeyIsNotBound(t *testing.T) {
	w := open(t)
	b := w.Browser()
	at := w.BindPages(b, w.UUID, "Ada@example.nhs.uk", authn.SecurityKey)
	huge := logintest.NewDevice()
	huge.Credential = virtualwebauthn.NewCredentialWithImportedKey(virtualwebauthn.KeyTypeRSA, hugeKey(t))
	res := b.Do("POST", at+"/key", logintest.Values("answer", b.Register(at, huge)))
	if page := logintest.Text(res); res.StatusCode != http.StatusUnprocessableEntity ||
		!strings.Contains(page, "Your authenticator was not accepted") {
		t.Fatalf("a key of 8,676 bits: %d %s", res.StatusCode, page)
	}
	usual := logintest.NewDevice()
	if to := b.Send(at+"/key", "answer", b.Register(at, usual)); to != "/authenticator-added" {
		t.Errorf("a usual key with the same invitation went to %s", to)
	}
	if w.Browser().SignIn(logintest.Request(), usual).Query().Get("code") == "" {
		t.Error("the usual key is refused")
	}
}

// hugeKey gives an RSA key of 8,676 bits in PKCS #8. Its primes are Mersenne's, so that nobody has to look for them.
func hugeKey(t *testing.T) []byte {
	t.Helper()
	one := big.NewInt(1)
	prime := func(bits uint) *big.Int { return new(big.Int).Sub(new(big.Int).Lsh(one, bits), one) }
	p := prime(4423)
	q := prime(4253)
	key := &rsa.PrivateKey{Primes: []*big.Int{p, q}}
	key.E = 65537
	key.N = new(big.Int).Mul(p, q)
	order := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	key.D = new(big.Int).ModInverse(big.NewInt(int64(key.E)), order)
	return worldtest.Must(x509.MarshalPKCS8PrivateKey(key))(t)
}

// smallKey gives an RSA key of 1,024 bits in PKCS #8.
func smallKey(t *testing.T) []byte {
	t.Helper()
	t.Setenv("GODEBUG", "rsa1024min=0")
	return worldtest.Must(x509.MarshalPKCS8PrivateKey(worldtest.Must(rsa.GenerateKey(rand.Reader, 1024))(t)))(t)
}

// answered is what came of an assertion.
type answered struct {
	words      string
	statements []string // that went to the database for it
}

// assert answers the challenge of a sign-in with a device, and leaves the sign-in there.
func (w *world) assert(t *testing.T, d logintest.Device) answered {
	t.Helper()
	b := w.Browser()
	at := b.Begin(logintest.Request())
	b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
	assertion := b.Touch(at, &d)
	jobtest.Settle(t, w.Jobs)
	var res *http.Response
	statements := dbtest.Statements(t, w.DB, func() {
		res = b.Do("POST", at+"/key", logintest.Values("answer", assertion))
	})
	if signedIn(res) {
		return answered{words: "signed in", statements: statements}
	}
	return answered{words: wordsOf(b.Get(at)), statements: statements}
}

// likeUnknown holds that whatever a device signs, rightly or not, is answered in the words about a key that nobody
// registered, with the same statements. A signature that is looked at would be counted if it is wrong. Statements of a
// job that runs meanwhile are not there at the next try.
func (w *world) likeUnknown(t *testing.T, name string, device logintest.Device) {
	t.Helper()
	nobodys := device
	nobodys.Credential.ID = []byte("nobody's")
	forged := device
	forged.Credential.Key = logintest.NewDevice().Credential.Key
	for signature, d := range map[string]logintest.Device{"honest": device, "forged": forged} {
		var unknown, got answered
		for range 3 {
			unknown, got = w.assert(t, nobodys), w.assert(t, d)
			if reflect.DeepEqual(got, unknown) {
				break
			}
		}
		if !strings.Contains(unknown.words, "We cannot use this authenticator") {
			t.Fatalf("an unknown one: %s", unknown.words)
		}
		if !reflect.DeepEqual(got, unknown) {
			t.Errorf("%s, %s signature: %s\nwith %q,\nan unknown one %s\nwith %q", name, signature, got.words,
				got.statements, unknown.words, unknown.statements)
		}
	}
}

// W16, W24: whoever names an authenticator that may not be used is told the same as about one that nobody registered,
// for the same work, before any signature is checked.
func TestUnusableKeysAreAnsweredLikeUnknownOnes(t *testing.T) {
	w, key := withKey(t)
	id := w.AuthenticatorID(t)
	if honest := w.assert(t, *key); honest.words != "signed in" {
		t.Fatalf("the honest key: %s", honest.words)
	}
	worldtest.Check(t, w.lock(t, id))
	w.likeUnknown(t, "locked", *key)
	w.Clock.Advance(5 * time.Minute)
	worldtest.Check(t, authenticator.Suspend(t.Context(), w.DB, logintest.Desk, id, "lost"))
	w.likeUnknown(t, "suspended", *key)
	w.ByDesk(func(dw *db.W) error { return authenticator.Remove(t.Context(), dw, id, "gone") })
	w.likeUnknown(t, "removed", *key)
}

// W17, W18: a key of a size that is not accepted, bound before sizes were looked at, is taken for an unknown one at
// each proof, though its signatures are right.
func TestHugeKeyThatWasBoundProvesNothing(t *testing.T) {
	w, key := withKey(t)
	for name, private := range map[string][]byte{"8,676 bits": hugeKey(t), "1,024 bits": smallKey(t)} {
		key.Credential.Key = virtualwebauthn.NewCredentialWithImportedKey(virtualwebauthn.KeyTypeRSA, private).Key
		w.replacePublicKey(t, key.Credential.Key.AttestationData())
		w.likeUnknown(t, name, *key)
	}
	key.Credential.Key = logintest.NewDevice().Credential.Key
	w.replacePublicKey(t, key.Credential.Key.AttestationData())
	if usual := w.assert(t, *key); usual.words != "signed in" {
		t.Errorf("a usual key in its place: %s", usual.words)
	}
}

// replacePublicKey puts a public key, in COSE form, into the only credential that there is.
func (w *world) replacePublicKey(t *testing.T, public []byte) {
	t.Helper()
	kept := worldtest.Must(db.Read(t.Context(), w.DB, func(r db.R) (string, error) {
		return db.Value[string](t.Context(), r, `SELECT record FROM webauthn_credential`)
	}))(t)
	var record map[string]any
	worldtest.Check(t, json.Unmarshal([]byte(kept), &record))
	record["publicKey"] = public
	changed := string(worldtest.Must(json.Marshal(record))(t))
	worldtest.Check(t, w.DB.Update(t.Context(), worldtest.By, func(u *db.W) error {
		err := u.Change(t.Context(), `UPDATE webauthn_credential SET record = $1 WHERE record = $2`, changed, kept)
		return errors.Join(err, u.Record(t.Context(), audit.Event{Kind: "test.replaced"}))
	}))
}
