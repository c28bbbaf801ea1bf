package registration

import (
	"context"
	"errors"
	"slices"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/national/authn"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// AskedPass describes a temporary access pass that somebody asks for.
type AskedPass struct {
	Hours   int
	Reason  string
	Offered []authn.Kind // what can be added here
}

// MadePass is a pass that was just made, or waits for a second person.
type MadePass struct {
	Pass string // empty while it waits
	Ends time.Time
}

// PassHours are the hours that a pass may last, the usual ones first.
var PassHours = []int{1, 8, authenticator.MaxPassHours}

var (
	errHours    = fault.OfField("hours", "Select how long the pass works")
	errPassOver = fault.Say(fault.Conflict, "That pass was made, was withdrawn, or nobody made it in time.")
	errSecond   = fault.SayCure(fault.Forbidden, "Whoever asked for a pass does not make it.",
		"Another registration authority manager or agent makes it.")
)

// AskPass makes a temporary access pass for somebody. For somebody who works for a registration authority it only asks
// for it: a second person makes it.
func AskPass(ctx context.Context, d *db.DB, by actor.Actor, uuid string, asked AskedPass) (MadePass, error) {
	reason, err := access.Reason("why_pass", asked.Reason, "Enter how you know that it is them")
	if err != nil {
		return MadePass{}, err
	}
	if !slices.Contains(PassHours, asked.Hours) {
		return MadePass{}, errHours
	}
	return db.Write(ctx, d, by, func(w *db.W) (none MadePass, err error) {
		_, person, err := requireOver(ctx, w, permission.BindAuthenticator, uuid)
		if err != nil {
			return none, err
		}
		if person.Status != identity.Active {
			return none, errNotActive
		}
		if err := requireEmail(person, w.Now()); err != nil {
			return none, err
		}
		policies, err := organisation.PoliciesAt(ctx, w, []string{person.Organisation})
		if err != nil {
			return none, err
		}
		kinds := Offered(asked.Offered, policies)
		if len(kinds) == 0 {
			return none, errNoKind
		}
		lasts := time.Duration(asked.Hours) * time.Hour
		id, err := authenticator.AskForPass(ctx, w, uuid, kinds, lasts, reason)
		if err != nil {
			return none, err
		}
		staff, err := IsStaff(ctx, w, uuid)
		if err != nil || staff {
			return none, err
		}
		return makePass(ctx, w, id)
	})
}

// ConfirmPass makes a pass that another person asked for.
func ConfirmPass(ctx context.Context, d *db.DB, by actor.Actor, uuid, id string) (MadePass, error) {
	return db.Write(ctx, d, by, func(w *db.W) (none MadePass, err error) {
		if _, _, err := requireOver(ctx, w, permission.BindAuthenticator, uuid); err != nil {
			return none, err
		}
		p, err := authenticator.PassByID(ctx, w, id)
		if err != nil {
			return none, err
		}
		state, _ := p.StateAt(w.Now())
		switch {
		case p.UUID != uuid || state != authenticator.PassWaits:
			return none, errPassOver
		case p.AskedBy == w.Actor().ID:
			return none, officer.Refuse(ctx, w, identity.Ref(uuid), "the actor asked for the access pass", errSecond)
		}
		return makePass(ctx, w, id)
	})
}

func makePass(ctx context.Context, w *db.W, id string) (made MadePass, err error) {
	p, err := authenticator.PassByID(ctx, w, id)
	if err != nil {
		return made, err
	}
	made.Pass, made.Ends, err = authenticator.MakePass(ctx, w, p)
	if errors.Is(err, fault.Conflict) {
		return made, errPassOver
	}
	return made, err
}

// IsStaff reports whether somebody works for a registration authority.
func IsStaff(ctx context.Context, r db.R, uuid string) (bool, error) {
	profiles, err := access.RoleProfiles(ctx, r, uuid, r.Now())
	return slices.ContainsFunc(profiles, func(p access.RoleProfile) bool {
		role, err := rbac.ParseRole(p.RoleCode)
		return err == nil && (role.Job == rbac.RegistrationManager || role.Job == rbac.RegistrationAgent)
	}), err
}
