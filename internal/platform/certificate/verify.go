// Package certificate reads the certificate with which a client showed that it holds a private key, and says whether it
// may be relied on now: whether it leads to an authority that is trusted, is valid, is for this purpose, and was not
// revoked.
//
// It knows nobody: whose a certificate is, its caller decides. That the holder typed a PIN is nothing a certificate can
// say; where the key is on a card, the card signs only after its PIN, and the authority that issues certificates for
// keys on cards alone says so by a policy, which can be asked for.
package certificate

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"signpost/internal/platform/clock"
)

// Problem says why a certificate is not relied on.
type Problem string

// The problems.
const (
	Missing    Problem = "missing"     // none was shown
	Unreadable Problem = "unreadable"  // what was shown is no certificate
	Early      Problem = "not-yet"     // it is not valid yet
	Expired    Problem = "expired"     // it is not valid any more
	Untrusted  Problem = "authority"   // it leads to no authority that is trusted
	Unsuitable Problem = "purpose"     // it is for something else, or not under a policy that is asked for
	Revoked    Problem = "revoked"     // its authority revoked it
	Unknown    Problem = "unconfirmed" // nobody says whether it was revoked
)

// ProblemError is an error with the Problem that people are told of.
type ProblemError struct {
	Problem Problem
	Cause   error // for the log
}

// Error says what the problem is, and why.
func (e *ProblemError) Error() string {
	return fmt.Sprintf("certificate %s: %v", e.Problem, e.Cause)
}

// Unwrap gives the cause.
func (e *ProblemError) Unwrap() error { return e.Cause }

func refuse(p Problem, format string, args ...any) error {
	return &ProblemError{Problem: p, Cause: fmt.Errorf(format, args...)}
}

// ProblemOf finds the problem in an error; empty if there is none.
func ProblemOf(err error) Problem {
	var e *ProblemError
	if errors.As(err, &e) {
		return e.Problem
	}
	return ""
}

// Verifier says whether certificates may be relied on.
type Verifier struct {
	Roots         []*x509.Certificate // the authorities that are trusted
	Intermediates []*x509.Certificate // between them and the certificates, beside those that clients send
	Policies      []x509.OID          // of which a certificate must have one; none for any
	Status        Status
	Clock         clock.Clock
}

// Status says whether a certificate was revoked, and by how old a statement that is known.
type Status interface {
	Check(ctx context.Context, c, issuer *x509.Certificate) (age time.Duration, err error)
}

// minRSABits is the length below which an RSA key is not relied on (NIST SP 800-131A).
const minRSABits = 2048

// Verify reports whether the first certificate of a list may be relied on to show who its holder is; the rest are those
// that may stand between it and a root. age is that of the oldest statement by which no certificate on the way was
// revoked. Any error but that of the context is a ProblemError.
func (v *Verifier) Verify(ctx context.Context, shown []*x509.Certificate) (age time.Duration, err error) {
	if len(shown) == 0 {
		return 0, refuse(Missing, "none was shown")
	}
	for _, c := range shown {
		if err := UsualKey(c.PublicKey); err != nil {
			return 0, refuse(Unsuitable, "%w", err)
		}
	}
	leaf := shown[0]
	if err := suitable(leaf); err != nil {
		return 0, err
	}
	paths, err := v.paths(leaf, shown[1:])
	if err != nil {
		return 0, err
	}
	for _, path := range paths { // one path along which nothing is revoked is enough
		if age, err = v.standing(ctx, path); err == nil {
			return age, nil
		}
	}
	return 0, err
}

// suitable reports whether a certificate says itself that it is for showing who its holder is.
func suitable(leaf *x509.Certificate) error {
	switch {
	case leaf.BasicConstraintsValid && leaf.IsCA:
		return refuse(Unsuitable, "it is an authority's own")
	case leaf.KeyUsage&x509.KeyUsageDigitalSignature == 0:
		return refuse(Unsuitable, "its key is not for signatures")
	case !slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageClientAuth): // none at all would be any to the library
		return refuse(Unsuitable, "it is not for showing who a client is")
	}
	switch key := leaf.PublicKey.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits < minRSABits {
			return refuse(Unsuitable, "its RSA key has %d bits", bits)
		}
	case *ecdsa.PublicKey, ed25519.PublicKey:
	default:
		return refuse(Unsuitable, "its key is of a kind that is not relied on")
	}
	return nil
}

