package step

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/words"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/saved"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// Binder gives the pages of one method the binding that they are a step of.
type Binder struct {
	*Binding
	Method authenticator.Method
}

// Binder makes the Binder for the pages of a way.
func (b *Binding) Binder(way Way) Binder { return Binder{Binding: b, Method: way.Method} }

// MaxBindingGuesses is how many codes and passwords one network address may try in a minute on a node.
const MaxBindingGuesses = 60

// BindingPattern is the path of a binding in routes.
const BindingPattern = bindingPath + "{flow}"

// BindingForm makes a form that is sent to a name below the binding's path.
func BindingForm(l words.Language, name string, fields ...form.Field) form.Form {
	return form.Form{
		Path: BindingPattern + "/" + name, At: BindingPattern, Words: frame.FormWords(l), Fields: fields,
	}
}

// HandleForm lets a handler answer a form that BindingForm made, in whatever language.
func (b *Binding) HandleForm(s *web.Site, sent form.Form, h web.Handler) {
	sent.Handle(s, b.UnderWay(), b.settle(h))
}

// HandlePost lets a handler answer what a script posts to a name below the binding's path.
func (b *Binding) HandlePost(s *web.Site, name string, h web.Handler) {
	s.HandlePost(BindingPattern+"/"+name, BindingPattern, b.UnderWay(), b.settle(h))
}

// settle answers a post with a wrong answer, and one that another post overtook, in the same way: with what is wrong,
// or by where the binding is now.
func (b *Binding) settle(h web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		err := h(w, r)
		if settled(err) {
			return b.showSettled(w, r)
		}
		return err
	}
}

func (b *Binding) showSettled(w http.ResponseWriter, r *http.Request) error {
	f, err := b.load(r)
	if errors.Is(err, fault.Expired) {
		return b.Onward(w, r, BindingOf(r))
	}
	if err != nil {
		return err
	}
	if f.State.Answers.Problem == nil {
		return b.Onward(w, r, f)
	}
	way, err := b.Ways.Of(f.State.Kind)
	if err != nil {
		return err
	}
	saved.NoteRefused(r.Context()) // by this post, or by the one that it repeats
	return way.Binding(b.Binder(way)).Show(w, r, f, f.State.Answers.Problem)
}

// HandleScript lets a handler answer what a script posts to a name below the binding's path, while one of the method's
// kinds is to be bound.
func (b Binder) HandleScript(s *web.Site, name string, h Handler[BindingFlow]) {
	b.HandlePost(s, name, b.whileBinding(h))
}

// HandleForm lets a handler answer a form while one of the method's kinds is to be bound.
func (b Binder) HandleForm(s *web.Site, sent form.Form, h Handler[BindingFlow]) {
	b.Binding.HandleForm(s, sent, b.whileBinding(h))
}

// HandleGuess is HandleForm for passwords and codes, which somebody could guess: it limits the tries.
func (b Binder) HandleGuess(s *web.Site, sent form.Form, h Handler[BindingFlow]) {
	b.Binding.HandleForm(s, sent, s.PerMinute(MaxBindingGuesses, b.whileBinding(h)))
}

func (b Binder) whileBinding(h Handler[BindingFlow]) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f := BindingOf(r)
		if !f.State.CodeRight || !slices.Contains(b.Method.Kinds(), f.State.Kind) {
			return authenticator.ErrOvertaken
		}
		if repeated(r, f.State.Answers, b.DB.Now()) {
			return authenticator.ErrOvertaken
		}
		return h(w, r, f)
	}
}

// Begin begins the ceremony with what was typed, if anything was, and keeps its state.
func (b Binder) Begin(r *http.Request, f BindingFlow, typed *form.Rendered) (authenticator.Ceremony, error) {
	owner, err := b.Owner(r.Context(), f)
	if err != nil {
		return authenticator.Ceremony{}, err
	}
	c, err := b.Method.BeginBinding(r.Context(), b.attempt(r, f, typed), owner)
	if err != nil {
		return c, err
	}
	f.State.Ceremony = c.State
	f.State.Answers.Problem = nil
	return c, b.Save(r, f)
}

// Finish finishes the ceremony of the binding with what was typed, and binds the authenticator. Of several requests
// with an answer to one ceremony, one counts.
func (b Binder) Finish(w http.ResponseWriter, r *http.Request, f BindingFlow, typed *form.Rendered) error {
	if len(f.State.Ceremony) == 0 {
		return authenticator.ErrOvertaken
	}
	bind, err := b.Method.FinishBinding(r.Context(), b.attempt(r, f, typed), f.State.UUID)
	var added authenticator.Authenticator
	if err == nil {
		added, err = b.end(r, f, bind)
	}
	if wrong, is := authenticator.AsWrongAnswer(err); is {
		return b.refuseAnswer(r, f, wrong)
	}
	if err != nil {
		return err
	}
	web.ClearCookie(w, bindingCookie)
	if err := web.LeaveNote(w, r, AddedNote, Added{Level: added.Level, Why: added.Why}); err != nil {
		return err
	}
	return web.SeeOnce(w, r, AddedPath)
}

// refuseAnswer takes the step with a wrong answer, which settle then shows.
func (b Binder) refuseAnswer(r *http.Request, f BindingFlow, wrong *authenticator.WrongAnswer) error {
	Log(r, wrong)
	f.State.Ceremony = wrong.State
	f.State.Answers.Note(wrong, b.DB.Now())
	return b.DB.Update(r.Context(), web.Actor(r), func(w *db.W) error {
		return wrong.Refuse(r.Context(), w, func(ctx context.Context) error { return b.SaveIn(ctx, w, f) })
	})
}

func (b Binder) attempt(r *http.Request, f BindingFlow, typed *form.Rendered) authenticator.Attempt {
	return authenticator.Attempt{
		DB: b.DB, Actor: web.Actor(r), Kind: f.State.Kind, State: f.State.Ceremony, Form: typed.All(),
	}
}
