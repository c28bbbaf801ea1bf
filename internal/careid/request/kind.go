package request

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"signpost/internal/national/authn"
	"signpost/internal/platform/fault"
)

// Kind says what sort of thing a request asks for.
type Kind string

// The kinds of requests.
const (
	GrantPosition  Kind = "grant-position"
	ChangeDates    Kind = "change-dates"
	EndPosition    Kind = "end-position"
	CloseIdentity  Kind = "close"
	ReopenIdentity Kind = "reopen"
	Reactivate     Kind = "reactivate"
	ChangeDetails  Kind = "change-details"
	NewIdentity    Kind = "new-identity"
	Authenticator  Kind = "authenticator"
	VerifyIdentity Kind = "verify"
	SomethingElse  Kind = "something-else"
	FromStaff      Kind = "staff-create"
	ByStaff        Kind = "staff-modify"
)

// What says exactly what is asked for. Each kind of request has a type of its own.
type What interface {
	Kind() Kind
	// Check says what is wrong with what was filled in, at its fields.
	Check() error
}

// Grant asks for a position from one day until another: one of the organisation, or one that can be given at any.
type Grant struct {
	Position string    `json:"position,omitempty"` // its id
	Template string    `json:"template,omitempty"` // its code, where no position is named
	Starts   time.Time `json:"starts,omitzero"`    // zero for at once
	Ends     time.Time `json:"ends,omitzero"`      // zero for never
}

// Dates asks for other dates of a position that somebody holds.
type Dates struct {
	Assignment string    `json:"assignment"`
	Starts     time.Time `json:"starts,omitzero"` // zero for those of now
	Ends       time.Time `json:"ends,omitzero"`   // zero for never
}

// End asks for the end of a position that somebody holds.
type End struct {
	Assignment string `json:"assignment"`
}

// Details asks for other details of a person. An empty one stays as it is.
type Details struct {
	GivenName   string `json:"given_name,omitempty"`
	MiddleNames string `json:"middle_names,omitempty"`
	FamilyName  string `json:"family_name,omitempty"`
	Email       string `json:"email,omitempty"`
	InWords     string `json:"in_words,omitempty"` // what is to be changed, and to what, as somebody put it
}

// Binding asks for help with an authenticator: another one, or one that does not work any more.
type Binding struct {
	Wanted authn.Kind `json:"wanted,omitempty"` // empty where they do not know
}

// Plain asks for something of which the reason of the request says all.
type Plain struct{ kind Kind }

// Ask makes what is asked for of a kind of which the reason says all, as CloseIdentity.
func Ask(k Kind) Plain { return Plain{kind: k} }

// StaffCreate asks for a Care Identity of somebody whom a staff record has. The message has the details.
type StaffCreate struct {
	Message string `json:"message"` // its id, among those of the organisation
}

// StaffModify asks for the details of somebody that a staff record has. The message has them.
type StaffModify struct {
	Message string `json:"message"`
}

// Kind is FromStaff.
func (StaffCreate) Kind() Kind { return FromStaff }

// Kind is ByStaff.
func (StaffModify) Kind() Kind { return ByStaff }

// Check holds the message.
func (s StaffCreate) Check() error { return checkMessage(s.Message) }

// Check holds the message.
func (s StaffModify) Check() error { return checkMessage(s.Message) }

func checkMessage(id string) error {
	if id == "" {
		return errors.New("request of a staff record without its message")
	}
	return nil
}

// Kind is GrantPosition.
func (Grant) Kind() Kind { return GrantPosition }

// Kind is ChangeDates.
func (Dates) Kind() Kind { return ChangeDates }

// Kind is EndPosition.
func (End) Kind() Kind { return EndPosition }

// Kind is ChangeDetails.
func (Details) Kind() Kind { return ChangeDetails }

// Kind is Authenticator.
func (Binding) Kind() Kind { return Authenticator }

// Kind is the one that was asked for.
func (p Plain) Kind() Kind { return p.kind }

const maxDetail = 500 // characters

var (
	errNoPosition = fault.OfField("position", "Select the position")
	errNoHeld     = fault.OfField("assignment", "Select a position that they have")
	errEnds       = fault.OfField("ends", "The end date must be after the start date")
	errNoDetail   = fault.OfField("details", "Enter what is to be changed")
	errLongDetail = fault.OfField("details", fmt.Sprintf("Enter each in %d characters or fewer", maxDetail))
)

