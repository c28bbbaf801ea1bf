package provider

import (
	"context"
	"errors"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/claim"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/request"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// standing is what a sign-in rests on, as it is when the service gets its code: the client, the person, and the
// authenticator that proved them. Any of it may have changed while a page was open.
type standing struct {
	client        *db.Answer[client.Client]
	person        *db.Answer[identity.Identity]    // nil where the Update admits the person itself
	authenticator *db.Answer[authenticator.Status] // nil where the Update accepts its proof
	answered      func() error
}

// ask asks what a sign-in rests on, and other queries, in the same journey as the next statement of an Update.
func ask(ctx context.Context, w *db.W, s State, others ...db.Query) standing {
	now := standing{client: client.Ask(s.Request.ClientID, w.Now())}
	others = append(others, now.client)
	if s.Proven != nil {
		now.person = identity.Ask(s.Proven.UUID)
		now.authenticator = authenticator.AskStatus(s.Proven.AuthenticatorID)
		others = append(others, now.person, now.authenticator)
	}
	now.answered = w.AskSoon(ctx, others...)
	return now
}

// eventServiceChanged is recorded when a service gets no code because it was changed while somebody logged in to it.
const eventServiceChanged audit.Kind = "signin.service-changed"

// stands refuses the grant if something that the sign-in rests on holds no longer.
func (now standing) stands(ctx context.Context, w *db.W, s State) error {
	if err := now.answered(); err != nil {
		return err
	}
	c, err := now.client.One()
	if err := serves(c, err, s.Request); err != nil {
		service := client.Ref(s.Request.ClientID)
		event := audit.Event{Kind: eventServiceChanged, Subject: service, Reason: err.Error(),
			After: facts(s.Request, *s.Proven)}
		return w.Refuse(ctx, event, err)
	}
	reason, err := now.barred()
	if err != nil || reason == "" {
		return err
	}
	return now.refuse(ctx, w, s, reason)
}

// serves says why a service, as it was read now, may not have what it asked for any more.
func serves(c client.Client, err error, r request.Request) error {
	if err == nil {
		err = r.Standing(c)
	}
	if errors.Is(err, fault.NotFound) || errors.Is(err, client.ErrSuspended) {
		return errors.Join(err, errUnknownClient)
	}
	return err
}

// barred gives the reason why the person may not sign in any more, or with this authenticator; empty if they may.
func (now standing) barred() (Reason, error) {
	if now.person == nil {
		return "", nil
	}
	person, err := now.person.One()
	if errors.Is(err, fault.NotFound) || err == nil && person.Status != identity.Active {
		return Inactive, nil
	}
	if err != nil {
		return "", err
	}
	status, err := now.authenticator.One()
	if errors.Is(err, fault.NotFound) || err == nil && status != authenticator.Active {
		return Unusable, nil
	}
	return "", err
}

func (now standing) refuse(ctx context.Context, w *db.W, s State, reason Reason) error {
	refusal := Refusal{Reason: reason}
	if reason == Unusable {
		person, err := claim.Read(ctx, w, s.Proven.UUID)
		if err != nil {
			return err
		}
		refusal.Workplaces = person.Workplaces()
		if refusal.Suitable, err = suitable(ctx, w, s.Request, person); err != nil {
			return err
		}
	}
	event := audit.Event{Kind: Refused, Subject: identity.Ref(s.Proven.UUID), Reason: string(reason),
		After: facts(s.Request, *s.Proven)}
	return w.Refuse(ctx, event, &refusal)
}

// outcome gives the answer for a service at the end of a sign-in. If the service was changed meanwhile and can still be
// answered, that is an error of the protocol.
func (p *Provider) outcome(ctx context.Context, r request.Request, a Answer, err error) (Answer, error) {
	var e *request.Error
	if !errors.As(err, &e) {
		return a, err
	}
	refusal := client.Refusal{ClientID: r.ClientID, Place: client.AtAuthorize, Code: e.Code, Reason: e.Description}
	return p.failure(r, e), client.NoteRefusal(ctx, p.o.DB, refusal)
}
