// Package apply keeps applications for a Care Identity: somebody of a registration authority invites a person, who
// proves a telephone, says who they are, sends pictures of their documents, and gets a Care Identity once somebody else
// has looked at all of that.
//
// The applicant has no Care Identity, so they are known by the link in their invitation and a code that goes to their
// telephone. The package does not know how pages look, nor how a Care Identity is made: registration does.
package apply

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"signpost/internal/careid/apply/document"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/seal"
)

// Policy says how long things last.
type Policy struct {
	Link       time.Duration // a link in an invitation
	Pictures   time.Duration // pictures and answers, after the decision
	Unfinished time.Duration // an application that nobody finished, after its link has ended
	Decided    time.Duration // an application, after the decision
}

// Desk is where applications are taken and decided.
type Desk struct {
	DB      *db.DB
	Box     *seal.Box
	Post    *mail.Post
	Address string // of the site, for links
	Policy  Policy
	Checker document.Checker // a service that looks at documents first; nil for none
	NoTexts bool             // text messages have no way out: nobody can be invited
}

// Application is one application, as it is now.
type Application struct {
	ID           string
	Number       string // by which people name it; random.Grouped for reading it aloud
	Organisation string // ODS code
	Inviter      string // number of a care identity

	GivenName, MiddleNames, FamilyName string // as the inviter typed them: the profile gets them

	Email    string
	Mobile   string
	Reason   string
	State    State // as it is stored: see At
	Invited  time.Time
	Moved    time.Time // when it came into its state
	LinkEnds time.Time
	Pictures int // how many were sent, those too that could not be used or that others took the place of
	Due      time.Time
	Look     Look

	DecidedBy string // number of a care identity; empty if nobody decided
	Decided   time.Time
	Refusals  document.Refusals // what is to be corrected, or was refused
	Notes     string
	UUID      string // of the Care Identity that was made

	codeDigest []byte
	codeEnds   time.Time
	codesSent  int // since the last right one
	codesWrong int // since the last right one, or the last link
}

// MobileEnding is all that is shown of the applicant's telephone number to whoever has the link.
func (a Application) MobileEnding() string {
	const shown = 3 // digits
	return a.Mobile[max(0, len(a.Mobile)-shown):]
}

// Name is the applicant's, as the inviter typed it.
func (a Application) Name() string {
	return strings.Join(strings.Fields(a.GivenName+" "+a.MiddleNames+" "+a.FamilyName), " ")
}

// Ref names an application in events.
func Ref(id string) audit.Ref { return audit.Ref{Kind: "application", ID: id} }

// The kinds of events that this package records.
const (
	eventInvited   audit.Kind = "apply.invited"
	eventResent    audit.Kind = "apply.resent"
	eventWithdrawn audit.Kind = "apply.withdrawn"
	eventCodeSent  audit.Kind = "apply.code-sent"
	eventCodeWrong audit.Kind = "apply.code-wrong"
	eventLocked    audit.Kind = "apply.phone-locked"
	eventEntered   audit.Kind = "apply.entered"
	eventAnswered  audit.Kind = "apply.answered"
	eventSame      audit.Kind = "apply.duplicate"
	eventNoNumber  audit.Kind = "apply.no-number"
	eventSubmitted audit.Kind = "apply.submitted"
	eventLooked    audit.Kind = "apply.looked-at"
	eventLeft      audit.Kind = "apply.left"
	eventShown     audit.Kind = "apply.shown"
	eventChecked   audit.Kind = "apply.checked"
	eventApproved  audit.Kind = "apply.approved"
	eventReturned  audit.Kind = "apply.returned"
	eventRejected  audit.Kind = "apply.rejected"
	eventRefused   audit.Kind = "apply.refused"
	eventSwept     audit.Kind = "apply.swept"

	eventFileRead   audit.Kind = "apply.file-read"
	eventFileSent   audit.Kind = "apply.file-sent"
	eventRowRefused audit.Kind = "apply.row-refused"
)

