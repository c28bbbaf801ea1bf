package portal

import (
	"errors"
	"fmt"

	"signpost/internal/national/authn"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/relying"
)

// IdentityLow is a reason in addition to those of package relying: the person's identity was not verified to the
// level that the site needs.
const IdentityLow relying.Reason = "identity level too low"

const startAgain = "Start again from the login page."

// faults holds the fault for each reason why a sign-in failed.
var faults = map[relying.Reason]error{
	relying.Malformed: fault.SayCure(fault.Invalid, "What came back from Care Identity could not be read.", startAgain),
	relying.WrongState: fault.SayCure(fault.Invalid,
		"This login was not started in this browser, or has been used already.", startAgain),
	relying.WrongIssuer: fault.SayCure(fault.Unauthenticated, "This answer did not come from Care Identity.",
		startAgain),
	relying.Denied: fault.SayCure(fault.Unauthenticated, "You were not logged in with Care Identity.",
		"Log in again. If you did not cancel it yourself, ask your registration authority whether your Care "+
			"Identity is in order."),
	relying.NeedsSignIn: fault.SayCure(fault.Unauthenticated, "Care Identity needs you to log in.", startAgain),
	relying.CodeRefused: fault.SayCure(fault.Expired, "This login took too long, or has been used already.",
		startAgain),
	relying.ClientRefused: fault.SayCure(fault.Unavailable, "Care Identity does not accept this service at the moment.",
		"Tell the service desk. Nothing is wrong with your Care Identity."),
	relying.Unreachable: fault.SayCure(fault.Unavailable, "Care Identity is not responding at the moment.",
		"Try again in a few minutes."),
	relying.Untrusted: fault.SayCure(fault.Unauthenticated,
		"We could not be sure that this answer came from Care Identity.", startAgain),
	relying.WrongSubject: fault.SayCure(fault.Unauthenticated,
		"Care Identity gave the details of two different people.", startAgain),
	relying.TokenRefused: fault.SayCure(fault.Unauthenticated, "Care Identity does not give us your details.",
		startAgain),
	relying.Stale: fault.SayCure(fault.Unauthenticated, "You logged in to Care Identity too long ago.",
		"Log in again, and use your authenticator when Care Identity asks."),
	relying.AuthenticationLow: fault.SayCure(fault.Forbidden,
		"The way you logged in is not strong enough for this service.",
		"Log in again with a stronger authenticator: "+authn.Phrases(authn.AAL3)+"."),
	IdentityLow: fault.SayCure(fault.Forbidden, "Your identity has not been checked to the level this service needs.",
		"Ask your registration authority to check your identity."),
}

// withWords adds the fault for its reason to an error.
func withWords(err error) error {
	var reason relying.Reason
	if !errors.As(err, &reason) {
		return err
	}
	return fmt.Errorf("%w: %w", err, faults[reason])
}
