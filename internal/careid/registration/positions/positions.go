// Package positions holds the guarded acts of the registration authority on the positions of organisations: creating,
// changing and closing them, and saying which of them a sponsor may give.
//
// It does not know how a position reaches those who hold it: package access does.
package positions

import (
	"context"
	"slices"

	"signpost/internal/careid/access"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/careid/registration/staffrecord"
	"signpost/internal/national/ods"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

var (
	errName = fault.SayOfField("name", fault.Conflict, "The organisation has an open position with this name")
	errOwn  = fault.SayCure(fault.Forbidden, "You have this position yourself, so you may not change what it gives.",
		"Ask another registration authority manager.")
	errSure   = fault.OfField("sure", "Tick the box if you are sure")
	errTyped  = fault.OfField("typed", "Type CLOSE in capital letters")
	errReason = "Enter why the position is closed"
)

// Create makes a position of an organisation that the actor's registration authority serves, and gives its id.
func Create(
	ctx context.Context, d *db.DB, by actor.Actor, at string, t Typed, a access.Approval,
) (id string, err error) {
	return db.Write(ctx, d, by, func(w *db.W) (string, error) {
		code, err := ods.Parse(at)
		if err != nil {
			return "", errOrganisation
		}
		if _, err := organisation.ByCode(ctx, w, string(code)); err != nil {
			return "", err
		}
		p := access.Position{Organisation: string(code)}
		if err := mayDesign(ctx, w, p); err != nil {
			return "", err
		}
		if p, err = Read(ctx, w, t, p); err != nil {
			return "", err
		}
		if err := mayDesign(ctx, w, p); err != nil {
			return "", err
		}
		if err := requireName(ctx, w, p); err != nil {
			return "", err
		}
		approval, err := approvalIn(a)
		if err != nil {
			return "", err
		}
		return access.Create(ctx, w, p, approval)
	})
}

// requireName refuses a name that another open position of the organisation has.
func requireName(ctx context.Context, r db.R, p access.Position) error {
	list, err := access.PositionsAt(ctx, r, p.Organisation)
	if err != nil {
		return err
	}
	same := func(other access.Position) bool {
		return other.ID != p.ID && other.Name == p.Name && !other.Over(r.Now())
	}
	if slices.ContainsFunc(list, same) {
		return errName
	}
	return nil
}

// Edit changes a position: version is that which the actor saw. Nobody gives themselves anything: whoever holds the
// position changes no more than its name and notes.
func Edit(
	ctx context.Context, d *db.DB, by actor.Actor, id string, version int64, t Typed, a access.Approval,
) error {
	return d.Update(ctx, by, func(w *db.W) error {
		before, err := designed(ctx, w, id)
		if err != nil {
			return err
		}
		after, err := Read(ctx, w, t, before)
		if err != nil {
			return err
		}
		if !access.Compare(before.Profiles, after.Profiles).Empty() {
			if err := requireNotOwn(ctx, w, before); err != nil {
				return err
			}
		}
		if err := mayDesign(ctx, w, after); err != nil {
			return err
		}
		if err := requireNoJobForHolders(ctx, w, before, after); err != nil {
			return err
		}
		if err := requireName(ctx, w, after); err != nil {
			return err
		}
		approval, err := approvalIn(a)
		if err != nil {
			return err
		}
		after.Version = version
		return access.Edit(ctx, w, after, approval)
	})
}

var errOrganisation = fault.OfField("name", "The organisation is not known here")

// designed reads a position that the actor may change.
func designed(ctx context.Context, w *db.W, id string) (access.Position, error) {
	p, err := access.PositionByID(ctx, w, id)
	if err != nil {
		return p, err
	}
	return p, mayDesign(ctx, w, p)
}

// mayDesign refuses whoever may not design positions of the organisation, or not one that makes somebody what this one
// does.
func mayDesign(ctx context.Context, w *db.W, p access.Position) error {
	asked := officer.Asked{Act: permission.DesignPosition, About: organisation.Ref(p.Organisation),
		At: []string{p.Organisation}}
	o, err := officer.Require(ctx, w, asked)
	if err != nil {
		return err
	}
	jobs, err := officer.JobsFor(ctx, w, p)
	if err != nil {
		return err
	}
	return o.RequireToGive(ctx, w, w.Actor().ID, jobs)
}

// requireNotOwn refuses an act on a position that the actor holds, or will.
func requireNotOwn(ctx context.Context, w *db.W, p access.Position) error {
	held, err := access.OfIdentity(ctx, w, w.Actor().ID)
	if err != nil {
		return err
	}
	isIt := func(a access.Assignment) bool { return a.Position.ID == p.ID && !a.Over(w.Now()) }
	if !slices.ContainsFunc(held, isIt) {
		return nil
	}
	return officer.Refuse(ctx, w, access.Ref(p.ID), "the actor's own position", errOwn)
}

var errJobForHolders = fault.SayOfField("profiles", fault.Conflict,
	"People have this position. What makes somebody of a registration authority is given to each of them by two "+
		"people: create another position for it")

// requireNoJobForHolders refuses a change that would give a job at a registration authority to all who hold a position,
// without the second person whom it takes to give somebody one.
func requireNoJobForHolders(ctx context.Context, w *db.W, before, after access.Position) error {
	law, err := officer.LawFor(ctx, w, before, after)
	if err != nil || law.OnePersonGivesJobs {
		return err
	}
	isNew := func(j permission.Job) bool { return !law.Makes(before, j) }
	if !slices.ContainsFunc(law.JobsIn(after), isNew) {
		return nil
	}
	holders, err := access.CountHolders(ctx, w, before.ID)
	if err != nil || holders == 0 {
		return err
	}
	return officer.Refuse(ctx, w, access.Ref(before.ID),
		"a job at a registration authority for all who hold the position", errJobForHolders)
}

// Closing is what somebody fills in to close a position.
type Closing struct {
	Reason   string
	Approver string
	Sure     bool
	Typed    string // CLOSE
}

// Close closes a position. Those who hold it have lost it at once.
func Close(ctx context.Context, d *db.DB, by actor.Actor, id string, c Closing) error {
	reason, err := access.Reason("why", c.Reason, errReason)
	if err != nil {
		return err
	}
	approver, err := access.Reason("approver", c.Approver, "Enter who approved it")
	switch {
	case err != nil:
		return err
	case !c.Sure:
		return errSure
	case c.Typed != "CLOSE":
		return errTyped
	}
	return d.Update(ctx, by, func(w *db.W) error {
		if _, err := designed(ctx, w, id); err != nil {
			return err
		}
		given, err := staffrecord.Gives(ctx, w, id)
		if err != nil {
			return err
		}
		if given {
			return errStaffRecord
		}
		return access.Close(ctx, w, id, reason, access.Approval{How: reason, Participants: approver})
	})
}

var errStaffRecord = fault.SayCure(fault.Conflict, "People have this position by the staff record.",
	"End their assignments in the staff record, or move them to another position of it, then close this one.")

var (
	errNotSponsors = fault.SayCure(fault.Conflict, "Whoever holds this position is no sponsor.",
		"Add the activity B1300 to one of its access profiles first.")
	errNotAssignable = fault.OfField("assignable", "Select open positions of this organisation that give no job at a "+
		"registration authority")
)

// SetAssignable says which positions those who hold one, who are sponsors, may give to others.
func SetAssignable(ctx context.Context, d *db.DB, by actor.Actor, id string, assignable []string) error {
	return d.Update(ctx, by, func(w *db.W) error {
		p, err := designed(ctx, w, id)
		if err != nil {
			return err
		}
		list, err := access.PositionsAt(ctx, w, p.Organisation)
		if err != nil {
			return err
		}
		law, err := officer.LawFor(ctx, w, list...)
		if err != nil {
			return err
		}
		if !law.Makes(p, permission.Sponsor) {
			return errNotSponsors
		}
		if err := requireNotOwn(ctx, w, p); err != nil {
			return err
		}
		for _, one := range assignable {
			at := slices.IndexFunc(list, func(other access.Position) bool { return other.ID == one })
			if at < 0 || !MayBeAssignable(law, list[at]) || list[at].Over(w.Now()) {
				return errNotAssignable
			}
		}
		return access.SetAssignable(ctx, w, p.ID, assignable)
	})
}

// MayBeAssignable reports whether a sponsor may be let give a position: it makes nobody anything at a registration
// authority, a sponsor and an ID checker among it.
func MayBeAssignable(l officer.Law, p access.Position) bool { return len(l.JobsIn(p)) == 0 }
