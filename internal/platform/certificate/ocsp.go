package certificate

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"

	"golang.org/x/crypto/ocsp"
)

// askResponder asks a responder about one certificate (RFC 6960).
func (o *Online) askResponder(
	ctx context.Context, address string, c, issuer *x509.Certificate,
) (s statement, err error) {
	question, err := ocsp.CreateRequest(c, issuer, nil)
	if err != nil {
		return s, fmt.Errorf("make question: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(question))
	if err != nil {
		return s, err
	}
	req.Header.Set("Content-Type", "application/ocsp-request")
	req.Header.Set("Accept", "application/ocsp-response")
	res, err := o.Fetch.Do(req)
	if err != nil {
		return s, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return s, fmt.Errorf("read answer: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return s, fmt.Errorf("status %d", res.StatusCode)
	}
	return answered(body, c, issuer, o.Clock.Now())
}

// answered reads a responder's answer about one certificate.
func answered(body []byte, c, issuer *x509.Certificate, now time.Time) (s statement, err error) {
	answer, err := ocsp.ParseResponseForCert(body, c, issuer)
	if err != nil {
		return s, fmt.Errorf("read answer: %w", err)
	}
	if err := mayAnswer(answer.Certificate, issuer, now); err != nil {
		return s, err
	}
	if answer.Status != ocsp.Good && answer.Status != ocsp.Revoked {
		return s, errors.New("the responder does not know it")
	}
	revoked := answer.Status == ocsp.Revoked
	s = statement{made: answer.ThisUpdate, until: answer.NextUpdate}
	s.revoked = func(*x509.Certificate) bool { return revoked }
	if s.until.IsZero() {
		s.until = s.made.Add(usualAge)
	}
	return s, nil
}

// mayAnswer reports whether whoever signed an answer may: the authority itself, or who has its certificate for that
// (RFC 6960 §4.2.2.2). The library looks at the signatures alone, by which the holder of any certificate of the
// authority, such as a card, could answer.
func mayAnswer(signer, issuer *x509.Certificate, now time.Time) error {
	if signer == nil || same(signer, issuer) {
		return nil
	}
	if !slices.Contains(signer.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning) {
		return errors.New("the answer is signed by a certificate that is not for that")
	}
	if validity(signer, now) != "" {
		return errors.New("the answer is signed by a certificate that is not valid")
	}
	return nil
}
