package issuing

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"time"

	"signpost/internal/platform/certificate"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// Authority is the authority that issues the certificates of cards.
type Authority struct {
	Certificate *x509.Certificate
	Signer      crypto.Signer // its key, in a file or in a security module
	List        string        // the address of the list of what it revoked
	Policies    []x509.OID    // under which it issues
}

// How long a certificate is valid: cards are renewed every two years, in the last 90 days.
const (
	cardLife = 2 * 365 * 24 * time.Hour
	Renewal  = 90 * 24 * time.Hour

	listLife   = 24 * time.Hour
	serialBits = 159 // RFC 5280 §4.1.2.2: at most 20 octets, and positive
	minRSABits = 2048
)

// The faults of requests for certificates.
var (
	errRequest = fault.Say(fault.Invalid, "The card's request for a certificate cannot be read, or its signature is "+
		"wrong.")
	errKey = fault.Say(fault.Invalid, "The card's key must be an RSA key of 2048 to 8192 bits, or an elliptic curve "+
		"key of 256 bits or more.")
)

// readRequest reads a card's request for a certificate, which shows that it has the key. What else it asks for is not
// looked at: the authority decides what a certificate says.
func readRequest(der []byte) (*x509.CertificateRequest, error) {
	request, err := x509.ParseCertificateRequest(der)
	if err != nil {
		return nil, errors.Join(errRequest, err)
	}
	// Strangers send requests, and a check by a large key would take long.
	if !fits(request.PublicKey) {
		return nil, errKey
	}
	if err := request.CheckSignature(); err != nil {
		return nil, errors.Join(errRequest, err)
	}
	return request, nil
}

// fits reports whether a card may have a key.
func fits(key any) bool {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return key.N.BitLen() >= minRSABits && certificate.UsualKey(key) == nil
	case *ecdsa.PublicKey:
		return key.Curve.Params().BitSize >= 256
	}
	return false
}

// issue issues a certificate for a card. It names the care identity by its number alone.
func (a *Authority) issue(request *x509.CertificateRequest, uuid string, now time.Time) (*x509.Certificate, error) {
	until := now.Add(cardLife)
	if until.After(a.Certificate.NotAfter) {
		until = a.Certificate.NotAfter
	}
	serial := new(big.Int).SetBytes(random.Bytes((serialBits + 7) / 8))
	serial.SetBit(serial, serialBits, 0) // it stays positive in 20 octets
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: uuid}, NotBefore: now.Add(-time.Minute), NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true, CRLDistributionPoints: []string{a.List}, Policies: a.Policies,
	}
	der, err := x509.CreateCertificate(nil, template, a.Certificate, request.PublicKey, a.Signer)
	if err != nil {
		return nil, fmt.Errorf("issue certificate: %w", err)
	}
	return x509.ParseCertificate(der)
}

// list signs the list of what was revoked.
func (a *Authority) list(entries []x509.RevocationListEntry, now time.Time) ([]byte, error) {
	der, err := x509.CreateRevocationList(nil, &x509.RevocationList{
		Number: big.NewInt(now.UnixMilli()), ThisUpdate: now, NextUpdate: now.Add(listLife),
		RevokedCertificateEntries: entries,
	}, a.Certificate, a.Signer)
	if err != nil {
		return nil, fmt.Errorf("sign list of revoked certificates: %w", err)
	}
	return der, nil
}
