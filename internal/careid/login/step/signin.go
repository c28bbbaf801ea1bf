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
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/saved"
	"signpost/internal/platform/tries"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// SignIn holds what the pages of a sign-in share.
type SignIn struct {
	DB           *db.DB
	Provider     *provider.Provider
	Post         *mail.Post
	Pace         *tries.Pace // of wrong answers
	Frame        frame.Frame
	Ways         Ways
	ExtraChoices []ExtraChoice // listed after the kinds of authenticator
}

// ExtraChoice is a way to sign in that is offered beside the kinds of authenticator.
type ExtraChoice struct {
	Value string // of its radio button
	Label words.Key
	Path  func(flowID string) string
	// Chosen reports whether the browser made this choice before it came, so that it need not be asked.
	Chosen func(r *http.Request) bool
}

type flowKey struct{}

// SignInOver tells people that a sign-in cannot be continued.
var SignInOver = words.Fault(fault.Expired, "over")

var errOtherBrowser = words.Fault(fault.Expired, "other-browser")

// UnderWay lets only the browser through that began the sign-in.
func (s *SignIn) UnderWay() web.Guard {
	return web.Guard{Name: "the browser of this sign-in", Check: s.check}
}

func (s *SignIn) check(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
	f, err := s.load(r)
	if err != nil {
		return nil, err
	}
	if f.Next() == provider.StepOver && (r.Method == http.MethodPost || r.URL.Path != PathOf(f)) {
		return nil, web.Redirect{To: PathOf(f)}
	}
	r = s.Frame.SetLanguage(w, r, f.State.Request.Locales)
	return r.WithContext(context.WithValue(r.Context(), flowKey{}, f)), nil
}

// load reads the sign-in that the path names, if this browser began it.
func (s *SignIn) load(r *http.Request) (provider.Flow, error) {
	id := r.PathValue("flow")
	f, err := s.Provider.Load(r.Context(), id, provider.FlowCookies.Get(r, id))
	f = f.Only(func(k authn.Kind) bool { return s.offered(r, k) })
	switch {
	case errors.Is(err, provider.ErrOtherBrowser):
		return f, errOtherBrowser
	case errors.Is(err, fault.Expired):
		return f, SignInOver
	case err == nil && f.State.Proven != nil:
		return s.inSession(r, f)
	}
	return f, err
}

// offered reports whether a kind can be used from where a request comes.
func (s *SignIn) offered(r *http.Request, k authn.Kind) bool {
	way, err := s.Ways.Of(k)
	return err == nil && (way.Offered == nil || way.Offered(r, k))
}

// inSession carries on a sign-in whose person is known in the session that the browser has now: another tab may have
// begun a newer one. Without a session of that person it does not go on here, unless it waits for the answer to whose
// the session is: whoever is there then proves who they are.
func (s *SignIn) inSession(r *http.Request, f provider.Flow) (provider.Flow, error) {
	live, err := s.Provider.Sessions().Find(r.Context(), web.Cookie(r, session.Cookie))
	if errors.Is(err, fault.Unauthenticated) || err == nil && live.Subject != f.State.Proven.UUID {
		if f.State.Confirm {
			return f.Anew(), nil
		}
		return f.WithoutSession(), nil
	}
	return f.InSession(live), err
}

// FlowPattern is the path of a sign-in in routes.
const FlowPattern = provider.FlowPath + "{flow}"

// SignInForm makes a form that is sent to a name below the sign-in's path.
func SignInForm(l words.Language, name string, fields ...form.Field) form.Form {
	return form.Form{Path: FlowPattern + "/" + name, At: FlowPattern, Words: frame.FormWords(l), Fields: fields}
}

// HandleForm lets a handler answer a form that SignInForm made, in whatever language.
func (s *SignIn) HandleForm(site *web.Site, sent form.Form, h web.Handler) {
	sent.Handle(site, s.UnderWay(), s.Settle(h))
}

// HandlePost lets a handler answer what a script posts to a name below the sign-in's path.
func (s *SignIn) HandlePost(site *web.Site, name string, h web.Handler) {
	site.HandlePost(FlowPattern+"/"+name, FlowPattern, s.UnderWay(), s.Settle(h))
}

