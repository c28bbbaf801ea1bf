// Package bind serves the pages on which people add an authenticator to their care identity, from a one-time link,
// which a temporary access pass opens too.
//
// A page knows only its link and the browser that opened it, never the session that is signed in there: in a clinic
// that is the registration authority's own. Opening the link changes nothing, so that mail scanners may open it; the
// code that is mailed makes sure that the reader of the link is its owner.
package bind

import (
	"errors"
	"net/http"
	"slices"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/words"
	"signpost/internal/national/authn"
	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mailcode"
	"signpost/internal/platform/web"
)

// eventCodeMailed is recorded when a code was mailed to somebody who is to bind an authenticator.
const eventCodeMailed audit.Kind = "authenticator.code-mailed"

// openPath is the path of a link.
const openPath = authenticator.BindPath + "{token}"

// Pages serves the pages of a binding, except those of each kind.
type Pages struct{ *step.Binding }

// Mount adds the pages to a site, and those of each kind.
func (p *Pages) Mount(s *web.Site) {
	guard := p.UnderWay()
	s.Handle("GET "+openPath, web.Anyone, p.open)
	p.openForm(words.Language{}, p.Ways.Kinds()).Handle(s, web.Anyone, s.PerMinute(step.MaxBindingGuesses, p.begin))
	s.Handle("GET "+step.BindingPattern, guard, p.show)
	p.HandleForm(s, codeForm(words.Language{}), s.PerMinute(step.MaxBindingGuesses, p.code))
	for _, way := range p.Ways.All() {
		way.Binding(p.Binder(way)).Mount(s)
	}
	s.Handle("GET "+path.LostPage, web.Anyone, p.lost)
	s.Handle("GET "+path.AccessPassPage, web.Anyone, p.askPass)
	passForm(words.Language{}).Handle(s, web.Anyone, s.PerMinute(step.MaxBindingGuesses, p.usePass))
	s.Handle("GET "+step.AddedPath, web.Once(web.Anyone), p.added)
}

func (p *Pages) invitation(r *http.Request) (authenticator.Invitation, error) {
	return db.Read(r.Context(), p.DB, func(dr db.R) (authenticator.Invitation, error) {
		return authenticator.ByToken(r.Context(), dr, r.PathValue("token"))
	})
}

func (p *Pages) open(w http.ResponseWriter, r *http.Request) error {
	i, err := p.invitation(r)
	if err != nil {
		return err
	}
	f := prefill(w, r, p.openForm(p.Frame.Language(r), i.Kinds).New(r))
	return web.Show(w, r, http.StatusOK, openPage(p.openView(r, i, f)))
}

// begin mails the code if the address that was typed is the identity's. The page says the same for any other address.
func (p *Pages) begin(w http.ResponseWriter, r *http.Request) error {
	i, err := p.invitation(r)
	if err != nil {
		return err
	}
	typed := p.openForm(p.Frame.Language(r), i.Kinds).Read(r)
	kind := i.Kinds[0]
	if len(i.Kinds) > 1 {
		kind = authn.Kind(typed.Value("authenticator"))
	}
	if !slices.Contains(i.Kinds, kind) || !slices.Contains(p.Ways.Kinds(), kind) {
		typed.Explain(errNoKind)
	}
	address, err := email.Parse(typed.Value("email"))
	typed.Explain(err)
	if typed.HasProblems() {
		return web.Show(w, r, http.StatusUnprocessableEntity, openPage(p.openView(r, i, typed)))
	}
	cookie, err := p.mailCode(r, i, kind, address)
	if errors.Is(err, fault.TooMany) {
		typed.Explain(err)
		return web.Show(w, r, http.StatusUnprocessableEntity, openPage(p.openView(r, i, typed)))
	}
	if err != nil {
		return err
	}
	return p.Send(w, r, cookie)
}

var errNoKind = words.FieldFault(fault.Invalid, "authenticator", "kind-to-add")

// mailCode starts the binding and mails its code, if the address that was typed is the identity's. It gives the
// binding's cookie.
func (p *Pages) mailCode(
	r *http.Request, i authenticator.Invitation, kind authn.Kind, typed email.Address,
) (string, error) {
	ctx := r.Context()
	key, _ := typed.Canonical()
	return db.Write(ctx, p.DB, web.Actor(r), func(w *db.W) (cookie string, err error) {
		owner, err := identity.ByUUID(ctx, w, i.UUID)
		if err != nil {
			return "", err
		}
		if err := authenticator.CountMail(ctx, w, i.ID); err != nil {
			return "", err
		}
		isOwners := owner.EmailCanonical == key && owner.EmailUsable(w.Now())
		started := step.BindingState{Invitation: i.ID, UUID: i.UUID, Kind: kind}
		if isOwners {
			started.CodeTo = owner.Email
		}
		if cookie, err = p.Start(ctx, w, started); err != nil {
			return "", err
		}
		code := codeOf(cookie)
		ref := authenticator.InvitationRef(i.ID)
		if isOwners {
			if err := authenticator.NoteOpened(ctx, w, i.ID); err != nil {
				return "", err
			}
			err = mailcode.Ask(ctx, w, p.Post, code, ref, codeMail(p.Frame.Language(r), owner.Email))
		} else {
			err = mailcode.Pretend(ctx, w, p.Post, code, ref)
		}
		if err != nil {
			return "", err
		}
		return cookie, w.Record(ctx, audit.Event{Kind: eventCodeMailed, Subject: identity.Ref(i.UUID),
			After: map[string]any{"invitation": i.ID, "mailed": isOwners}})
	})
}
