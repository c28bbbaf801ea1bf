package smartcard

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/carddoor"
	"signpost/internal/national/authn"
	"signpost/internal/platform/certificate"
	"signpost/internal/platform/db"
)

// BindIssued adds a card to a care identity whose certificate an authority of our own issued, and gives the id of its
// authenticator.
func BindIssued(ctx context.Context, w *db.W, uuid string, c *x509.Certificate) (id string, err error) {
	kind := authn.SmartcardInternet
	level, why := authn.LevelOf(kind, authn.Binding{})
	id, err = authenticator.Bind(ctx, w, authenticator.New{UUID: uuid, Kind: kind, Level: level, Why: why})
	if err != nil {
		return "", err
	}
	return id, addIssued(ctx, w, id, uuid, c)
}

const insertIssued = `INSERT INTO smartcard_certificate (fingerprint, authenticator_id, uuid, issuer, serial, not_after,
	ours) VALUES ($1, $2, $3, $4, $5, $6, TRUE)`

func addIssued(ctx context.Context, w *db.W, id, uuid string, c *x509.Certificate) error {
	card := CardOf(c)
	_, err := w.Exec(ctx, insertIssued, card.Fingerprint, id, uuid, card.Issuer, card.Serial, card.Until)
	if err != nil {
		return fmt.Errorf("keep certificate of smartcard: %w", err)
	}
	return nil
}

// CardOf describes a certificate as the door does.
func CardOf(c *x509.Certificate) carddoor.Card {
	issuer := sha256.Sum256(c.RawIssuer)
	return carddoor.Card{
		Fingerprint: certificate.Fingerprint(c), Issuer: hex.EncodeToString(issuer[:]),
		Serial: c.SerialNumber.String(), Until: c.NotAfter,
	}
}

const endCertificates = `UPDATE smartcard_certificate SET replaced_at = $2
	WHERE authenticator_id = $1 AND replaced_at IS NULL`

// Replace gives a card another certificate in place of those that it had, which are worth nothing from then on.
func Replace(ctx context.Context, w *db.W, id, uuid string, c *x509.Certificate) error {
	if _, err := w.Exec(ctx, endCertificates, id, w.Now()); err != nil {
		return fmt.Errorf("end certificates of smartcard: %w", err)
	}
	return addIssued(ctx, w, id, uuid, c)
}

// Owned is a card that was found by its certificate.
type Owned struct{ AuthenticatorID, UUID string }

const selectOwned = `SELECT authenticator_id, uuid FROM smartcard_certificate
	WHERE fingerprint = $1 AND ours AND replaced_at IS NULL`

// OwnerOf finds the card that has a certificate of our own authority, or fault.NotFound.
func OwnerOf(ctx context.Context, r db.R, c *x509.Certificate) (Owned, error) {
	return db.One(ctx, r, func(scan db.Scanner) (o Owned, err error) {
		err = scan(&o.AuthenticatorID, &o.UUID)
		return o, err
	}, selectOwned, certificate.Fingerprint(c))
}

// Issued is the certificate that a card of our own authority has now.
type Issued struct {
	AuthenticatorID string
	Until           time.Time
}

const selectIssued = `SELECT c.authenticator_id, c.not_after FROM smartcard_certificate c
	JOIN authenticator a ON a.id = c.authenticator_id
	WHERE c.uuid = $1 AND c.ours AND c.replaced_at IS NULL AND a.status <> 'removed' ORDER BY c.not_after`

// IssuedTo lists the cards of our own authority that a care identity has.
func IssuedTo(ctx context.Context, r db.R, uuid string) ([]Issued, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (i Issued, err error) {
		err = scan(&i.AuthenticatorID, db.At(&i.Until))
		return i, err
	}, selectIssued, uuid)
	if err != nil {
		return nil, fmt.Errorf("list smartcards: %w", err)
	}
	return list, nil
}

// A certificate stays on the list until a while after it would have ended by itself.
const selectRevoked = `SELECT c.serial, c.replaced_at FROM smartcard_certificate c
	JOIN authenticator a ON a.id = c.authenticator_id
	WHERE c.ours AND c.not_after > $1 AND (c.replaced_at IS NOT NULL OR a.status <> 'active') ORDER BY c.serial`

// Revoked lists the certificates of our own authority that are worth nothing: those that others replaced, and those of
// cards that are suspended or removed.
func Revoked(ctx context.Context, r db.R) ([]x509.RevocationListEntry, error) {
	return db.All(ctx, r, func(scan db.Scanner) (e x509.RevocationListEntry, err error) {
		var serial string
		if err = scan(&serial, db.At(&e.RevocationTime)); err != nil {
			return e, err
		}
		number, is := new(big.Int).SetString(serial, 10)
		if !is {
			return e, errors.New("a serial number that is none")
		}
		e.SerialNumber = number
		if e.RevocationTime.IsZero() {
			e.RevocationTime = r.Now()
		}
		return e, nil
	}, selectRevoked, r.Now().Add(-24*time.Hour))
}

const selectEnds = `SELECT authenticator_id, MAX(not_after) FROM smartcard_certificate WHERE authenticator_id IN (`

// cardEnd is a smartcard with the end of its certificate.
type cardEnd struct {
	id   string
	ends time.Time
}

// EndsOf says until when the certificates of some authenticators are valid, by their ids. Those that are no smartcards
// are left out.
func EndsOf(ctx context.Context, r db.R, ids []string) (map[string]time.Time, error) {
	found := map[string]time.Time{}
	if len(ids) == 0 {
		return found, nil
	}
	var args db.Arguments
	list, err := db.All(ctx, r, func(scan db.Scanner) (c cardEnd, err error) {
		err = scan(&c.id, db.At(&c.ends))
		return c, err
	}, selectEnds+db.AddEach(&args, ids)+`) AND replaced_at IS NULL GROUP BY authenticator_id`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read ends of smartcards: %w", err)
	}
	for _, c := range list {
		found[c.id] = c.ends
	}
	return found, nil
}
