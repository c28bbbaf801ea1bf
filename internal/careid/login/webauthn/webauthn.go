// Package webauthn serves the pages on which security keys, Windows Hello, iPads and passkeys are proved and bound. A
// script on the page lets the browser ask the authenticator, and posts its answer.
package webauthn

import (
	"net/http"

	"github.com/a-h/templ"

	"signpost/internal/careid/authenticator/webauthn"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/provider"
	"signpost/internal/platform/web/form"
)

// keyName ends the path of the form that the script fills in, optionsName the one from which it gets what the browser
// needs.
const (
	keyName     = "key"
	optionsName = "options"
)

// answer has the fields that the script fills in: the authenticator's answer, or the name of the browser's error.
var answer = []form.Field{form.Hidden("answer"), form.Hidden("failed")}

// forScript tells the script what to ask the browser for, and from where it gets what the browser needs, with the seal
// that it sends there.
func forScript(r *http.Request, shown, options *form.Rendered, ceremony string) error {
	sealed, err := options.Sealed(r.Context())
	shown.Attributes = templ.Attributes{
		"data-ceremony": ceremony, "data-options": options.Action(), "data-options-seal": sealed,
	}
	return err
}

// New makes the method for WebAuthn, with its pages.
func New(d step.Dependencies) (step.Way, error) {
	party, err := webauthn.New(d.Origin, d.Name, d.ManagedDevices)
	return step.Way{
		Method:  party,
		Proof:   func(p step.Prover) step.Pages[provider.Flow] { return provePages{p} },
		Binding: func(b step.Binder) step.Pages[step.BindingFlow] { return bindPages{b} },
		Prompt:  prompt,
	}, err
}
