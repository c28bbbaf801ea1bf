package webauthn_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	_ "unsafe" // for the two roots below

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/authenticator/webauthn"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/careidtest/credentialtest"
	"signpost/internal/careid/careidtest/makertest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/metadata"
	"signpost/internal/careid/population"
	"signpost/internal/national/authn"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/random"
	"signpost/internal/platform/worldtest"
)

const (
	rpid   = "cis2.localhost"
	origin = "http://cis2.localhost:8080"
)

// The roots to which the library has the attestations of Apple and Android lead. It lets nobody name others, and nobody
// but they can make an honest attestation without.
//
//go:linkname appleRoots github.com/go-webauthn/webauthn/protocol.attAppleHardwareRootsCertPool
var appleRoots *x509.CertPool

//go:linkname androidRoots github.com/go-webauthn/webauthn/protocol.attAndroidKeyHardwareRootsCertPool
var androidRoots *x509.CertPool

// maker is who makes authenticators of one format: its root, and what it attests with.
type maker struct {
	root, between, by *credentialtest.Certificate
	aaguid            [16]byte
}

// stage is where all ceremonies are tried: a login service that knows every maker, and one person.
type stage struct {
	*careidtest.World

	party  *webauthn.Party
	owner  identity.Identity
	keys   maker // of security keys
	hello  maker // of computers with a chip
	fleet  maker // an organisation that manages iPads
	apple  maker
	google maker
	u2f    maker
	record []tried
}

// tried is one ceremony that was tried, as it is written for another verifier.
type tried struct {
	Name      string `json:"name"`
	Kind      string `json:"kind"` // bind or login
	Accepted  bool   `json:"accepted"`
	Answer    string `json:"answer"`
	Challenge string `json:"challenge"`
	ID        string `json:"id,omitempty"` // of the credential of a login
	PublicKey string `json:"publicKey,omitempty"`
	Counter   uint32 `json:"counter"`
}

func newMaker(name string, aaguid [16]byte) maker {
	m := maker{root: credentialtest.NewRoot(name + " root"), aaguid: aaguid}
	m.between = m.root.Below(name)
	return m
}

// openStage opens a stage.
func openStage(t testing.TB) *stage {
	t.Helper()
	s := &stage{World: careidtest.Open(t, careidtest.Nine)}
	s.DeliverByHand()
	s.keys = newMaker("Keys", [16]byte(random.Bytes(16)))
	s.keys.by = s.keys.between.Batch(s.keys.aaguid)
	s.hello = newMaker("Chips", helloModel)
	s.hello.by = s.hello.between.Identity(credentialtest.NewKey(credentialtest.RS256))
	s.fleet = newMaker("Fleet", [16]byte(random.Bytes(16)))
	s.fleet.by = s.fleet.between.Batch(s.fleet.aaguid)
	s.apple = newMaker("Apples", [16]byte(random.Bytes(16)))
	s.google = newMaker("Robots", [16]byte(random.Bytes(16)))
	s.u2f = newMaker("Old keys", [16]byte{})
	s.u2f.by = s.u2f.root.Batch(s.u2f.aaguid)
	appleRoots.AddCert(s.apple.root.Certificate)
	androidRoots.AddCert(s.google.root.Certificate)
	managed := x509.NewCertPool()
	managed.AddCert(s.fleet.root.Certificate)
	s.party = worldtest.Must(webauthn.New(origin, "Care Identity", managed))(t)
	s.publish(1)
	s.owner = s.Identity(s.Make(population.Description{
		Organisations: []population.Organisation{{Code: "FXX01", Name: "EXAMPLE PHARMACY"}},
		People: []population.Person{{GivenName: "Ada", FamilyName: "Example", Email: "ada@example.nhs.uk",
			EmailVerified: true, Organisation: "FXX01"}},
	})[0].UUID)
	return s
}

