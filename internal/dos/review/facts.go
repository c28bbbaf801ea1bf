// Package review keeps what links of accounts to Care Identities were made on, and the links that a person has to look
// at: those that a rule holds, and those whose names differ.
//
// It knows nothing of how a link is made, nor of pages.
package review

import (
	"slices"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/platform/email"
)

// Facts are what was known of both sides when somebody linked them.
type Facts struct {
	Account      AccountFacts  `json:"account"`
	CareIdentity IdentityFacts `json:"care_identity"`
	Rules        []Rule        `json:"rules"`
	Proofs       []string      `json:"proofs"` // in words
}

// AccountFacts are what was known of an account.
type AccountFacts struct {
	Username string    `json:"username"`
	Name     string    `json:"name"`
	Email    string    `json:"email"`
	Since    time.Time `json:"since"`           // of the address
	Proved   time.Time `json:"proved,omitzero"` // of the address; zero if it never was
}

// IdentityFacts are what CIS2 said of a Care Identity.
type IdentityFacts struct {
	Issuer   string `json:"issuer"`
	Subject  string `json:"subject"`
	Name     string `json:"name"`
	Email    string `json:"email,omitempty"`
	Verified bool   `json:"verified"` // the address is
	Level    int    `json:"level"`    // of the identity
}

func (i IdentityFacts) identity() account.Identity {
	return account.Identity{Issuer: i.Issuer, Subject: i.Subject}
}

// Rule is a rule that decided something about a link, with what it decided in words.
type Rule struct {
	Number string `json:"number"`
	Words  string `json:"words"`
}

// HasAddress reports whether either side has the address with a canonical key.
func (f Facts) HasAddress(key string) bool {
	return keyOf(f.Account.Email) == key || f.CameWith([]string{key})
}

// CameWith reports whether the Care Identity has one of the addresses with some canonical keys.
func (f Facts) CameWith(keys []string) bool {
	return slices.Contains(keys, keyOf(f.CareIdentity.Email))
}

// keyOf is the canonical key of an address. What is none has an address's key neither.
func keyOf(text string) string {
	address, err := email.Parse(text)
	if err != nil {
		return ""
	}
	key, _ := address.Canonical()
	return key
}

// FactsOf gives what is known of an account.
func FactsOf(a account.Account) AccountFacts {
	return AccountFacts{
		Username: a.Username, Name: a.Name(), Email: a.Email, Since: a.EmailSince, Proved: a.EmailProved,
	}
}
