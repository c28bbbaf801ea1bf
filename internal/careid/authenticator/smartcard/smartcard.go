// Package smartcard binds and proves smartcards: the smartcard door meets the card's certificate, and this package
// knows whose it is.
//
// That the person was there and knew the PIN is shown by the card itself, whose key signs only after its PIN was
// entered: nothing that reaches a server says so, and nothing needs to, as long as the authority issues such
// certificates for keys on cards alone. The door makes each visit a connection of its own, so that each needs the card.
//
// It shows no pages, and looks at no certificate.
package smartcard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/carddoor"
	"signpost/internal/careid/identity"
	"signpost/internal/national/authn"
	"signpost/internal/platform/certificate"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// Keeper binds and proves smartcards.
type Keeper struct {
	Tickets *carddoor.Tickets // nil where there is no door, so that no card can be used
	Legacy  bool              // there is a network in which cards are used as the Identity Agent did
}

// Kinds gives the kinds of smartcards that can be used here.
func (k *Keeper) Kinds() []authn.Kind {
	switch {
	case k.Tickets == nil:
		return nil
	case k.Legacy:
		return []authn.Kind{authn.SmartcardHSCN, authn.SmartcardInternet}
	}
	return []authn.Kind{authn.SmartcardInternet}
}

// ceremony is the state of a proof or a binding.
type ceremony struct {
	Number string `json:"card_ceremony"` // which the door's answer names
}

func begin() (c authenticator.Ceremony, err error) {
	if c.State, err = json.Marshal(ceremony{Number: random.Secret()}); err != nil {
		return c, fmt.Errorf("encode ceremony of smartcard: %w", err)
	}
	return c, nil
}

// BeginProof begins a sign-in by the owner of any card.
func (k *Keeper) BeginProof(context.Context, authenticator.Attempt) (authenticator.Ceremony, error) {
	return begin()
}

// BeginBinding begins to add a card to a care identity.
func (k *Keeper) BeginBinding(
	context.Context, authenticator.Attempt, identity.Identity,
) (authenticator.Ceremony, error) {
	return begin()
}

// Door gives the address of the door for a ceremony with a state, whose page is at the path back.
func (k *Keeper) Door(state json.RawMessage, back string, now time.Time) (string, error) {
	number, err := numberIn(state)
	if err != nil {
		return "", err
	}
	return k.Tickets.To(number, back, now)
}

func numberIn(state json.RawMessage) (string, error) {
	var c ceremony
	if err := json.Unmarshal(state, &c); err != nil {
		return "", fmt.Errorf("read ceremony of smartcard: %w", err)
	}
	if c.Number == "" {
		return "", errors.New("the ceremony is none of a smartcard")
	}
	return c.Number, nil
}

// AnswerField is the field of a form that has the door's answer.
const AnswerField = carddoor.AnswerField

// card reads from an attempt which card the door met, or why it does not accept it.
func (k *Keeper) card(a authenticator.Attempt) (carddoor.Card, error) {
	number, err := numberIn(a.State)
	if err != nil {
		return carddoor.Card{}, err
	}
	answer, err := k.Tickets.Open(a.Form.Get(AnswerField), number, a.DB.Now())
	if errors.Is(err, fault.Expired) {
		return carddoor.Card{}, errLate
	}
	if err != nil {
		return carddoor.Card{}, err
	}
	if answer.Problem != "" {
		return answer.Card, problems[answer.Problem]
	}
	return answer.Card, nil
}

// FinishProof gives the Proof that accepts the card that the door met.
func (k *Keeper) FinishProof(_ context.Context, a authenticator.Attempt) (authenticator.Proof, error) {
	card, err := k.card(a)
	if err != nil {
		return authenticator.Proof{}, counted(card, err)
	}
	return authenticator.Proof{Accept: func(ctx context.Context, w *db.W) (authenticator.Proven, error) {
		return accept(ctx, w, a, card)
	}}, nil
}

func accept(
	ctx context.Context, w *db.W, attempt authenticator.Attempt, card carddoor.Card,
) (authenticator.Proven, error) {
	none := authenticator.Proven{}
	id, err := boundTo(ctx, w, card)
	if errors.Is(err, fault.NotFound) {
		return none, counted(card, errUnbound)
	}
	if err != nil {
		return none, err
	}
	a, err := authenticator.MayProve(ctx, w, id, attempt.Browser)
	if errors.Is(err, authenticator.Unusable) {
		return none, authenticator.NewBarred(authenticator.At(id, attempt.Browser), err)
	}
	if err != nil {
		return none, err
	}
	proven, err := authenticator.Accept(ctx, w, a)
	// One card is used in both ways; how it was used is what counts.
	proven.Kind = attempt.Kind
	return proven, err
}

const selectBound = `SELECT authenticator_id FROM smartcard_certificate
	WHERE fingerprint = $1 AND issuer = $2 AND serial = $3 AND replaced_at IS NULL`

// boundTo gives the authenticator that a card is, or fault.NotFound. It goes by the certificate itself, never by a name
// in it.
func boundTo(ctx context.Context, r db.R, card carddoor.Card) (id string, err error) {
	id, err = db.One(ctx, r, db.Column[string], selectBound, card.Fingerprint, card.Issuer, card.Serial)
	if err != nil {
		return "", fmt.Errorf("find smartcard: %w", err)
	}
	return id, nil
}

// FinishBinding adds the card that the door met.
func (k *Keeper) FinishBinding(_ context.Context, a authenticator.Attempt, uuid string) (authenticator.Binding, error) {
	card, err := k.card(a)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, w *db.W) (string, error) { return bind(ctx, w, uuid, a.Kind, card) }, nil
}

const forgetRemoved = `DELETE FROM smartcard_certificate WHERE fingerprint = $1
	AND authenticator_id IN (SELECT id FROM authenticator WHERE status = 'removed')`

const insertCertificate = `INSERT INTO smartcard_certificate (fingerprint, authenticator_id, uuid, issuer, serial,
	not_after) VALUES ($1, $2, $3, $4, $5, $6)`

// bind adds a card to a care identity and gives the id of the authenticator. A card that was removed from one may be
// given to another.
func bind(ctx context.Context, w *db.W, uuid string, kind authn.Kind, card carddoor.Card) (string, error) {
	level, why := authn.LevelOf(kind, authn.Binding{})
	id, err := authenticator.Bind(ctx, w, authenticator.New{UUID: uuid, Kind: kind, Level: level, Why: why})
	if err != nil {
		return "", err
	}
	if _, err := w.Exec(ctx, forgetRemoved, card.Fingerprint); err != nil {
		return "", fmt.Errorf("forget removed smartcard: %w", err)
	}
	_, err = w.Exec(ctx, insertCertificate, card.Fingerprint, id, uuid, card.Issuer, card.Serial, card.Until)
	if errors.Is(err, db.ErrUnique) {
		return "", errBound
	}
	if err != nil {
		return "", fmt.Errorf("keep certificate of smartcard: %w", err)
	}
	return id, nil
}

// problems are the faults for the problems with certificates.
var problems = map[certificate.Problem]error{
	certificate.Missing: errMissing, certificate.Unreadable: errUnreadable, certificate.Early: errEarly,
	certificate.Expired: errExpired, certificate.Untrusted: errUntrusted, certificate.Unsuitable: errUnsuitable,
	certificate.Revoked: errRevoked, certificate.Unknown: errUnconfirmed,
}
