package step

import (
	"net/http"
	"net/url"
	"slices"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/provider"
	"signpost/internal/platform/web"
)

// Prover is what the pages of one method have of the sign-in in which they are a step.
type Prover struct {
	*SignIn
	Method authenticator.Method
}

// Prover gives a way what its pages need of the sign-in.
func (s *SignIn) Prover(way Way) Prover { return Prover{SignIn: s, Method: way.Method} }

// Handler answers a form of a sign-in.
type Handler[F any] func(w http.ResponseWriter, r *http.Request, f F) error

// guesses is how many passwords or codes one address may try in a minute on a node: a whole hospital
// may share an address at the start of a shift.
const guesses = 120

// Handle answers what is posted to an address below the sign-in's, while one of the method's kinds is to be proved.
func (p Prover) Handle(s *web.Site, name string, h Handler[provider.Flow]) {
	s.Handle(Pattern("POST", "/"+name), p.UnderWay(), p.during(h))
}

// HandleGuess is Handle for what somebody could guess by trying.
func (p Prover) HandleGuess(s *web.Site, name string, h Handler[provider.Flow]) {
	s.Handle(Pattern("POST", "/"+name), p.UnderWay(), s.PerMinute(guesses, p.during(h)))
}

func (p Prover) during(h Handler[provider.Flow]) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f := FlowOf(r)
		if f.Next() != provider.StepProve || !slices.Contains(p.Method.Kinds(), f.State.Chosen) {
			return Over
		}
		return h(w, r, f)
	}
}

// Begin begins the ceremony with what was posted, and keeps its state.
func (p Prover) Begin(r *http.Request, f provider.Flow) (authenticator.Ceremony, error) {
	c, err := p.Method.BeginProof(r.Context(), p.attempt(r, f))
	if err != nil {
		return c, err
	}
	return c, p.Provider.KeepCeremony(r.Context(), f, c.State)
}

// Finish finishes the ceremony with what was posted and follows what comes of it. The device then knows how somebody
// signed in on it.
func (p Prover) Finish(w http.ResponseWriter, r *http.Request, f provider.Flow) error {
	proof, err := p.Method.FinishProof(r.Context(), p.attempt(r, f))
	if err != nil {
		return p.fall(w, r, f, err)
	}
	out, err := p.prove(r, f, proof)
	if err != nil {
		return p.fall(w, r, f, err)
	}
	remember(w, out)
	return p.Follow(w, r, f, out)
}

func (p Prover) attempt(r *http.Request, f provider.Flow) authenticator.Attempt {
	return authenticator.Attempt{
		DB: p.DB, Actor: web.Actor(r), Kind: f.State.Chosen, State: f.State.Ceremony, Form: posted(r),
	}
}

// posted gives what came in the body of a request.
func posted(r *http.Request) url.Values {
	_ = r.PostFormValue("") // it reads the body, if nothing has
	return r.PostForm
}
