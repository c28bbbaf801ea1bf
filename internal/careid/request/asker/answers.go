package asker

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/request"
	"signpost/internal/national/ods"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
)

// Answers are what somebody says who asks.
type Answers struct {
	Need         request.Kind
	Name         string
	Organisation string // ODS code
	Number       string // of the care identity that they say is theirs; empty if they gave none
	Text         string // what it is about, in their own words
	Email        string
}

// Page is one of the pages on which they are given.
type Page int

// The pages, in their order.
const (
	Opening Page = iota // what they need
	About               // their name and organisation
	Details             // the number of their care identity, and what it is about
	Mailbox             // their address
	Code                // the code that was mailed to it
	Check               // all of it
)

// Missing gives the first page on which something is left to answer, or Check if nothing is.
func (s Sitting) Missing() Page {
	switch {
	case s.Need == "":
		return Opening
	case s.Name == "" || s.Organisation == "":
		return About
	case s.Text == "":
		return Details
	case !s.IsProved() && (s.Email == "" || s.Email != s.MailedEmail): // which another site may have filled in
		return Mailbox
	case !s.IsProved():
		return Code
	}
	return Check
}

// put takes the answers of one page.
func (s *Sitting) put(on Page, a Answers) {
	switch on {
	case Opening:
		s.Need = a.Need
	case About:
		s.Name = a.Name
		s.Organisation = a.Organisation
	case Details:
		s.Number = a.Number
		s.Text = a.Text
	case Mailbox:
		s.Email = a.Email
	case Code, Check:
	}
}

const (
	minText = 10 // characters
	maxText = 400
)

// ErrChanged answers somebody who sends other answers than they were shown.
var ErrChanged = fault.SayCure(fault.Conflict, "Your answers have changed since this page was shown.",
	"Check them again, then send them.")

var (
	errNoNeed       = fault.OfField("need", "Select what you need")
	errNoName       = fault.OfField("name", "Enter your name")
	errOrganisation = fault.OfField("organisation", "Enter an ODS code of 3 to 12 letters and digits, such as RXK")
	errNumber       = fault.OfField("number", "Enter the 12 digits of your Care Identity number, or leave it empty")
	errText         = fault.OfField("text", fmt.Sprintf("Say what you need in %d characters or more", minText))
	errLongText     = fault.OfField("text", fmt.Sprintf("Say what you need in %d characters or fewer", maxText))
	errInsurance    = fault.OfField("text",
		"Take the National Insurance number out. Your registration authority asks you for it if it needs it")
	errTeamAddress = fault.OfField("email",
		"Enter an email address that only you can read. This one looks like a team’s")
)

// insurance looks like a National Insurance number.
var insurance = regexp.MustCompile(`(?i)\b[a-z]{2}[ -]?\d{2}[ -]?\d{2}[ -]?\d{2}[ -]?[a-d]\b`)

// checked gives the answers of one page as they are kept, or what is wrong with them at their fields.
func (a Answers) checked(on Page) (Answers, error) {
	switch on {
	case Opening:
		if _, is := NeedOf(a.Need); !is {
			return a, errNoNeed
		}
		return a.filled(), nil
	case About:
		code, wrong := ods.Parse(a.Organisation)
		if wrong != nil {
			wrong = errOrganisation
		}
		a.Organisation = string(code)
		if a.Name = strings.Join(strings.Fields(a.Name), " "); a.Name == "" {
			return a, errors.Join(errNoName, wrong)
		}
		return a, errors.Join(name.CheckMailed("name", a.Name), wrong)
	case Details:
		return a.checkedDetails()
	case Mailbox:
		address, err := email.ParseNew(a.Email)
		if err == nil && email.RoleMailbox(address) {
			err = errTeamAddress
		}
		a.Email = address.String()
		return a, err
	case Code, Check:
	}
	return a, nil
}

// filled gives what another site filled in, without what cannot be right: whoever asks fills that in anew.
func (a Answers) filled() Answers {
	a.Number = ""
	a.Text = ""
	a.Name = strings.Join(strings.Fields(a.Name), " ")
	if name.CheckMailed("name", a.Name) != nil {
		a.Name = ""
	}
	if code, err := ods.Parse(a.Organisation); err == nil {
		a.Organisation = string(code)
	} else {
		a.Organisation = ""
	}
	if mailbox, err := a.checked(Mailbox); err == nil {
		a.Email = mailbox.Email
	} else {
		a.Email = ""
	}
	return a
}

func (a Answers) checkedDetails() (Answers, error) {
	a.Number = identity.ReadNumber(a.Number)
	var problems []error
	if a.Number != "" && !identity.IsNumber(a.Number) {
		problems = append(problems, errNumber)
	}
	a.Text = strings.TrimSpace(a.Text)
	switch n := utf8.RuneCountInString(strings.Join(strings.Fields(a.Text), " ")); {
	case n < minText:
		problems = append(problems, errText)
	case utf8.RuneCountInString(a.Text) > maxText:
		problems = append(problems, errLongText)
	case insurance.MatchString(a.Text):
		problems = append(problems, errInsurance)
	}
	return a, errors.Join(problems...)
}

// keyOf is the address by which limits count.
func keyOf(address string) string {
	parsed, err := email.Parse(address)
	if err != nil {
		return address
	}
	key, _ := parsed.Canonical()
	return key
}
