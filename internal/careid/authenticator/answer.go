package authenticator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/tries"
)

// ErrOvertaken answers a request that is for another step than the one at which a sign-in or a binding is: another
// request took that one. Nobody has words for it, as the person sees what came of the first.
var ErrOvertaken = fmt.Errorf("the step was taken by another request: %w", fault.Conflict)

// WrongAnswer is a method's error about an answer that is not right. A method writes nothing about it: whoever asked
// takes the step of the ceremony and commits what the answer leaves in one Update, so that of several requests with an
// answer to one step, one counts.
type WrongAnswer struct {
	// Refusal says what is wrong.
	Refusal error
	// State is that of the ceremony if it may be answered once more. Without it the ceremony is over.
	State json.RawMessage
	// Record counts or records what is to stand of an answer in the sign-in to a service; nil if nothing is.
	Record func(ctx context.Context, w *db.W, service string) error
	// Service is the client's id of that service; empty where somebody adds an authenticator.
	Service string
}

// Error gives the refusal for the log.
func (a *WrongAnswer) Error() string { return a.Refusal.Error() }

// Unwrap gives the refusal, with the words for people.
func (a *WrongAnswer) Unwrap() error { return a.Refusal }

// Refuse refuses the answer within an Update, as w.Refuse. take takes the step of the ceremony.
func (a *WrongAnswer) Refuse(ctx context.Context, w *db.W, take func(ctx context.Context) error) error {
	return w.RefuseLeaving(ctx, a, func(ctx context.Context) error {
		if err := take(ctx); err != nil || a.Record == nil {
			return err
		}
		return a.Record(ctx, w, a.Service)
	})
}

// refusing are the codes of faults by which a method says that an answer is not right.
var refusing = []fault.Code{fault.Invalid, fault.Unauthenticated, fault.Forbidden, fault.Conflict}

// AsWrongAnswer finds the WrongAnswer in a method's error about an answer. If the method says to people what is wrong
// and no more, the ceremony is over, and nothing is counted.
func AsWrongAnswer(err error) (*WrongAnswer, bool) {
	var wrong *WrongAnswer
	if errors.As(err, &wrong) {
		return wrong, true
	}
	f, known := fault.From(err)
	if !known || f.Message == "" || !slices.Contains(refusing, f.Code) {
		return nil, false
	}
	return &WrongAnswer{Refusal: err}, true
}

// secondClick is how long a form that was answered is taken for a second click on the same button. Whoever goes back
// and types something else takes longer.
const secondClick = 5 * time.Second

// Answers says what came of the answers to a ceremony. It is kept with the ceremony's state.
type Answers struct {
	Wrong   int          `json:"wrong,omitempty"`   // how many there were
	Last    time.Time    `json:"last,omitzero"`     // when the last of them came
	Problem *fault.Fault `json:"problem,omitempty"` // with the last answer to this step
}

// Turn gives the number of the next answer, which the form for it carries.
func (a Answers) Turn() int { return a.Wrong + 1 }

// Repeated reports whether an answer from a form with a turn repeats one that was wrong, as a second click does. A form
// without a turn is not known to.
func (a Answers) Repeated(turn int, now time.Time) bool {
	return turn != 0 && turn < a.Turn() && now.Before(a.Last.Add(secondClick))
}

// Note notes a wrong answer.
func (a *Answers) Note(wrong *WrongAnswer, now time.Time) {
	a.Wrong++
	a.Last = now
	a.Problem, _ = fault.From(wrong.Refusal)
}

// NewWrongTry makes the WrongAnswer that is counted as a wrong try, unless no try is taken now.
func NewWrongTry(at tries.At, reason string, refusal error) *WrongAnswer {
	return &WrongAnswer{Refusal: refusal, Record: func(ctx context.Context, w *db.W, service string) error {
		c, err := wrongTries.Of(ctx, w, at)
		if err != nil {
			return err
		}
		if c.Locked(w.Now()) {
			return tries.RecordLocked(ctx, w, at, Refusal(at.Subject.ID, reason, service), c.Until)
		}
		return wrongTries.Count(ctx, w, at, reason, tryAt(service))
	}}
}

// NewBarred makes the WrongAnswer of a right answer by an authenticator that may not be used. Each is recorded, as no
// stranger can give one, and not counted.
func NewBarred(at tries.At, refusal error) *WrongAnswer {
	return &WrongAnswer{Refusal: refusal, Record: func(ctx context.Context, w *db.W, service string) error {
		return w.RecordRefusal(ctx, Refusal(at.Subject.ID, reasonBarred, service))
	}}
}

// UnknownError says that an authenticator is not registered here, or that it may not be used, of which people are told
// the same.
type UnknownError struct {
	Cause         string         // for the log
	Refusal       error          // with the words for people
	Authenticator *Authenticator // the one that may not be used; nil if none is registered
}

// Error says for the log why the authenticator is not accepted.
func (u *UnknownError) Error() string { return u.Cause }

// Unwrap gives the refusal.
func (u *UnknownError) Unwrap() error { return u.Refusal }
