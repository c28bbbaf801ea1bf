package carddoor

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"time"

	"signpost/internal/platform/certificate"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/seal"
)

// Tickets are what the pages of a ceremony and the door send each other, by the browser: a ticket to the door, and its
// answer back. Both are sealed: no browser can read them or make one up.
type Tickets struct {
	Box   *seal.Box
	Door  string // the address of the door
	Login string // the address of the sign-in service
}

// ticket is what the door is told.
type ticket struct {
	Ceremony string    `json:"ceremony"` // the number of the ceremony that asks
	Back     string    `json:"back"`     // the path of its page
	Made     time.Time `json:"made"`
}

// Card is the certificate of a card that the door met.
type Card struct {
	Fingerprint string    `json:"fingerprint"`
	Issuer      string    `json:"issuer"` // the SHA-256 of its name
	Serial      string    `json:"serial"`
	Until       time.Time `json:"until"` // it is valid
}

// Answer is what the door says.
type Answer struct {
	Ceremony string              `json:"ceremony"`
	At       time.Time           `json:"at"`
	Problem  certificate.Problem `json:"problem,omitempty"` // for which the card is not accepted
	Card     Card                `json:"card,omitzero"`     // also where there is a problem with it
}

// What tickets and answers are sealed for, and how long they may be used. An answer goes back at once.
const (
	ticketContext = "smartcard-door/ticket"
	answerContext = "smartcard-door/answer"

	ticketLife = 15 * time.Minute
	answerLife = time.Minute
)

// The path of the door, and the parameters of what is sent there and back.
const (
	path        = "/card"
	ticketField = "ticket"
	// AnswerField is the parameter in which the page gets the door's answer.
	AnswerField = "card"
)

// To gives the address of the door for a ceremony, whose page is at the path back.
func (t *Tickets) To(ceremony, back string, now time.Time) (string, error) {
	sealed, err := t.seal(ticket{Ceremony: ceremony, Back: back, Made: now}, ticketContext)
	return t.Door + path + "?" + url.Values{ticketField: {sealed}}.Encode(), err
}

// back gives the address of a ceremony's page with the door's answer.
func (t *Tickets) back(to ticket, a Answer) (string, error) {
	sealed, err := t.seal(a, answerContext)
	return t.Login + to.Back + "?" + url.Values{AnswerField: {sealed}}.Encode(), err
}

// Open reads the door's answer to a ceremony. An answer to another one, or an old one, is fault.Expired.
func (t *Tickets) Open(sealed, ceremony string, now time.Time) (a Answer, err error) {
	if err := t.open(sealed, answerContext, &a); err != nil {
		return Answer{}, err
	}
	if a.Ceremony != ceremony || ceremony == "" {
		return Answer{}, fmt.Errorf("the answer is to another ceremony: %w", fault.Expired)
	}
	if age := now.Sub(a.At); age < -answerLife || age > answerLife {
		return Answer{}, fmt.Errorf("the answer is of %s: %w", a.At, fault.Expired)
	}
	return a, nil
}

func (t *Tickets) seal(content any, context string) (string, error) {
	plain, err := json.Marshal(content)
	if err != nil {
		return "", fmt.Errorf("seal for %s: %w", context, err)
	}
	return base64.RawURLEncoding.EncodeToString(t.Box.Seal(plain, context)), nil
}

func (t *Tickets) open(text, context string, content any) error {
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return fmt.Errorf("read %s: %w: %w", context, err, fault.Expired)
	}
	plain, err := t.Box.Open(sealed, context)
	if err != nil {
		return fmt.Errorf("%w: %w", err, fault.Expired)
	}
	if err := json.Unmarshal(plain, content); err != nil {
		return fmt.Errorf("read %s: %w: %w", context, err, fault.Expired)
	}
	return nil
}
