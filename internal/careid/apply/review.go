package apply

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"signpost/internal/careid/apply/document"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/identity/detail"
	"signpost/internal/careid/identity/photo"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// LookLasts is how long an application is kept for whoever looks at it.
const LookLasts = 15 * time.Minute

// The faults of those who check.
var (
	ErrOwn = fault.SayCure(fault.Forbidden, "You invited this person, or it is you, so you cannot decide this.",
		"Another person of the registration authority decides it.")
	ErrLookedAt = fault.SayCure(fault.Conflict, "Somebody else is looking at this application.",
		"Choose another one meanwhile.")
	errNotLooked = fault.SayCure(fault.Conflict, "Your time to look at this application is over.",
		"Look at it again, then decide.")
	errRefused = fault.OfField("decision",
		"You refused something, so this cannot be approved. Send it back, or reject it")
	errNothing = fault.OfField("decision", "Select what is to be corrected, and why")
	errNoNotes = fault.OfField("notes", "Enter why you reject it, for the applicant")
	errNotes   = fault.OfField("notes", fmt.Sprintf("Enter the notes in %d characters or fewer", maxReason))
	errSame    = fault.SayCure(fault.Conflict,
		"Somebody with this National Insurance number has a Care Identity by now.",
		"Reject the application, and contact whoever invited the applicant.")
)

// checkable reads an application that the actor may decide: their job lets them make a Care Identity there, and they
// are neither who invited nor who applies.
func checkable(ctx context.Context, w *db.W, id string) (a Application, err error) {
	if a, err = ByID(ctx, w, id); err != nil {
		return a, err
	}
	_, err = officer.Require(ctx, w, officer.Asked{
		Act: permission.CreateProfile, About: Ref(id), At: []string{a.Organisation},
	})
	if err != nil {
		return a, err
	}
	checker, err := identity.ByUUID(ctx, w, w.Actor().ID)
	if err != nil {
		return a, err
	}
	if a.Inviter == checker.UUID || checker.EmailCanonical != "" && checker.EmailCanonical == keyOf(a.Email) {
		return a, refuse(ctx, w, id, "the checker invited the applicant, or is the applicant", ErrOwn)
	}
	if by := a.Look.Of(w.Now()).By; by != "" && by != w.Actor().ID {
		return a, ErrLookedAt
	}
	return a, nil
}

// LookAt keeps an application for the actor for 15 minutes. Of any number who try at once, one succeeds.
func (d *Desk) LookAt(ctx context.Context, by actor.Actor, id string) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		a, err := checkable(ctx, w, id)
		if err != nil {
			return err
		}
		a.Look = Look{By: w.Actor().ID, Until: w.Now().Add(LookLasts)}
		if a.State != Submitted {
			return errMoved
		}
		if err := d.move(ctx, w, &a, look, Checker); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventLooked, Subject: Ref(id)})
	})
}

// Leave ends the actor's look at an application early.
func (d *Desk) Leave(ctx context.Context, by actor.Actor, id string) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		a, err := looked(ctx, w, id)
		if err != nil {
			return err
		}
		if _, possible := next(a.At(w.Now()), a.State, leave, Checker); !possible {
			return errMoved
		}
		const put = `UPDATE application SET look_by = '', look_until = NULL WHERE id = $1 AND state = 'submitted'`
		if err := w.Change(ctx, put, id); err != nil {
			return fmt.Errorf("leave application: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: eventLeft, Subject: Ref(id)})
	})
}

// looked reads an application that the actor looks at.
func looked(ctx context.Context, w *db.W, id string) (Application, error) {
	a, err := checkable(ctx, w, id)
	if err != nil {
		return a, err
	}
	if a.State != Submitted {
		return a, errMoved
	}
	if a.Look.Of(w.Now()).By != w.Actor().ID {
		return a, errNotLooked
	}
	return a, nil
}

// Show gives all of an application to whoever looks at it, and records that it was shown.
func (d *Desk) Show(ctx context.Context, by actor.Actor, id string) (Progress, error) {
	return db.Write(ctx, d.DB, by, func(w *db.W) (none Progress, err error) {
		a, err := looked(ctx, w, id)
		if err != nil {
			return none, err
		}
		p, err := d.progress(ctx, w, a)
		if err != nil {
			return none, err
		}
		return p, noteShown(ctx, w, id, answersStep)
	})
}

