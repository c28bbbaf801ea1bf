package registration

import (
	"context"
	"errors"
	"slices"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/careid/registration/staffrecord"
	"signpost/internal/careid/request"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Template is a position that a registration authority gives at any organisation that it serves.
type Template struct {
	Code     string
	Name     string
	Job      string // its role, as "R8008"
	Activity string // empty if it has none
}

// Templates are the positions that can be given.
var Templates = []Template{
	{Code: "directory", Name: rbac.DirectoryPosition, Job: rbac.AdminClinicalSupport, Activity: rbac.DirectoryUIAccess},
	{Code: "agent", Name: "Registration Authority Agent", Job: rbac.RegistrationAgent},
	{Code: "manager", Name: managerPosition, Job: rbac.RegistrationManager},
}

// managerPosition is the name of the position of a registration authority manager.
const managerPosition = "Registration Authority Manager"

// Codes names the role and the activity of the template.
func (t Template) Codes() string {
	role := rbac.RoleText(t.Job)
	if t.Activity == "" {
		return role
	}
	return role + " with " + rbac.ActivityText(t.Activity)
}

func (t Template) at(organisation string) access.Position {
	role, _ := rbac.Full(t.Job)
	var activities []string
	if t.Activity != "" {
		activities = []string{t.Activity}
	}
	return access.Position{Organisation: organisation, Name: t.Name, Profiles: access.One(role.String(), activities...)}
}

var (
	errNoTemplate = fault.OfField("position", "Select the position")
	errHeld       = fault.OfField("position", "They have this position at this organisation already")
	errVerified   = fault.SayCure(fault.Forbidden,
		"Whoever verified a person's identity, or the identity of those who did, may not make them a registration "+
			"authority manager.",
		"Ask another registration authority manager to give the position.")
)

// eventAlone is recorded when one person gives a job at a registration authority that has nobody else to decide it.
const eventAlone audit.Kind = "registration.alone"

var errTwoPeople = fault.SayCure(fault.Forbidden,
	"It takes two people to give somebody a job at a registration authority.",
	"Give the position on the page of the person: another manager is asked to decide.")

// TemplateNamed finds a template by its code.
func TemplateNamed(code string) (Template, bool) {
	i := slices.IndexFunc(Templates, func(t Template) bool { return t.Code == code })
	if i < 0 {
		return Template{}, false
	}
	return Templates[i], true
}

func templateOf(code string) (Template, error) {
	t, is := TemplateNamed(code)
	if !is {
		return t, errNoTemplate
	}
	return t, nil
}

// GivePosition gives somebody the position of a template at an organisation, from now on and without an end. A job at a
// registration authority is refused that two people have to give.
func GivePosition(ctx context.Context, d *db.DB, by actor.Actor, uuid, template, at string) error {
	return d.Update(ctx, by, func(w *db.W) error {
		t, err := templateOf(template)
		if err != nil {
			return err
		}
		two, err := TakesTwo(ctx, w, uuid, t.at(at))
		if err != nil {
			return err
		}
		if two {
			return officer.Refuse(ctx, w, identity.Ref(uuid),
				"one person gives a job at a registration authority", errTwoPeople)
		}
		return GivePart(ctx, w, uuid, template, at, Dates{})
	})
}

// GiveOrAsk is GivePosition for somebody whom a second person helps: a job at a registration authority that two people
// have to give is asked for, and the number of the request is given.
func GiveOrAsk(ctx context.Context, d *db.DB, by actor.Actor, uuid, template, at string) (number string, err error) {
	return db.Write(ctx, d, by, func(w *db.W) (string, error) {
		t, err := templateOf(template)
		if err != nil {
			return "", err
		}
		two, err := TakesTwo(ctx, w, uuid, t.at(at))
		if err != nil {
			return "", err
		}
		if !two {
			return "", GivePart(ctx, w, uuid, template, at, Dates{})
		}
		code, err := mayGive(ctx, w, uuid, t, at)
		if err != nil {
			return "", err
		}
		if err := notHeld(ctx, w, uuid, t.at(code)); err != nil {
			return "", err
		}
		asked, err := request.Open(ctx, w, request.New{
			Subject: request.Subject{UUID: uuid}, Organisation: code, What: request.Grant{Template: template},
			Reason: WhyTwo(t.Name),
		})
		return asked.Number, err
	})
}

// WhyTwo is the reason of a request for a position that takes two people.
func WhyTwo(position string) string {
	return position + ". Two people give a job at a registration authority."
}

// TakesTwo reports whether it takes a second person to give somebody a position: it makes somebody of a registration
// authority, and there is another manager who can decide. Where there is none, an event says that one person gave it
// alone.
func TakesTwo(ctx context.Context, w *db.W, uuid string, p access.Position) (bool, error) {
	law, err := officer.LawFor(ctx, w, p)
	if err != nil || law.OnePersonGivesJobs || len(law.JobsIn(p)) == 0 {
		return false, err
	}
	o, err := require(ctx, w, permission.AssignPosition, identity.Ref(uuid))
	if err != nil {
		return false, err
	}
	managers, err := access.Managers(ctx, w, o.Organisation)
	if err != nil {
		return false, err
	}
	for _, manager := range managers {
		if manager == w.Actor().ID || manager == uuid {
			continue
		}
		jobs, err := officer.OfActive(ctx, w, manager)
		if err != nil || jobs.May(permission.DecideRequest, permission.Yes) {
			return true, err
		}
	}
	return false, w.Record(ctx, audit.Event{Kind: eventAlone, Subject: identity.Ref(uuid), After: p.Name})
}

// Dates are when a position begins and ends.
type Dates struct {
	Starts time.Time // zero for at once
	Ends   time.Time // zero for never
}

// Begins gives when a position begins that is given now: nobody held one before somebody gave it.
func (d Dates) Begins(now time.Time) time.Time {
	if d.Starts.After(now) {
		return d.Starts
	}
	return now
}

// GivePart gives the position of a template, as a part of an Update whose caller has made sure that its actor may give
// it alone, or is the second person who does.
func GivePart(ctx context.Context, w *db.W, uuid, template, at string, during Dates) error {
	t, err := templateOf(template)
	if err != nil {
		return err
	}
	code, err := mayGive(ctx, w, uuid, t, at)
	if err != nil {
		return err
	}
	if t.Job == rbac.RegistrationManager {
		if err := RequireAnother(ctx, w, uuid); err != nil {
			return err
		}
	}
	return assign(ctx, w, uuid, t.at(code), during)
}

// mayGive refuses an actor who may not give the position of a template to somebody, and gives the code of the
// organisation.
func mayGive(ctx context.Context, w *db.W, uuid string, t Template, at string) (code string, err error) {
	_, person, err := requireOver(ctx, w, permission.AssignPosition, uuid)
	if err != nil {
		return "", err
	}
	if person.Status != identity.Active {
		return "", errNotActive
	}
	if code, err = known(ctx, w, at); err != nil {
		return "", err
	}
	o, _, err := requireOver(ctx, w, permission.AssignPosition, uuid, code)
	if err != nil {
		return "", err
	}
	return code, requireToGive(ctx, w, o, uuid, t.at(code))
}

// requireToGive refuses the actor's giving or ending a position that makes somebody what is not below the actor's own
// job.
func requireToGive(ctx context.Context, w *db.W, o officer.Officer, uuid string, p access.Position) error {
	jobs, err := officer.JobsFor(ctx, w, p)
	if err != nil {
		return err
	}
	return o.RequireToGive(ctx, w, uuid, jobs)
}

// RequireAnother refuses an act of whoever verified the person's identity, or that of those who did, at any remove:
// nobody makes a second manager alone, through a third person whom they made.
func RequireAnother(ctx context.Context, w *db.W, uuid string) error {
	asked := map[string]bool{} // a ring of people who verified one another ends
	for verified := uuid; !asked[verified]; {
		asked[verified] = true
		seen, err := identity.DocumentsOf(ctx, w, verified)
		if errors.Is(err, fault.NotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if seen.By == w.Actor().ID {
			return officer.Refuse(ctx, w, identity.Ref(uuid),
				"the actor verified the identity, or that of who did, and gives the position of a manager",
				errVerified)
		}
		verified = seen.By
	}
	return nil
}

// notHeld refuses a position that somebody holds already, or will.
func notHeld(ctx context.Context, r db.R, uuid string, p access.Position) error {
	held, err := access.OfIdentity(ctx, r, uuid)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(held, func(a access.Assignment) bool { return a.Gives(p) && !a.Over(r.Now()) }) {
		return errHeld
	}
	return nil
}

// assign gives somebody a position that they do not hold yet.
func assign(ctx context.Context, w *db.W, uuid string, p access.Position, during Dates) error {
	if err := notHeld(ctx, w, uuid, p); err != nil {
		return err
	}
	id, err := access.Prepared(ctx, w, p)
	if err != nil {
		return err
	}
	return access.Assign(ctx, w, access.Grant{
		UUID: uuid, Position: id, Organisation: p.Organisation, Starts: during.Begins(w.Now()), Ends: during.Ends,
		Number: identity.Number,
	})
}

// EndPosition ends a position that somebody holds, now, at an organisation that the actor's registration authority
// serves.
func EndPosition(ctx context.Context, d *db.DB, by actor.Actor, uuid, assignment, reason string) error {
	reason, err := access.Reason("why_end", reason, "Enter why the position ends")
	if err != nil {
		return err
	}
	return d.Update(ctx, by, func(w *db.W) error { return EndPart(ctx, w, uuid, assignment, reason) })
}

// EndPart ends a position, as EndPosition does, as a part of an Update.
func EndPart(ctx context.Context, w *db.W, uuid, assignment, reason string) error {
	if _, err := mayChange(ctx, w, uuid, assignment); err != nil {
		return err
	}
	return access.End(ctx, w, uuid, assignment, reason)
}

// ChangeDates gives a position that somebody holds other dates. Those of a job at a registration authority are asked
// for where two people give such a job, and the number of the request is given.
func ChangeDates(
	ctx context.Context, d *db.DB, by actor.Actor, uuid, assignment string, during Dates,
) (number string, err error) {
	return db.Write(ctx, d, by, func(w *db.W) (string, error) {
		held, err := mayChange(ctx, w, uuid, assignment)
		if err != nil {
			return "", err
		}
		two, err := TakesTwo(ctx, w, uuid, held.Position)
		if err != nil {
			return "", err
		}
		if !two {
			return "", DatesPart(ctx, w, uuid, assignment, during)
		}
		asked, err := request.Open(ctx, w, request.New{
			Subject: request.Subject{UUID: uuid}, Organisation: held.Position.Organisation,
			What:   request.Dates{Assignment: assignment, Starts: during.Starts, Ends: during.Ends},
			Reason: WhyTwo(held.Position.Name),
		})
		return asked.Number, err
	})
}

// DatesPart gives a position that somebody holds other dates, as a part of an Update. A beginning that is not given
// stays as it is.
func DatesPart(ctx context.Context, w *db.W, uuid, assignment string, during Dates) error {
	held, err := mayChange(ctx, w, uuid, assignment)
	if err != nil {
		return err
	}
	charge, err := staffrecord.InCharge(ctx, w, assignment)
	if err != nil {
		return err
	}
	if charge {
		return errStaffRecord
	}
	starts := held.Starts
	if !during.Starts.IsZero() {
		starts = during.Starts
	}
	return access.SetDates(ctx, w, uuid, assignment, starts, during.Ends)
}

var errStaffRecord = fault.SayOfField("assignment", fault.Conflict, "The staff record says how long this position "+
	"lasts. Change the assignment there, or end the position here if it must end now")

// mayChange refuses an actor who may not end or change a position that somebody holds, and gives it.
func mayChange(ctx context.Context, w *db.W, uuid, assignment string) (none access.Assignment, err error) {
	person, err := identity.ByUUID(ctx, w, uuid)
	if err != nil {
		return none, err
	}
	held, err := access.OfIdentity(ctx, w, uuid)
	if err != nil {
		return none, err
	}
	position := access.Position{Organisation: person.Organisation} // what is asked of a position that they do not have
	at := slices.IndexFunc(held, func(a access.Assignment) bool { return a.ID == assignment && !a.Over(w.Now()) })
	if at >= 0 {
		position = held[at].Position
	}
	if _, _, err := officer.RequireFor(ctx, w, permission.AssignPosition, uuid, position); err != nil {
		return none, err
	}
	if at < 0 {
		return none, errNotHeld
	}
	return held[at], nil
}

var errNotHeld = fault.OfField("assignment", "Select a position that they have")
