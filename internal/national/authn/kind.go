// Package authn names the kinds of authenticator that a Care Identity can have, the assurance level
// each gives, and the classes of authentication (acr) by which a service asks for them.
//
// It decides from what it is told. It knows no person, no stored credential and no protocol: whoever
// holds a credential says what it is, and this package says what it is worth.
package authn

// Kind is a kind of authenticator. The text is stored and sent; it never changes once released.
type Kind string

// The kinds of authenticator.
const (
	SmartcardHSCN     Kind = "smartcard_hscn"     // NHS smartcard with Identity Agent, over HSCN
	SmartcardInternet Kind = "smartcard_internet" // NHS smartcard with Smartcard Connect, over the internet
	IPad              Kind = "ipad"               // the iPad app: Touch ID or Face ID, one device a person
	SecurityKey       Kind = "security_key"       // a FIDO2 key that plugs in or taps
	WindowsHello      Kind = "windows_hello"      // FIDO2 in the computer itself
	Passkey           Kind = "passkey"            // a passkey on a phone or tablet
	AuthenticatorApp  Kind = "authenticator_app"  // six-digit codes: Microsoft Authenticator or any other such app
	NHSMail           Kind = "nhsmail"            // sign-in with NHS.net Connect, which was NHSmail
)

// The values of the amr claim that this package knows.
const (
	AMRSmartcardHSCN     = "N3_SMARTCARD"
	AMRSmartcardInternet = "CIS2_SMARTCARD"
	AMRIPad              = "IOS"
	AMRFIDO2             = "FIDO2"
	AMRPasskey           = "PASSKEY" // our own: the national value is not published
	AMRTOTP              = "TOTP"
	AMRNHSMail           = "NHSMAIL"
)

type kindFacts struct {
	kind  Kind
	label string
	most  Level
	amr   string
}

// The order is that of the sign-in page.
var kinds = []kindFacts{
	{SmartcardHSCN, "Smartcard (HSCN)", AAL3, AMRSmartcardHSCN},
	{SmartcardInternet, "Smartcard (internet)", AAL3, AMRSmartcardInternet},
	{SecurityKey, "Security Key", AAL3, AMRFIDO2},
	{WindowsHello, "Windows Hello", AAL3, AMRFIDO2},
	{IPad, "iPad", AAL3, AMRIPad},
	{Passkey, "Passkey", AAL2, AMRPasskey},
	{AuthenticatorApp, "Authenticator app", AAL2, AMRTOTP},
	{NHSMail, "NHS.net Connect", AAL2, AMRNHSMail},
}

// Kinds gives every kind, in the order in which the sign-in page lists them.
func Kinds() []Kind {
	all := make([]Kind, 0, len(kinds))
	for _, f := range kinds {
		all = append(all, f.kind)
	}
	return all
}

// Valid reports whether k is a kind we know.
func (k Kind) Valid() bool { return k.facts().kind != "" }

// Label is the name the sign-in page shows; empty for a kind we do not know.
func (k Kind) Label() string { return k.facts().label }

// AMR is the value of the amr claim after sign-in with this kind; empty for a kind we do not know.
// The security key and Windows Hello share one, as both are FIDO2.
func (k Kind) AMR() string { return k.facts().amr }

// Most is the highest level that an authenticator of this kind can have. What one credential has is
// LevelOf, which may be less.
func (k Kind) Most() Level { return k.facts().most }

// WebAuthn reports whether the kind is proved by a WebAuthn ceremony.
func (k Kind) WebAuthn() bool { return k == SecurityKey || k == WindowsHello || k == Passkey }

// Smartcard reports whether the kind is an NHS smartcard, by either network.
func (k Kind) Smartcard() bool { return k == SmartcardHSCN || k == SmartcardInternet }

func (k Kind) facts() kindFacts {
	for _, f := range kinds {
		if f.kind == k {
			return f
		}
	}
	return kindFacts{}
}
