package webauthn

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/provider"
	"signpost/internal/national/authn"
	"signpost/internal/platform/web"
)

// provePages is the page on which the browser asks for a registered authenticator.
type provePages struct{ step.Prover }

// Mount adds the addresses that the page and its script post to.
func (p provePages) Mount(s *web.Site) {
	p.HandlePrompt(s, optionsName, p.options)
	p.HandleAnswer(s, step.SignInForm(words.Language{}, keyName, answer...), p.key)
}

type proveView struct {
	step.View
	Text     words.Text
	NoScript string // what to do without JavaScript
}

// Show shows the page.
func (p provePages) Show(w http.ResponseWriter, r *http.Request, f provider.Flow, problem error) error {
	l := p.Frame.Language(r)
	text := l.HowTo(f.State.Chosen)
	shown := step.SignInForm(l, keyName, answer...).New(r)
	shown.Explain(problem)
	v := proveView{View: p.View(r, f, text.Title, shown), Text: text, NoScript: l.Say("key.no_script_alone")}
	if err := forScript(r, shown, p.Button(r, optionsName), "get"); err != nil {
		return err
	}
	if ways := withoutScript(f.Offered()); len(ways) > 0 {
		v.NoScript = l.Say("key.no_script_ways", "ways", l.Labels(ways))
	}
	return web.Show(w, r, shown.Status(), provePage(v))
}

// prompt gives the form by which the page of the choice asks the browser. Authenticators of a kind that comes up by
// itself do so where the page shows the kind.
func prompt(
	p step.Prover, r *http.Request, f provider.Flow, kinds []authn.Kind,
) (templ.Component, error) {
	shown := step.SignInForm(p.Frame.Language(r), keyName, answer...).New(r)
	shown.For.Turn = f.State.Answers.Turn()
	if err := forScript(r, shown, p.Button(r, optionsName), "get"); err != nil {
		return nil, err
	}
	for _, k := range kinds {
		if k.Declared().ComesUp {
			shown.Attributes["data-comes-up"] = string(k)
		}
	}
	return promptForm(shown), nil
}

// withoutScript gives the kinds that can be proved without JavaScript.
func withoutScript(kinds []authn.Kind) []authn.Kind {
	return slices.DeleteFunc(slices.Clone(kinds), func(k authn.Kind) bool { return k.Needs(authn.Script) })
}

// options gives the script what the browser's dialog needs, and saves the challenge.
func (p provePages) options(w http.ResponseWriter, r *http.Request, f provider.Flow) error {
	c, err := p.Begin(r, f, nil)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, c.Options)
}

// key takes the authenticator's answer, or the name of the browser's error if there is no answer.
func (p provePages) key(w http.ResponseWriter, r *http.Request, f provider.Flow) error {
	typed := step.SignInForm(p.Frame.Language(r), keyName, answer...).Read(r)
	failed := typed.Value("failed")
	if failed != "" || typed.Value("answer") == "" {
		return p.Stop(w, r, f, unanswered(failed))
	}
	return p.Finish(w, r, f, typed)
}

// unanswered says why there was no answer, from the name of the browser's error (WebAuthn §5.1.4). A name that is not
// on the list could be any text, and is not kept for the service desk.
func unanswered(name string) provider.Stop {
	switch name {
	case "":
		return provider.Stop{Reason: provider.NoScript}
	case "NotSupportedError", "SecurityError":
		return provider.Stop{Reason: provider.Unsupported, Browser: name}
	case "NotAllowedError", "AbortError", "InvalidStateError", "UnknownError", "ConstraintError":
		return provider.Stop{Reason: provider.Cancelled, Browser: name}
	}
	return provider.Stop{Reason: provider.Cancelled, Browser: "another error"}
}
