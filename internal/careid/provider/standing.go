package provider

import (
	"context"
	"errors"
	"slices"

	"signpost/internal/careid/access"
	"signpost/internal/careid/provider/claim"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/request"
	"signpost/internal/careid/provider/standing"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// pending are the facts that a sign-in rests on, which were asked for and are there later in the same Update.
type pending func() (standing.Facts, error)

// ask asks for the facts, and what else is asked, in the same journey as the next statement of an Update.
func ask(ctx context.Context, w *db.W, q *standing.Question, others ...db.Query) pending {
	answered := w.AskSoon(ctx, append(others, q.Queries()...)...)
	return func() (standing.Facts, error) {
		if err := answered(); err != nil {
			return standing.Facts{}, err
		}
		return q.Facts()
	}
}

// askAll asks for everything that a sign-in rests on whose person was known before.
func askAll(ctx context.Context, w *db.W, s State) pending {
	return ask(ctx, w, standing.Ask(s.Request, *s.Proven, w.Now()))
}

var errRoleWithdrawn = fault.Keyed("role-withdrawn", fault.OfField("role",
	"You do not have this role any more. Select another role, or contact your registration authority"))

// askWithRole is askAll for somebody who has just chosen a role, which may have been withdrawn while its page was open.
func askWithRole(ctx context.Context, w *db.W, s State) pending {
	assignments := access.Ask(s.Proven.UUID)
	asked := ask(ctx, w, standing.Ask(s.Request, *s.Proven, w.Now()), assignments)
	return func() (standing.Facts, error) {
		facts, err := asked()
		if err != nil {
			return facts, err
		}
		isChosen := func(p access.RoleProfile) bool { return p.RoleID == s.Role }
		if !slices.ContainsFunc(access.Effective(assignments.All(), w.Now()), isChosen) {
			return facts, errRoleWithdrawn
		}
		return facts, nil
	}
}

// eventServiceChanged is recorded when a service gets no code because it was changed while somebody logged in to it.
const eventServiceChanged audit.Kind = "signin.service-changed"

// stands refuses the grant if something that the sign-in rests on holds no longer.
func (asked pending) stands(ctx context.Context, w *db.W, s State) error {
	facts, err := asked()
	if err != nil {
		return err
	}
	fallen := facts.Problem(s.Request)
	if fallen == nil {
		return nil
	}
	if fallen.Part == standing.Client {
		return refuseService(ctx, w, s, forPage(fallen.Cause))
	}
	refusal := Refusal{Reason: reasonOfPart[fallen.Part]}
	if fallen.Part == standing.Authenticator {
		if err := refusal.offerOthers(ctx, w, s); err != nil {
			return err
		}
	}
	return refusal.refuse(ctx, w, s.Request, *s.Proven)
}

// reasonOfPart is the reason for a person if a part does not hold any more.
var reasonOfPart = map[standing.Part]Reason{
	standing.Person: Inactive, standing.Authenticator: Unusable, standing.Team: OnTrial,
}

func refuseService(ctx context.Context, w *db.W, s State, cause error) error {
	event := audit.Event{
		Kind: eventServiceChanged, Subject: client.Ref(s.Request.ClientID), Reason: cause.Error(),
		After: facts(s.Request, *s.Proven),
	}
	return w.Refuse(ctx, event, cause)
}

// forPage gives the error about a service as its page shows it. An error of the protocol stays as it is.
func forPage(cause error) error {
	if errors.Is(cause, fault.NotFound) || errors.Is(cause, client.ErrSuspended) {
		return errors.Join(cause, errUnknownClient)
	}
	return cause
}

// offerOthers adds to a refusal which other authenticators of the person would do.
func (r *Refusal) offerOthers(ctx context.Context, w *db.W, s State) error {
	person, err := claim.Read(ctx, w, s.Proven.UUID)
	if err != nil {
		return err
	}
	r.Workplaces = person.Workplaces()
	r.Suitable, err = suitable(ctx, w, s.Request, person)
	return err
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
