//go:build hsm

package cardreader

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"

	"github.com/miekg/pkcs11"

	"signpost/internal/platform/random"
)

const keyBits = 2048

// card is a card in a reader.
type card struct {
	module  string
	p       *pkcs11.Ctx
	slot    uint
	label   string
	blank   bool // nothing can be done with it but to prepare it
	session pkcs11.SessionHandle
}

// Open opens the only card that a module's readers have, by the path of the module's library.
func Open(module string) (Card, error) {
	c := &card{module: module}
	if err := c.open(""); err != nil {
		return nil, fmt.Errorf("open card reader %s: %w", module, err)
	}
	return c, nil
}

// open loads the library and finds a card: the one with a label, or the only one. One that is blank counts only if
// there is no other.
func (c *card) open(label string) error {
	c.p = pkcs11.New(c.module)
	if c.p == nil {
		return errors.New("the library cannot be loaded: is this the path of the card's PKCS#11 library?")
	}
	if err := c.p.Initialize(); err != nil {
		return err
	}
	slots, err := c.p.GetSlotList(true)
	if err != nil {
		return err
	}
	var written, blank []uint
	labels := map[uint]string{}
	for _, slot := range slots {
		info, err := c.p.GetTokenInfo(slot)
		switch {
		case err != nil:
			return err
		case info.Flags&pkcs11.CKF_TOKEN_INITIALIZED == 0:
			blank = append(blank, slot)
		case label == "" || info.Label == label:
			written = append(written, slot)
			labels[slot] = info.Label
		}
	}
	if c.blank = len(written) == 0 && label == ""; c.blank {
		written = blank
	}
	switch len(written) {
	case 0:
		return errors.New("there is no card in a reader")
	case 1:
	default:
		return errors.New("there are several cards in readers: leave one in")
	}
	c.slot = written[0]
	c.label = labels[c.slot]
	if c.blank {
		return nil
	}
	c.session, err = c.p.OpenSession(c.slot, pkcs11.CKF_SERIAL_SESSION|pkcs11.CKF_RW_SESSION)
	return err
}

// Label is what the card calls itself.
func (c *card) Label() string { return c.label }

// Close gives up the reader.
func (c *card) Close() error {
	err := errors.Join(c.leave(), c.p.Finalize())
	c.p.Destroy()
	return err
}

// leave ends the session with a card that is not blank.
func (c *card) leave() error {
	if c.blank {
		return nil
	}
	return c.p.CloseSession(c.session)
}

// Blank reports whether nothing is on the card yet, not even a PIN.
func (c *card) Blank() bool { return c.blank }

// Prepare gives a blank card a label, an unlock key and a PIN.
func (c *card) Prepare(label, unlockKey, pin string) error {
	if !c.blank {
		return errors.New("the card is not blank")
	}
	if err := c.p.InitToken(c.slot, unlockKey, label); err != nil {
		return fmt.Errorf("prepare the card: %w", err)
	}
	if err := c.p.Finalize(); err != nil {
		return err
	}
	c.p.Destroy()
	if err := c.open(label); err != nil { // it may be in another slot now
		return err
	}
	return c.Unlock(unlockKey, pin)
}

// Unlock gives a card another PIN.
func (c *card) Unlock(unlockKey, pin string) error {
	if err := c.p.Login(c.session, pkcs11.CKU_SO, unlockKey); err != nil {
		return fmt.Errorf("enter the unlock key: %w", err)
	}
	if err := c.p.InitPIN(c.session, pin); err != nil {
		return errors.Join(fmt.Errorf("set the PIN: %w", err), c.p.Logout(c.session))
	}
	return c.p.Logout(c.session)
}

// Enter enters the PIN.
func (c *card) Enter(pin string) error {
	if err := c.p.Login(c.session, pkcs11.CKU_USER, pin); err != nil {
		return fmt.Errorf("enter the PIN: %w", err)
	}
	return nil
}

// find lists the objects on the card that have some attributes.
func (c *card) find(with ...*pkcs11.Attribute) (found []pkcs11.ObjectHandle, err error) {
	if err := c.p.FindObjectsInit(c.session, with); err != nil {
		return nil, err
	}
	found, _, err = c.p.FindObjects(c.session, 100)
	return found, errors.Join(err, c.p.FindObjectsFinal(c.session))
}

func class(of uint) *pkcs11.Attribute   { return pkcs11.NewAttribute(pkcs11.CKA_CLASS, of) }
func named(id []byte) *pkcs11.Attribute { return pkcs11.NewAttribute(pkcs11.CKA_ID, id) }

// attribute reads one attribute of an object.
func (c *card) attribute(o pkcs11.ObjectHandle, which uint) ([]byte, error) {
	got, err := c.p.GetAttributeValue(c.session, o, []*pkcs11.Attribute{pkcs11.NewAttribute(which, nil)})
	if err != nil {
		return nil, err
	}
	return got[0].Value, nil
}

// Certificates lists the certificates on the card.
func (c *card) Certificates() (list []*x509.Certificate, err error) {
	if c.blank {
		return nil, nil
	}
	found, err := c.find(class(pkcs11.CKO_CERTIFICATE))
	if err != nil {
		return nil, err
	}
	for _, o := range found {
		der, err := c.attribute(o, pkcs11.CKA_VALUE)
		if err != nil {
			return nil, err
		}
		one, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("read certificate of card: %w", err)
		}
		list = append(list, one)
	}
	return list, nil
}

// key is an RSA key on a card.
type key struct {
	card   *card
	handle pkcs11.ObjectHandle
	id     []byte
	public *rsa.PublicKey
}

