package upstream

import (
	"errors"
	"fmt"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/relying"
)

var (
	errNoProvider = fault.Keyed("upstream-choice", fault.OfField(ProviderField, "Select where your account is"))
	errDown       = fault.Keyed("upstream-down", fault.SayCure(fault.Unavailable,
		"The service where your account is does not answer at the moment.",
		"Log in with another authenticator, or wait a few minutes and try again."))
	errCancelled = fault.Keyed("upstream-cancelled", fault.SayCure(fault.Unauthenticated,
		"You were not logged in to your account.",
		"Try again, or log in with another authenticator."))
	errNotAccepted = fault.Keyed("upstream-refused", fault.SayCure(fault.Unauthenticated,
		"What came back from the service where your account is cannot be accepted.",
		"Try again. If it happens again, tell the service desk, and log in with another authenticator."))
	errOneFactor = fault.Keyed("upstream-one-factor", fault.SayCure(fault.Forbidden,
		"The service where your account is did not say that it asked you for a second proof, such as a code.",
		"Set that up for your account with your local IT team, or log in with another authenticator."))
	errUnbound = fault.Keyed("upstream-unbound", fault.SayCure(fault.Unauthenticated,
		"This account is not connected to a Care Identity.",
		"Log in with another authenticator, or ask your registration authority for a link to connect it."))
	errBound = fault.Keyed("upstream-bound", fault.SayCure(fault.Conflict,
		"This account is connected to a Care Identity already.",
		"If it is not yours, tell your registration authority."))
	errOnTrial = fault.Keyed("upstream-trial", fault.SayCure(fault.Forbidden,
		"Your organisation does not take part yet in logging in with accounts like this.",
		"Log in with another authenticator, or ask your registration authority for one."))
)

// inWords gives what a person is told of a failure at a provider; the log has the failure itself.
func inWords(err error) error {
	said := errNotAccepted
	switch {
	case errors.Is(err, relying.Unreachable), errors.Is(err, relying.ClientRefused):
		said = errDown
	case errors.Is(err, relying.Denied), errors.Is(err, relying.NeedsSignIn):
		said = errCancelled
	case errors.Is(err, relying.AuthenticationLow):
		said = errOneFactor
	}
	return &failure{said: said, cause: err}
}

// failure is a fault for people with what really happened, for the log.
type failure struct{ said, cause error }

// Error says what happened.
func (f *failure) Error() string { return fmt.Sprintf("account elsewhere: %v", f.cause) }

// Unwrap gives what people are told.
func (f *failure) Unwrap() error { return f.said }
