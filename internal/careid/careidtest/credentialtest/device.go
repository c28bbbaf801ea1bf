// Package credentialtest plays authenticators in tests, byte by byte as WebAuthn Level 3 and the formats of attestation
// have them, and spoils what they make at every stage. Nothing in it is made by code that also checks what
// authenticators make: what both had wrong, no test would find.
package credentialtest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"sync"

	"signpost/internal/platform/random"
)

// The algorithms of credentials, as COSE numbers them.
const (
	ES256 = -7
	RS256 = -257
)

// The flags of authenticator data (WebAuthn section 6.1).
const (
	UserPresent    = 0x01
	UserVerified   = 0x04
	BackupEligible = 0x08
	BackupState    = 0x10
	Attested       = 0x40
	Extended       = 0x80
)

// Device is an authenticator with one credential.
type Device struct {
	RPID, Origin string
	AAGUID       [16]byte
	ID           []byte // of the credential
	Handle       []byte // of its user
	Key          crypto.Signer
	Flags        byte
	Counter      uint32
}

// New makes a device of a model with a new credential of an algorithm.
func New(rpid, origin string, aaguid [16]byte, algorithm int) *Device {
	return &Device{
		RPID: rpid, Origin: origin, AAGUID: aaguid, ID: random.Bytes(32), Key: NewKey(algorithm),
		Flags: UserPresent | UserVerified,
	}
}

// NewKey gives a key for an algorithm. RSA keys take long to make, so there is one for all.
func NewKey(algorithm int) crypto.Signer {
	if algorithm == RS256 {
		return rsaKey()
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), nil)
	if err != nil {
		panic(err)
	}
	return key
}

var rsaKey = sync.OnceValue(func() crypto.Signer {
	const bits = 2048
	key, err := rsa.GenerateKey(nil, bits)
	if err != nil {
		panic(err)
	}
	return key
})

// AlgorithmOf is the algorithm with which a key signs.
func AlgorithmOf(key crypto.Signer) int {
	if _, is := key.(*rsa.PrivateKey); is {
		return RS256
	}
	return ES256
}

// Sign signs the SHA-256 of a message.
func Sign(key crypto.Signer, message []byte) []byte {
	digest := sha256.Sum256(message)
	signature, err := key.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		panic(err)
	}
	return signature
}

// PublicKey writes a public key as COSE has it (RFC 9053).
func PublicKey(key crypto.Signer) Map {
	switch public := key.Public().(type) {
	case *rsa.PublicKey:
		return Map{{1, 3}, {3, RS256}, {-1, public.N.Bytes()}, {-2, []byte{1, 0, 1}}}
	case *ecdsa.PublicKey:
		x, y := coordinates(public)
		return Map{{1, 2}, {3, ES256}, {-1, 1}, {-2, x}, {-3, y}}
	}
	panic(fmt.Sprintf("no COSE key of %T", key))
}

func coordinates(public *ecdsa.PublicKey) (x, y []byte) {
	point, err := public.Bytes()
	if err != nil {
		panic(err)
	}
	const half = 32
	return point[1 : 1+half], point[1+half:]
}

// AuthData is what authenticator data is made of.
type AuthData struct {
	RPIDHash   []byte
	Flags      byte
	Counter    uint32
	AAGUID     []byte
	ID         []byte
	IDLength   int // as it is written
	PublicKey  Map
	Extensions []byte // in CBOR
}

func (a AuthData) write() []byte {
	out := append(append([]byte{}, a.RPIDHash...), a.Flags)
	out = binary.BigEndian.AppendUint32(out, a.Counter)
	if a.PublicKey != nil {
		out = append(out, a.AAGUID...)
		out = binary.BigEndian.AppendUint16(out, uint16(a.IDLength))
		out = append(out, a.ID...)
		out = append(out, CBOR(a.PublicKey)...)
	}
	return append(out, a.Extensions...)
}

