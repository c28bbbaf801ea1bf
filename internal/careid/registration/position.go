package registration

import (
	"context"
	"errors"
	"slices"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
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

// GivePosition gives somebody the position of a template at an organisation, from now on and without an end.
func GivePosition(ctx context.Context, d *db.DB, by actor.Actor, uuid, template, at string) error {
	i := slices.IndexFunc(Templates, func(t Template) bool { return t.Code == template })
	if i < 0 {
		return errNoTemplate
	}
	return d.Update(ctx, by, func(w *db.W) error { return givePosition(ctx, w, uuid, Templates[i], at) })
}

func givePosition(ctx context.Context, w *db.W, uuid string, t Template, at string) error {
	_, person, err := requireOver(ctx, w, permission.AssignPosition, uuid)
	if err != nil {
		return err
	}
	if person.Status != identity.Active {
		return errNotActive
	}
	code, err := known(ctx, w, at)
	if err != nil {
		return err
	}
	o, _, err := requireOver(ctx, w, permission.AssignPosition, uuid, code)
	if err != nil {
		return err
	}
	if err := requireToGive(ctx, w, o, uuid, t.at(code)); err != nil {
		return err
	}
	if t.Job == rbac.RegistrationManager {
		if err := requireAnother(ctx, w, uuid); err != nil {
			return err
		}
	}
	return assign(ctx, w, uuid, t.at(code))
}

// requireToGive refuses the actor's giving or ending a position that makes somebody what is not below the actor's own
// job.
func requireToGive(ctx context.Context, w *db.W, o officer.Officer, uuid string, p access.Position) error {
	rules, err := officer.Rules(ctx, w)
	if err != nil {
		return err
	}
	return o.RequireToGive(ctx, w, uuid, officer.JobsIn(rules, p))
}

// requireAnother refuses an act of whoever verified the person's identity, or that of those who did, at any remove:
// nobody makes a second manager alone, through a third person whom they made.
func requireAnother(ctx context.Context, w *db.W, uuid string) error {
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
			return w.Refuse(ctx, audit.Event{Kind: eventRefused, Subject: identity.Ref(uuid),
				Reason: "the actor verified the identity, or that of who did, and gives the position of a manager"},
				errVerified)
		}
		verified = seen.By
	}
	return nil
}

// assign gives somebody a position that they do not hold yet, from now on.
func assign(ctx context.Context, w *db.W, uuid string, p access.Position) error {
	held, err := access.OfIdentity(ctx, w, uuid)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(held, func(a access.Assignment) bool { return a.Gives(p) && !a.Over(w.Now()) }) {
		return errHeld
	}
	id, err := access.Prepared(ctx, w, p)
	if err != nil {
		return err
	}
	return access.Assign(ctx, w, access.Grant{
		UUID: uuid, Position: id, Organisation: p.Organisation, Starts: w.Now(), Number: identity.Number,
	})
}

// EndPosition ends a position that somebody holds, now, at an organisation that the actor's registration authority
// serves.
func EndPosition(ctx context.Context, d *db.DB, by actor.Actor, uuid, assignment, reason string) error {
	reason, err := access.Reason("why_end", reason, "Enter why the position ends")
	if err != nil {
		return err
	}
	return d.Update(ctx, by, func(w *db.W) error {
		if _, _, err := requireOver(ctx, w, permission.AssignPosition, uuid); err != nil {
			return err
		}
		held, err := access.OfIdentity(ctx, w, uuid)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(held, func(a access.Assignment) bool { return a.ID == assignment && !a.Over(w.Now()) })
		if at < 0 {
			return errNotHeld
		}
		code := held[at].Position.Organisation
		o, _, err := requireOver(ctx, w, permission.AssignPosition, uuid, code)
		if err != nil {
			return err
		}
		if err := requireToGive(ctx, w, o, uuid, held[at].Position); err != nil {
			return err
		}
		return access.End(ctx, w, uuid, assignment, reason)
	})
}

var errNotHeld = fault.OfField("assignment", "Select a position that they have")
