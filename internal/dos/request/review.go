package request

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// ReviewLasts is how long nobody else decides a request that somebody looks at.
const ReviewLasts = 15 * time.Minute

// JustGiven is how long after somebody was given the permission to approve they cannot use it yet.
const JustGiven = account.JustGivenLasts

// The faults of those who decide.
var (
	errOwnRequest = fault.SayCure(fault.Forbidden, "This request is your own, so you cannot decide it.",
		"Another DoS user administrator decides it.")
	errOwnName = fault.SayCure(fault.Forbidden, "This request is in your own name, so you cannot decide it.",
		"Another DoS user administrator decides it, also if it is of somebody else with your name.")
	errOwnGuest = fault.SayCure(fault.Forbidden, "You invited this person, so you cannot decide their request.",
		"Another DoS user administrator decides it.")
	errJustGiven = fault.SayCure(fault.Forbidden,
		"You were given the permission to approve requests less than an hour ago, so you cannot use it yet.",
		"Come back in an hour, or leave the request to another administrator.")
	errOutsideReach = fault.SayCure(fault.Forbidden, "This request is outside the area that you look after.",
		"It waits for the administrators of its region.")
	errDecided = fault.SayCure(fault.Conflict, "This request has been decided or withdrawn already.",
		"Go back to the list of requests.")
)

func errReviewed(v Review) error {
	return fault.SayCure(fault.Conflict, v.Name+" is looking at this request.",
		"Take it over if they are not, or choose another one.")
}

// Look notes that somebody looks at a request, so that nobody else decides it meanwhile. Somebody else's look is taken
// over only if that is wanted, and an event says so.
func (q *Requests) Look(ctx context.Context, by actor.Actor, id string, takeOver bool) error {
	return q.DB.Update(ctx, by, func(w *db.W) error {
		asked, err := mayDecide(ctx, w, id)
		if err != nil {
			return err
		}
		now, err := reviewOf(ctx, w, asked.ID)
		if err != nil {
			return err
		}
		if others(now, w) && !takeOver {
			return refuse(ctx, w, id, errReviewed(now))
		}
		const look = `INSERT INTO request_review (request_id, account_id, name, since, until)
			VALUES ($1, $2, $3, $4, $5) ON CONFLICT (request_id) DO UPDATE
			SET account_id = $2, name = $3, since = $4, until = $5`
		_, err = w.Exec(ctx, look, id, w.Actor().ID, w.Actor().Name, w.Now(), w.Now().Add(ReviewLasts))
		if err != nil {
			return fmt.Errorf("note who looks at a request: %w", err)
		}
		looked := audit.Event{Kind: eventLooked, Subject: Ref(id)}
		if others(now, w) {
			looked.Before = now.Name
		}
		return w.Record(ctx, looked)
	})
}

const selectNext = selectRequest + `%s AND NOT EXISTS (SELECT 1 FROM request_review v
	WHERE v.request_id = request.id AND v.until > %s AND v.account_id <> %s) AND invited_by NOT IN (%s)
	ORDER BY created_at, id LIMIT 20`

// errNoNext says that nothing is left to decide.
var errNoNext = fault.SayCure(fault.Conflict, "No request waits for you to decide it.",
	"Others may be looking at those that there are.")

// LookAtNext looks at the open request that waits longest, of those that the actor may decide and nobody else looks at,
// and gives its id.
func (q *Requests) LookAtNext(ctx context.Context, by actor.Actor) (string, error) {
	list, err := db.Read(ctx, q.DB, func(r db.R) ([]Request, error) { return waiting(ctx, r, by.ID) })
	if err != nil {
		return "", err
	}
	for _, asked := range list {
		err := q.Look(ctx, by, asked.ID, false)
		if err == nil {
			return asked.ID, nil
		}
		mayDecideOthers := !errors.Is(err, errJustGiven)
		if !mayDecideOthers || !errors.Is(err, fault.Forbidden) && !errors.Is(err, fault.Conflict) {
			return "", err
		}
	}
	return "", errNoNext
}

// waiting lists some of the open requests within somebody's reach that nobody else looks at, and that are neither their
// own nor of people whom they invited.
func waiting(ctx context.Context, r db.R, accountID string) (list []Request, err error) {
	a, err := account.ByID(ctx, r, accountID)
	if err != nil {
		return nil, err
	}
	grants, err := account.GrantsOf(ctx, r, a.ID)
	if err != nil {
		return nil, err
	}
	me, err := account.PersonOf(ctx, r, a.ID)
	if err != nil {
		return nil, err
	}
	var args db.Arguments
	where := Filter{Reach: grants.Reach(a.Organisation, account.ApproveUser), Which: ToDecide}.where(&args)
	next := fmt.Sprintf(selectNext, where, args.Add(r.Now()), args.Add(a.ID), db.AddEach(&args, me.Accounts))
	list, err = db.All(ctx, r, scanRequest, next, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("look for the next request: %w", err)
	}
	return slices.DeleteFunc(list, func(q Request) bool {
		return q.isOf(me) || q.inNameOf(a)
	}), nil
}