// Ceremony is an answer while it is made. Each stage is made from the one before it, so that what is spoiled at one is
// signed by the next.
type Ceremony struct {
	Device *Device

	// The parts.
	Client map[string]any
	Auth   AuthData

	// The bytes that are signed.
	ClientData []byte
	AuthData   []byte

	// What is signed: the attestation of a new credential, or the signature of a known one.
	Format    any
	Statement Map
	Signature []byte

	// The answer of the browser.
	Object   []byte // of the attestation
	Response map[string]any
	Answer   map[string]any
}

// Hash is the hash of the client data.
func (c *Ceremony) Hash() []byte {
	hash := sha256.Sum256(c.ClientData)
	return hash[:]
}

// Signed is what an attestation or an assertion signs.
func (c *Ceremony) Signed() []byte { return append(append([]byte{}, c.AuthData...), c.Hash()...) }

// Spoil spoils a ceremony after the stage of its name; nil leaves it alone.
type Spoil struct {
	Parts, Bytes, Statement, Answer func(*Ceremony)

	// Text spoils the whole answer as it is sent.
	Text func(string) string
}

func (s Spoil) at(stage func(*Ceremony), c *Ceremony) {
	if stage != nil {
		stage(c)
	}
}

// Attest gives the format and the statement of an attestation.
type Attest func(*Ceremony) (format string, statement Map)

// Create answers a challenge with the device's credential, which is new.
func (d *Device) Create(challenge string, attest Attest, s Spoil) string {
	c := d.begin("webauthn.create", challenge)
	c.Auth.Flags |= Attested
	c.Auth.AAGUID = append([]byte{}, d.AAGUID[:]...)
	c.Auth.ID = append([]byte{}, d.ID...)
	c.Auth.IDLength = len(d.ID)
	c.Auth.PublicKey = PublicKey(d.Key)
	c.write(s)
	c.Format, c.Statement = attest(c)
	s.at(s.Statement, c)
	c.Object = CBOR(Map{{"fmt", c.Format}, {"attStmt", c.Statement}, {"authData", c.AuthData}})
	c.Response = map[string]any{"attestationObject": encode(c.Object), "transports": []string{"usb"}}
	return c.answer(s)
}

// Use answers a challenge with the device's credential.
func (d *Device) Use(challenge string, s Spoil) string {
	d.Counter++
	c := d.begin("webauthn.get", challenge)
	c.write(s)
	c.Signature = Sign(d.Key, c.Signed())
	s.at(s.Statement, c)
	c.Response = map[string]any{
		"authenticatorData": encode(c.AuthData), "signature": encode(c.Signature), "userHandle": encode(d.Handle),
	}
	return c.answer(s)
}

func (d *Device) begin(ceremony, challenge string) *Ceremony {
	hash := sha256.Sum256([]byte(d.RPID))
	return &Ceremony{
		Device: d,
		Client: map[string]any{
			"type": ceremony, "challenge": challenge, "origin": d.Origin, "crossOrigin": false,
		},
		Auth: AuthData{RPIDHash: hash[:], Flags: d.Flags, Counter: d.Counter},
	}
}

func (c *Ceremony) write(s Spoil) {
	s.at(s.Parts, c)
	c.ClientData = encodeJSON(c.Client)
	c.AuthData = c.Auth.write()
	s.at(s.Bytes, c)
}

func (c *Ceremony) answer(s Spoil) string {
	c.Response["clientDataJSON"] = encode(c.ClientData)
	id := c.Device.ID
	if c.Auth.PublicKey != nil {
		id = c.Auth.ID
	}
	c.Answer = map[string]any{
		"id": encode(id), "rawId": encode(id), "type": "public-key", "response": c.Response,
		"clientExtensionResults": map[string]any{},
	}
	s.at(s.Answer, c)
	written := string(encodeJSON(c.Answer))
	if s.Text != nil {
		return s.Text(written)
	}
	return written
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func encodeJSON(value any) []byte {
	written, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return written
}
