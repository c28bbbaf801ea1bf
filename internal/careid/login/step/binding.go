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
	"signpost/internal/careid/provider/claim"
	"signpost/internal/national/authn"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
)

// Binding holds what the pages of a binding share.
type Binding struct {
	DB    *db.DB
	Post  *mail.Post
	Frame frame.Frame
	Ways  Ways
}

// BindingState is the stored state of a binding under way. Secrets in it are sealed.
type BindingState struct {
	Invitation string          `json:"invitation"`
	UUID       string          `json:"uuid"`
	Kind       authn.Kind      `json:"kind"`
	CodeRight  bool            `json:"code_right,omitempty"` // the person entered the code that was mailed
	CodeTo     string          `json:"code_to,omitempty"`    // the owner's address, where that code went; else empty
	Ceremony   json.RawMessage `json:"ceremony,omitempty"`   // its state, in the method's own form
	Finished   bool            `json:"finished,omitempty"`   // the authenticator was added; who comes again is told

	Answers authenticator.Answers `json:"answers,omitzero"`
}

// BindingFlow is a binding under way in one browser.
type BindingFlow = session.Flow[BindingState]

// BindingLife is how long a binding may take after its link was opened.
const BindingLife = 30 * time.Minute

var bindings = session.Flows[BindingState]{Name: "binding", Life: BindingLife}

const (
	bindingPath   = "/binding/"
	bindingCookie = "binding"
)

// AddedPath is the path of the page that says that an authenticator was added.
const AddedPath = "/authenticator-added"

// AddedNote is the note that the page at AddedPath takes, with an Added.
const AddedNote = "added"

// Added says what level an authenticator has that was just added, and why, if it is lower than its kind can have.
type Added struct {
	Level authn.Level `json:"level"`
	Why   authn.Why   `json:"why,omitempty"`
}

// BindingOver tells people that a binding took too long or was begun in another browser.
var BindingOver = words.Fault(fault.Expired, "binding-over")

// AddressChanged tells people that the owner's email address is another by now: whoever reads the old mailbox may not
// be the owner.
var AddressChanged = words.Fault(fault.Expired, "binding-address")

// NotApproved tells people that none of the organisations that they work for has approved what they were about to add.
var NotApproved = words.Fault(fault.Forbidden, "binding-not-approved")

// eventNotApproved is recorded when somebody was about to add an authenticator that is not approved.
const eventNotApproved audit.Kind = "authenticator.not-approved"

// requireApproved reads an authenticator that was just bound, and refuses it unless an organisation of its owner has
// approved its kind and model.
func requireApproved(ctx context.Context, w *db.W, id string) (authenticator.Authenticator, error) {
	bound, err := authenticator.ByID(ctx, w, id)
	if err != nil {
		return bound, err
	}
	owner, err := claim.Read(ctx, w, bound.UUID)
	if err != nil || owner.Approved(bound.Kind, bound.Model) {
		return bound, err
	}
	return bound, w.Refuse(ctx, audit.Event{Kind: eventNotApproved, Subject: identity.Ref(bound.UUID),
		After: map[string]any{"kind": bound.Kind, "model": bound.Model}}, NotApproved)
}

// OwnerAt reads the owner of the care identity that a binding is for, whose address must be the one that it began with.
func OwnerAt(ctx context.Context, r db.R, f BindingFlow) (identity.Identity, error) {
	owner, err := identity.ByUUID(ctx, r, f.State.UUID)
	if err == nil && f.State.CodeTo != "" && owner.Email != f.State.CodeTo {
		err = AddressChanged
	}
	return owner, err
}

// Start starts a binding within the Update that mails its code, and gives the cookie that Send sets.
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

// UnderWay lets only the browser through that began the binding.
func (b *Binding) UnderWay() web.Guard {
	return web.Guard{Name: "the browser of this binding", Check: b.check}
}

