// Package issuing manages smartcards of an authority of one's own, for tests and for small sites: a real one can take
// its place, whose cards are then added by a link.
//
// Whoever looks after people allows an act by a code, which is typed at the reader; the program there makes the key on
// the card and asks for its certificate. What was allowed, and what was done, is recorded here. The package does not
// know who may allow what; its callers decide that.
package issuing

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"sync"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/authenticator/smartcard"
	"signpost/internal/careid/identity"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/tries"
)

// Desk issues cards.
type Desk struct {
	DB        *db.DB
	Box       *seal.Box
	Authority *Authority

	mutex  sync.Mutex
	list   []byte
	listed time.Time // when the list was signed
}

// listAge is how old the list may be that is handed out: strangers ask for it, and a security module signs slowly.
const listAge = 30 * time.Second

// Kind is the kind of authenticator that a card is which is issued here.
const Kind = authn.SmartcardInternet

// Act is what is done at a reader.
type Act string

// The acts.
const (
	Issue  Act = "issue"  // a new card
	Renew  Act = "renew"  // another certificate for a card, with another key: when the last ends, or is broken
	Unlock Act = "unlock" // another PIN for a card that was locked
)

// lives say how long a code for each act may be used.
var lives = map[Act]time.Duration{Issue: time.Hour, Renew: time.Hour, Unlock: 15 * time.Minute}

// The kinds of events that this package records.
const (
	eventAllowed  audit.Kind = "smartcard.allowed"
	eventIssued   audit.Kind = "smartcard.issued"
	eventRenewed  audit.Kind = "smartcard.renewed"
	eventUnlocked audit.Kind = "smartcard.unlocked"
	eventRefused  audit.Kind = "smartcard.refused"
)

// The faults of cards.
var (
	errAct  = fault.OfField("act", "Select what is to be done at the reader")
	errCode = fault.SayCure(fault.Forbidden, "The code is not right, was used, or has ended.",
		"Ask your registration authority for another one. A code to unlock a card works for 15 minutes.")
	errHasCard = fault.SayCure(fault.Conflict, "This person has a smartcard already.",
		"Cancel it first if they lost it, or renew it.")
	errNoCard = fault.SayCure(fault.Conflict, "This person has no smartcard that was issued here.",
		"Issue one first.")
	errNotActive = fault.SayCure(fault.Conflict, "The Care Identity or the smartcard cannot be used.",
		"Ask your registration authority.")
	errEarly = fault.SayCure(fault.Conflict, "A card renews its certificate itself in its last 90 days only.",
		"Wait until then, or ask your registration authority for a code.")
	errOver = fault.SayCure(fault.Forbidden, "The certificate of the card has ended, was replaced, or is none of ours.",
		"Ask your registration authority for a code to renew it.")
)

const insertCode = `INSERT INTO smartcard_code (digest, uuid, act, authenticator_id, made_at, ends_at)
	VALUES ($1, $2, $3, $4, $5, $6)`

const endCodes = `UPDATE smartcard_code SET ends_at = $3
	WHERE uuid = $1 AND act = $2 AND used_at IS NULL AND ends_at > $3`

// Allow lets an act be done for a care identity, once, by whoever has the code that it gives. Older codes for that end.
// It is a part of an Update whose caller has made sure that its actor may allow this.
func Allow(ctx context.Context, w *db.W, uuid string, act Act) (code string, ends time.Time, err error) {
	life, known := lives[act]
	if !known {
		return "", ends, errAct
	}
	id, err := cardFor(ctx, w, uuid, act)
	if err != nil {
		return "", ends, err
	}
	if _, err := w.Exec(ctx, endCodes, uuid, string(act), w.Now()); err != nil {
		return "", ends, fmt.Errorf("end older codes: %w", err)
	}
	code = random.Code()
	ends = w.Now().Add(life)
	if _, err := w.Exec(ctx, insertCode, random.Digest(code), uuid, string(act), id, w.Now(), ends); err != nil {
		return "", ends, fmt.Errorf("keep code: %w", err)
	}
	return random.Grouped(code), ends, w.Record(ctx, audit.Event{
		Kind: eventAllowed, Subject: identity.Ref(uuid),
		After: map[string]any{"act": act, "authenticator": id, "ends": ends},
	})
}

// cardFor gives the card that an act is for; none where it is to make one.
func cardFor(ctx context.Context, r db.R, uuid string, act Act) (id string, err error) {
	cards, err := smartcard.IssuedTo(ctx, r, uuid)
	switch {
	case err != nil:
		return "", err
	case act == Issue && len(cards) > 0:
		return "", errHasCard
	case act == Issue:
		return "", nil
	case len(cards) == 0:
		return "", errNoCard
	}
	return cards[0].AuthenticatorID, nil
}

// allowed is what a code allows.
type allowed struct {
	uuid, authenticatorID string
}