func others(v Review, w *db.W) bool { return v.AccountID != "" && v.AccountID != w.Actor().ID }

// reviewOf reads who looks at a request now; nobody if nobody does.
func reviewOf(ctx context.Context, r db.R, id string) (Review, error) {
	list, err := withReviews(ctx, r, []Request{{ID: id}})
	if err != nil {
		return Review{}, err
	}
	return list[0].Review, nil
}

// decider is whoever decides requests, as they stand at this moment.
type decider struct {
	reach account.Reach
	me    *twin // nil for what is no person
	just  bool  // they were given the permission less than an hour ago
}

// deciderOf reads what the actor may decide, or a fault if that is nothing.
func deciderOf(ctx context.Context, w *db.W) (d decider, err error) {
	if d.reach, err = account.ReachOf(ctx, w, account.ApproveUser); err != nil {
		return d, err
	}
	if w.Actor().Kind != actor.Person {
		return d, nil
	}
	me, err := twinOf(ctx, w, w.Actor().ID)
	if err != nil {
		return d, err
	}
	d.me = &me
	d.just, err = account.JustGiven(ctx, w, account.ApproveUser)
	return d, err
}

// problem gives the reason why somebody may not decide a request, or nil: they have the permission within its scope,
// for an hour at least, and it is neither about themselves nor of somebody whom they invited.
func (d decider) problem(asked Request) error {
	switch {
	case !asked.within(d.reach):
		return errOutsideReach
	case !asked.State.Undecided():
		return errDecided
	case d.me == nil:
		return nil
	case asked.isOf(d.me.person):
		return errOwnRequest
	case asked.inNameOf(d.me.account):
		return errOwnName
	case asked.invitedBy(d.me.person):
		return errOwnGuest
	case d.just:
		return errJustGiven
	}
	return nil
}

// ProblemFor gives the reason why somebody with an account and a reach may not decide a request, to show it to them, or
// nil. That they were given the permission just now, they are told when they try.
func ProblemFor(ctx context.Context, r db.R, accountID string, reach account.Reach, asked Request) error {
	me, err := twinOf(ctx, r, accountID)
	if err != nil {
		return err
	}
	return decider{reach: reach, me: &me}.problem(asked)
}

// mayDecide gives a request that the actor may decide at this moment.
func mayDecide(ctx context.Context, w *db.W, id string) (Request, error) {
	d, err := deciderOf(ctx, w)
	if err != nil {
		return Request{}, refuseActor(ctx, w, id, err)
	}
	asked, err := ByID(ctx, w, id)
	if errors.Is(err, fault.NotFound) {
		return asked, errNoRequest
	}
	if err != nil {
		return asked, err
	}
	return asked, refuseActor(ctx, w, id, d.problem(asked))
}

// refuseActor records that somebody tried to decide who may not.
func refuseActor(ctx context.Context, w *db.W, id string, err error) error {
	if !errors.Is(err, fault.Forbidden) {
		return err
	}
	return refuse(ctx, w, id, err)
}

// deciding is mayDecide for an act that decides: nobody else may be looking at the request.
func deciding(ctx context.Context, w *db.W, id string) (Request, error) {
	asked, err := mayDecide(ctx, w, id)
	if err != nil {
		return asked, err
	}
	now, err := reviewOf(ctx, w, id)
	if err == nil && others(now, w) {
		err = refuse(ctx, w, id, errReviewed(now))
	}
	return asked, err
}

// isOf reports whether a request is somebody's own: by the account that was logged in where it was filled in, by its
// Care Identity, by its address, or by any of those of another account that their Care Identities open or opened
// (attack L28).
func (q Request) isOf(p account.Person) bool {
	theirs := account.Identity{Issuer: q.Claims.Issuer, Subject: q.Claims.Subject}
	return slices.Contains(p.Accounts, q.AskedBy) || slices.Contains(p.Accounts, q.AccountID) ||
		slices.Contains(p.Identities, theirs) || slices.Contains(p.EmailKeys, q.EmailKey)
}

// invitedBy reports whether somebody invited the asker, by any account of theirs.
func (q Request) invitedBy(p account.Person) bool { return slices.Contains(p.Accounts, q.InvitedBy) }
