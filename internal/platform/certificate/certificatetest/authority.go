// Package certificatetest plays an authority in tests: it issues certificates, for authorities and for people, and says
// which of them it revoked, by a list and as a responder.
package certificatetest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ocsp"

	"signpost/internal/platform/clock"
	"signpost/internal/platform/random"
	"signpost/internal/platform/worldtest"
)

// Issued is a certificate with its key.
type Issued struct {
	*x509.Certificate

	Key *ecdsa.PrivateKey
}

// TLS gives it as a client shows it, with those that stand between it and a root.
func (i Issued) TLS(between ...Issued) tls.Certificate {
	c := tls.Certificate{Certificate: [][]byte{i.Raw}, PrivateKey: i.Key, Leaf: i.Certificate}
	for _, b := range between {
		c.Certificate = append(c.Certificate, b.Raw)
	}
	return c
}

// Issue issues a certificate. Without an authority it signs itself. Change changes what it says.
func Issue(t testing.TB, name string, by *Issued, change func(*x509.Certificate)) Issued {
	t.Helper()
	key := worldtest.Must(ecdsa.GenerateKey(elliptic.P256(), nil))(t)
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(random.Bytes(8)), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2028, 12, 31, 0, 0, 0, 0, time.UTC),
		BasicConstraintsValid: true,
	}
	if change != nil {
		change(template)
	}
	if by == nil {
		by = &Issued{template, key}
	}
	der := worldtest.Must(x509.CreateCertificate(nil, template, by.Certificate, key.Public(), by.Key))(t)
	return Issued{worldtest.Must(x509.ParseCertificate(der))(t), key}
}

// LargeKey is a public key with which a check of a signature takes long. Nobody has the private one.
func LargeKey() *rsa.PublicKey {
	n := new(big.Int).SetBytes(random.Bytes(1200))
	return &rsa.PublicKey{N: n.SetBit(n.SetBit(n, 9600, 1), 0, 1), E: 65537}
}

// LargeRequest is a request for a certificate for a large key, in DER, whose signature is none.
func LargeRequest(t testing.TB) []byte {
	t.Helper()
	key := worldtest.Must(x509.MarshalPKIXPublicKey(LargeKey()))(t)
	type toSign struct {
		Version    int
		Subject    pkix.RDNSequence
		Key        asn1.RawValue
		Attributes asn1.RawValue
	}
	request := struct {
		ToSign    toSign
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}{
		ToSign: toSign{Key: asn1.RawValue{FullBytes: key},
			Attributes: asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true}},
		Algorithm: pkix.AlgorithmIdentifier{ // RSA with SHA-256
			Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 11}, Parameters: asn1.NullRawValue,
		},
		Signature: asn1.BitString{Bytes: make([]byte, 1201), BitLength: 1201 * 8},
	}
	return worldtest.Must(asn1.Marshal(request))(t)
}

// IssueLarge issues a certificate for a large key.
func IssueLarge(t testing.TB, by Issued, change func(*x509.Certificate)) Issued {
	t.Helper()
	template := *Issue(t, "Large", &by, change).Certificate
	der := worldtest.Must(x509.CreateCertificate(nil, &template, by.Certificate, LargeKey(), by.Key))(t)
	return Issued{Certificate: worldtest.Must(x509.ParseCertificate(der))(t)}
}

// ForAuthority makes a certificate that of an authority.
func ForAuthority(c *x509.Certificate) {
	c.IsCA = true
	c.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature
	c.NotBefore = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	c.NotAfter = time.Date(2060, 1, 1, 0, 0, 0, 0, time.UTC)
}

// ForClient makes a certificate one that shows who its holder is.
func ForClient(c *x509.Certificate) {
	c.KeyUsage = x509.KeyUsageDigitalSignature
	c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
}

// Authority is an authority with a root and one authority below it, and a server at which it says what it revoked.
type Authority struct {
	Root, Issuing Issued

	t      testing.TB
	clock  clock.Clock
	server *httptest.Server

	mutex    sync.Mutex
	revoked  map[string]time.Time
	silent   bool
	asked    int
	lasts    time.Duration
	Answerer *Issued                                              // signs answers; the issuing authority if nil
	ListOf   *Issued                                              // signs lists; the issuing authority if nil
	Listed   func(list *x509.RevocationList)                      // changes the next lists
	Answers  func(answer *ocsp.Response, about *x509.Certificate) // changes the next answers
}

