package bind

import (
	"time"

	"signpost/internal/careid/authenticator/webauthn"
	"signpost/internal/national/authn"
)

// state is one binding under way. Secrets in it are sealed.
type state struct {
	Invitation string              `json:"invitation"`
	UUID       string              `json:"uuid"`
	Kind       authn.Kind          `json:"kind"`
	Code       []byte              `json:"code,omitempty"` // that was mailed; none if the address typed was not the identity's
	CodeRight  bool                `json:"code_right,omitempty"`
	Password   string              `json:"password,omitempty"` // its hash
	Secret     []byte              `json:"secret,omitempty"`   // of the authenticator app
	Challenge  *webauthn.Challenge `json:"challenge,omitempty"`
}

// step is what a binding needs next.
type step string

const (
	stepCode     step = "code"     // the code that was mailed
	stepPassword step = "password" // a password for the authenticator app
	stepApp      step = "app"      // the app takes its secret and shows a code
	stepKey      step = "key"      // the browser makes a credential
)

// next says what comes next.
func next(s state) step {
	switch {
	case !s.CodeRight:
		return stepCode
	case s.Kind.Needs(authn.WebAuthn):
		return stepKey
	case s.Password == "":
		return stepPassword
	}
	return stepApp
}

// A binding may take this long once its link was opened.
const life = 30 * time.Minute