// Check holds the position and the dates.
func (g Grant) Check() error {
	if (g.Position == "") == (g.Template == "") {
		return errNoPosition
	}
	return checkDates(g.Starts, g.Ends)
}

// Check holds the assignment and the dates.
func (d Dates) Check() error {
	if d.Assignment == "" {
		return errNoHeld
	}
	return checkDates(d.Starts, d.Ends)
}

func checkDates(starts, ends time.Time) error {
	if !ends.IsZero() && !starts.Before(ends) {
		return errEnds
	}
	return nil
}

// Check holds the assignment.
func (e End) Check() error {
	if e.Assignment == "" {
		return errNoHeld
	}
	return nil
}

// Check holds that something is to be changed.
func (d Details) Check() error {
	all := d.GivenName + d.MiddleNames + d.FamilyName + d.Email + d.InWords
	if strings.TrimSpace(all) == "" {
		return errNoDetail
	}
	for _, text := range []string{d.GivenName, d.MiddleNames, d.FamilyName, d.Email, d.InWords} {
		if utf8.RuneCountInString(text) > maxDetail {
			return errLongDetail
		}
	}
	return nil
}

// Check holds nothing: any kind of authenticator may be asked for, and none.
func (Binding) Check() error { return nil }

// Check holds that the kind is one of which the reason says all.
func (p Plain) Check() error {
	if k, known := kinds[p.kind]; !known || !k.plain {
		return fmt.Errorf("request of kind %q without what it asks for", p.kind)
	}
	return nil
}

// MarshalJSON writes nothing: the kind is kept beside it.
func (Plain) MarshalJSON() ([]byte, error) { return []byte("{}"), nil }

// kind is what is known of a kind of request.
type kind struct {
	label     string
	described bool // it may be about somebody who is described, and not known by a care identity
	plain     bool // the reason says all
	recorded  bool // a staff record asks for it, and not a person: whom it describes has proved no address
	read      func(text string) (What, error)
}

// reading reads what is asked for as a type.
func reading[W What](text string) (What, error) {
	var w W
	err := json.Unmarshal([]byte(text), &w)
	return w, err
}

func plain(k Kind) func(string) (What, error) {
	return func(string) (What, error) { return Plain{kind: k}, nil }
}

// kinds are all that can be asked for. One more is a line here, a type if its reason does not say all, and what does it
// in the room that decides.
var kinds = map[Kind]kind{
	GrantPosition:  {label: "Give a position", described: true, read: reading[Grant]},
	ChangeDates:    {label: "Change the dates of a position", read: reading[Dates]},
	EndPosition:    {label: "End a position", read: reading[End]},
	CloseIdentity:  {label: "Close a Care Identity", plain: true, read: plain(CloseIdentity)},
	ReopenIdentity: {label: "Reopen a Care Identity", plain: true, read: plain(ReopenIdentity)},
	Reactivate:     {label: "Make a Care Identity usable again", described: true, plain: true, read: plain(Reactivate)},
	ChangeDetails:  {label: "Change details", described: true, read: reading[Details]},
	NewIdentity:    {label: "A new Care Identity", described: true, plain: true, read: plain(NewIdentity)},
	Authenticator:  {label: "An authenticator", described: true, read: reading[Binding]},
	VerifyIdentity: {label: "Verify an identity", described: true, plain: true, read: plain(VerifyIdentity)},
	SomethingElse:  {label: "Something else", described: true, plain: true, read: plain(SomethingElse)},
	FromStaff:      {label: "A new Care Identity, by the staff record", recorded: true, read: reading[StaffCreate]},
	ByStaff:        {label: "Change details, by the staff record", recorded: true, read: reading[StaffModify]},
}

// Kinds lists all kinds, in no order.
func Kinds() (list []Kind) {
	for k := range kinds {
		list = append(list, k)
	}
	return list
}

// Recorded reports whether a staff record asks for what is of the kind, and no person does.
func (k Kind) Recorded() bool { return kinds[k].recorded }

// Label names the kind for people.
func (k Kind) Label() string { return kinds[k].label }