const selectApplication = `SELECT id, number, organisation, inviter, given_name, middle_names, family_name, email,
	mobile, reason, state, invited_at, moved_at, link_ends_at, code_digest, code_ends_at, codes_sent, codes_wrong,
	pictures, due_at, look_by, look_until, decided_by, decided_at, refusals, notes, uuid FROM application`

func scanApplication(scan db.Scanner) (a Application, err error) {
	var refusals string
	err = scan(&a.ID, &a.Number, &a.Organisation, &a.Inviter, &a.GivenName, &a.MiddleNames, &a.FamilyName, &a.Email,
		&a.Mobile, &a.Reason, &a.State, db.At(&a.Invited), db.At(&a.Moved), db.At(&a.LinkEnds), &a.codeDigest,
		db.At(&a.codeEnds), &a.codesSent, &a.codesWrong, &a.Pictures, db.At(&a.Due), &a.Look.By,
		db.At(&a.Look.Until), &a.DecidedBy, db.At(&a.Decided), &refusals, &a.Notes, &a.UUID)
	if err != nil {
		return a, err
	}
	if err := json.Unmarshal([]byte(refusals), &a.Refusals); err != nil {
		return a, fmt.Errorf("application %s: %w", a.ID, err)
	}
	return a, nil
}

// ByID reads an application, or gives fault.NotFound.
func ByID(ctx context.Context, r db.R, id string) (Application, error) {
	a, err := db.One(ctx, r, scanApplication, selectApplication+` WHERE id = $1`, id)
	if err != nil {
		return a, fmt.Errorf("read application: %w", err)
	}
	return a, nil
}

var errMoved = fault.SayCure(fault.Conflict, "This application cannot be changed so now.",
	"Load its page again: it says what became of it.")

const moveApplication = `UPDATE application SET state = $3, moved_at = $4, look_by = $5, look_until = $6, over_at = $7
	WHERE id = $1 AND state = $2`

// move takes an application on by an act of somebody, once: of any number at once the first stands. Everything that
// becomes of an application goes through here.
func (d *Desk) move(ctx context.Context, w *db.W, a *Application, by act, p Party) error {
	to, possible := next(a.At(w.Now()), a.State, by, p)
	if !possible {
		return errMoved
	}
	kept := a.Look
	if to != Submitted {
		kept = Look{}
	}
	moved := a.Moved
	if to != a.State {
		moved = w.Now()
	}
	err := w.Change(ctx, moveApplication, a.ID, string(a.State), string(to), moved, kept.By, kept.Until,
		d.over(*a, to, w.Now()))
	if errors.Is(err, fault.Conflict) {
		return errMoved
	}
	if err != nil {
		return fmt.Errorf("%s application: %w", by, err)
	}
	a.State = to
	a.Moved = moved
	a.Look = kept
	return d.keepParts(ctx, w, *a)
}

// over says when an application that comes into a state is forgotten; the zero time while it waits for a decision.
func (d *Desk) over(a Application, to State, now time.Time) time.Time {
	switch {
	case to == Submitted:
		return time.Time{}
	case to.Over():
		return now.Add(d.Policy.Decided)
	}
	return a.LinkEnds.Add(d.Policy.Unfinished)
}

// keepParts says when the answers and pictures go: some time after the decision, at the latest with the application.
func (d *Desk) keepParts(ctx context.Context, w *db.W, a Application) error {
	over := d.over(a, a.State, w.Now())
	if a.State.Over() {
		over = w.Now().Add(d.Policy.Pictures)
	}
	_, err := w.Exec(ctx, `UPDATE application_part SET over_at = $2 WHERE application = $1`, a.ID, over)
	if err == nil && a.State.Over() {
		_, err = w.Exec(ctx, `UPDATE application SET ni_digest = NULL, code_digest = NULL WHERE id = $1`, a.ID)
	}
	if err != nil {
		return fmt.Errorf("keep parts of application: %w", err)
	}
	return nil
}

// refuse refuses what somebody does about an application, with one event.
func refuse(ctx context.Context, w *db.W, id, reason string, refusal error) error {
	return w.Refuse(ctx, audit.Event{Kind: eventRefused, Subject: Ref(id), Reason: reason}, refusal)
}
