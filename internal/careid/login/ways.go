package login

import (
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/totp"
	"signpost/internal/careid/login/webauthn"
)

// ways make each method with its pages. A further kind of authenticator is a line here.
var ways = []func(step.Ground) (step.Way, error){
	webauthn.New,
	totp.New,
}

// NewWays makes the ways in which authenticators are proved and bound here.
func NewWays(g step.Ground) (step.Ways, error) {
	all := make([]step.Way, 0, len(ways))
	for _, newWay := range ways {
		way, err := newWay(g)
		if err != nil {
			return step.Ways{}, err
		}
		all = append(all, way)
	}
	return authenticator.NewRegistry(all...)
}
