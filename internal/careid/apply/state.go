package apply

import (
	"slices"
	"time"
)

// State says how far an application is.
type State string

// The states of an application. Three of them are worked out from the others and the time: see Application.At.
const (
	Invited     State = "invited"
	LinkExpired State = "link-expired" // worked out
	Started     State = "started"
	PhoneLocked State = "phone-locked" // worked out
	Duplicate   State = "duplicate"    // the applicant seems to have a Care Identity, or another application
	NoNumber    State = "no-number"    // the applicant has no National Insurance number
	Submitted   State = "submitted"
	InReview    State = "in-review" // worked out: somebody looks at it
	Returned    State = "returned"  // some of it is to be corrected
	Approved    State = "approved"
	Rejected    State = "rejected"
	Withdrawn   State = "withdrawn"
)

// States lists the states, in the order in which an application goes through them.
var States = []State{Invited, LinkExpired, Started, PhoneLocked, Duplicate, NoNumber, Submitted, InReview, Returned,
	Approved, Rejected, Withdrawn}

var labels = map[State]string{
	Invited: "Invited", LinkExpired: "Link expired", Started: "Started", PhoneLocked: "Phone locked",
	Duplicate: "Duplicate found", NoNumber: "No National Insurance number", Submitted: "Documents submitted",
	InReview: "In review", Returned: "To be corrected", Approved: "Approved", Rejected: "Rejected",
	Withdrawn: "Withdrawn",
}

// Label names the state for people.
func (s State) Label() string { return labels[s] }

// Over reports whether nothing can become of an application any more.
func (s State) Over() bool { return len(moves[s]) == 0 }

// Party is what somebody is to an application.
type Party string

// The parties of an application.
const (
	Inviter   Party = "inviter"
	Applicant Party = "applicant"
	Checker   Party = "checker"
)

// act is something that moves an application from one state to another, or keeps it where it is.
type act string

// The acts on an application.
const (
	enter    act = "enter" // with the code that went to the telephone
	answer   act = "answer"
	stopSame act = "stop-duplicate"
	stopNone act = "stop-no-number"
	submit   act = "submit"
	sendLink act = "resend" // another link, which ends the one before
	withdraw act = "withdraw"
	look     act = "look"
	leave    act = "leave"
	approve  act = "approve"
	sendBack act = "return" // to be corrected
	reject   act = "reject"
)

// move is where an act leads, and who may do it. Where it leads nowhere else the application stays as it is stored.
type move struct {
	to State
	by []Party
}

func by(parties ...Party) []Party { return parties }

// moves are all that can become of an application. Nothing else is possible.
var moves = map[State]map[act]move{
	Invited: {
		enter: {Started, by(Applicant)}, sendLink: {"", by(Inviter)}, withdraw: {Withdrawn, by(Inviter)},
	},
	LinkExpired: {sendLink: {"", by(Inviter)}, withdraw: {Withdrawn, by(Inviter)}},
	PhoneLocked: {sendLink: {"", by(Inviter)}, withdraw: {Withdrawn, by(Inviter)}},
	Started: {
		enter: {"", by(Applicant)}, answer: {"", by(Applicant)}, stopSame: {Duplicate, by(Applicant)},
		stopNone: {NoNumber, by(Applicant)}, submit: {Submitted, by(Applicant)}, sendLink: {"", by(Inviter)},
		withdraw: {Withdrawn, by(Inviter, Applicant)},
	},
	Duplicate: {sendLink: {Invited, by(Inviter)}, withdraw: {Withdrawn, by(Inviter)}},
	NoNumber:  {sendLink: {Invited, by(Inviter)}, withdraw: {Withdrawn, by(Inviter)}},
	Submitted: {
		enter: {"", by(Applicant)}, look: {"", by(Checker)}, withdraw: {Withdrawn, by(Inviter, Applicant)},
	},
	InReview: {
		enter: {"", by(Applicant)}, look: {"", by(Checker)}, leave: {"", by(Checker)},
		approve: {Approved, by(Checker)}, sendBack: {Returned, by(Checker)}, reject: {Rejected, by(Checker)},
		withdraw: {Withdrawn, by(Inviter, Applicant)},
	},
	Returned: {
		enter: {"", by(Applicant)}, answer: {"", by(Applicant)}, stopSame: {Duplicate, by(Applicant)},
		stopNone: {NoNumber, by(Applicant)}, submit: {Submitted, by(Applicant)}, sendLink: {"", by(Inviter)},
		withdraw: {Withdrawn, by(Inviter, Applicant)},
	},
}

// next gives the state that an act of somebody leads to, from a state as At gives it and as it is stored, and reports
// whether it is possible.
func next(at, stored State, a act, p Party) (State, bool) {
	m, possible := moves[at][a]
	switch {
	case !possible || !slices.Contains(m.by, p):
		return stored, false
	case m.to == "":
		return stored, true
	}
	return m.to, true
}

// At gives the state of the application at a time.
func (a Application) At(now time.Time) State {
	switch a.State {
	case Invited, Started, Returned:
		switch {
		case a.codesWrong >= maxWrongCodes || a.codesSent > maxCodes:
			return PhoneLocked
		case !now.Before(a.LinkEnds):
			return LinkExpired
		}
	case Submitted:
		if a.Look.Of(now).By != "" {
			return InReview
		}
	}
	return a.State
}

// Look says who looks at an application, so that nobody else decides it meanwhile.
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