// helloModel is the number by which Windows Hello calls itself on computers with a chip.
var helloModel = [16]byte{
	0x08, 0x98, 0x70, 0x58, 0xca, 0xdc, 0x4b, 0x81, 0xb6, 0xe1, 0x30, 0xde, 0x50, 0xdc, 0xbe, 0x96,
}

// publish has the login service read an issue of the metadata, in which the models that can be AAL3 are certified since
// a day of January that has its number. More may be said of them.
func (s *stage) publish(number int, more ...makertest.Status) {
	s.Helper()
	root := worldtest.Must(makertest.New("Publisher", nil, nil))(s)
	by := worldtest.Must(makertest.New("Publisher's signer", root, nil))(s)
	since := fmt.Sprintf("2024-01-%02d", number)
	keys := makertest.Status{Status: "FIDO_CERTIFIED_L2", EffectiveDate: since}
	hello := makertest.Status{Status: "FIDO_CERTIFIED_L1", EffectiveDate: since}
	text := worldtest.Must(makertest.Blob(by, root, number, "2027-01-01",
		s.keys.entry("basic_full", append(more, keys)...), s.hello.entry("attca", append(more, hello)...)))(s)
	issue := worldtest.Must(metadata.Read([]byte(text), []*x509.Certificate{root.Certificate}, s.Clock.Now()))(s)
	s.Must(s.DB.Update(s.Context(), worldtest.By, func(w *db.W) error {
		_, err := metadata.Save(s.Context(), w, issue)
		return err
	}))
}

// entry is what the metadata says of the maker's model.
func (m maker) entry(attestation string, statuses ...makertest.Status) map[string]any {
	model := makertest.Model{
		AAGUID: m.aaguid, Name: m.between.Subject.CommonName,
		Root: &makertest.Certificate{Certificate: m.root.Certificate},
	}
	entry := model.Entry(statuses...)
	if statement, is := entry["metadataStatement"].(map[string]any); is {
		statement["attestationTypes"] = []string{attestation}
		statement["authenticationAlgorithms"] = []string{"secp256r1_ecdsa_sha256_raw", "rsassa_pkcsv15_sha256_raw"}
	}
	return entry
}

// begun is a ceremony that waits for its answer.
type begun struct {
	state     json.RawMessage
	challenge string
}

func (s *stage) attempt(kind authn.Kind, at begun, answer string) authenticator.Attempt {
	return authenticator.Attempt{
		DB: s.DB, Actor: worldtest.By, Kind: kind, State: at.state, Form: url.Values{"answer": {answer}},
	}
}

func (s *stage) read(c authenticator.Ceremony) begun {
	s.Helper()
	var options struct{ PublicKey struct{ Challenge string } }
	s.Must(json.Unmarshal(c.Options, &options))
	return begun{c.State, options.PublicKey.Challenge}
}

// beginBinding begins a binding, and tells the device whose it is.
func (s *stage) beginBinding(kind authn.Kind, d *credentialtest.Device) begun {
	s.Helper()
	c := worldtest.Must(s.party.BeginBinding(s.Context(), s.attempt(kind, begun{}, ""), s.owner))(s)
	var options struct {
		PublicKey struct{ User struct{ ID string } }
	}
	s.Must(json.Unmarshal(c.Options, &options))
	d.Handle = worldtest.Must(base64.RawURLEncoding.DecodeString(options.PublicKey.User.ID))(s)
	return s.read(c)
}

// finishBinding sends an answer, and gives what is bound by it.
func (s *stage) finishBinding(kind authn.Kind, at begun, answer string) (authenticator.Authenticator, error) {
	s.Helper()
	binding, err := s.party.FinishBinding(s.Context(), s.attempt(kind, at, answer), s.owner.UUID)
	if err != nil {
		return authenticator.Authenticator{}, err
	}
	return db.Write(s.Context(), s.DB, worldtest.By, func(w *db.W) (authenticator.Authenticator, error) {
		id, err := binding(s.Context(), w)
		if err != nil {
			return authenticator.Authenticator{}, err
		}
		return authenticator.ByID(s.Context(), w, id)
	})
}

