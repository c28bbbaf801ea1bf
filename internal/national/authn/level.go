package authn

import (
	"strconv"
)

// Level is an authenticator assurance level as NIST SP 800-63B counts them; NoLevel is none.
type Level int

// The levels.
const (
	NoLevel Level = 0
	AAL1    Level = 1
	AAL2    Level = 2
	AAL3    Level = 3
)

// String is the level as people write it, such as "AAL3".
func (l Level) String() string {
	if l == NoLevel {
		return "none"
	}
	return "AAL" + strconv.Itoa(int(l))
}

// Claim is the level as the claim authentication_assurance_level carries it: a string of one digit.
func (l Level) Claim() string { return strconv.Itoa(int(l)) }

// Binding holds what was established about a credential when it was bound.
type Binding struct {
	UserVerified      bool // the authenticator checked a PIN, a finger or a face
	DeviceBound       bool // the key cannot leave the device: WebAuthn's "backup eligible" flag is clear
	Attested          bool // an attestation that chains to a trusted root proved the make
	AttestationWanted bool // the organisation's policy accepts only attested makes for AAL3
}

// LevelOf is the level that one credential gives; it is stored with the credential.
//
// Smartcards, the iPad app, authenticator apps and NHS.net Connect have the level of their kind. A
// WebAuthn credential without user verification is one factor only and gives no level. One that can be
// synced is not hardware, so AAL2 at most, whatever it was bound as. One without attestation is AAL2
// if the policy wants attestation, and is otherwise believed to be the device it says it is. The caller
// looks the policy up: this is the one place where it lowers a level.
func LevelOf(k Kind, b Binding) Level {
	if !k.Needs(WebAuthn) {
		return k.MaxLevel()
	}
	if !b.UserVerified {
		return NoLevel
	}
	if !b.DeviceBound || (b.AttestationWanted && !b.Attested) {
		return min(k.MaxLevel(), AAL2)
	}
	return k.MaxLevel()
}