// Picture opens a picture for whoever looks at the application, and records that it was shown.
func (d *Desk) Picture(ctx context.Context, by actor.Actor, id string, s document.Shot) ([]byte, error) {
	return db.Write(ctx, d.DB, by, func(w *db.W) ([]byte, error) {
		if _, err := looked(ctx, w, id); err != nil {
			return nil, err
		}
		picture, err := d.picture(ctx, w, id, s)
		if err != nil {
			return nil, err
		}
		return picture, noteShown(ctx, w, id, string(s))
	})
}

func noteShown(ctx context.Context, w *db.W, id, part string) error {
	return w.Record(ctx, audit.Event{Kind: eventShown, Subject: Ref(id), After: map[string]string{"part": part}})
}

// Verdict is what a checker made of an application.
type Verdict struct {
	Accepted []document.Item
	Refused  document.Refusals
	Notes    string // for the applicant
	IsNew    bool   // the checker looked at those who may be the same person, and they are not
}

// check says what is wrong with a verdict: each item is accepted or refused, for a reason that there is.
func (v Verdict) check() error {
	if err := v.checkNotes(false); err != nil {
		return err
	}
	seen := map[document.Item]bool{}
	for _, item := range v.Accepted {
		seen[item] = true
	}
	for item := range v.Refused {
		seen[item] = true
	}
	for _, item := range document.Items {
		if !seen[item] {
			return fault.OfField(string(item), "Select whether you accept it: "+item.Name())
		}
	}
	return v.Refused.Check()
}

func (v Verdict) checkNotes(needed bool) error {
	switch {
	case needed && strings.TrimSpace(v.Notes) == "":
		return errNoNotes
	case utf8.RuneCountInString(v.Notes) > maxReason:
		return errNotes
	}
	return nil
}

// Approve makes the Care Identity of an applicant, and tells them and whoever invited them.
func (d *Desk) Approve(ctx context.Context, by actor.Actor, id string, v Verdict) (identity.Identity, error) {
	return db.Write(ctx, d.DB, by, func(w *db.W) (none identity.Identity, err error) {
		a, err := looked(ctx, w, id)
		if err != nil {
			return none, err
		}
		if err := v.check(); err != nil {
			return none, err
		}
		if len(v.Refused) > 0 {
			return none, errRefused
		}
		p, err := d.progress(ctx, w, a)
		if err != nil {
			return none, err
		}
		made, err := d.makeIdentity(ctx, w, p, v.IsNew)
		if err != nil {
			return none, err
		}
		a.UUID = made.UUID
		if err := d.decide(ctx, w, &a, approve, v); err != nil {
			return none, err
		}
		if err := d.mailApproved(ctx, w, a); err != nil {
			return none, err
		}
		return made, w.Record(ctx, audit.Event{Kind: eventApproved, Subject: Ref(id),
			After: map[string]string{"identity": made.UUID, "inviter": a.Inviter}})
	})
}

// makeIdentity makes exactly the profile that a registration authority would make that saw the applicant: with the name
// that the inviter typed.
func (d *Desk) makeIdentity(ctx context.Context, w *db.W, p Progress, isNew bool) (identity.Identity, error) {
	same, err := detail.WithNI(ctx, w, d.Box, p.NI)
	if err == nil && len(same) > 0 {
		err = errSame
	}
	if err != nil {
		return identity.Identity{}, err
	}
	made, err := registration.Person{
		GivenName: p.Application.GivenName, MiddleNames: p.Application.MiddleNames,
		FamilyName: p.Application.FamilyName, Email: p.Email, Organisation: p.Organisation, Documents: p.Documents,
		IsNew: isNew, Applied: true,
	}.MakeIn(ctx, w)
	if err != nil {
		return made, err
	}
	if err := detail.SetBirthDate(ctx, w, made.UUID, p.BirthDate); err != nil {
		return made, err
	}
	if err := detail.SetNI(ctx, w, d.Box, made.UUID, p.NI); err != nil {
		return made, err
	}
	if err := detail.SetMobile(ctx, w, made.UUID, p.Mobile); err != nil {
		return made, err
	}
	drawn, err := d.picture(ctx, w, p.ID, document.ForCard)
	if err != nil {
		return made, err
	}
	return made, photo.Set(ctx, w, d.Box, made.UUID, drawn)
}

