package apply

import (
	"context"
	"errors"
	"fmt"

	"signpost/internal/careid/apply/document"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/request"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// maxPictures is how many pictures one application may send in all: each costs work and room.
const maxPictures = 60

var (
	errNoPicture = fault.OfField("picture", "Choose a picture, or take one")
	errPictures  = fault.SayCure(fault.TooMany, "Too many pictures were sent.",
		"Contact whoever invited you. Their address is in the mail with the link.")
	errProof = fault.OfField("kind", "Select which document it is")
	errTwice = fault.OfField("kind", "Send two different documents: you chose this one for the other proof")
)

// SavePicture takes a picture, which is drawn anew, and of a proof of address which document it shows.
func (d *Desk) SavePicture(
	ctx context.Context, by actor.Actor, cookie string, s document.Shot, kind string, sent []byte,
) error {
	// Whoever may send none costs no work.
	p, err := db.Read(ctx, d.DB, func(r db.R) (Progress, error) { return d.Mine(ctx, r, cookie) })
	switch {
	case err != nil:
		return err
	case !p.Open(Step(s)):
		return errNotOpen
	case p.Pictures >= maxPictures:
		return errPictures
	case len(sent) == 0:
		return errNoPicture
	}
	drawn, problem := document.Draw(s, sent)
	return d.answer(ctx, by, cookie, Step(s), func(w *db.W, p *Progress) error {
		if _, isRefused := fault.From(problem); isRefused {
			return w.RefuseLeaving(ctx, problem, func(ctx context.Context) error {
				return errors.Join(countPicture(ctx, w, p.ID), w.RecordRefusal(ctx,
					audit.Event{Kind: eventRefused, Subject: Ref(p.ID), Reason: "a picture that cannot be used"}))
			})
		}
		if problem != nil {
			return problem
		}
		if err := p.noteProof(s, kind); err != nil {
			return err
		}
		if err := countPicture(ctx, w, p.ID); err != nil {
			return err
		}
		return d.putPart(ctx, w, p.Application, string(s), drawn)
	})
}

// countPicture counts a picture that was sent, whether it can be used or not.
func countPicture(ctx context.Context, w *db.W, id string) error {
	const count = `UPDATE application SET pictures = pictures + 1 WHERE id = $1 AND pictures < $2`
	if err := w.Change(ctx, count, id, maxPictures); err != nil {
		return fmt.Errorf("count pictures: %w", err)
	}
	return nil
}

// noteProof notes which document proves the address, where the picture is of one.
func (p *Progress) noteProof(s document.Shot, kind string) error {
	var this, other *string
	switch s {
	case document.ProofA:
		this, other = &p.Documents.Address, &p.Documents.Other
	case document.ProofB:
		this, other = &p.Documents.Other, &p.Documents.Address
	default:
		return nil
	}
	switch {
	case !isAmong(identity.AddressDocuments, kind):
		return errProof
	case kind == *other:
		return errTwice
	}
	*this = kind
	return nil
}

// MyPicture opens a picture for the applicant who sent it.
func (d *Desk) MyPicture(ctx context.Context, r db.R, cookie string, s document.Shot) ([]byte, error) {
	a, err := entered(ctx, r, cookie)
	if err != nil {
		return nil, err
	}
	return d.picture(ctx, r, a.ID, s)
}

func (d *Desk) picture(ctx context.Context, r db.R, id string, s document.Shot) ([]byte, error) {
	if !s.Valid() {
		return nil, fault.NotFound
	}
	return d.part(ctx, r, id, string(s))
}

var errMissing = fault.SayCure(fault.Conflict, "Something is missing in your application.",
	"Your application says what is to be done.")

// Submit sends an application to be looked at. The applicant declares that all of it is true.
func (d *Desk) Submit(ctx context.Context, by actor.Actor, cookie string) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		p, err := d.Mine(ctx, w, cookie)
		if err != nil {
			return err
		}
		if _, missing := p.Next(); missing {
			return errMissing
		}
		if err := p.Documents.Check(); err != nil {
			return err
		}
		if err := d.move(ctx, w, &p.Application, submit, Applicant); err != nil {
			return err
		}
		due, err := request.DueAfter(ctx, w, w.Now())
		if err != nil {
			return err
		}
		const put = `UPDATE application SET due_at = $2, refusals = '{}', notes = '' WHERE id = $1`
		if err := w.Change(ctx, put, p.ID, due); err != nil {
			return fmt.Errorf("submit application: %w", err)
		}
		if d.Checker != nil {
			if err := w.Enqueue(ctx, Check{Application: p.ID}); err != nil {
				return err
			}
		}
		return w.Record(ctx, audit.Event{Kind: eventSubmitted, Subject: Ref(p.ID)})
	})
}

// WithdrawMine ends the application of a visit at the applicant's wish, and tells the inviter.
func (d *Desk) WithdrawMine(ctx context.Context, by actor.Actor, cookie string) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		a, err := entered(ctx, w, cookie)
		if err != nil {
			return err
		}
		if err := d.move(ctx, w, &a, withdraw, Applicant); err != nil {
			return err
		}
		err = d.tellInviter(ctx, w, a, "the applicant withdrew it.",
			"If they still need a Care Identity, invite them again.")
		if err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventWithdrawn, Subject: Ref(a.ID), Reason: "by the applicant"})
	})
}