// New makes an authority.
func New(t testing.TB, name string, c clock.Clock) *Authority {
	t.Helper()
	a := &Authority{t: t, clock: c, revoked: map[string]time.Time{}, lasts: time.Hour}
	a.Root = Issue(t, name+" Root", nil, ForAuthority)
	a.Issuing = Issue(t, name+" Issuing", &a.Root, func(c *x509.Certificate) { ForAuthority(c) })
	mux := http.NewServeMux()
	mux.HandleFunc("GET /list", a.list)
	mux.HandleFunc("POST /ocsp", a.answer)
	a.server = httptest.NewServer(a.unlessSilent(mux))
	t.Cleanup(a.server.Close)
	return a
}

// Person issues a certificate for a person, whose status the list tells.
func (a *Authority) Person(name string, change func(*x509.Certificate)) Issued {
	a.t.Helper()
	return Issue(a.t, name, &a.Issuing, func(c *x509.Certificate) {
		ForClient(c)
		c.CRLDistributionPoints = []string{a.ListAddress()}
		if change != nil {
			change(c)
		}
	})
}

// ByResponder has the responder tell the status of a certificate, and no list.
func (a *Authority) ByResponder(c *x509.Certificate) {
	c.CRLDistributionPoints = nil
	c.OCSPServer = []string{a.server.URL + "/ocsp"}
}

// ListAddress is where the list is.
func (a *Authority) ListAddress() string { return a.server.URL + "/list" }

// Revoke revokes a certificate.
func (a *Authority) Revoke(c Issued) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.revoked[c.SerialNumber.String()] = a.clock.Now()
}

// Silence has the authority answer no more, or again.
func (a *Authority) Silence(silent bool) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.silent = silent
}

// Asked says how often anything was asked.
func (a *Authority) Asked() int {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	return a.asked
}

func (a *Authority) unlessSilent(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mutex.Lock()
		silent := a.silent
		a.asked++
		a.mutex.Unlock()
		if silent {
			http.Error(w, "closed", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// List gives the list of what is revoked, in DER.
func (a *Authority) List() []byte {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	now := a.clock.Now()
	list := &x509.RevocationList{Number: big.NewInt(now.Unix()), ThisUpdate: now, NextUpdate: now.Add(a.lasts)}
	for number, at := range a.revoked {
		serial, _ := new(big.Int).SetString(number, 10)
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: serial, RevocationTime: at})
	}
	if a.Listed != nil {
		a.Listed(list)
	}
	signer := a.Issuing
	if a.ListOf != nil {
		signer = *a.ListOf
	}
	return worldtest.Must(x509.CreateRevocationList(nil, list, signer.Certificate, signer.Key))(a.t)
}

func (a *Authority) list(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(a.List()) }

func (a *Authority) answer(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	question, err := ocsp.ParseRequest(body)
	if err != nil {
		http.Error(w, fmt.Sprint("read question: ", err), http.StatusBadRequest)
		return
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	now := a.clock.Now()
	says := ocsp.Response{
		Status: ocsp.Good, SerialNumber: question.SerialNumber, ThisUpdate: now, NextUpdate: now.Add(a.lasts),
	}
	if at, revoked := a.revoked[question.SerialNumber.String()]; revoked {
		says.Status = ocsp.Revoked
		says.RevokedAt = at
	}
	signer := a.Issuing
	if a.Answerer != nil {
		signer = *a.Answerer
		says.Certificate = signer.Certificate
	}
	if a.Answers != nil {
		a.Answers(&says, a.Issuing.Certificate)
	}
	answer := worldtest.Must(ocsp.CreateResponse(a.Issuing.Certificate, signer.Certificate, says, signer.Key))(a.t)
	w.Header().Set("Content-Type", "application/ocsp-response")
	_, _ = w.Write(answer)
}
