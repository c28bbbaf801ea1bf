package relying

import (
	"fmt"

	"signpost/internal/platform/fault"
)

// Reason is the reason why a sign-in failed; ask with errors.Is.
type Reason string

// The reasons.
const (
	Malformed         Reason = "malformed answer" // a parameter missing or repeated
	WrongState        Reason = "wrong state"      // not an answer to this browser's request
	WrongIssuer       Reason = "wrong issuer"     // an answer from another provider
	Denied            Reason = "denied"           // the person cancelled, or the provider did not let them in
	NeedsSignIn       Reason = "needs sign-in"    // asked without showing a page, and a page is needed
	CodeRefused       Reason = "code refused"     // used before, or too old
	ClientRefused     Reason = "client refused"   // the provider does not accept our client or its request
	Unreachable       Reason = "unreachable"      // the provider does not answer, or answers incorrectly
	Untrusted         Reason = "untrusted token"  // the ID token is not valid
	WrongSubject      Reason = "wrong subject"    // userinfo is about somebody else
	TokenRefused      Reason = "token refused"    // the provider does not take an access token, or no longer
	Stale             Reason = "stale"            // the person authenticated too long ago
	AuthenticationLow Reason = "authentication level too low"
)

// Error makes a Reason an error.
func (r Reason) Error() string { return string(r) }

// faultCodes gives the code of each failure. The site that signs people in adds the text.
var faultCodes = map[Reason]fault.Code{
	Malformed: fault.Invalid, WrongState: fault.Invalid, WrongIssuer: fault.Unauthenticated,
	Denied: fault.Unauthenticated, NeedsSignIn: fault.Unauthenticated, CodeRefused: fault.Expired,
	ClientRefused: fault.Unavailable, Unreachable: fault.Unavailable, Untrusted: fault.Unauthenticated,
	WrongSubject: fault.Unauthenticated, TokenRefused: fault.Unauthenticated, Stale: fault.Unauthenticated,
	AuthenticationLow: fault.Forbidden,
}

// refuse joins the reason with the detail, which only the log shows.
func refuse(r Reason, detail error) error {
	return fmt.Errorf("%w: %w: %w", r, detail, faultCodes[r])
}

// refusef is refuse with a formatted detail.
func refusef(r Reason, format string, args ...any) error {
	return refuse(r, fmt.Errorf(format, args...))
}
