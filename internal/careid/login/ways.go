package login

import (
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/login/smartcard"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/totp"
	"signpost/internal/careid/login/upstream"
	"signpost/internal/careid/login/webauthn"
)

// ways makes each method with its pages. A further kind of authenticator is one more line here.
var ways = []func(step.Dependencies) (step.Way, error){
	webauthn.New,
	totp.New,
	smartcard.New,
	upstream.New,
}

// NewWays makes the methods by which authenticators are proved and bound, each with its pages.
func NewWays(d step.Dependencies) (step.Ways, error) {
	all := make([]step.Way, 0, len(ways))
	for _, newWay := range ways {
		way, err := newWay(d)
		if err != nil {
			return step.Ways{}, err
		}
		all = append(all, way)
	}
	return authenticator.NewRegistry(all...)
}

// CallbackPath gives the path to which a provider of accounts elsewhere sends browsers back, by its name.
func CallbackPath(name string) string { return upstream.CallbackPath(name) }
