package upstream

import (
	"net/http"
	"net/url"

	"signpost/internal/careid/authenticator/upstream"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/provider"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// provePages are the page from which the browser goes to the provider, and the one to which it comes back.
type provePages struct {
	step.Prover
	accounts *upstream.Keeper
}

// Mount adds the addresses that the pages post to, and those to which providers send browsers back.
func (p provePages) Mount(s *web.Site) {
	p.HandleAnswer(s, p.connectForm(words.Language{}), p.connect)
	p.HandleAnswer(s, step.SignInForm(words.Language{}, accountName, answer...), p.account)
	s.Handle("GET "+upstream.CallbackPath("{provider}"), web.Anyone, callback)
}

func accountQuery(came string) string { return url.Values{upstream.AnswerField: {came}}.Encode() }

func (p provePages) connectForm(l words.Language) form.Form {
	return step.SignInForm(l, connectName, choice(l, p.accounts))
}

// Show shows the page that leads to the provider, or, where the browser comes from there, the one that goes on with its
// answer.
func (p provePages) Show(w http.ResponseWriter, r *http.Request, f provider.Flow, problem error) error {
	l := p.Frame.Language(r)
	if came := step.Brought(r, upstream.AnswerField); came != "" && len(f.State.Ceremony) > 0 {
		shown := step.SendOn(step.SignInForm(l, accountName, answer...).New(r), upstream.AnswerField, came)
		return web.Show(w, r, http.StatusOK, step.CameBack(p.View(r, f, l.Say("upstream.back"), shown)))
	}
	shown := offered(p.connectForm(l).New(r), p.accounts)
	shown.Explain(problem)
	return web.Show(w, r, shown.Status(), provePage(p.View(r, f, l.Say("upstream.title"), shown)))
}

// connect begins the ceremony and sends the browser to the provider.
func (p provePages) connect(w http.ResponseWriter, r *http.Request, f provider.Flow) error {
	l := p.Frame.Language(r)
	c, err := p.Begin(r, f, p.connectForm(l).Read(r))
	if err != nil {
		return p.Again(w, r, f, err, p.Show)
	}
	address, err := upstream.Address(c.State, proving+f.ID)
	if err != nil {
		return err
	}
	return toProvider(w, r, p.Frame, l, address)
}

// account takes the provider's answer.
func (p provePages) account(w http.ResponseWriter, r *http.Request, f provider.Flow) error {
	return p.Finish(w, r, f, step.SignInForm(p.Frame.Language(r), accountName, answer...).Read(r))
}
