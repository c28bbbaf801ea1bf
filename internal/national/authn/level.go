package authn

import (
	"slices"
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
	UserVerified bool   // the authenticator checked a PIN, a finger or a face
	DeviceBound  bool   // the key cannot leave the device: WebAuthn's "backup eligible" flag is clear
	Format       string // of the attestation that leads to a root of the model's maker; empty where none does
	Certified    int    // the level at which the FIDO Alliance certified the model, 1 to 3; 0 for none
	Managed      bool   // the attestation leads to a root that the operator names for devices that are managed
}

// Attestation is what proves for a kind that a credential is in the hardware that it says it is.
type Attestation struct {
	Formats      []string // of the statement, by their registered names (WebAuthn section 8)
	MinCertified int      // the lowest level of FIDO certification that is enough
	Managed      bool     // it has to say that an organisation manages the device, by a root that the operator names
}

// Why says why a credential has a lower level than its kind can have. The text is stored; empty for no reason.
type Why string

// The reasons.
const (
	Synced       Why = "synced"        // it can be copied to other devices
	Unattested   Why = "unattested"    // nothing that can be checked proves its make
	NotCertified Why = "not_certified" // its model is not certified highly enough
	Unmanaged    Why = "unmanaged"     // nothing that can be checked proves that an organisation manages the device
)

// texts say in words what each reason is.
var texts = map[Why]string{
	Synced:       "it can be copied to other devices",
	Unattested:   "nothing that can be checked proves its make",
	NotCertified: "its model is not certified highly enough, or not trusted any more",
	Unmanaged:    "nothing that can be checked proves that your organisation manages the device",
}

// Whys lists every reason.
func Whys() []Why { return []Why{Synced, Unattested, NotCertified, Unmanaged} }

// Text says in words what the reason is; empty for none.
func (w Why) Text() string { return texts[w] }

// LevelOf is the level that one credential gives; it is stored with the credential. Where that is lower than its kind
// can have, it says why.
//
// Smartcards, authenticator apps and NHS.net Connect have the level of their kind. A
// WebAuthn credential without user verification is one factor only and gives no level. One that can be
// synced is not hardware, and one whose make nothing proves may be anything, so AAL2 at most, whatever they
// were bound as (NIST SP 800-63B-4 section 2.3: at AAL3 the key cannot be exported).
func LevelOf(k Kind, b Binding) (Level, Why) {
	if !k.Needs(WebAuthn) {
		return k.MaxLevel(), ""
	}
	if !b.UserVerified {
		return NoLevel, ""
	}
	if k.MaxLevel() < AAL3 {
		return k.MaxLevel(), ""
	}
	wanted := k.Declared().Attestation
	switch {
	case !b.DeviceBound:
		return AAL2, Synced
	case wanted.Managed && !b.Managed:
		return AAL2, Unmanaged
	case !slices.Contains(wanted.Formats, b.Format):
		return AAL2, Unattested
	case b.Certified < wanted.MinCertified:
		return AAL2, NotCertified
	}
	return k.MaxLevel(), ""
}