// finishLogin sends an answer, and gives what it proves.
func (s *stage) finishLogin(kind authn.Kind, at begun, answer string) (authenticator.Proven, error) {
	s.Helper()
	proof, err := s.party.FinishProof(s.Context(), s.attempt(kind, at, answer))
	if err != nil {
		return authenticator.Proven{}, err
	}
	return db.Write(s.Context(), s.DB, worldtest.By, func(w *db.W) (authenticator.Proven, error) {
		proven, err := proof.Accept(s.Context(), w)
		if err != nil {
			return proven, err
		}
		return proven, w.Record(s.Context(), audit.Event{Kind: "test.logged-in"})
	})
}

func (s *stage) beginLogin(kind authn.Kind) begun {
	s.Helper()
	return s.read(worldtest.Must(s.party.BeginProof(s.Context(), s.attempt(kind, begun{}, "")))(s))
}

// remove removes what was bound, so that the next may be bound.
func (s *stage) remove(id string) {
	s.Helper()
	s.Must(s.DB.Update(s.Context(), worldtest.By, func(w *db.W) error {
		return authenticator.Remove(s.Context(), w, id, "tried")
	}))
}

// mustBeRefused fails unless an error says that the answer was wrong: any other means that something broke.
func mustBeRefused(t testing.TB, name string, err error) {
	t.Helper()
	var unknown *authenticator.UnknownError
	if _, wrong := authenticator.AsWrongAnswer(err); !wrong && !errors.As(err, &unknown) {
		t.Errorf("%s: broke something: %v", name, err)
	}
}

// note keeps a ceremony for the other verifier.
func (s *stage) note(one tried) { s.record = append(s.record, one) }

// export writes the ceremonies to the file that TEST_CEREMONIES names, if any, with the roots of the formats.
func (s *stage) export() {
	s.Helper()
	name := os.Getenv("TEST_CEREMONIES")
	if name == "" {
		return
	}
	pem := func(makers ...maker) (list []string) {
		for _, m := range makers {
			list = append(list, base64.StdEncoding.EncodeToString(m.root.Raw))
		}
		return list
	}
	text := worldtest.Must(json.MarshalIndent(map[string]any{
		"rpid": rpid, "origin": origin, "ceremonies": s.record,
		"roots": map[string][]string{
			"packed": pem(s.keys, s.fleet), "tpm": pem(s.hello), "apple": pem(s.apple), "android-key": pem(s.google),
			"fido-u2f": pem(s.u2f),
		},
	}, "", " "))(s)
	s.Must(os.WriteFile(name, text, 0o600))
}

// row is what was tried of one sort of ceremony, with what it checks.
type row struct {
	tried  int
	checks map[string]bool
}

// table counts what is tried.
type table map[string]row

// check finds what a ceremony checks: an item of the FIDO2 server's list, an attack of the list, a section of WebAuthn.
var check = regexp.MustCompile(`^(Resp-\w|W\d+|§[\d.]*\d)`)

func (y table) count(sort, name string) {
	r := y[sort]
	if r.checks == nil {
		r.checks = map[string]bool{}
	}
	r.tried++
	if found := check.FindString(name); found != "" {
		r.checks[found] = true
	}
	y[sort] = r
}

// report prints the table.
func report(t testing.TB, y table, accepted int) {
	t.Helper()
	total := 0
	for _, sort := range slices.Sorted(maps.Keys(y)) {
		total += y[sort].tried
		checks := strings.Join(slices.Sorted(maps.Keys(y[sort].checks)), " ")
		worldtest.Table("ceremonies", fmt.Sprintf("%-28s tried %3d  %s", sort, y[sort].tried, checks))
	}
	worldtest.Table("ceremonies", fmt.Sprintf("%-28s tried %3d, accepted %d", "all", total, accepted))
	const minTried = 120
	if total < minTried {
		t.Errorf("only %d spoiled ceremonies were tried, not %d", total, minTried)
	}
}
