package mailing

import (
	"fmt"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/fault"
)

var (
	errLate = fault.SayCure(fault.Conflict,
		"This mail waited more than an hour, so it may no longer go to those whom you saw.", "Prepare it again.")
	errUnsent   = fault.SayCure(fault.Conflict, "This mail is not sent yet.", "Ask its writer about it.")
	errSending  = fault.SayCure(fault.Conflict, "This mail is being sent already.", "Look at how far it is.")
	errFinished = fault.SayCure(fault.Conflict, "This mail was sent to everybody who could get it.",
		"If it was wrong, correct it.")
)

// errStopped says that a mail was stopped already, and by whom if it was a person.
func (m Mailing) errStopped() error {
	by := ""
	if m.EndedName != "" {
		by = " by " + m.EndedName
	}
	return fault.SayCure(fault.Conflict, fmt.Sprintf("This mail was stopped%s already.", by), "Prepare another one.")
}

// mayBegin says why a mail cannot begin to be sent, or nil.
func (m Mailing) mayBegin(now time.Time) error {
	switch {
	case m.State == Sending:
		return errSending
	case m.State == Finished:
		return errFinished
	case m.State == Stopped:
		return m.errStopped()
	case !now.Before(m.Written.Add(preparedFor)):
		return errLate
	}
	return nil
}

// mayStop says why somebody cannot stop a mail, or nil.
func (m Mailing) mayStop(by actor.Actor) error {
	switch {
	case m.State == Finished:
		return errFinished
	case m.State == Stopped:
		return m.errStopped()
	case m.State == Prepared && m.WrittenBy != by.ID:
		return errUnsent
	}
	return nil
}