// Settle answers a post with a wrong answer, and one that another post overtook, such as the first of a double click,
// in the same way: with what is wrong, or by where the sign-in is now.
func (s *SignIn) Settle(h web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		err := h(w, r)
		if settled(err) {
			return s.showSettled(w, r)
		}
		return err
	}
}

func (s *SignIn) showSettled(w http.ResponseWriter, r *http.Request) error {
	f, err := s.load(r)
	if errors.Is(err, fault.Expired) {
		return web.Redirect{To: PathOf(FlowOf(r))}
	}
	if err != nil {
		return err
	}
	if f.State.Answers.Problem == nil || f.Next() != provider.StepProve {
		return web.Redirect{To: PathOf(f)}
	}
	way, err := s.Ways.Of(f.State.Chosen)
	if err != nil {
		return err
	}
	saved.NoteRefused(r.Context()) // by this post, or by the one that it repeats
	return way.Proof(s.Prover(way)).Show(w, r, f, f.State.Answers.Problem)
}

// FlowOf gives the sign-in of a request that UnderWay let through.
func FlowOf(r *http.Request) provider.Flow {
	f, _ := r.Context().Value(flowKey{}).(provider.Flow) // the guard put it there
	return f
}

// PathOf gives the path of a sign-in's next page.
func PathOf(f provider.Flow) string { return provider.FlowPath + f.ID }

// Prove hands a proof to the provider and follows the provider's answer.
func (s *SignIn) Prove(w http.ResponseWriter, r *http.Request, f provider.Flow, proof authenticator.Proof) error {
	out, err := s.prove(r, f, proof)
	if settled(err) {
		return s.showSettled(w, r)
	}
	if err != nil {
		return s.Refuse(w, r, f, err)
	}
	return s.Follow(w, r, f, out)
}

func (s *SignIn) prove(r *http.Request, f provider.Flow, proof authenticator.Proof) (provider.Outcome, error) {
	out, err := s.Provider.Prove(r.Context(), web.Actor(r), f, web.Cookie(r, session.Cookie), proof)
	if settled(err) {
		Log(r, err)
	}
	return out, err
}

// Refuse sends the browser to the page of a refusal, if the error is one.
func (s *SignIn) Refuse(w http.ResponseWriter, r *http.Request, f provider.Flow, err error) error {
	var refusal *provider.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	if err := s.Provider.NoteRefusal(r.Context(), f, *refusal); err != nil {
		return err
	}
	return web.SeeOther(w, r, PathOf(f), "")
}

// Stop refuses a sign-in in which nobody was proved.
func (s *SignIn) Stop(
	w http.ResponseWriter, r *http.Request, f provider.Flow, stop provider.Stop,
) error {
	Log(r, errors.New(string(stop.Reason)))
	browser := s.Provider.Known().Of(r)
	if err := s.Provider.RecordRefusal(r.Context(), web.Actor(r), f, browser, stop); err != nil {
		return err
	}
	return web.SeeOther(w, r, PathOf(f), "")
}

// Follow sends the browser on after a step: back to the service, or to the next page.
func (s *SignIn) Follow(w http.ResponseWriter, r *http.Request, f provider.Flow, out provider.Outcome) error {
	if out.Cookie != "" {
		web.SetSession(w, r, session.Cookie, out.Cookie)
		web.ForgetEntries(w, r)
		if err := s.Provider.NoteUser(w, r, out.UUID); err != nil {
			return err
		}
		if err := s.Provider.Known().Remember(w, r, out.Proven); err != nil {
			return err
		}
	}
	if out.Answer.Empty() {
		return web.SeeOther(w, r, PathOf(f), "")
	}
	return s.Provider.Send(w, r, out.Answer)
}

// Button gives a form without fields that is sent to a name below the sign-in's path.
func (s *SignIn) Button(r *http.Request, name string) *form.Rendered {
	return SignInForm(s.Frame.Language(r), name).New(r)
}

// Show shows a page of a sign-in or of a binding, with the problems of the form that was sent.
type Show[F any] func(w http.ResponseWriter, r *http.Request, f F, problem error) error

// Again shows the page once more with the problem, if the person can correct it.
func (s *SignIn) Again(
	w http.ResponseWriter, r *http.Request, f provider.Flow, err error, show Show[provider.Flow],
) error {
	if !correctable(err) {
		return err
	}
	return show(w, r, f, err)
}
