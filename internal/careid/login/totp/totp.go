// Package totp serves the pages on which authenticator apps are proved and bound.
package totp

import (
	"signpost/internal/careid/authenticator/totp"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/provider"
	"signpost/internal/platform/session"
)

// New makes the method for authenticator apps, with its pages.
func New(d step.Dependencies) (step.Way, error) {
	apps := &totp.Keeper{Hasher: d.Hasher, Box: d.Box}
	crowd := &session.Crowd{}
	return step.Way{
		Method: apps,
		Proof: func(p step.Prover) step.Pages[provider.Flow] {
			return provePages{Prover: p, forgotten: forgottenPages{Prover: p, apps: apps, crowd: crowd}}
		},
		Binding: func(b step.Binder) step.Pages[step.BindingFlow] { return bindPages{Binder: b, apps: apps} },
	}, nil
}