// paths lists the paths from a certificate to the roots. Each certificate on them is valid now.
func (v *Verifier) paths(leaf *x509.Certificate, sent []*x509.Certificate) ([][]*x509.Certificate, error) {
	now := v.Clock.Now()
	roots := pool(v.Roots)
	between := pool(v.Intermediates, sent)
	verify := func(at time.Time) ([][]*x509.Certificate, error) {
		return leaf.Verify(x509.VerifyOptions{
			Roots: roots, Intermediates: between, CurrentTime: at,
			KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		})
	}
	paths, err := verify(now)
	if err == nil {
		paths = slices.DeleteFunc(paths, func(path []*x509.Certificate) bool { return !v.underPolicy(path) })
		if len(paths) == 0 {
			return nil, refuse(Unsuitable, "it was not issued under a policy that is asked for")
		}
		return paths, nil
	}
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) && invalid.Reason == x509.IncompatibleUsage {
		return nil, refuse(Unsuitable, "%w", err)
	}
	if outside := validity(leaf, now); outside != "" {
		// Whoever shows what anybody could have made learns that it is not trusted, not when it would be.
		if _, was := verify(leaf.NotAfter); was == nil {
			return nil, refuse(outside, "it is valid from %s to %s", leaf.NotBefore, leaf.NotAfter)
		}
		return nil, refuse(Untrusted, "%w", err)
	}
	return nil, refuse(Untrusted, "%w", err)
}

func pool(lists ...[]*x509.Certificate) *x509.CertPool {
	p := x509.NewCertPool()
	for _, c := range slices.Concat(lists...) {
		p.AddCert(c)
	}
	return p
}

// validity says why a certificate is not valid at a time; empty if it is.
func validity(c *x509.Certificate, at time.Time) Problem {
	switch {
	case at.Before(c.NotBefore):
		return Early
	case at.After(c.NotAfter):
		return Expired
	}
	return ""
}

// anyPolicy stands for every policy in the certificate of an authority (RFC 5280 §4.2.1.4).
var anyPolicy = oid(2, 5, 29, 32, 0)

func oid(parts ...uint64) x509.OID {
	made, err := x509.OIDFromInts(parts)
	if err != nil {
		panic(err) // it is written out
	}
	return made
}

// underPolicy reports whether a certificate was issued under one of the policies that are asked for, and each authority
// on its path may issue under it. The library takes a path without any policy, unless an authority forbids that.
func (v *Verifier) underPolicy(path []*x509.Certificate) bool {
	has := func(c *x509.Certificate, policies ...x509.OID) bool {
		return slices.ContainsFunc(c.Policies, func(p x509.OID) bool {
			return slices.ContainsFunc(policies, p.Equal)
		})
	}
	return len(v.Policies) == 0 || slices.ContainsFunc(v.Policies, func(wanted x509.OID) bool {
		if !has(path[0], wanted) {
			return false
		}
		for _, authority := range path[1 : len(path)-1] {
			if !has(authority, wanted, anyPolicy) {
				return false
			}
		}
		return true
	})
}

// standing reports whether no certificate on a path was revoked. Nobody can revoke a root but who trusts it.
func (v *Verifier) standing(ctx context.Context, path []*x509.Certificate) (oldest time.Duration, err error) {
	for i, c := range path[:len(path)-1] {
		age, err := v.Status.Check(ctx, c, path[i+1])
		if err != nil {
			return 0, err
		}
		oldest = max(oldest, age)
	}
	return oldest, nil
}

// Fingerprint gives the SHA-256 of a certificate in hexadecimal digits: no two certificates have the same.
func Fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}

// same reports whether two certificates are one.
func same(a, b *x509.Certificate) bool { return bytes.Equal(a.Raw, b.Raw) }
