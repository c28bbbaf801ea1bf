package smartcard

import (
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/carddoor"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/tries"
)

// counted makes the WrongAnswer of a card that is not accepted in a sign-in. It is counted for its certificate, which
// may be nobody's; what was no certificate is counted together, so that nobody fills the record with it.
func counted(card carddoor.Card, problem error) error {
	f, is := fault.From(problem)
	if !is {
		return problem
	}
	subject := "no-certificate"
	if card.Fingerprint != "" {
		subject = "certificate-" + card.Fingerprint
	}
	return authenticator.NewWrongTry(tries.At{Subject: authenticator.Ref(subject)}, f.Key, problem)
}

var (
	errMissing = fault.Keyed("card-missing", fault.SayCure(fault.Unauthenticated,
		"Your browser did not show us a smartcard.",
		"Put it in its reader and try again. If you are not asked for it, close all windows of your browser first."))
	errUnreadable = fault.Keyed("card-unreadable", fault.SayCure(fault.Unauthenticated,
		"What your browser showed us of your smartcard cannot be read.",
		"Try again. If it happens again, tell your local IT team that the smartcard cannot be read."))
	errEarly = fault.Keyed("card-not-yet", fault.SayCure(fault.Unauthenticated,
		"Your smartcard is not valid yet.",
		"Ask your registration authority from when it can be used, and log in another way until then."))
	errExpired = fault.Keyed("card-expired", fault.SayCure(fault.Unauthenticated,
		"Your smartcard has expired.",
		"Ask your registration authority to renew it, and log in another way until then."))
	errUntrusted = fault.Keyed("card-authority", fault.SayCure(fault.Unauthenticated,
		"What your browser showed us was not issued by an authority that is accepted here.",
		"Close all windows of your browser, try again, and choose the certificate of your smartcard."))
	errUnsuitable = fault.Keyed("card-purpose", fault.SayCure(fault.Unauthenticated,
		"What your browser showed us is not for logging in with.",
		"Close all windows of your browser, try again, and choose the certificate for logging in."))
	errRevoked = fault.Keyed("card-revoked", fault.SayCure(fault.Unauthenticated,
		"Your smartcard was cancelled.",
		"Ask your registration authority for another one. If you did not expect this, tell them at once."))
	errUnconfirmed = fault.Keyed("card-unconfirmed", fault.SayCure(fault.Unauthenticated,
		"We cannot find out now whether your smartcard is still valid.",
		"Nothing is wrong with your smartcard. Try again in a few minutes, or log in another way."))
	errUnbound = fault.Keyed("card-unbound", fault.SayCure(fault.Unauthenticated,
		"This smartcard is not registered to a Care Identity here.",
		"Ask your registration authority to register it for you, and log in another way until then."))
	errBound = fault.Keyed("card-bound", fault.SayCure(fault.Conflict,
		"This smartcard is registered to a Care Identity already.",
		"Use another one, or log in with this one. If it is not yours, tell your registration authority."))
	errLate = fault.Keyed("card-late", fault.SayCure(fault.Unauthenticated,
		"The answer of your smartcard came too late, or it belongs to another login.",
		"Use your smartcard once more."))
)
