package request

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// LookLasts is how long a request is kept for whoever looks at it.
const LookLasts = 15 * time.Minute

// Look says who looks at a request, so that nobody else decides it meanwhile.
type Look struct {
	By    string // number of a care identity; empty if nobody does
	Until time.Time
}

// Of gives who looks at a time: nobody any more once the look is over.
func (l Look) Of(now time.Time) Look {
	if !now.Before(l.Until) {
		return Look{}
	}
	return l
}

// others reports whether somebody other than a person looks.
func (l Look) others(uuid string, now time.Time) bool {
	by := l.Of(now).By
	return by != "" && by != uuid
}

// Doer does what a request asks for, as a part of the Update that completes it. An error leaves the request open.
type Doer func(ctx context.Context, w *db.W, q Request) error

// Doers do what is asked for, by kind. What has none is done by hand, and whoever completes it says what they did.
type Doers map[Kind]Doer

// The faults of those who decide.
var (
	ErrOwn = fault.SayCure(fault.Forbidden, "You asked for this, or it is about yourself, so you cannot decide it.",
		"Another registration authority manager or agent decides it.")
	ErrLookedAt = fault.SayCure(fault.Conflict, "Somebody else is looking at this request.",
		"The request says who it is, and until when. Choose another one meanwhile.")
	errOver = fault.SayCure(fault.Conflict, "This request has been decided, withdrawn or ended already.",
		"Go back to the list of requests.")
	errNotLooked = fault.SayCure(fault.Conflict, "Your time to look at this request is over.",
		"Look at it again, then decide.")
	errNoLook = fault.SayCure(fault.Forbidden, "You are not looking at this request.",
		"Go back to the list of requests.")
	errNotYours = fault.SayCure(fault.Forbidden, "Only whoever asked for this can do that.",
		"Ask them to fix or withdraw it.")
	errNoWhy    = fault.OfField("decision", "Enter why you reject the request")
	errLongWhy  = fault.OfField("decision", fmt.Sprintf("Enter the reason in %d characters or fewer", maxReason))
	errNoNotes  = fault.OfField("notes", "Enter what you did")
	errNoNote   = fault.OfField("notes", "Enter what is to be fixed, or what they can do instead")
	errLongNote = fault.OfField("notes", fmt.Sprintf("Enter the notes in %d characters or fewer", maxNotes))
)

// Decidable gives the reason why somebody may not decide the request at a time, or nil.
func (q Request) Decidable(uuid string, now time.Time) error {
	switch {
	case uuid == "" || uuid == q.AskedBy || uuid == q.Subject.UUID:
		return ErrOwn
	case q.State != Waiting:
		return errOver
	case q.Look.others(uuid, now):
		return ErrLookedAt
	}
	return nil
}

// decidable reads a request that the actor may decide at this moment.
func decidable(ctx context.Context, w *db.W, id string) (Request, error) {
	q, err := ByID(ctx, w, id)
	if err != nil {
		return q, err
	}
	return q, refused(ctx, w, q, q.Decidable(w.Actor().ID, w.Now()))
}

// refused records that the actor tried what they may not.
func refused(ctx context.Context, w *db.W, q Request, problem error) error {
	if problem == nil {
		return nil
	}
	said, _ := fault.From(problem)
	return w.Refuse(ctx, audit.Event{Kind: eventRefused, Subject: Ref(q.ID), Reason: said.Message}, problem)
}

const lookAt = `UPDATE ra_request SET look_by = $2, look_until = $3
	WHERE id = $1 AND state = 'open' AND (look_by IN ('', $2) OR look_until IS NULL OR look_until <= $4)`

