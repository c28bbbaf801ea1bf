package entry

import (
	"signpost/internal/careid/provider"
	"signpost/internal/national/authn"
)

// refusalWords are what a page says of a sign-in that cannot go on.
type refusalWords struct{ Title, Says, Cure string }

var refusals = map[provider.Reason]refusalWords{
	provider.NoAuthenticator: {
		Title: "You cannot sign in to this service here",
		Says:  "The service asks for a way of signing in that is not available here.",
		Cure:  "Contact the service's own help desk and quote the reference below.",
	},
	provider.Inactive: {
		Title: "Your Care Identity is not active",
		Says:  "You proved who you are, but your Care Identity is suspended, closed or not ready to use.",
		Cure:  "Ask your registration authority to look at your profile. They can make it active again.",
	},
	provider.LevelTooLow: {
		Title: "This service needs a stronger authenticator",
		Says:  "The authenticator you used works, but the service asks for a higher level of assurance.",
		Cure:  "Ask your registration authority for a security key or another authenticator of the higher level.",
	},
	provider.NotApproved: {
		Title: "Your organisation has not approved this authenticator",
		Says:  "The authenticator you used works, but your organisation does not allow it for signing in.",
		Cure:  "Use another authenticator, or ask your registration authority which ones are approved.",
	},
	provider.WrongPerson: {
		Title: "You signed in as somebody else",
		Says:  "The service asked for the person who signed in before, and your authenticator belongs to another Care Identity.",
		Cure:  "Sign in with an authenticator of your own, or go back to the service, sign out there and start again.",
	},
	provider.Cancelled: {
		Title: "You did not finish signing in",
		Says:  "Your authenticator did not answer. This happens if you cancelled, waited too long, or used a key that is not registered.",
		Cure:  "Try again. If you use a security key, plug it in first and touch it when it lights up.",
	},
}

// howTo says, for each kind, what the person does next.
var howTo = map[authn.Kind]refusalWords{
	authn.SecurityKey: {Title: "Use your security key", Says: "Plug in your security key or hold it to your device. Enter its PIN and touch it when your browser asks.",
		Cure: "If your browser offers several choices, choose security key or external security key."},
	authn.WindowsHello: {Title: "Use Windows Hello", Says: "Your browser asks for your face, your fingerprint or your Windows Hello PIN.",
		Cure: "Windows Hello works only on the device where you registered it."},
	authn.Passkey: {Title: "Use your passkey", Says: "Your browser asks you to use the passkey on this device, or to scan a QR code with your phone or tablet.",
		Cure: "If the passkey is on a phone, switch on Bluetooth on both devices and keep them close."},
}

// hints stand under each choice of authenticator.
var hints = map[authn.Kind]string{
	authn.SecurityKey:      "A physical key that you plug in or tap",
	authn.WindowsHello:     "Face, fingerprint or PIN on this computer",
	authn.Passkey:          "On an iPhone, iPad or Android device",
	authn.AuthenticatorApp: "A 6-digit code from an app on your phone",
}
