package upstream

import (
	"net/http"

	"signpost/internal/careid/authenticator/upstream"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/words"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// bindPages are the page from which the browser goes to the provider, and the one to which it comes back.
type bindPages struct {
	step.Binder
	accounts *upstream.Keeper
}

// Mount adds the addresses that the pages post to.
func (p bindPages) Mount(s *web.Site) {
	p.HandleForm(s, p.connectForm(words.Language{}), p.connect)
	p.HandleGuess(s, step.BindingForm(words.Language{}, accountName, answer...), p.account)
}

func (p bindPages) connectForm(l words.Language) form.Form {
	return step.BindingForm(l, connectName, choice(l, p.accounts))
}

// Show shows the page that leads to the provider, or, where the browser comes from there, the one that goes on with its
// answer.
func (p bindPages) Show(w http.ResponseWriter, r *http.Request, f step.BindingFlow, problem error) error {
	l := p.Frame.Language(r)
	if came := step.Brought(r, upstream.AnswerField); came != "" && len(f.State.Ceremony) > 0 {
		shown := step.SendOn(step.BindingForm(l, accountName, answer...).New(r), upstream.AnswerField, came)
		return web.Show(w, r, http.StatusOK, step.CameBackToBind(p.View(r, f, l.Say("upstream.back"), shown)))
	}
	shown := offered(p.connectForm(l).New(r), p.accounts)
	shown.Explain(problem)
	return web.Show(w, r, shown.Status(), bindPage(p.View(r, f, l.Say("bind.upstream_title"), shown)))
}

// connect begins the ceremony and sends the browser to the provider.
func (p bindPages) connect(w http.ResponseWriter, r *http.Request, f step.BindingFlow) error {
	l := p.Frame.Language(r)
	c, err := p.Begin(r, f, p.connectForm(l).Read(r))
	if err != nil {
		return p.Again(w, r, f, err, p.Show)
	}
	address, err := upstream.Address(c.State, binding+f.ID)
	if err != nil {
		return err
	}
	return toProvider(w, r, p.Frame, l, address)
}

// account takes the provider's answer.
func (p bindPages) account(w http.ResponseWriter, r *http.Request, f step.BindingFlow) error {
	return p.Finish(w, r, f, step.BindingForm(p.Frame.Language(r), accountName, answer...).Read(r))
}
