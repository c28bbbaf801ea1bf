package request

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"signpost/internal/dos/account"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/review"
	"signpost/internal/dos/signin"
	"signpost/internal/national/cis2"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/session"
)

// ByRequest is the act for which an asker is sent to CIS2.
const ByRequest = "request an account"

// Ask sends an asker to CIS2 to prove themselves now: a session that is there may be a colleague's.
func (q *Requests) Ask(ctx context.Context, cookie string) (portal.Ask, error) {
	asked, err := q.Mine(ctx, cookie)
	if err != nil {
		return portal.Ask{}, err
	}
	id, _ := session.Split(cookie)
	return portal.ProveNow(ByRequest, asked.ID, id), nil
}

// The faults of Care Identities that cannot be put on a request.
var (
	errOver = fault.SayCure(fault.Conflict, "This request has been decided or withdrawn already.",
		"Open the link in the newest email about it.")
	errHasIdentity = fault.SayCure(fault.Conflict, "Your request has a Care Identity already.",
		"If it is not yours, log in with the right one on the page of your request.")
	errManyIdentities = fault.SayCure(fault.TooMany, "Your request has had 5 Care Identities already.",
		"Withdraw it and send another, or wait until an administrator decides.")
	errIdentityLow = fault.SayCure(fault.Forbidden,
		"Your identity has not been checked to the level this service needs.",
		"Ask your registration authority to check your identity. Your request stays as it is, and you can come back "+
			"to it by the link in our email.")
	errOtherRequest = fault.SayCure(fault.Conflict, "This Care Identity is on another request already.",
		"Open the link in the email about that request. You need only one account.")
)

func errHasAccount(username string) error {
	return fault.SayCure(fault.Conflict, "This Care Identity opens the account "+username+" already.",
		"Log in with it from the first page. You do not need another account.")
}

// Prove puts the Care Identity of whoever came back from CIS2 on the request of their sitting. Where the request was
// approved before, that links the account.
func (q *Requests) Prove(
	ctx context.Context, by actor.Actor, cookie string, p portal.Pending, person cis2.Person,
) error {
	id, _ := session.Split(cookie)
	if p.Act != ByRequest || p.Session != id || !p.ProvedNow() {
		return portal.ErrNotStarted
	}
	stands, err := q.Linker.Stands(ctx, p.Subject, person.Subject)
	if err != nil {
		return err
	}
	several, err := q.several(ctx, p.Subject)
	if err != nil {
		return err
	}
	return q.DB.Update(ctx, by, func(w *db.W) error {
		asked, err := q.confirmed(ctx, w, cookie)
		if err != nil {
			return err
		}
		if asked.ID != p.Subject {
			return portal.ErrNotStarted
		}
		if problem, err := obstacle(ctx, w, asked, person, stands); err != nil || problem != nil {
			return errors.Join(err, refuse(ctx, w, asked.ID, problem))
		}
		claims := claimsOf(person)
		claims.Several = several
		return q.attach(ctx, w, asked, claims)
	})
}

// several asks, before the Update that keeps a Care Identity, whether several have the address of a request.
func (q *Requests) several(ctx context.Context, id string) (bool, error) {
	asked, err := db.Read(ctx, q.DB, func(r db.R) (Request, error) { return ByID(ctx, r, id) })
	if errors.Is(err, fault.NotFound) {
		return false, errSittingOver
	}
	if err != nil {
		return false, err
	}
	return q.Linker.Several(ctx, id, asked.Email)
}

func refuse(ctx context.Context, w *db.W, id string, problem error) error {
	if problem == nil {
		return nil
	}
	return w.Refuse(ctx, audit.Event{Kind: eventRefused, Subject: Ref(id), Reason: problem.Error()}, problem)
}

const selectByIdentity = selectRequest + ` WHERE issuer = $1 AND subject = $2 AND id <> $3
	AND state IN ('open', 'asked', 'set-up') LIMIT 1`

// obstacle gives the reason why a Care Identity cannot be put on a request, or nil.
func obstacle(ctx context.Context, r db.R, asked Request, p cis2.Person, stands bool) (problem, failed error) {
	switch {
	case asked.State != Open && asked.State != Asked && asked.State != SetUp:
		return errOver, nil
	case p.IdentityLevel < signin.MinIdentityLevel:
		return errIdentityLow, nil
	case !stands:
		return linking.ErrIdentityEnded, nil
	}
	shown, err := Shown(ctx, r, asked.ID)
	if err != nil {
		return nil, err
	}
	if len(shown) >= maxIdentities {
		return errManyIdentities, nil
	}
	holder, err := account.ByCareIdentity(ctx, r, p.Issuer, p.Subject)
	if err == nil {
		return errHasAccount(holder.Username), nil
	}
	if !errors.Is(err, fault.NotFound) {
		return nil, err
	}
	_, err = db.One(ctx, r, scanRequest, selectByIdentity, p.Issuer, p.Subject, asked.ID)
	if errors.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err == nil {
		return errOtherRequest, nil
	}
	return nil, fmt.Errorf("look for a request of a care identity: %w", err)
}

// maxIdentities is how often a Care Identity is put on one request.
const maxIdentities = 5

