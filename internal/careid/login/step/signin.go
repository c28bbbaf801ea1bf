package step

import (
	"context"
	"errors"
	"net/http"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/session"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// SignIn is what the pages of a sign-in stand on.
type SignIn struct {
	DB       *db.DB
	Provider *provider.Provider
	Frame    frame.Frame
	Ways     Ways
	Another  []Another // further ways in, after those of the provider
}

// Another is a way to sign in that is no kind of authenticator's.
type Another struct {
	Value string // of its radio
	Label words.Key
	Path  func(flowID string) string
}

type flowKey struct{}

// Over are the words for a sign-in that cannot be gone on with.
var Over = words.Fault(fault.Expired, "over")

var otherBrowser = words.Fault(fault.Expired, "other-browser")

// UnderWay lets through the browser that a sign-in belongs to.
func (s *SignIn) UnderWay() web.Guard {
	return web.Guard{Name: "the browser of this sign-in", Check: s.check}
}

func (s *SignIn) check(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
	f, err := s.load(r)
	if err != nil {
		return nil, err
	}
	web.FormsLeadTo(w, f.State.Request.Origin())
	r = s.Frame.Speak(w, r, f.State.Request.Locales)
	return r.WithContext(context.WithValue(r.Context(), flowKey{}, f)), nil
}

// load reads the sign-in that the path names, if it is this browser's.
func (s *SignIn) load(r *http.Request) (provider.Flow, error) {
	id := r.PathValue("flow")
	f, err := s.Provider.Load(r.Context(), id, web.Cookie(r, provider.FlowCookie(id)))
	switch {
	case errors.Is(err, provider.ErrOtherBrowser):
		return f, otherBrowser
	case errors.Is(err, fault.Expired):
		return f, Over
	}
	return f, err
}

// FlowPattern is the path of a sign-in, as routes have it.
const FlowPattern = provider.FlowPath + "{flow}"

// Pattern is the pattern of a path below the sign-in's own.
func Pattern(method, below string) string { return method + " " + FlowPattern + below }

// FlowOf is the sign-in that UnderWay let through.
func FlowOf(r *http.Request) provider.Flow {
	f, _ := r.Context().Value(flowKey{}).(provider.Flow) // the guard put it there
	return f
}

// Here is where a sign-in's next page is.
func Here(f provider.Flow) string { return provider.FlowPath + f.ID }

// Prove hands a proof to the provider and follows what comes of it.
func (s *SignIn) Prove(w http.ResponseWriter, r *http.Request, f provider.Flow, proof authenticator.Proof) error {
	out, err := s.prove(r, f, proof)
	if err != nil {
		return s.fall(w, r, f, err)
	}
	return s.Follow(w, r, f, out)
}

func (s *SignIn) prove(r *http.Request, f provider.Flow, proof authenticator.Proof) (provider.Outcome, error) {
	return s.Provider.Prove(r.Context(), web.Actor(r), f, web.Cookie(r, session.Cookie), proof)
}

// fall sends the browser to the page of a refusal, where the error is one.
func (s *SignIn) fall(w http.ResponseWriter, r *http.Request, f provider.Flow, err error) error {
	var refused *provider.Refusal
	var barred *authenticator.Barred
	var why provider.Refusal
	switch {
	case errors.As(err, &refused):
		why = *refused
	case errors.As(err, &barred):
		Log(r, err)
		if why, err = s.Provider.Bar(r.Context(), f, barred.Authenticator); err != nil {
			return err
		}
	default:
		return err
	}
	if err := s.Provider.Fall(r.Context(), f, why); err != nil {
		return err
	}
	return web.SeeOther(w, r, Here(f), "")
}

// Stop ends at the page of a refusal where nobody was proved. said is what the browser said, for the service desk.
func (s *SignIn) Stop(w http.ResponseWriter, r *http.Request, f provider.Flow, why provider.Reason, said string) error {
	Log(r, errors.New(string(why)))
	if err := s.Provider.Stop(r.Context(), web.Actor(r), f, why, said); err != nil {
		return err
	}
	return web.SeeOther(w, r, Here(f), "")
}

// Follow sends the browser where a step led: back to the service, or to the next page.
func (s *SignIn) Follow(w http.ResponseWriter, r *http.Request, f provider.Flow, out provider.Outcome) error {
	if out.Cookie != "" {
		web.SetCookie(w, session.Cookie, out.Cookie, 0)
	}
	if out.Answer.Empty() {
		return web.SeeOther(w, r, Here(f), "")
	}
	web.ClearCookie(w, provider.FlowCookie(f.ID))
	return s.Provider.Send(w, r, out.Answer)
}

// Form gives a form that is posted to a name below the sign-in's address, and says in it what was wrong, if anything
// was.
func (s *SignIn) Form(r *http.Request, name string, problem error, fields ...form.Field) *form.Rendered {
	l := s.Frame.Language(r)
	f := form.Form{Path: FlowPattern + "/" + name, Words: frame.FormWords(l), Fields: fields}.New(r)
	f.Explain(problem)
	return f
}

// Show shows a page of what is under way, with what was wrong.
type Show[F any] func(w http.ResponseWriter, r *http.Request, f F, problem error) error

// Again shows the page once more with what was wrong, if that is for the person to mend.
func (s *SignIn) Again(
	w http.ResponseWriter, r *http.Request, f provider.Flow, err error, show Show[provider.Flow],
) error {
	if !frame.HasWords(err) || errors.Is(err, fault.Expired) || errors.Is(err, fault.Conflict) {
		return err
	}
	return show(w, r, f, err)
}