const decide = `UPDATE application SET decided_by = $2, decided_at = $3, refusals = $4, notes = $5, uuid = $6
	WHERE id = $1`

// decide moves an application on by what the actor decided.
func (d *Desk) decide(ctx context.Context, w *db.W, a *Application, do act, v Verdict) error {
	if err := d.move(ctx, w, a, do, Checker); err != nil {
		return err
	}
	a.Refusals = v.Refused
	a.Notes = strings.TrimSpace(v.Notes)
	a.DecidedBy = w.Actor().ID
	a.Decided = w.Now()
	refusals, err := json.Marshal(a.Refusals)
	if err != nil {
		return fmt.Errorf("decide application: %w", err)
	}
	if len(a.Refusals) == 0 {
		refusals = []byte("{}")
	}
	err = w.Change(ctx, decide, a.ID, a.DecidedBy, a.Decided, string(refusals), a.Notes, a.UUID)
	if err != nil {
		return fmt.Errorf("decide application: %w", err)
	}
	return nil
}

// Return sends an application back, for what was refused to be corrected. All else of it stays. The applicant gets
// another link.
func (d *Desk) Return(ctx context.Context, by actor.Actor, id string, v Verdict) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		a, err := looked(ctx, w, id)
		if err != nil {
			return err
		}
		if err := v.check(); err != nil {
			return err
		}
		if len(v.Refused) == 0 {
			return errNothing
		}
		a.LinkEnds = w.Now().Add(d.Policy.Link)
		if err := d.decide(ctx, w, &a, sendBack, v); err != nil {
			return err
		}
		if err := d.drop(ctx, w, a); err != nil {
			return err
		}
		token := random.Secret()
		const put = `UPDATE application SET link_digest = $2, link_ends_at = $3, due_at = NULL WHERE id = $1`
		if err := w.Change(ctx, put, id, random.Digest(token), a.LinkEnds); err != nil {
			return fmt.Errorf("return application: %w", err)
		}
		if err := d.mailRefused(ctx, w, a, token); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventReturned, Subject: Ref(id), Reason: a.Notes, After: a.Refusals})
	})
}

// drop forgets what was refused, so that it is asked for again.
func (d *Desk) drop(ctx context.Context, w *db.W, a Application) error {
	p, err := d.progress(ctx, w, a)
	if err != nil {
		return err
	}
	for _, shot := range p.Sent {
		if a.Refusals[shot.Item()] == "" {
			continue
		}
		const forget = `DELETE FROM application_part WHERE application = $1 AND step = $2`
		if _, err := w.Exec(ctx, forget, a.ID, string(shot)); err != nil {
			return fmt.Errorf("forget pictures that were refused: %w", err)
		}
	}
	if a.Refusals[document.Details] != "" {
		tries := p.NITries
		documents := p.Documents
		p.Answers = Answers{NITries: tries, Documents: documents}
	}
	if a.Refusals[document.PhotoID] != "" {
		p.Documents.Photo = ""
		p.Documents.Ending = ""
	}
	if a.Refusals[document.AddressOne] != "" {
		p.Documents.Address = ""
	}
	if a.Refusals[document.AddressTwo] != "" {
		p.Documents.Other = ""
	}
	return d.putAnswers(ctx, w, p)
}

// Reject ends an application without a Care Identity.
func (d *Desk) Reject(ctx context.Context, by actor.Actor, id string, v Verdict) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		a, err := looked(ctx, w, id)
		if err != nil {
			return err
		}
		if err := v.checkNotes(true); err != nil {
			return err
		}
		if err := v.Refused.Check(); err != nil {
			return err
		}
		if err := d.decide(ctx, w, &a, reject, v); err != nil {
			return err
		}
		if err := d.mailRefused(ctx, w, a, ""); err != nil {
			return err
		}
		err = d.tellInviter(ctx, w, a, "it was rejected.", "Look at the application: it says why.")
		if err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventRejected, Subject: Ref(id), Reason: a.Notes, After: a.Refusals})
	})
}
