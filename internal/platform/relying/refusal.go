package relying

import (
	"fmt"

	"signpost/internal/platform/fault"
)

// Reason is why a sign-in came to nothing; ask with errors.Is.
type Reason string

// The reasons.
const (
	Malformed         Reason = "malformed answer" // a parameter missing or repeated
	WrongState        Reason = "wrong state"      // not an answer to what this browser asked
	WrongIssuer       Reason = "wrong issuer"     // an answer from another provider
	Denied            Reason = "denied"           // the person cancelled, or the provider did not let them in
	NeedsSignIn       Reason = "needs sign-in"    // asked without showing a page, and a page is needed
	CodeRefused       Reason = "code refused"     // used before, or too old
	ClientRefused     Reason = "client refused"   // we are set up wrongly at the provider
	Unreachable       Reason = "unreachable"      // the provider does not answer, or not as it should
	Untrusted         Reason = "untrusted token"  // the ID token is not what it should be
	WrongSubject      Reason = "wrong subject"    // userinfo is about somebody else
	Stale             Reason = "stale"            // proved themselves too long ago
	AuthenticationLow Reason = "authentication level too low"
	IdentityLow       Reason = "identity level too low"
)

// Error makes a Reason an error.
func (r Reason) Error() string { return string(r) }

var faults = map[Reason]error{
	Malformed: fault.SayCure(fault.Invalid, "What came back from Care Identity could not be read.", startAgain),
	WrongState: fault.SayCure(fault.Invalid,
		"This sign-in was not started in this browser, or has been used already.", startAgain),
	WrongIssuer: fault.SayCure(fault.Unauthenticated, "This answer did not come from Care Identity.", startAgain),
	Denied: fault.SayCure(fault.Unauthenticated, "You were not signed in with Care Identity.",
		"Sign in again. If you did not cancel it yourself, ask your Registration Authority whether your Care Identity is in order."),
	NeedsSignIn: fault.SayCure(fault.Unauthenticated, "Care Identity needs you to sign in.", startAgain),
	CodeRefused: fault.SayCure(fault.Expired, "This sign-in took too long, or has been used already.", startAgain),
	ClientRefused: fault.SayCure(fault.Unavailable, "Care Identity does not accept this service at the moment.",
		"Tell the service desk. Nothing is wrong with your Care Identity."),
	Unreachable: fault.SayCure(fault.Unavailable, "Care Identity does not answer at the moment.",
		"Try again in a few minutes."),
	Untrusted:    fault.SayCure(fault.Unauthenticated, "We could not be sure that this answer came from Care Identity.", startAgain),
	WrongSubject: fault.SayCure(fault.Unauthenticated, "Care Identity gave the details of two different people.", startAgain),
	Stale: fault.SayCure(fault.Unauthenticated, "You signed in to Care Identity too long ago.",
		"Sign in again, and prove who you are when Care Identity asks."),
	AuthenticationLow: fault.SayCure(fault.Forbidden, "The way you signed in is not strong enough for this service.",
		"Sign in again with a stronger authenticator, such as a security key, Windows Hello or a smartcard."),
	IdentityLow: fault.SayCure(fault.Forbidden, "Your identity has not been checked to the level this service needs.",
		"Ask your Registration Authority to check your identity."),
}

const startAgain = "Start again from the sign-in page."

// refuse joins the reason, the words for the person, and the detail, which is for the log alone.
func refuse(r Reason, detail error) error {
	return fmt.Errorf("%w: %w: %w", r, detail, faults[r])
}

// refusef is refuse with the detail in place.
func refusef(r Reason, format string, args ...any) error {
	return refuse(r, fmt.Errorf(format, args...))
}
