package credentialtest

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"time"

	"signpost/internal/platform/random"
)

// Certificate is a certificate with its key.
type Certificate struct {
	*x509.Certificate

	Key crypto.Signer
}

// The object identifiers of attestation certificates.
var (
	aaguidExtension  = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 45724, 1, 1, 4}
	appleExtension   = asn1.ObjectIdentifier{1, 2, 840, 113635, 100, 8, 2}
	androidExtension = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 1, 17}
	aikUsage         = asn1.ObjectIdentifier{2, 23, 133, 8, 3}
	alternativeNames = asn1.ObjectIdentifier{2, 5, 29, 17}
)

// NewRoot makes a root.
func NewRoot(name string) *Certificate { return newAuthority(name, nil) }

// Below makes an authority that this one signs; changes change what its certificate says.
func (c *Certificate) Below(name string, changes ...Change) *Certificate {
	return newAuthority(name, c, changes...)
}

func newAuthority(name string, by *Certificate, changes ...Change) *Certificate {
	template := &x509.Certificate{
		Subject: pkix.Name{Country: []string{"GB"}, Organization: []string{"Maker"}, CommonName: name},
		IsCA:    true, KeyUsage: x509.KeyUsageCertSign,
	}
	return issue(by, NewKey(ES256), changed(template, changes))
}

// issue makes a certificate for a key, which by signs; nil for a root.
func issue(by *Certificate, key crypto.Signer, template *x509.Certificate) *Certificate {
	template.SerialNumber = new(big.Int).SetBytes(random.Bytes(8))
	template.BasicConstraintsValid = true
	if template.NotBefore.IsZero() {
		template.NotBefore = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if template.NotAfter.IsZero() {
		template.NotAfter = time.Date(2048, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	if by == nil {
		by = &Certificate{template, key}
	}
	der, err := x509.CreateCertificate(nil, template, by.Certificate, key.Public(), by.Key)
	if err != nil {
		panic(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return &Certificate{made, key}
}

// Change changes what a certificate will say.
type Change func(*x509.Certificate)

// Batch makes the certificate with which a model's maker attests, as WebAuthn section 8.2.1 asks.
func (c *Certificate) Batch(aaguid [16]byte, changes ...Change) *Certificate {
	template := &x509.Certificate{
		Subject: pkix.Name{
			Country: []string{"GB"}, Organization: []string{"Maker"}, CommonName: "Batch",
			OrganizationalUnit: []string{"Authenticator Attestation"},
		},
		ExtraExtensions: []pkix.Extension{{Id: aaguidExtension, Value: der(aaguid[:])}},
	}
	return issue(c, NewKey(ES256), changed(template, changes))
}

// Identity makes the certificate with which a computer's chip attests, as WebAuthn section 8.3.1 asks.
func (c *Certificate) Identity(key crypto.Signer, changes ...Change) *Certificate {
	template := &x509.Certificate{
		UnknownExtKeyUsage: []asn1.ObjectIdentifier{aikUsage},
		ExtraExtensions:    []pkix.Extension{{Id: alternativeNames, Critical: true, Value: ChipName("id:494E5443")}},
	}
	return issue(c, key, changed(template, changes))
}

func changed(template *x509.Certificate, changes []Change) *x509.Certificate {
	for _, change := range changes {
		change(template)
	}
	return template
}

// ChipName is the alternative name of a chip of a manufacturer (TCG EK Credential Profile section 3.2.9).
func ChipName(manufacturer string) []byte {
	name := pkix.RDNSequence{
		{{Type: asn1.ObjectIdentifier{2, 23, 133, 2, 1}, Value: manufacturer}},
		{{Type: asn1.ObjectIdentifier{2, 23, 133, 2, 2}, Value: "Chip"}},
		{{Type: asn1.ObjectIdentifier{2, 23, 133, 2, 3}, Value: "id:13"}},
	}
	const directoryName = 4
	return der([]asn1.RawValue{explicit(directoryName, der(name))})
}

// der writes a value in ASN.1.
func der(value any) []byte {
	out, err := asn1.Marshal(value)
	if err != nil {
		panic(err)
	}
	return out
}

// explicit puts what is written in ASN.1 behind a tag of its context.
func explicit(tag int, inner []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag, IsCompound: true, Bytes: inner}
}

// chain lists certificates as a statement has them.
func chain(certificates []*Certificate) (list []any) {
	for _, c := range certificates {
		list = append(list, c.Raw)
	}
	return list
}
