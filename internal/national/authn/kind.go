// Package authn names the kinds of authenticator that a Care Identity can have, the assurance level
// each gives, and the classes of authentication (acr) by which a service asks for them.
//
// It decides by the facts that the caller gives. It knows no person, no stored credential and no protocol: the
// caller describes a credential, and this package says which level it has.
package authn

import (
	"slices"
	"strings"
	"unicode"
)

// Kind is a kind of authenticator. The text is stored and sent; it never changes once released.
type Kind string

// The kinds of authenticator.
const (
	SmartcardHSCN     Kind = "smartcard_hscn"     // NHS smartcard with Identity Agent, over HSCN
	SmartcardInternet Kind = "smartcard_internet" // NHS smartcard with Smartcard Connect, over the internet
	IPad              Kind = "ipad"               // an iPad that an organisation manages: Touch ID or Face ID
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

// Need is something that a device or a network must have before an authenticator works on it. The text may be
// stored and sent.
type Need string

// The needs.
const (
	NHSNetwork   Need = "nhs_network"   // the Health and Social Care Network
	CardReader   Need = "card_reader"   // a smartcard reader and the software for it
	Cookies      Need = "cookies"       // of the sign-in service, which the browser keeps
	Script       Need = "script"        // JavaScript in the browser
	WebAuthn     Need = "webauthn"      // a browser that reaches authenticators by WebAuthn
	SecureChip   Need = "secure_chip"   // a TPM in a Windows computer, and Windows Hello set up
	Port         Need = "port"          // a USB port or an NFC reader
	Phone        Need = "phone"         // a phone or tablet of the person's own
	Clock        Need = "clock"         // the right time where codes are made
	Bluetooth    Need = "bluetooth"     // on both devices, where the authenticator is on another one
	ManagedIPad  Need = "managed_ipad"  // an iPad that the organisation manages
	MailPlatform Need = "mail_platform" // an account at NHS.net Connect
)

// Enrolment is how a care identity gets an authenticator of a kind.
type Enrolment string

// The ways to get one. For all but a card the registration authority sends a one-time link.
const (
	CardIssued       Enrolment = "card"    // the registration authority issues a card
	CredentialMade   Enrolment = "browser" // the browser makes a credential
	SecretShared     Enrolment = "app"     // the person sets a password, and an app takes a secret
	DeviceRegistered Enrolment = "device"  // the browser of a managed device makes a credential that stays on it
	AccountConnected Enrolment = "account" // the person signs in to an account they have elsewhere
)

// Declaration describes a kind of authenticator. It holds everything that differs between kinds and is needed
// outside the code that binds and proves them.
type Declaration struct {
	Kind      Kind
	Label     string // the name that people know
	Phrase    string // as a sentence has it: "a security key"; kinds that people do not tell apart share one
	MaxLevel  Level  // the highest that an authenticator of this kind can have; LevelOf says what one credential has
	AMR       string // the value of the amr claim; kinds may share one
	Needs     []Need // of the device on which somebody signs in, and of its network
	ComesUp   bool   // browsers offer one by themselves, where a page lets them (WebAuthn's conditional mediation)
	Only      bool   // a person has one of them at most
	Shared    bool   // several people can each use their own on one shared computer
	Enrolment Enrolment
	Also      []string // other names that people write
	Lost      string   // how one can be lost or broken, and what to do then

	// Models are numbers (AAGUIDs) by which authenticators of this kind alone call themselves. Nothing proves that they
	// are; it is enough to tell people who chose another kind by mistake.
	Models []string

	Attestation Attestation // what a credential that a browser makes needs to be AAL3; empty where none can be
}

// declarations describes every kind, in the order of the sign-in page.
var declarations = []Declaration{
	{
		Kind: SmartcardHSCN, Label: "Smartcard (HSCN)", Phrase: "a smartcard",
		MaxLevel: AAL3, AMR: AMRSmartcardHSCN,
		Needs: []Need{NHSNetwork, CardReader}, Shared: true, Enrolment: CardIssued,
		Also: []string{"Smartcard HSCN", "HSCN smartcard", "NHS smartcard HSCN"},
		Lost: "A card that is lost, broken or locked, or whose certificates have expired: cancel it and issue another.",
	},
	{
		Kind: SmartcardInternet, Label: "Smartcard (internet)", Phrase: "a smartcard",
		MaxLevel: AAL3, AMR: AMRSmartcardInternet,
		Needs: []Need{CardReader}, Shared: true, Enrolment: CardIssued,
		Also: []string{"Smartcard internet", "Smartcard", "NHS smartcard", "Internet smartcard"},
		Lost: "A card that is lost, broken or locked, or whose certificates have expired: cancel it and issue another.",
	},
	{
		Kind: SecurityKey, Label: "Security Key", Phrase: "a security key",
		MaxLevel: AAL3, AMR: AMRFIDO2,
		Needs: []Need{Script, WebAuthn, Port}, Shared: true, Enrolment: CredentialMade,
		Also:        []string{"FIDO2", "FIDO2 key", "FIDO2 security key", "YubiKey"},
		Lost:        "A key that is lost, reset or locked by wrong PINs: remove it and send a link for another.",
		Attestation: Attestation{Formats: []string{"packed"}, MinCertified: 2},
	},
	{
		Kind: WindowsHello, Label: "Windows Hello", Phrase: "Windows Hello",
		MaxLevel: AAL3, AMR: AMRFIDO2,
		Needs: []Need{Script, WebAuthn, SecureChip}, Enrolment: CredentialMade,
		Also: []string{"Windows Hello for Business", "Hello"},
		// With a chip of the computer, without one, and in the browser of an early version.
		Models: []string{
			"08987058-cadc-4b81-b6e1-30de50dcbe96", "9ddd1817-af5a-4672-a2b9-3e3dd95000a9",
			"6028b017-b1d4-4c02-b4b3-afcdafc96bb2",
		},
		Lost:        "A computer that is lost, replaced or set up anew: remove it and send a link for the new one.",
		Attestation: Attestation{Formats: []string{"tpm"}, MinCertified: 1},
	},
	{
		Kind: IPad, Label: "iPad", Phrase: "an iPad",
		MaxLevel: AAL3, AMR: AMRIPad,
		Needs: []Need{Script, WebAuthn, ManagedIPad}, Only: true, Enrolment: DeviceRegistered,
		Also:        []string{"NHS iPad", "iPad app"},
		Lost:        "An iPad that is lost, or has another face or finger now: remove it and register it again.",
		Attestation: Attestation{Formats: []string{"packed"}, Managed: true},
	},
	{
		Kind: Passkey, Label: "Passkey", Phrase: "a passkey",
		MaxLevel: AAL2, AMR: AMRPasskey,
		Needs: []Need{Script, WebAuthn, Phone, Bluetooth}, ComesUp: true, Shared: true, Enrolment: CredentialMade,
		Also: []string{"Passkeys"},
		Lost: "A phone or tablet that is lost, or replaced without its passkeys: remove it and send another link.",
	},
	{
		Kind: AuthenticatorApp, Label: "Authenticator app", Phrase: "an authenticator app",
		MaxLevel: AAL2, AMR: AMRTOTP,
		Needs: []Need{Phone, Clock}, Only: true, Shared: true, Enrolment: SecretShared,
		Also: []string{"Microsoft Authenticator", "MS Authenticator", "TOTP"},
		Lost: "A phone that is lost or replaced: remove it and send another link. Whoever has forgotten the password " +
			"alone sets another one where they log in.",
	},
	{
		Kind: NHSMail, Label: "NHS.net Connect", Phrase: "NHS.net Connect",
		MaxLevel: AAL2, AMR: AMRNHSMail,
		Needs: []Need{Phone, MailPlatform}, Shared: true, Enrolment: AccountConnected,
		Also: []string{"NHSmail", "NHSmail account"},
		Lost: "An account that is closed or replaced: remove it and send a link for the new one.",
	},
}

// Named gives the kind that people know under a name, by its letters and digits alone; false where none is known so.
func Named(name string) (Kind, bool) {
	written := plain(name)
	for _, d := range declarations {
		for _, known := range append([]string{d.Label, string(d.Kind)}, d.Also...) {
			if plain(known) == written {
				return d.Kind, true
			}
		}
	}
	return "", false
}

// plain is a name in lower case, without what is neither letter nor digit.
func plain(name string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return unicode.ToLower(c)
		}
		return -1
	}, name)
}

