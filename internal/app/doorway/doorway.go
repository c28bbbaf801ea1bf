// Package doorway opens what the smartcard door is made of: the files that the configuration names, of authorities, of
// lists of what they revoked, and of the door's own certificate.
package doorway

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"signpost/internal/careid/authenticator/smartcard/issuing"
	"signpost/internal/config"
	"signpost/internal/platform/certificate"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/fetch"
)

// Limits on what authorities say of the cards that they revoked: a list may have millions.
const (
	maxListBytes = 64 << 20
	listTimeout  = 10 * time.Second
)

// Verifier makes what looks at the certificates of cards. reach says where outgoing HTTP may go.
func Verifier(at config.Smartcard, c clock.Clock, reach fetch.Options) (v *certificate.Verifier, err error) {
	v = &certificate.Verifier{Clock: c}
	if v.Roots, err = ReadCertificates("smartcard.roots", at.Roots); err != nil {
		return nil, err
	}
	if v.Intermediates, err = ReadCertificates("smartcard.intermediates", at.Intermediates); err != nil {
		return nil, err
	}
	if v.Policies, err = at.PolicyOIDs(); err != nil {
		return nil, err
	}
	reach.MaxBytes = maxListBytes
	reach.Timeout = listTimeout
	v.Status = &certificate.Online{
		Fetch: fetch.New(reach), Clock: c, Grace: at.Grace(),
		Lists: func() ([]*x509.RevocationList, error) { return readLists(at.Lists) },
	}
	_, err = readLists(at.Lists)
	return v, err
}

// ReadCertificates reads the certificates in files that a setting names, of which each has one at least.
func ReadCertificates(setting string, paths []string) (list []*x509.Certificate, err error) {
	for _, path := range paths {
		data, err := os.ReadFile(path) //nolint:gosec // the operator names it
		if err != nil {
			return nil, fmt.Errorf("%s: %w", setting, err)
		}
		before := len(list)
		for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
			c, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", setting, path, err)
			}
			list = append(list, c)
		}
		if len(list) == before {
			return nil, fmt.Errorf("%s: there is no certificate in %s: it must be in PEM", setting, path)
		}
	}
	return list, nil
}

// readLists reads lists of revoked certificates, as they are now: whoever fetches them puts newer ones in their place.
func readLists(paths []string) (lists []*x509.RevocationList, err error) {
	for _, path := range paths {
		data, err := os.ReadFile(path) //nolint:gosec // the operator names it
		if err != nil {
			return nil, fmt.Errorf("smartcard.lists: %w", err)
		}
		list, err := certificate.ParseList(data)
		if err != nil {
			return nil, fmt.Errorf("smartcard.lists: %s: %w", path, err)
		}
		lists = append(lists, list)
	}
	return lists, nil
}

// TLS says how the door speaks TLS; nil where a proxy does. Browsers offer the certificates alone that lead to one
// of the authorities. Nobody is refused in TLS, so that a page can say what is wrong; and none resumes an earlier
// connection, which would show a certificate though the card is gone.
func TLS(at config.Smartcard, authorities []*x509.Certificate) (*tls.Config, error) {
	if at.Certificate == "" {
		return nil, nil
	}
	own := &keyPair{certificate: at.Certificate, key: at.Key}
	if _, err := own.read(nil); err != nil {
		return nil, fmt.Errorf("smartcard.certificate: %w", err)
	}
	pool := x509.NewCertPool()
	for _, c := range authorities {
		pool.AddCert(c)
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12, GetCertificate: own.read, ClientAuth: tls.RequestClientCert, ClientCAs: pool,
		SessionTicketsDisabled: true,
	}, nil
}

// keyPair is a certificate and its key, in files that are replaced now and then.
type keyPair struct {
	certificate, key string

	mutex  sync.Mutex
	loaded *tls.Certificate
	of     time.Time // when the file was changed that it was read from
}

// read gives the pair as the files have it now. One that cannot be read is the one before, if there was one.
func (k *keyPair) read(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	info, err := os.Stat(k.certificate)
	if err == nil && k.loaded != nil && info.ModTime().Equal(k.of) {
		return k.loaded, nil
	}
	pair, loadErr := tls.LoadX509KeyPair(k.certificate, k.key)
	if err = errors.Join(err, loadErr); err == nil {
		k.loaded = &pair
		k.of = info.ModTime()
	}
	if k.loaded != nil {
		return k.loaded, nil
	}
	return nil, err
}

// Issuer opens the authority of one's own that issues cards, whose list is at an address. module finds a key in the
// security module by its label.
func Issuer(
	at config.Smartcard, list string, module func(label string) (crypto.Signer, error),
) (*issuing.Authority, error) {
	certificates, err := ReadCertificates("smartcard.issuer_certificate", []string{at.IssuerCertificate})
	if err != nil {
		return nil, err
	}
	a := &issuing.Authority{Certificate: certificates[0], List: list}
	if !a.Certificate.IsCA || a.Certificate.KeyUsage&x509.KeyUsageCRLSign == 0 {
		return nil, errors.New("smartcard.issuer_certificate: it is none of an authority that signs certificates and " +
			"lists")
	}
	if a.Policies, err = at.PolicyOIDs(); err != nil {
		return nil, err
	}
	if at.IssuerKeyLabel != "" {
		a.Signer, err = module(at.IssuerKeyLabel)
	} else {
		a.Signer, err = readKey(at.IssuerKey)
	}
	if err != nil {
		return nil, err
	}
	public, comparable := a.Certificate.PublicKey.(interface{ Equal(crypto.PublicKey) bool })
	if !comparable || !public.Equal(a.Signer.Public()) {
		return nil, errors.New("smartcard.issuer_certificate: the key is that of another certificate")
	}
	return a, nil
}

// readKey reads a private key in PEM (PKCS #8).
func readKey(path string) (crypto.Signer, error) {
	data, err := os.ReadFile(path) //nolint:gosec // the operator names it
	if err != nil {
		return nil, fmt.Errorf("smartcard.issuer_key: %w", err)
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, fmt.Errorf("smartcard.issuer_key: there is no key in %s: it must be in PEM", path)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("smartcard.issuer_key: %s: %w", path, err)
	}
	signer, is := key.(crypto.Signer)
	if !is {
		return nil, fmt.Errorf("smartcard.issuer_key: %s: it signs nothing", path)
	}
	return signer, nil
}
