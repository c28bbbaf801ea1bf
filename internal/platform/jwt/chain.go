package jwt

import (
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// ErrChain says that no certificate of a token leads to a root that is trusted.
var ErrChain = errors.New("the certificates in its header lead to none of the trusted roots")

// PayloadUnder gives the payload of a signed document whose header has the certificate that signed it (x5c, RFC 7515
// section 4.1.6), if that leads to one of some roots at a time. It has no type, and may be large: the caller bounds it.
func PayloadUnder(text string, algorithms []Algorithm, roots *x509.CertPool, now time.Time) ([]byte, error) {
	signed, err := jose.ParseSignedCompact(text, allowed(algorithms))
	if err != nil {
		return nil, fmt.Errorf("read signed document: %w", err)
	}
	chains, err := signed.Signatures[0].Protected.Certificates(x509.VerifyOptions{
		Roots: roots, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrChain, err)
	}
	public := chains[0][0].PublicKey
	if !slices.ContainsFunc(algorithms, func(a Algorithm) bool {
		return string(a) == signed.Signatures[0].Protected.Algorithm && a.fits(public)
	}) {
		return nil, errors.New("its certificate has a key of another kind than its signature")
	}
	payload, err := signed.Verify(public)
	if err != nil {
		return nil, fmt.Errorf("check signature of document: %w", err)
	}
	return payload, nil
}
