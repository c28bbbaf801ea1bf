package webauthn

import (
	"net/http"

	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/words"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
)

// bindPages is the page on which the browser makes a credential.
type bindPages struct{ step.Binder }

// Mount adds the addresses that the page and its script post to.
func (p bindPages) Mount(s *web.Site) {
	p.HandleScript(s, optionsName, p.options)
	p.HandleForm(s, step.BindingForm(words.Language{}, keyName, answer...), p.key)
}

type bindView struct {
	step.BindingView
	Kind  string
	Ready string // what the person should have ready
}

// Show shows the page.
func (p bindPages) Show(w http.ResponseWriter, r *http.Request, f step.BindingFlow, problem error) error {
	l := p.Frame.Language(r)
	shown := step.BindingForm(l, keyName, answer...).New(r)
	shown.Explain(problem)
	v := bindView{
		BindingView: p.View(r, f, l.Say("bind.key_title"), shown),
		Kind:        l.Say("bind.key_adding", "kind", l.Label(f.State.Kind)),
		Ready:       l.Ready(f.State.Kind),
	}
	if err := forScript(r, shown, step.BindingForm(l, optionsName).New(r), "create"); err != nil {
		return err
	}
	return web.Show(w, r, shown.Status(), bindPage(v))
}

// options gives the script what the browser's dialog needs, and saves the challenge.
func (p bindPages) options(w http.ResponseWriter, r *http.Request, f step.BindingFlow) error {
	c, err := p.Begin(r, f, nil)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, c.Options)
}

var (
	errNothingMade  = words.Fault(fault.Invalid, "nothing-made")
	errOnThisDevice = words.Fault(fault.Invalid, "on-this-device")
)

// unmade says why the browser made nothing, from the name of its error. It names one where the device holds a
// credential of the same person already (WebAuthn section 5.1.3).
func unmade(name string) error {
	if name == "InvalidStateError" {
		return errOnThisDevice
	}
	return errNothingMade
}

// key binds the credential that the browser made.
func (p bindPages) key(w http.ResponseWriter, r *http.Request, f step.BindingFlow) error {
	typed := step.BindingForm(p.Frame.Language(r), keyName, answer...).Read(r)
	if typed.Value("failed") != "" || typed.Value("answer") == "" {
		return p.Again(w, r, f, unmade(typed.Value("failed")), p.Show)
	}
	return p.Finish(w, r, f, typed)
}
