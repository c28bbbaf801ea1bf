// Package deciding holds the guarded acts on what registration authorities are asked for: asking, looking, approving,
// rejecting, and fixing and withdrawing what one asked.
//
// Who may decide a request may do the very act that it asks for, to that person, at that organisation.
package deciding

import (
	"context"
	"errors"
	"slices"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/careid/registration/staffrecord"
	"signpost/internal/careid/request"
	"signpost/internal/national/ods"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
)

// acts are what each kind of request asks to be done.
var acts = map[request.Kind]permission.Act{
	request.GrantPosition:  permission.AssignPosition,
	request.ChangeDates:    permission.AssignPosition,
	request.EndPosition:    permission.AssignPosition,
	request.CloseIdentity:  permission.CloseProfile,
	request.ReopenIdentity: permission.CloseProfile,
	request.Reactivate:     permission.CloseProfile,
	request.ChangeDetails:  permission.ChangeDetails,
	request.NewIdentity:    permission.CreateProfile,
	request.Authenticator:  permission.BindAuthenticator,
	request.VerifyIdentity: permission.VerifyProfile,
	request.SomethingElse:  permission.DecideRequest,
	request.FromStaff:      permission.CreateProfile,
	request.ByStaff:        permission.ChangeDetails,
}

// asking are the ways in which a job lets somebody ask for an act.
var asking = []permission.Answer{permission.ByRequest, permission.Assignable, permission.Yes}

// Asked is what somebody asks for about a person.
type Asked struct {
	UUID         string // of whom it is about
	Organisation string // where a position is to be held, as it was typed; their own organisation if empty
	What         request.What
	Reason       string
}

var (
	errOwn = fault.SayCure(fault.Forbidden, "Nobody may ask for this for themselves.",
		"Ask another sponsor or your registration authority.")
	errUnknown    = fault.OfField("organisation", "Enter the ODS code of an organisation that is known here")
	errPerson     = fault.OfField("uuid", "Enter the 12 digits of a Care Identity number that is known here")
	errNoPosition = fault.OfField("position", "Select the position")

	errNotHeld = fault.OfField("assignment", "Select a position that they have")
	errMany    = fault.SayCure(fault.TooMany, "You have 200 requests that wait for a decision.",
		"Wait until some are decided, or withdraw those that are not needed any more.")
)

// maxWaiting is how many requests of one person may wait.
const maxWaiting = 200

// Ask makes a request about a person, by a sponsor or somebody else whose job lets them ask for it there.
func Ask(ctx context.Context, d *db.DB, by actor.Actor, asked Asked) (request.Request, error) {
	return db.Write(ctx, d, by, func(w *db.W) (request.Request, error) { return asked.open(ctx, w) })
}

func (a Asked) open(ctx context.Context, w *db.W) (none request.Request, err error) {
	person, err := identity.ByUUID(ctx, w, a.UUID)
	if errors.Is(err, fault.NotFound) {
		return none, errPerson
	}
	if err != nil {
		return none, err
	}
	at, err := a.place(ctx, w, person)
	if err != nil {
		return none, err
	}
	about := identity.Ref(a.UUID)
	_, err = officer.Require(ctx, w, officer.Asked{
		Act: acts[a.What.Kind()], About: about, At: []string{person.Organisation, at}, Ways: asking,
	})
	if err != nil {
		return none, err
	}
	if a.UUID == w.Actor().ID {
		return none, officer.Refuse(ctx, w, about, "the actor asks for themselves", errOwn)
	}
	_, waiting, err := request.Filter{Open: true, AskedBy: w.Actor().ID}.List(ctx, w, 0, 1)
	if err != nil {
		return none, err
	}
	if waiting >= maxWaiting {
		return none, errMany
	}
	return request.Open(ctx, w, request.New{
		Subject: request.Subject{UUID: a.UUID}, Organisation: at, What: a.What, Reason: a.Reason,
	})
}

// place gives the ODS code of the organisation that the request is about: where the position is held or to be held,
// else where the person is registered.
func (a Asked) place(ctx context.Context, r db.R, person identity.Identity) (string, error) {
	assignment := ""
	switch what := a.What.(type) {
	case request.Dates:
		assignment = what.Assignment
	case request.End:
		assignment = what.Assignment
	case request.Grant:
		if what.Position != "" {
			p, err := access.PositionByID(ctx, r, what.Position)
			if errors.Is(err, fault.NotFound) {
				return "", errNoPosition
			}
			return p.Organisation, err
		}
		if a.Organisation == "" {
			return person.Organisation, nil
		}
		code, err := ods.Parse(a.Organisation)
		if err != nil {
			return "", errUnknown
		}
		_, err = organisation.ByCode(ctx, r, string(code))
		if errors.Is(err, fault.NotFound) {
			return "", errUnknown
		}
		return string(code), err
	}
	if assignment == "" {
		return person.Organisation, nil
	}
	held, err := access.OfIdentity(ctx, r, person.UUID)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(held, func(h access.Assignment) bool { return h.ID == assignment && !h.Over(r.Now()) })
	if i < 0 {
		return "", errNotHeld
	}
	return held[i].Position.Organisation, nil
}

