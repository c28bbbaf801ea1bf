package provider

import (
	"context"
	"errors"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/provider/claim"
	"signpost/internal/careid/provider/request"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
)

// RefuseAnswer takes the step of a sign-in that a wrong answer was for, and commits what the answer leaves. It gives
// the answer back; of several requests with an answer to one step all but one get fault.Conflict, and leave nothing.
func (p *Provider) RefuseAnswer(
	ctx context.Context, by actor.Actor, f Flow, wrong *authenticator.WrongAnswer,
) error {
	return p.o.DB.Update(ctx, by, func(w *db.W) error { return p.refuseAnswer(ctx, w, f, wrong) })
}

// refuseAnswer is RefuseAnswer within an Update.
func (p *Provider) refuseAnswer(ctx context.Context, w *db.W, f Flow, wrong *authenticator.WrongAnswer) error {
	var barred *authenticator.Barred
	if errors.As(wrong, &barred) {
		refusal, err := refusalOf(ctx, w, f.State.Request, barred.Authenticator)
		if err != nil {
			return err
		}
		f.State.noteRefusal(ctx, refusal)
	} else {
		f.State.Ceremony = wrong.State
		f.State.Answers.Note(wrong, w.Now())
	}
	wrong.Service = f.State.Request.ClientID
	return wrong.Refuse(ctx, w, func(ctx context.Context) error { return p.flows.Save(ctx, w, &f.Flow) })
}

// refuseProof refuses a right proof within the Update that accepted it, and takes the step.
func (p *Provider) refuseProof(
	ctx context.Context, w *db.W, f Flow, proven authenticator.Proven, refusal Refusal,
) error {
	e := refusedEvent(f.State.Request, proven, refusal.Reason)
	f.State.noteRefusal(ctx, refusal)
	refusal.noted = true
	return w.RefuseLeaving(ctx, &refusal, func(ctx context.Context) error {
		if err := p.flows.Save(ctx, w, &f.Flow); err != nil {
			return err
		}
		if err := w.RecordRefusal(ctx, e); err != nil {
			return err
		}
		return w.CountRefusal(ctx, e)
	})
}

// refusalOf makes the refusal for an authenticator that proved its owner but may not be used.
func refusalOf(
	ctx context.Context, r db.R, req request.Request, barred authenticator.Authenticator,
) (Refusal, error) {
	person, err := claim.Read(ctx, r, barred.UUID)
	if err != nil {
		return Refusal{}, err
	}
	kinds, err := suitable(ctx, r, req, person)
	return Refusal{
		Reason: reasonOf(barred), Suitable: kinds, Workplaces: person.Workplaces(), Until: barred.Until,
	}, err
}