func (b *Binding) check(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
	f, err := b.load(r)
	if errors.Is(err, fault.Expired) {
		return nil, BindingOver
	}
	if err != nil {
		return nil, err
	}
	if f.State.Finished { // an earlier click did it
		web.ClearCookie(w, bindingCookie)
		return nil, web.ToOnce(w, r, AddedPath)
	}
	return r.WithContext(context.WithValue(r.Context(), bindingKey{}, f)), nil
}

// load reads the binding that the path names, if this browser began it and its link may still be used.
func (b *Binding) load(r *http.Request) (BindingFlow, error) {
	id, secret := session.Split(web.Cookie(r, bindingCookie))
	if id != r.PathValue("flow") {
		return BindingFlow{}, fault.Expired
	}
	return db.Read(r.Context(), b.DB, func(dr db.R) (BindingFlow, error) {
		f, err := bindings.Load(r.Context(), dr, id, secret)
		if err != nil || f.State.Finished {
			return f, err
		}
		_, err = authenticator.InvitationByID(r.Context(), dr, f.State.Invitation)
		return f, err
	})
}

// BindingOf gives the binding of a request that UnderWay let through.
func BindingOf(r *http.Request) BindingFlow {
	f, _ := r.Context().Value(bindingKey{}).(BindingFlow) // the guard put it there
	return f
}

// Current makes sure, within a transaction, that no other request took the binding's step.
func (b *Binding) Current(ctx context.Context, r db.R, f BindingFlow) error {
	return bindings.Current(ctx, r, f)
}

// Save saves the binding after a step.
func (b *Binding) Save(r *http.Request, f BindingFlow) error {
	return b.DB.Keep(r.Context(), func(k *db.K) error { return b.SaveIn(r.Context(), k, f) })
}

// SaveIn is Save as a part of a transaction.
func (b *Binding) SaveIn(ctx context.Context, x db.X, f BindingFlow) error {
	return bindings.Save(ctx, x, &f)
}

// BindingPath gives the path of a binding's pages.
func BindingPath(f BindingFlow) string { return bindingPath + f.ID }

// Onward sends the browser to the binding's next page.
func (b *Binding) Onward(w http.ResponseWriter, r *http.Request, f BindingFlow) error {
	return web.SeeOther(w, r, bindingPath+f.ID, "")
}

// Owner reads the care identity that the authenticator is bound to.
func (b *Binding) Owner(ctx context.Context, f BindingFlow) (identity.Identity, error) {
	return db.Read(ctx, b.DB, func(r db.R) (identity.Identity, error) { return identity.ByUUID(ctx, r, f.State.UUID) })
}

// Again shows the page once more with the problem, if the person can correct it.
func (b *Binding) Again(
	w http.ResponseWriter, r *http.Request, f BindingFlow, err error, show Show[BindingFlow],
) error {
	if !correctable(err) {
		return err
	}
	return show(w, r, f, err)
}

// end uses the invitation up and binds the authenticator in one Update, and has the owner told.
func (b *Binding) end(
	r *http.Request, f BindingFlow, bind authenticator.Binding,
) (added authenticator.Authenticator, err error) {
	last := f
	last.State.Ceremony = nil
	last.State.Finished = true
	return db.Write(r.Context(), b.DB, web.Actor(r), func(w *db.W) (none authenticator.Authenticator, err error) {
		ctx := r.Context()
		if err := b.Current(ctx, w, f); err != nil {
			return none, err
		}
		if _, err := OwnerAt(ctx, w, f); err != nil {
			return none, err
		}
		if err := authenticator.Redeem(ctx, w, f.State.Invitation); err != nil {
			return none, err
		}
		if err := bindings.Finish(ctx, w, last); err != nil {
			return none, err
		}
		id, err := bind(ctx, w)
		if err != nil {
			return none, err
		}
		bound, err := requireApproved(ctx, w, id)
		if err != nil {
			return bound, err
		}
		if err := authenticator.BeginCare(ctx, w, id); err != nil {
			return bound, err
		}
		return bound, authenticator.Tell(ctx, w, authenticator.Notice{
			UUID: bound.UUID, AuthenticatorID: id, Change: authenticator.WasAdded, Proved: f.State.CodeTo,
			Language: b.Frame.Language(r).Tag(),
		})
	})
}