const selectCode = `SELECT uuid, authenticator_id FROM smartcard_code
	WHERE digest = $1 AND act = $2 AND used_at IS NULL AND ends_at > $3`

const useCode = `UPDATE smartcard_code SET used_at = $2 WHERE digest = $1 AND used_at IS NULL`

// use uses a code up for an act on somebody who may have a card. Of a wrong one there is an event.
func use(ctx context.Context, w *db.W, code string, act Act) (a allowed, err error) {
	digest := random.Digest(random.Ungrouped(code))
	a, err = db.One(ctx, w, func(scan db.Scanner) (a allowed, err error) {
		err = scan(&a.uuid, &a.authenticatorID)
		return a, err
	}, selectCode, digest, string(act), w.Now())
	if errors.Is(err, fault.NotFound) {
		return a, w.RefuseLeaving(ctx, errCode, func(ctx context.Context) error { return noteWrong(ctx, w, act) })
	}
	if err != nil {
		return a, err
	}
	if err := w.Change(ctx, useCode, digest, w.Now()); err != nil {
		return a, fmt.Errorf("use code: %w", err)
	}
	return a, usable(ctx, w, a)
}

// wrongCodes bounds the events of wrong codes, as strangers can send them without end.
var wrongCodes = tries.Limit{WrongTry: eventRefused, Max: 100, First: time.Hour, Longest: time.Hour}

func noteWrong(ctx context.Context, w *db.W, act Act) error {
	subject := audit.Ref{Kind: "smartcard", ID: string(act)}
	e := audit.Event{Kind: eventRefused, Subject: subject, Reason: "a wrong code"}
	_, err := wrongCodes.Record(ctx, w, tries.At{Subject: subject}, e)
	return err
}

// usable refuses acts on whoever may not have a card, and on cards that may not be used.
func usable(ctx context.Context, r db.R, a allowed) error {
	i, err := identity.ByUUID(ctx, r, a.uuid)
	if err != nil {
		return err
	}
	if i.Status != identity.Active {
		return errNotActive
	}
	if a.authenticatorID == "" {
		return nil
	}
	card, err := authenticator.ByID(ctx, r, a.authenticatorID)
	if err == nil && card.Status != authenticator.Active {
		err = errNotActive
	}
	return err
}

// Made is a certificate for a card.
type Made struct {
	Certificate []byte    // in DER
	Until       time.Time // it is valid
}

const insertCard = `INSERT INTO smartcard_card (authenticator_id, sealed_unlock_key) VALUES ($1, $2)`

// Issue issues the certificate of a new card, which asks for it, and keeps the key by which it can be unlocked.
func (d *Desk) Issue(ctx context.Context, by actor.Actor, code string, request []byte, unlockKey string) (Made, error) {
	asked, err := readRequest(request)
	if err != nil {
		return Made{}, err
	}
	return db.Write(ctx, d.DB, by, func(w *db.W) (Made, error) {
		a, err := use(ctx, w, code, Issue)
		if err != nil {
			return Made{}, err
		}
		if _, err := cardFor(ctx, w, a.uuid, Issue); err != nil {
			return Made{}, err
		}
		c, err := d.Authority.issue(asked, a.uuid, w.Now())
		if err != nil {
			return Made{}, err
		}
		id, err := smartcard.BindIssued(ctx, w, a.uuid, c)
		if err != nil {
			return Made{}, err
		}
		if _, err := w.Exec(ctx, insertCard, id, d.Box.Seal([]byte(unlockKey), sealedFor(id))); err != nil {
			return Made{}, fmt.Errorf("keep unlock key of smartcard: %w", err)
		}
		if err := authenticator.BeginCare(ctx, w, id); err != nil {
			return Made{}, err
		}
		added := authenticator.Notice{UUID: a.uuid, AuthenticatorID: id, Change: authenticator.WasAdded}
		if err := authenticator.Tell(ctx, w, added); err != nil {
			return Made{}, err
		}
		return record(ctx, w, eventIssued, id, c)
	})
}

func sealedFor(id string) string { return "smartcard-unlock/" + id }

// record records that a certificate was made.
func record(ctx context.Context, w *db.W, kind audit.Kind, id string, c *x509.Certificate) (Made, error) {
	card := smartcard.CardOf(c)
	return Made{Certificate: c.Raw, Until: c.NotAfter}, w.Record(ctx, audit.Event{
		Kind: kind, Subject: authenticator.Ref(id),
		After: map[string]any{"certificate": card.Fingerprint, "serial": card.Serial, "until": c.NotAfter},
	})
}

// Renew issues another certificate for a card, by a code. What it had before ends.
func (d *Desk) Renew(ctx context.Context, by actor.Actor, code string, request []byte) (Made, error) {
	asked, err := readRequest(request)
	if err != nil {
		return Made{}, err
	}
	return db.Write(ctx, d.DB, by, func(w *db.W) (Made, error) {
		a, err := use(ctx, w, code, Renew)
		if err != nil {
			return Made{}, err
		}
		return d.replace(ctx, w, a, asked)
	})
}

