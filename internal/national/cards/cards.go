// Package cards has the words that go between the program at a card reader and whoever issues smartcards.
package cards

import "time"

// The paths on Care Identity Management.
const (
	IssuePath  = "/smartcards/v1/issue"
	RenewPath  = "/smartcards/v1/renew"
	UnlockPath = "/smartcards/v1/unlock"
	ListPath   = "/smartcards/revoked.crl" // of the certificates that are worth nothing
)

// Request asks for what a code allows, or, to renew, what the card itself shows.
type Request struct {
	Code      string `json:"code,omitempty"`
	Request   []byte `json:"request,omitempty"`    // for a certificate (PKCS #10), in DER
	UnlockKey string `json:"unlock_key,omitempty"` // of a new card
	Old       []byte `json:"old,omitempty"`        // the certificate that the card has, in DER
	Signature []byte `json:"signature,omitempty"`  // of the request, with the key of the old certificate
}

// Response gives what was asked for, or says why not.
type Response struct {
	Certificate []byte    `json:"certificate,omitempty"` // in DER
	Until       time.Time `json:"until,omitzero"`        // it is valid
	UnlockKey   string    `json:"unlock_key,omitempty"`
	Problem     string    `json:"problem,omitempty"`
	Cure        string    `json:"cure,omitempty"`
}
