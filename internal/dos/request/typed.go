package request

import (
	"errors"
	"strings"
	"unicode/utf8"

	"signpost/internal/dos/account"
	"signpost/internal/national/ods"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
)

// MinReason is how many characters a reason has at least (reference, directory of services §3.3).
const MinReason = 15

// maxReason is the longest reason that is taken, in characters.
const maxReason = 2000

// Profession is one of the professional types to choose from.
type Profession struct{ Key, Title string }

// Professions are the professional types, in the order of the list.
var Professions = []Profession{
	{"pharmacist", "Pharmacist"},
	{"pharmacy-technician", "Pharmacy technician or dispenser"},
	{"doctor", "Doctor"},
	{"nurse", "Nurse or midwife"},
	{"paramedic", "Paramedic or ambulance clinician"},
	{"dentist", "Dentist or dental team"},
	{"optometrist", "Optometrist or optician"},
	{"mental-health", "Mental health professional"},
	{"social-care", "Social care professional"},
	{"call-handler", "NHS 111 or 999 health adviser"},
	{"administrator", "Receptionist or administrator"},
	{"manager", "Manager"},
	{"commissioner", "Commissioner"},
	{"dos-team", "Member of a DoS team"},
	{"other", "Something else"},
}

// ProfessionTitle gives the professional type of a key in words.
func ProfessionTitle(key string) string {
	for _, p := range Professions {
		if p.Key == key {
			return p.Title
		}
	}
	return key
}

// SharedReason is what somebody who shares a username says, with that username filled in (guidance, 20 May 2025).
func SharedReason(username string) string {
	if username == "" {
		username = "provide username you currently use"
	}
	return "I currently use a shared username (" + username +
		") and require an individual username for MFA readiness."
}

// checked gives what was filled in as it is kept, and its address; or a fault for each field that cannot be.
func (t Typed) checked() (Typed, email.Address, error) {
	address, err := email.ParseNew(t.Email)
	if err == nil && email.RoleMailbox(address) {
		err = errTeamAddress
	}
	code, noCode := ods.Parse(t.Organisation)
	if noCode != nil {
		noCode = errOrganisation
	}
	t.Email = address.String()
	t.Organisation = string(code)
	return t, address, errors.Join(name.CheckMailed("first_name", t.FirstName),
		name.CheckMailed("last_name", t.LastName), err, account.PhoneProblem(t.Phone), noCode,
		t.professionProblem(), t.reasonProblem())
}

var (
	errTeamAddress = fault.OfField("email",
		"Enter an email address that only you can read. This one looks like a team’s")
	errOrganisation = fault.OfField("organisation", "Enter an ODS code of 3 to 12 letters and digits, such as RXK")
	errProfession   = fault.OfField("profession", "Choose what you work as")
	errReason       = fault.OfField("reason", "Tell us why you need access, in 15 characters or more")
	errLongReason   = fault.OfField("reason", "Tell us why you need access in 2,000 characters or fewer")
)

func (t Typed) professionProblem() error {
	for _, p := range Professions {
		if p.Key == t.Profession {
			return nil
		}
	}
	return errProfession
}

func (t Typed) reasonProblem() error {
	switch n := utf8.RuneCountInString(strings.Join(strings.Fields(t.Reason), " ")); {
	case n < MinReason:
		return errReason
	case n > maxReason:
		return errLongReason
	}
	return nil
}