func (d *Desk) replace(ctx context.Context, w *db.W, a allowed, asked *x509.CertificateRequest) (Made, error) {
	c, err := d.Authority.issue(asked, a.uuid, w.Now())
	if err != nil {
		return Made{}, err
	}
	if err := smartcard.Replace(ctx, w, a.authenticatorID, a.uuid, c); err != nil {
		return Made{}, err
	}
	err = authenticator.Tell(ctx, w, authenticator.Notice{
		UUID: a.uuid, AuthenticatorID: a.authenticatorID, Change: authenticator.WasCardRenewed,
	})
	if err != nil {
		return Made{}, err
	}
	return record(ctx, w, eventRenewed, a.authenticatorID, c)
}

// RenewByCard issues another certificate for a card in the last 90 days of the one that it has, with whose key it
// signed the request.
func (d *Desk) RenewByCard(ctx context.Context, by actor.Actor, request, old, signature []byte) (Made, error) {
	asked, err := readRequest(request)
	if err != nil {
		return Made{}, err
	}
	c, err := x509.ParseCertificate(old)
	if err != nil || !fits(c.PublicKey) || !signed(c, request, signature) {
		return Made{}, errOver
	}
	return db.Write(ctx, d.DB, by, func(w *db.W) (Made, error) {
		owned, err := smartcard.OwnerOf(ctx, w, c)
		if errors.Is(err, fault.NotFound) || err == nil && !w.Now().Before(c.NotAfter) {
			return Made{}, errOver
		}
		if err != nil {
			return Made{}, err
		}
		if w.Now().Before(c.NotAfter.Add(-Renewal)) {
			return Made{}, errEarly
		}
		a := allowed{uuid: owned.UUID, authenticatorID: owned.AuthenticatorID}
		if err := usable(ctx, w, a); err != nil {
			return Made{}, err
		}
		return d.replace(ctx, w, a, asked)
	})
}

// signed reports whether the key of a certificate signed a request.
func signed(c *x509.Certificate, request, signature []byte) bool {
	sum := sha256.Sum256(request)
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) == nil
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(key, sum[:], signature)
	}
	return false
}

const selectUnlockKey = `SELECT sealed_unlock_key FROM smartcard_card WHERE authenticator_id = $1`

// Unlock gives the key by which a locked card takes another PIN, by a code.
func (d *Desk) Unlock(ctx context.Context, by actor.Actor, code string) (unlockKey string, err error) {
	return db.Write(ctx, d.DB, by, func(w *db.W) (string, error) {
		a, err := use(ctx, w, code, Unlock)
		if err != nil {
			return "", err
		}
		sealed, err := db.One(ctx, w, db.Column[[]byte], selectUnlockKey, a.authenticatorID)
		if err != nil {
			return "", fmt.Errorf("read unlock key of smartcard: %w", err)
		}
		plain, err := d.Box.Open(sealed, sealedFor(a.authenticatorID))
		if err != nil {
			return "", err
		}
		notice := authenticator.Notice{
			UUID: a.uuid, AuthenticatorID: a.authenticatorID, Change: authenticator.WasCardUnlocked,
		}
		if err := authenticator.Tell(ctx, w, notice); err != nil {
			return "", err
		}
		unlocked := audit.Event{Kind: eventUnlocked, Subject: authenticator.Ref(a.authenticatorID)}
		return string(plain), w.Record(ctx, unlocked)
	})
}

// List gives the list of the certificates that are worth nothing, in DER.
func (d *Desk) List(ctx context.Context) ([]byte, error) {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	now := d.DB.Now()
	if d.list != nil && now.Sub(d.listed) < listAge {
		return d.list, nil
	}
	list, err := d.signList(ctx)
	if err == nil {
		d.list = list
		d.listed = now
	}
	return list, err
}

func (d *Desk) signList(ctx context.Context) ([]byte, error) {
	return db.Read(ctx, d.DB, func(r db.R) ([]byte, error) {
		entries, err := smartcard.Revoked(ctx, r)
		if err != nil {
			return nil, fmt.Errorf("list revoked certificates: %w", err)
		}
		return d.Authority.list(entries, r.Now())
	})
}

// Cancel removes the cards of a care identity that were issued here: their certificates are on the list from then on.
// It is a part of an Update whose caller has made sure that its actor may do this.
func Cancel(ctx context.Context, w *db.W, uuid, reason string) error {
	cards, err := smartcard.IssuedTo(ctx, w, uuid)
	if err != nil {
		return err
	}
	if len(cards) == 0 {
		return errNoCard
	}
	for _, c := range cards {
		if err := authenticator.Remove(ctx, w, c.AuthenticatorID, reason); err != nil {
			return err
		}
	}
	return nil
}