// ID is by what the card knows it.
func (k *key) ID() []byte { return k.id }

// Public gives its public part.
func (k *key) Public() crypto.PublicKey { return k.public }

// digestInfo says in a signature which hash was signed (RFC 8017 §9.2).
type digestInfo struct {
	Algorithm struct {
		ID   asn1.ObjectIdentifier
		Null asn1.RawValue
	}
	Digest []byte
}

var sha256ID = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}

// Sign signs a SHA-256 (PKCS #1 v1.5).
func (k *key) Sign(_ io.Reader, digest []byte, o crypto.SignerOpts) ([]byte, error) {
	if o.HashFunc() != crypto.SHA256 {
		return nil, errors.New("the card signs SHA-256 alone")
	}
	info := digestInfo{Digest: digest}
	info.Algorithm.ID = sha256ID
	info.Algorithm.Null = asn1.NullRawValue
	content, err := asn1.Marshal(info)
	if err != nil {
		return nil, err
	}
	how := []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_RSA_PKCS, nil)}
	if err := k.card.p.SignInit(k.card.session, how, k.handle); err != nil {
		return nil, fmt.Errorf("sign with the card: %w", err)
	}
	return k.card.p.Sign(k.card.session, content)
}

// NewKey makes a key on the card.
func (c *card) NewKey() (Key, error) {
	id := random.Bytes(8)
	yes := true
	public := []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_TOKEN, yes), pkcs11.NewAttribute(pkcs11.CKA_VERIFY, yes),
		pkcs11.NewAttribute(pkcs11.CKA_MODULUS_BITS, keyBits),
		pkcs11.NewAttribute(pkcs11.CKA_PUBLIC_EXPONENT, []byte{1, 0, 1}), named(id),
	}
	private := []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_TOKEN, yes), pkcs11.NewAttribute(pkcs11.CKA_PRIVATE, yes),
		pkcs11.NewAttribute(pkcs11.CKA_SENSITIVE, yes), pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, false),
		pkcs11.NewAttribute(pkcs11.CKA_SIGN, yes), named(id),
	}
	how := []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_RSA_PKCS_KEY_PAIR_GEN, nil)}
	open, secret, err := c.p.GenerateKeyPair(c.session, how, public, private)
	if err != nil {
		return nil, fmt.Errorf("make a key on the card: %w", err)
	}
	modulus, err := c.attribute(open, pkcs11.CKA_MODULUS)
	if err != nil {
		return nil, err
	}
	return &key{c, secret, id, &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: 65537}}, nil
}

// KeyOf finds the key of a certificate on the card.
func (c *card) KeyOf(of *x509.Certificate) (Key, error) {
	public, is := of.PublicKey.(*rsa.PublicKey)
	if !is {
		return nil, errors.New("the card's certificate is not of an RSA key")
	}
	found, err := c.find(class(pkcs11.CKO_PRIVATE_KEY))
	if err != nil {
		return nil, err
	}
	for _, o := range found {
		modulus, err := c.attribute(o, pkcs11.CKA_MODULUS)
		if err != nil {
			return nil, err
		}
		if new(big.Int).SetBytes(modulus).Cmp(public.N) != 0 {
			continue
		}
		id, err := c.attribute(o, pkcs11.CKA_ID)
		return &key{c, o, id, public}, err
	}
	return nil, errors.New("the card does not have the key of its certificate")
}

// Keep writes the certificate of a key to the card, and takes all others off it, with their keys.
func (c *card) Keep(k Key, cert *x509.Certificate) error {
	serial, err := asn1.Marshal(cert.SerialNumber)
	if err != nil {
		return err
	}
	_, err = c.p.CreateObject(c.session, []*pkcs11.Attribute{
		class(pkcs11.CKO_CERTIFICATE), pkcs11.NewAttribute(pkcs11.CKA_CERTIFICATE_TYPE, pkcs11.CKC_X_509),
		pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true), pkcs11.NewAttribute(pkcs11.CKA_PRIVATE, false),
		pkcs11.NewAttribute(pkcs11.CKA_VALUE, cert.Raw), pkcs11.NewAttribute(pkcs11.CKA_SUBJECT, cert.RawSubject),
		pkcs11.NewAttribute(pkcs11.CKA_ISSUER, cert.RawIssuer), pkcs11.NewAttribute(pkcs11.CKA_SERIAL_NUMBER, serial),
		pkcs11.NewAttribute(pkcs11.CKA_LABEL, "login"), named(k.ID()),
	})
	if err != nil {
		return fmt.Errorf("write the certificate to the card: %w", err)
	}
	return c.drop(func(id []byte) bool { return !bytes.Equal(id, k.ID()) })
}

// Drop takes a key off the card.
func (c *card) Drop(k Key) error {
	return c.drop(func(id []byte) bool { return bytes.Equal(id, k.ID()) })
}

// drop takes keys and certificates off the card, by their ids.
func (c *card) drop(which func(id []byte) bool) error {
	for _, of := range []uint{pkcs11.CKO_CERTIFICATE, pkcs11.CKO_PRIVATE_KEY, pkcs11.CKO_PUBLIC_KEY} {
		found, err := c.find(class(of))
		if err != nil {
			return err
		}
		for _, o := range slices.Backward(found) {
			id, err := c.attribute(o, pkcs11.CKA_ID)
			if err == nil && which(id) {
				err = c.p.DestroyObject(c.session, o)
			}
			if err != nil {
				return fmt.Errorf("take a key off the card: %w", err)
			}
		}
	}
	return nil
}