// Phrases names in a sentence what can have a level or a higher one: "a smartcard, a security key or Windows Hello".
func Phrases(level Level) string {
	var phrases []string
	for _, d := range declarations {
		if d.MaxLevel >= level && !slices.Contains(phrases, d.Phrase) {
			phrases = append(phrases, d.Phrase)
		}
	}
	last := len(phrases) - 1
	return strings.Join(phrases[:last], ", ") + " or " + phrases[last]
}

// OfModel gives the kind as which alone authenticators of a model are bound; false where they may be of several.
func OfModel(number string) (Kind, bool) {
	for _, d := range declarations {
		if slices.Contains(d.Models, number) {
			return d.Kind, true
		}
	}
	return "", false
}

// Kinds gives every kind, in the order in which the sign-in page lists them.
func Kinds() []Kind {
	all := make([]Kind, 0, len(declarations))
	for _, d := range declarations {
		all = append(all, d.Kind)
	}
	return all
}

// Declared gives the declaration of a kind; empty for one that we do not know.
func (k Kind) Declared() Declaration {
	for _, d := range declarations {
		if d.Kind == k {
			return d
		}
	}
	return Declaration{}
}

// Valid reports whether k is a kind we know.
func (k Kind) Valid() bool { return k.Declared().Kind != "" }

// Label is the name the sign-in page shows; empty for a kind we do not know.
func (k Kind) Label() string { return k.Declared().Label }

// AMR is the value of the amr claim after sign-in with this kind; empty for a kind we do not know.
// The security key and Windows Hello share one, as both are FIDO2.
func (k Kind) AMR() string { return k.Declared().AMR }

// LabelsOf names by what people signed in whose amr claim has a value: each kind that shares it; empty for none.
func LabelsOf(amr string) string {
	var labels []string
	for _, d := range declarations {
		if d.AMR == amr {
			labels = append(labels, d.Label)
		}
	}
	return strings.Join(labels, " or ")
}

// MaxLevel is the highest level that an authenticator of this kind can have; NoLevel for a kind we do not know.
func (k Kind) MaxLevel() Level { return k.Declared().MaxLevel }

// Common lists what logging in needs, whatever the authenticator.
func Common() []Need { return []Need{Cookies} }

// Needs reports whether an authenticator of this kind works only with a certain thing.
func (k Kind) Needs(n Need) bool { return slices.Contains(k.Declared().Needs, n) }