// Shown lists what CIS2 said each time that somebody logged in for a request, the newest first: whoever logged in with
// the wrong Care Identity can put the right one in its place, and administrators see both.
func Shown(ctx context.Context, r db.R, id string) (list []Claims, err error) {
	events, err := audit.Of(ctx, r, Ref(id), maxIdentities, eventIdentity)
	if err != nil {
		return nil, fmt.Errorf("read the care identities of a request: %w", err)
	}
	for _, e := range events {
		var c Claims
		if err := json.Unmarshal(e.After, &c); err != nil {
			return nil, fmt.Errorf("read a care identity of a request: %w", err)
		}
		list = append(list, c)
	}
	return list, nil
}

const putIdentity = `UPDATE request SET issuer = $2, subject = $3, claims = $4, identity_at = $5, has_identity = ''
	WHERE id = $1`

// attach keeps what CIS2 said, and goes on with a request that waited for it.
func (q *Requests) attach(ctx context.Context, w *db.W, asked Request, c Claims) error {
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("keep claims: %w", err)
	}
	if err := w.Change(ctx, putIdentity, asked.ID, c.Issuer, c.Subject, string(text), w.Now()); err != nil {
		return fmt.Errorf("put care identity on request: %w", err)
	}
	former := asked.Claims
	if asked.State == SetUp {
		asked.Claims = c
		if err := q.setUp(ctx, w, asked); err != nil {
			return err
		}
	}
	shown := audit.Event{Kind: eventIdentity, Subject: Ref(asked.ID), After: c}
	if former.Given() {
		shown.Before = former
	}
	return w.Record(ctx, shown)
}

// setUp links the account of an approved request to the Care Identity that has come, unless somebody has to look at the
// two again.
func (q *Requests) setUp(ctx context.Context, w *db.W, asked Request) error {
	a, err := account.ByID(ctx, w, asked.AccountID)
	if err != nil {
		return err
	}
	back, err := q.goesBack(ctx, w, asked, a)
	if err != nil {
		return err
	}
	if back {
		return setState(ctx, w, asked.ID, Open)
	}
	return q.link(ctx, w, asked, a, nil)
}

// link joins the account that was made for a request and the request's Care Identity, in spite of doubts that an
// administrator saw.
func (q *Requests) link(ctx context.Context, w *db.W, asked Request, a account.Account, doubts []review.Kind) error {
	if err := q.Linker.JoinRequested(ctx, w, a, asked.Claims.Person(), doubts); err != nil {
		return err
	}
	const linked = `UPDATE request SET state = 'approved', linked_at = $2 WHERE id = $1`
	if err := w.Change(ctx, linked, asked.ID, w.Now()); err != nil {
		return fmt.Errorf("note link of request: %w", err)
	}
	return nil
}

func setState(ctx context.Context, w *db.W, id string, state State) error {
	if err := w.Change(ctx, `UPDATE request SET state = $2 WHERE id = $1`, id, string(state)); err != nil {
		return fmt.Errorf("change state of request: %w", err)
	}
	return nil
}

// maxStatements is how often an asker may say something else about their Care Identity.
const maxStatements = 10

var errManyStatements = fault.SayCure(fault.TooMany, "You have changed this answer many times.",
	"If it is wrong, say so when an administrator asks, or withdraw the request.")

var errStated = fault.OfField("identity", "Choose what is true of your Care Identity")

// State keeps what an asker says about their Care Identity, who cannot log in with it now. What changes nothing, and
// what is refused, leaves no event: strangers may send it for ever.
func (q *Requests) State(ctx context.Context, by actor.Actor, cookie string, identity Identity) error {
	if identity != NoIdentity && identity != Inactive && identity != NotWithMe {
		return errStated
	}
	return q.DB.Update(ctx, by, func(w *db.W) error {
		asked, err := q.confirmed(ctx, w, cookie)
		if err != nil {
			return err
		}
		switch {
		case !asked.State.Undecided():
			return errOver
		case asked.Claims.Given():
			return errHasIdentity
		case asked.HasIdentity == identity:
			return nil
		}
		before, err := audit.Of(ctx, w, Ref(asked.ID), maxStatements, eventStated)
		if err != nil {
			return fmt.Errorf("count what an asker said: %w", err)
		}
		if len(before) == maxStatements {
			return errManyStatements
		}
		err = w.Change(ctx, `UPDATE request SET has_identity = $2 WHERE id = $1`, asked.ID, string(identity))
		if err != nil {
			return fmt.Errorf("keep what an asker says: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: eventStated, Subject: Ref(asked.ID), After: identity})
	})
}

// Path gives the steps by which somebody gets a Care Identity that opens the directory, while their request waits.
func Path(identity path.Identity) (steps []path.Step) {
	facts := path.Facts{
		Account: path.Individual, Identity: identity, MailProved: path.Yes, Linked: path.No, Phase: path.Require,
	}
	for _, s := range path.Next(facts) {
		if slices.Contains(s.For, path.CareIdentity) || slices.Contains(s.For, path.AccessPosition) ||
			slices.Contains(s.For, path.WorkingAuthenticator) {
			steps = append(steps, s)
		}
	}
	return steps
}
