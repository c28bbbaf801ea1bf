// Package makertest plays a maker of security keys in tests, and whoever publishes metadata about its models: it has a
// root of its own, makes attestations that lead to it, and signs issues of the metadata.
package makertest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-webauthn/webauthn/protocol/webauthncbor"

	"signpost/internal/platform/random"
)

// Certificate is a certificate with its key.
type Certificate struct {
	*x509.Certificate

	Key *ecdsa.PrivateKey
}

// The certificates are valid in all years that tests are in.
var (
	from  = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	until = time.Date(2060, 1, 1, 0, 0, 0, 0, time.UTC)
)

// New makes a certificate that another one signed; without one it is a root. Change changes what it says.
func New(name string, by *Certificate, change func(*x509.Certificate)) (*Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), nil)
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(random.Bytes(8)), NotBefore: from, NotAfter: until,
		BasicConstraintsValid: true, IsCA: by == nil,
		Subject: pkix.Name{Country: []string{"GB"}, Organization: []string{"Maker"}, CommonName: name},
	}
	if template.IsCA {
		template.KeyUsage = x509.KeyUsageCertSign
	}
	if change != nil {
		change(template)
	}
	if by == nil {
		by = &Certificate{template, key}
	}
	der, err := x509.CreateCertificate(nil, template, by.Certificate, key.Public(), by.Key)
	if err != nil {
		return nil, fmt.Errorf("make certificate: %w", err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read certificate: %w", err)
	}
	return &Certificate{made, key}, nil
}

// Model is a model of security key.
type Model struct {
	AAGUID [16]byte
	Name   string
	Root   *Certificate // to which its attestations lead
	Batch  *Certificate // with which they are signed
}

// NewModel makes a model whose attestations lead to a root.
func NewModel(name string, root *Certificate) (Model, error) {
	m := Model{AAGUID: [16]byte(random.Bytes(16)), Name: name, Root: root}
	var err error
	m.Batch, err = New(name+" batch", root, m.describe)
	return m, err
}

// Number is the AAGUID as it is written.
func (m Model) Number() string {
	n := m.AAGUID
	return fmt.Sprintf("%x-%x-%x-%x-%x", n[:4], n[4:6], n[6:8], n[8:10], n[10:])
}

// aaguidExtension is where the certificate of an attestation says of which model it is (WebAuthn section 8.2.1).
var aaguidExtension = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 45724, 1, 1, 4}

// describe has a certificate be as WebAuthn section 8.2.1 asks.
func (m Model) describe(c *x509.Certificate) {
	c.Subject.OrganizationalUnit = []string{"Authenticator Attestation"}
	number, err := asn1.Marshal(m.AAGUID[:])
	if err != nil {
		panic(err) // sixteen bytes can be written
	}
	c.ExtraExtensions = []pkix.Extension{{Id: aaguidExtension, Value: number}}
}

// Statement is what stands in an attestation in the format "packed".
type Statement struct {
	Algorithm int64    `cbor:"alg"`
	Signature []byte   `cbor:"sig"`
	Chain     [][]byte `cbor:"x5c,omitempty"`
}

// object is an attestation object.
type object struct {
	AuthData  []byte    `cbor:"authData"`
	Format    string    `cbor:"fmt"`
	Statement Statement `cbor:"attStmt"`
}

const es256 = -7 // as COSE numbers ECDSA with SHA-256

// Attest puts an attestation of the model's maker in the place of the one in a browser's answer. Spoil changes it once
// it is signed.
func (m Model) Attest(answer string, spoil func(*Statement)) (string, error) {
	var written map[string]any
	if err := json.Unmarshal([]byte(answer), &written); err != nil {
		return "", fmt.Errorf("read answer: %w", err)
	}
	response, is := written["response"].(map[string]any)
	if !is {
		return "", fmt.Errorf("read answer: response is %T", written["response"])
	}
	sent, err := bytesIn(response, "attestationObject")
	if err != nil {
		return "", err
	}
	clientData, err := bytesIn(response, "clientDataJSON")
	if err != nil {
		return "", err
	}
	var o object
	if err := webauthncbor.Unmarshal(sent, &o); err != nil {
		return "", fmt.Errorf("read attestation: %w", err)
	}
	if o.Statement, err = m.sign(o.AuthData, clientData); err != nil {
		return "", err
	}
	if spoil != nil {
		spoil(&o.Statement)
	}
	made, err := webauthncbor.Marshal(o)
	if err != nil {
		return "", fmt.Errorf("write attestation: %w", err)
	}
	response["attestationObject"] = base64.RawURLEncoding.EncodeToString(made)
	text, err := json.Marshal(written)
	return string(text), err
}

func bytesIn(response map[string]any, name string) ([]byte, error) {
	text, _ := response[name].(string)
	value, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return value, nil
}

func (m Model) sign(authData, clientData []byte) (Statement, error) {
	hash := sha256.Sum256(clientData)
	signed := sha256.Sum256(append(append([]byte{}, authData...), hash[:]...))
	signature, err := m.Batch.Key.Sign(nil, signed[:], crypto.SHA256)
	if err != nil {
		return Statement{}, fmt.Errorf("sign attestation: %w", err)
	}
	return Statement{Algorithm: es256, Signature: signature, Chain: [][]byte{m.Batch.Raw}}, nil
}

// Status is a status of a model, from a day on where it has one: "2027-01-31".
type Status struct {
	Status        string `json:"status"`
	EffectiveDate string `json:"effectiveDate,omitempty"`
}

// Entry is what the metadata says of the model.
func (m Model) Entry(statuses ...Status) map[string]any {
	return map[string]any{
		"aaguid": m.Number(), "statusReports": statuses, "timeOfLastStatusChange": "2026-01-01",
		"metadataStatement": map[string]any{
			"legalHeader": "", "aaguid": m.Number(), "description": m.Name, "authenticatorVersion": 1,
			"protocolFamily": "fido2", "schema": 3, "upv": []map[string]int{{"major": 1, "minor": 0}},
			"authenticationAlgorithms": []string{"secp256r1_ecdsa_sha256_raw"},
			"publicKeyAlgAndEncodings": []string{"cose"}, "attestationTypes": []string{"basic_full"},
			"userVerificationDetails": [][]map[string]any{{{"userVerificationMethod": "passcode_external"}}},
			"keyProtection":           []string{"hardware", "secure_element"}, "matcherProtection": []string{"on_chip"},
			"attachmentHint": []string{"external"}, "tcDisplay": []string{},
			"attestationRootCertificates": []string{base64.StdEncoding.EncodeToString(m.Root.Raw)},
		},
	}
}

// Blob signs an issue of the metadata with some entries.
func Blob(by, root *Certificate, number int, nextUpdate string, entries ...map[string]any) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: by.Key}, (&jose.SignerOptions{}).
		WithHeader("x5c", []string{
			base64.StdEncoding.EncodeToString(by.Raw), base64.StdEncoding.EncodeToString(root.Raw),
		}))
	if err != nil {
		return "", fmt.Errorf("sign metadata: %w", err)
	}
	text, err := json.Marshal(map[string]any{
		"legalHeader": "For tests.", "no": number, "nextUpdate": nextUpdate, "entries": entries,
	})
	if err != nil {
		return "", fmt.Errorf("write metadata: %w", err)
	}
	signed, err := signer.Sign(text)
	if err != nil {
		return "", fmt.Errorf("sign metadata: %w", err)
	}
	return signed.CompactSerialize()
}
