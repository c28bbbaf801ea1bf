package step

import (
	"errors"
	"net/http"
	"slices"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/provider"
	"signpost/internal/national/authn"
	"signpost/internal/platform/tries"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// Prover gives the pages of one method the sign-in that they are a step of.
type Prover struct {
	*SignIn
	Method authenticator.Method
}

// Prover makes the Prover for the pages of a way.
func (s *SignIn) Prover(way Way) Prover { return Prover{SignIn: s, Method: way.Method} }

// Handler answers a form of a sign-in.
type Handler[F any] func(w http.ResponseWriter, r *http.Request, f F) error

// maxGuesses is how many passwords, codes or other answers one network address may send in a minute on a node: at the
// start of a shift, a whole hospital may share an address.
const maxGuesses = 120

// HandleScript lets a handler answer what a script posts to a name below the sign-in's path, while one of the method's
// kinds is to be proved.
func (p Prover) HandleScript(s *web.Site, name string, h Handler[provider.Flow]) {
	p.HandlePost(s, name, p.whileProving(h))
}

// KindField names the field by which the script of the page of the choice says what it asks the browser for.
const KindField = "authenticator"

// HandlePrompt is HandleScript, also for the page of the choice, from which the script says for which kind it is.
func (p Prover) HandlePrompt(s *web.Site, name string, h Handler[provider.Flow]) {
	chosen := p.whileProving(h)
	asking := SignInForm(words.Language{}, name, form.Hidden(KindField))
	p.HandlePost(s, name, func(w http.ResponseWriter, r *http.Request) error {
		kind := authn.Kind(asking.Read(r).Value(KindField))
		if f, prompting := FlowOf(r).Prompting(kind); prompting && slices.Contains(p.Method.Kinds(), kind) {
			return h(w, r, f)
		}
		return chosen(w, r)
	})
}

// HandleGuess lets a handler answer a form while one of the method's kinds is to be proved. It limits the tries, as
// somebody could guess what the form asks for.
func (p Prover) HandleGuess(s *web.Site, sent form.Form, h Handler[provider.Flow]) {
	p.HandleAnswer(s, sent, p.paced(h))
}

// HandleAnswer is HandleGuess for what nobody guesses, such as the answer of a key or of a card. A network in which
// many were wrong is not slowed: that would keep out those who know a password.
func (p Prover) HandleAnswer(s *web.Site, sent form.Form, h Handler[provider.Flow]) {
	p.HandleForm(s, sent, s.PerMinute(maxGuesses, p.whileProving(h)))
}

// paced looks at no more answers of strangers once too many from their network were wrong, and counts those that are.
func (p Prover) paced(h Handler[provider.Flow]) Handler[provider.Flow] {
	return func(w http.ResponseWriter, r *http.Request, f provider.Flow) error {
		browser := p.Provider.Known().Of(r)
		err := p.Pace.Check(r.Context(), web.Actor(r), browser)
		if errors.Is(err, tries.ErrPace) {
			way, err := p.Ways.Of(f.State.Chosen)
			if err != nil {
				return err
			}
			return way.Proof(p.SignIn.Prover(way)).Show(w, r, f, tries.ErrPace)
		}
		if err != nil {
			return err
		}
		answer := h(w, r, f)
		var wrong *authenticator.WrongAnswer
		if !errors.As(answer, &wrong) {
			return answer
		}
		if err := p.Pace.Count(r.Context(), web.Actor(r), browser); err != nil {
			return err
		}
		return answer
	}
}

func (p Prover) whileProving(h Handler[provider.Flow]) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f := FlowOf(r).Answering()
		if f.Next() != provider.StepProve || !slices.Contains(p.Method.Kinds(), f.State.Chosen) {
			return authenticator.ErrOvertaken
		}
		if repeated(r, f.State.Answers, p.DB.Now()) {
			return authenticator.ErrOvertaken
		}
		return h(w, r, f)
	}
}

// Begin begins the ceremony with what was typed, if anything was, and keeps its state. What was typed is an answer too
// where the method takes it for one, such as a password.
func (p Prover) Begin(r *http.Request, f provider.Flow, typed *form.Rendered) (authenticator.Ceremony, error) {
	c, err := p.Method.BeginProof(r.Context(), p.attempt(r, f, typed))
	var wrong *authenticator.WrongAnswer
	if errors.As(err, &wrong) {
		return c, p.refuseAnswer(r, f, wrong)
	}
	if err != nil {
		return c, err
	}
	return c, p.Provider.KeepCeremony(r.Context(), f, c.State)
}

// Finish finishes the ceremony of the sign-in with what was typed and follows the provider's answer. The browser's
// device cookie then says how somebody signed in on it. Of several requests with an answer to one ceremony, one counts.
func (p Prover) Finish(w http.ResponseWriter, r *http.Request, f provider.Flow, typed *form.Rendered) error {
	if len(f.State.Ceremony) == 0 {
		return authenticator.ErrOvertaken
	}
	proof, err := p.Method.FinishProof(r.Context(), p.attempt(r, f, typed))
	var unknown *authenticator.UnknownError
	if errors.As(err, &unknown) {
		Log(r, err)
		return p.Stop(w, r, f, provider.Stop{Reason: provider.UnknownKey, Authenticator: unknown.Authenticator})
	}
	if wrong, is := authenticator.AsWrongAnswer(err); is {
		return p.refuseAnswer(r, f, wrong)
	}
	if err != nil {
		return err
	}
	out, err := p.prove(r, f, proof)
	if err != nil {
		return p.Refuse(w, r, f, err)
	}
	remember(w, out)
	return p.Follow(w, r, f, out)
}

// refuseAnswer takes the step with a wrong answer, which Settle then shows.
func (p Prover) refuseAnswer(r *http.Request, f provider.Flow, wrong *authenticator.WrongAnswer) error {
	Log(r, wrong)
	return p.Provider.RefuseAnswer(r.Context(), web.Actor(r), f, wrong)
}

func (p Prover) attempt(r *http.Request, f provider.Flow, typed *form.Rendered) authenticator.Attempt {
	return authenticator.Attempt{
		DB: p.DB, Actor: web.Actor(r), Kind: f.Kind(), State: f.State.Ceremony, Form: typed.All(),
		Browser: p.Provider.Known().Of(r),
	}
}
