// Package webauthn is the pages on which security keys, Windows Hello and passkeys are proved and bound. The browser
// asks them by a script, which posts their answer.
package webauthn

import (
	"signpost/internal/careid/authenticator/webauthn"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/provider"
)

// New makes the method for WebAuthn, with its pages.
func New(g step.Ground) (step.Way, error) {
	party, err := webauthn.New(g.Origin, g.Name, webauthn.Policy{})
	return step.Way{
		Method:  party,
		Proof:   func(p step.Prover) step.Pages[provider.Flow] { return provePages{p} },
		Binding: func(b step.Binder) step.Pages[step.BindingFlow] { return bindPages{b} },
	}, err
}