// require refuses whoever may not decide a request.
func require(ctx context.Context, w *db.W, q request.Request) error {
	about := request.Ref(q.ID)
	_, err := officer.Require(ctx, w, officer.Asked{
		Act: permission.DecideRequest, About: about, At: []string{q.Organisation},
	})
	if err != nil {
		return err
	}
	if q.Subject.UUID == "" {
		own, err := ownAddress(ctx, w, q, w.Actor().ID)
		if err != nil {
			return err
		}
		if own {
			return officer.Refuse(ctx, w, about, "the actor reads the address of the request", request.ErrOwn)
		}
		_, err = officer.Require(ctx, w, officer.Asked{Act: acts[q.Kind()], About: about, At: []string{q.Organisation}})
		return err
	}
	if err := q.Decidable(w.Actor().ID, w.Now()); errors.Is(err, request.ErrOwn) {
		return nil // the room of requests refuses it, with words of its own
	}
	_, _, err = officer.RequireOver(ctx, w, acts[q.Kind()], q.Subject.UUID, q.Organisation)
	return err
}

// ownAddress reports whether a request was asked from the address of somebody's care identity.
func ownAddress(ctx context.Context, r db.R, q request.Request, uuid string) (bool, error) {
	them, err := identity.ByUUID(ctx, r, uuid)
	if err != nil || them.EmailCanonical == "" {
		return false, err
	}
	asked, err := email.Parse(q.Subject.Email)
	if err != nil {
		return false, nil //nolint:nilerr // what is no address is nobody's
	}
	key, _ := asked.Canonical()
	return key == them.EmailCanonical, nil
}

// decide does something to a request that the actor may decide, as they may at this moment.
func decide(ctx context.Context, d *db.DB, by actor.Actor, id string, fn func(w *db.W) error) error {
	return d.Update(ctx, by, func(w *db.W) error {
		q, err := request.ByID(ctx, w, id)
		if err != nil {
			return err
		}
		if err := require(ctx, w, q); err != nil {
			return err
		}
		return fn(w)
	})
}

// LookAt keeps a request for the actor for 15 minutes.
func LookAt(ctx context.Context, d *db.DB, by actor.Actor, id string) error {
	return decide(ctx, d, by, id, func(w *db.W) error { return request.LookAt(ctx, w, id) })
}

// Leave ends the actor's look at a request early.
func Leave(ctx context.Context, d *db.DB, by actor.Actor, id string) error {
	return d.Update(ctx, by, func(w *db.W) error { return request.Leave(ctx, w, id) })
}

// Approve does what a request asks for, and completes it.
func Approve(ctx context.Context, d *db.DB, by actor.Actor, id, notes string) error {
	return decide(ctx, d, by, id, func(w *db.W) error {
		_, err := request.Approve(ctx, w, id, notes, doers)
		return err
	})
}

// Reject refuses what a request asks for, with the reason and with notes for whoever asked.
func Reject(ctx context.Context, d *db.DB, by actor.Actor, id, reason, notes string) error {
	return decide(ctx, d, by, id, func(w *db.W) error {
		q, err := request.Reject(ctx, w, id, reason, notes)
		if err != nil {
			return err
		}
		return staffrecord.Rejected(ctx, w, q)
	})
}

// SendAgain fixes a rejected request of the actor's and sends it again. They have to be somebody still who may ask for
// it.
func SendAgain(ctx context.Context, d *db.DB, by actor.Actor, id string, what request.What, reason string) error {
	return d.Update(ctx, by, func(w *db.W) error {
		q, err := request.ByID(ctx, w, id)
		if err != nil {
			return err
		}
		if q.AskedBy == w.Actor().ID { // the room of requests refuses others
			_, err = officer.Require(ctx, w, officer.Asked{
				Act: acts[q.Kind()], About: request.Ref(id), At: []string{q.Organisation}, Ways: asking,
			})
			if err != nil {
				return err
			}
			if err := sameOrganisation(ctx, w, q, what); err != nil {
				return err
			}
		}
		return request.SendAgain(ctx, w, id, what, reason)
	})
}

// sameOrganisation refuses to fix a request by a position of another organisation than the one that it is about.
func sameOrganisation(ctx context.Context, r db.R, q request.Request, what request.What) error {
	grant, is := what.(request.Grant)
	if !is || grant.Position == "" {
		return nil
	}
	at, err := Asked{What: what}.place(ctx, r, identity.Identity{})
	if err == nil && at != q.Organisation {
		err = errNoPosition
	}
	return err
}

// Withdraw ends a request of the actor's.
func Withdraw(ctx context.Context, d *db.DB, by actor.Actor, id string) error {
	return d.Update(ctx, by, func(w *db.W) error { return request.Withdraw(ctx, w, id) })
}