// LookAt keeps a request for the actor for 15 minutes, as a part of an Update. Of any number who try, one succeeds.
func LookAt(ctx context.Context, w *db.W, id string) error {
	q, err := decidable(ctx, w, id)
	if err != nil {
		return err
	}
	if err := w.Change(ctx, lookAt, id, w.Actor().ID, w.Now().Add(LookLasts), w.Now()); err != nil {
		return fmt.Errorf("look at request: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventLooked, Subject: Ref(q.ID)})
}

const leave = `UPDATE ra_request SET look_by = '', look_until = NULL WHERE id = $1 AND look_by = $2`

// Leave ends the actor's look at a request early.
func Leave(ctx context.Context, w *db.W, id string) error {
	q, err := ByID(ctx, w, id)
	if err != nil {
		return err
	}
	if q.Look.By != w.Actor().ID {
		return refused(ctx, w, q, errNoLook)
	}
	if err := w.Change(ctx, leave, id, w.Actor().ID); err != nil {
		return fmt.Errorf("leave request: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventLeft, Subject: Ref(id)})
}

// deciding is decidable for an act that decides: the actor looks at the request.
func deciding(ctx context.Context, w *db.W, id string) (Request, error) {
	q, err := decidable(ctx, w, id)
	if err == nil && q.Look.Of(w.Now()).By != w.Actor().ID {
		return q, errNotLooked
	}
	return q, err
}

const decideRequest = `UPDATE ra_request SET state = $3, decided_by = $4, decided_at = $5, decision = $6, notes = $7,
	swapped = $8, look_by = '', look_until = NULL WHERE id = $1 AND state = $2`

// decide moves a request, once: of any number of decisions the first stands.
func (q *Request) decide(ctx context.Context, w *db.W, a act, decision, notes string) error {
	next, possible := moves[q.State][a]
	if !possible {
		return errOver
	}
	before := q.State
	q.State = next
	q.Decided = w.Now()
	q.DecidedBy = ""
	if a != end {
		q.DecidedBy = w.Actor().ID
	}
	q.Decision = decision
	q.Notes = notes
	err := w.Change(ctx, decideRequest, q.ID, string(before), string(next), q.DecidedBy, q.Decided, decision, notes,
		q.Swapped)
	if err != nil {
		return fmt.Errorf("%s request: %w", a, err)
	}
	if q.AskedBy == "" && a != withdraw && !q.Kind().Recorded() {
		return w.Enqueue(ctx, Decided{ID: q.ID, Sent: q.Sent})
	}
	return nil
}

// Decided is the job that tells somebody without a login what became of what they asked for.
type Decided struct {
	ID   string
	Sent int // how many times they had sent it
}

// Kind names the job.
func (Decided) Kind() string { return "ra-request.decided" }

// Approve does what a request asks for and completes it, as a part of an Update whose caller has made sure that the
// actor may do that very act. What nobody here does by itself, the notes say that the actor did.
func Approve(ctx context.Context, w *db.W, id, notes string, doers Doers) (Request, error) {
	notes = strings.TrimSpace(notes)
	q, err := deciding(ctx, w, id)
	if err != nil {
		return q, err
	}
	do, automatic := doers[q.Kind()]
	if q.Subject.UUID == "" && !q.Kind().Recorded() {
		automatic = false // whoever decides finds or makes the care identity first
	}
	if err := checkNotes(notes, !automatic, errNoNotes); err != nil {
		return q, err
	}
	if q.Swapped, err = Swapped(ctx, w, q, w.Actor().ID); err != nil {
		return q, err
	}
	if automatic {
		if err := do(ctx, w, q); err != nil {
			return q, err
		}
	}
	if err := q.decide(ctx, w, approve, "", notes); err != nil {
		return q, err
	}
	told := q.told()
	told["asked_by"] = q.AskedBy
	told["swapped"] = q.Swapped
	return q, w.Record(ctx, audit.Event{Kind: eventCompleted, Subject: Ref(q.ID), After: told, Reason: notes})
}

func checkNotes(notes string, needed bool, missing error) error {
	switch {
	case notes == "" && needed:
		return missing
	case utf8.RuneCountInString(notes) > maxNotes:
		return errLongNote
	}
	return nil
}

// Reject refuses what a request asks for, with the reason and with notes by which whoever asked can fix it, as a part
// of an Update whose caller has made sure that the actor may decide it.
func Reject(ctx context.Context, w *db.W, id, reason, notes string) (Request, error) {
	reason = strings.TrimSpace(reason)
	notes = strings.TrimSpace(notes)
	switch {
	case reason == "":
		return Request{}, errNoWhy
	case utf8.RuneCountInString(reason) > maxReason:
		return Request{}, errLongWhy
	}
	if err := checkNotes(notes, true, errNoNote); err != nil {
		return Request{}, err
	}
	q, err := deciding(ctx, w, id)
	if err != nil {
		return q, err
	}
	if err := q.decide(ctx, w, reject, reason, notes); err != nil {
		return q, err
	}
	return q, w.Record(ctx, audit.Event{Kind: eventRejected, Subject: Ref(id), Reason: reason})
}

const resend = `UPDATE ra_request SET state = 'open', sent = sent + 1, what = $3, reason = $4, due_at = $5,
	decided_by = '', decided_at = NULL, decision = '', notes = '' WHERE id = $1 AND state = $2 AND asked_by = $6`

// SendAgain fixes a rejected request of the actor's and sends it again, with the same number. It is of the same kind
// and about the same person.
func SendAgain(ctx context.Context, w *db.W, id string, what What, reason string) error {
	q, err := asked(ctx, w, id)
	if err != nil {
		return err
	}
	return q.sendAgain(ctx, w, what, reason, true)
}

// SendAgainFor is SendAgain for somebody who has no care identity. Its caller has made sure that the request is theirs.
func SendAgainFor(ctx context.Context, w *db.W, q Request, reason string) error {
	return q.sendAgain(ctx, w, q.What, reason, false)
}

// sendAgain sends a request again. The event has its reason if it tells.
func (q *Request) sendAgain(ctx context.Context, w *db.W, what What, reason string, tells bool) error {
	reason = strings.TrimSpace(reason)
	if next, possible := moves[q.State][sendAgain]; !possible || next != Waiting || what.Kind() != q.Kind() {
		return errOver
	}
	fixed := New{Subject: q.Subject, Organisation: q.Organisation, What: what, Reason: reason}
	if err := fixed.check(); err != nil {
		return err
	}
	text, err := json.Marshal(what)
	if err != nil {
		return fmt.Errorf("send request again: %w", err)
	}
	due, err := DueAfter(ctx, w, w.Now())
	if err != nil {
		return err
	}
	err = w.Change(ctx, resend, q.ID, string(q.State), string(text), reason, due, q.AskedBy)
	if err != nil {
		return fmt.Errorf("send request again: %w", err)
	}
	event := audit.Event{Kind: eventSentAgain, Subject: Ref(q.ID), Before: q.told()}
	q.What = what
	event.After = q.told()
	if tells {
		event.Reason = reason
	}
	return w.Record(ctx, event)
}

// asked reads a request of the actor's.
func asked(ctx context.Context, w *db.W, id string) (Request, error) {
	q, err := ByID(ctx, w, id)
	if err == nil && (q.AskedBy == "" || q.AskedBy != w.Actor().ID) {
		err = refused(ctx, w, q, errNotYours)
	}
	return q, err
}

// Withdraw ends a request at the wish of the actor, who asked for it.
func Withdraw(ctx context.Context, w *db.W, id string) error {
	q, err := asked(ctx, w, id)
	if err != nil {
		return err
	}
	return WithdrawFor(ctx, w, q)
}

// WithdrawFor ends a request at the wish of somebody who has no care identity. Its caller has made sure that it is
// theirs.
func WithdrawFor(ctx context.Context, w *db.W, q Request) error {
	if err := q.decide(ctx, w, withdraw, "", ""); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventWithdrawn, Subject: Ref(q.ID)})
}

const selectUndecidedAbout = selectRequest + ` WHERE subject = $1 AND state IN ('open', 'rejected') ORDER BY id`

// EndAbout ends all requests about a care identity that is being closed, with the reason. Done again it does nothing.
func EndAbout(ctx context.Context, w *db.W, uuid, reason string) error {
	list, err := db.All(ctx, w, scanRequest, selectUndecidedAbout, uuid)
	if err != nil {
		return fmt.Errorf("list requests about %s: %w", uuid, err)
	}
	for _, q := range list {
		if err := q.end(ctx, w, reason); err != nil {
			return err
		}
	}
	return nil
}

func (q *Request) end(ctx context.Context, w *db.W, reason string) error {
	if err := q.decide(ctx, w, end, reason, ""); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventEnded, Subject: Ref(q.ID), Reason: reason})
}

// EndByNumber ends a request that nobody needs any more, with the reason, as a part of an Update. One that is over
// stays as it is.
func EndByNumber(ctx context.Context, w *db.W, number, reason string) error {
	q, err := ByNumber(ctx, w, number)
	if err != nil {
		return err
	}
	if _, possible := moves[q.State][end]; !possible {
		return nil
	}
	return q.end(ctx, w, reason)
}
