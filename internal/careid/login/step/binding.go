package step

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/words"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// Binding is what the pages of a binding stand on.
type Binding struct {
	DB    *db.DB
	Post  *mail.Post
	Frame frame.Frame
	Ways  Ways
}

// BindingState is one binding under way, as it is stored. Secrets in it are sealed.
type BindingState struct {
	Invitation string          `json:"invitation"`
	UUID       string          `json:"uuid"`
	Kind       authn.Kind      `json:"kind"`
	CodeRight  bool            `json:"code_right,omitempty"` // the code that was mailed was typed
	Ceremony   json.RawMessage `json:"ceremony,omitempty"`   // that has begun, as its method keeps it
}

// BindingFlow is a binding under way in one browser.
type BindingFlow = session.Flow[BindingState]

// BindingLife is how long a binding may take once its link was opened.
const BindingLife = 30 * time.Minute

var bindings = session.Flows[BindingState]{Name: "binding", Life: BindingLife}

const (
	bindingPath   = "/binding/"
	bindingCookie = "binding"
)

// AddedPath is where the page is that says an authenticator was added.
const AddedPath = "/authenticator-added"

// BindingOver are the words for a binding that took too long or belongs to another browser.
var BindingOver = words.Fault(fault.Expired, "binding-over")

// Start starts a binding in the Update that mails its code. Its cookie is for Send.
func (b *Binding) Start(ctx context.Context, w *db.W, s BindingState) (cookie string, err error) {
	id, secret, err := bindings.Start(ctx, w, s)
	return session.Cookie(id, secret), err
}

// Send sends the browser to the pages of a binding that has started.
func (b *Binding) Send(w http.ResponseWriter, r *http.Request, cookie string) error {
	web.SetCookie(w, bindingCookie, cookie, int(BindingLife.Seconds()))
	id, _ := session.Split(cookie)
	return web.SeeOther(w, r, bindingPath+id, "")
}

type bindingKey struct{}

// UnderWay lets through the browser that a binding belongs to.
func (b *Binding) UnderWay() web.Guard {
	return web.Guard{Name: "the browser of this binding", Check: b.check}
}

func (b *Binding) check(_ http.ResponseWriter, r *http.Request) (*http.Request, error) {
	f, err := b.load(r)
	if errors.Is(err, fault.Expired) {
		return nil, BindingOver
	}
	if err != nil {
		return nil, err
	}
	return r.WithContext(context.WithValue(r.Context(), bindingKey{}, f)), nil
}

// load reads the binding that the path names, if it is this browser's and its link still holds.
func (b *Binding) load(r *http.Request) (BindingFlow, error) {
	id, secret := session.Split(web.Cookie(r, bindingCookie))
	if id != r.PathValue("flow") {
		return BindingFlow{}, fault.Expired
	}
	return db.Read(r.Context(), b.DB, func(dr db.R) (BindingFlow, error) {
		f, err := bindings.Load(r.Context(), dr, id, secret)
		if err != nil {
			return f, err
		}
		_, err = authenticator.InvitationByID(r.Context(), dr, f.State.Invitation)
		return f, err
	})
}

// BindingOf is the binding that UnderWay let through.
func BindingOf(r *http.Request) BindingFlow {
	f, _ := r.Context().Value(bindingKey{}).(BindingFlow) // the guard put it there
	return f
}

// Save keeps what a step made of the binding.
func (b *Binding) Save(r *http.Request, f BindingFlow) error {
	return b.DB.Keep(r.Context(), func(k *db.K) error { return b.SaveIn(r.Context(), k, f) })
}

// SaveIn is Save as a part of a transaction.
func (b *Binding) SaveIn(ctx context.Context, x db.X, f BindingFlow) error {
	return bindings.Save(ctx, x, &f)
}

// Onward sends the browser to the binding's next page.
func (b *Binding) Onward(w http.ResponseWriter, r *http.Request, f BindingFlow) error {
	return web.SeeOther(w, r, bindingPath+f.ID, "")
}

// Owner reads whose authenticator it will be.
func (b *Binding) Owner(ctx context.Context, f BindingFlow) (identity.Identity, error) {
	return db.Read(ctx, b.DB, func(r db.R) (identity.Identity, error) { return identity.ByUUID(ctx, r, f.State.UUID) })
}

// Form gives a form that is posted to a name below the binding's address, and says in it what was wrong, if anything
// was.
func (b *Binding) Form(r *http.Request, name string, problem error, fields ...form.Field) *form.Rendered {
	l := b.Frame.Language(r)
	f := form.Form{Path: bindingPath + "{flow}/" + name, Words: frame.FormWords(l), Fields: fields}.New(r)
	f.Explain(problem)
	return f
}

// Again shows the page once more with what was wrong, if that is for the person to mend.
func (b *Binding) Again(
	w http.ResponseWriter, r *http.Request, f BindingFlow, err error, show Show[BindingFlow],
) error {
	if !frame.HasWords(err) || errors.Is(err, fault.Expired) {
		return err
	}
	return show(w, r, f, err)
}

// end uses the invitation up and binds the authenticator in one Update, and tells its owner.
func (b *Binding) end(r *http.Request, f BindingFlow, bind authenticator.Binding) error {
	_, secret := session.Split(web.Cookie(r, bindingCookie))
	return b.DB.Update(r.Context(), web.Actor(r), func(w *db.W) error {
		ctx := r.Context()
		if err := authenticator.Redeem(ctx, w, f.State.Invitation); err != nil {
			return err
		}
		if _, err := bindings.Take(ctx, w, f.ID, secret); err != nil {
			return err
		}
		if err := bind(ctx, w); err != nil {
			return err
		}
		owner, err := identity.ByUUID(ctx, w, f.State.UUID)
		if err != nil || owner.Email == "" {
			return err
		}
		return b.Post.Send(ctx, w, addedMail(b.Frame.Language(r), owner.Email, f.State.Kind))
	})
}

func addedMail(l words.Language, to string, kind authn.Kind) mail.Message {
	return mail.Message{
		Kind: "authenticator.added", To: to,
		Subject: l.Say("mail.added_subject"), Text: l.Say("mail.added", "kind", l.Label(kind)),
	}
}
