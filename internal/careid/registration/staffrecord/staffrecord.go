// Package staffrecord takes the messages of staff records, as of the Electronic Staff Record: it holds the people of
// whom they tell against those who are here, asks a registration authority for what it has to decide, and gives and
// takes the positions that an organisation has linked to those of its staff record.
//
// The national interface is not public (docs/decisions/213-messages-of-staff-records.md); the messages are those that
// it is known to have, in a form of ours. The package does not know how they come here.
package staffrecord

import (
	"strings"
	"time"

	"signpost/internal/careid/identity/detail"
	"signpost/internal/platform/audit"
)

// Kind says what a message tells or asks for.
type Kind string

// The kinds of messages.
const (
	SearchPerson   Kind = "SearchPerson"
	CreatePerson   Kind = "CreatePerson"
	Associate      Kind = "Associate"
	ModifyPerson   Kind = "ModifyPerson"
	LinkPosition   Kind = "LinkPosition"
	AssignPosition Kind = "AssignPosition"
	EndAssignment  Kind = "EndAssignment"
)

// Kinds lists them in the order in which an organisation comes to need them.
func Kinds() []Kind {
	return []Kind{SearchPerson, CreatePerson, Associate, ModifyPerson, LinkPosition, AssignPosition, EndAssignment}
}

var labels = map[Kind]string{
	SearchPerson: "Find a person", CreatePerson: "Make a Care Identity", Associate: "Associate with a Care Identity",
	ModifyPerson: "Change a person's details", LinkPosition: "Link a position", AssignPosition: "Give a position",
	EndAssignment: "End a position",
}

// Label names the kind for people.
func (k Kind) Label() string { return labels[k] }

// Message is one message of the staff record of an organisation. What its kind does not need may be empty.
type Message struct {
	ID           string `json:"id"` // by which the staff record knows it; no two of an organisation have the same
	Kind         Kind   `json:"message"`
	Organisation string `json:"organisation"`         // ODS code
	Employee     string `json:"employee,omitempty"`   // number of the person in the staff record
	UUID         string `json:"uuid,omitempty"`       // number of the care identity
	Assignment   string `json:"assignment,omitempty"` // number of the assignment in the staff record

	Title       string           `json:"title,omitempty"`
	GivenName   string           `json:"given_name,omitempty"`
	MiddleNames string           `json:"middle_names,omitempty"`
	FamilyName  string           `json:"family_name,omitempty"`
	Email       string           `json:"email,omitempty"`
	BirthDate   detail.BirthDate `json:"birth_date,omitempty"`
	NI          detail.NINumber  `json:"-"` // never stored as it is

	StaffPosition string    `json:"staff_position,omitempty"` // number of the position in the staff record
	Position      string    `json:"position,omitempty"`       // id of a position of the organisation
	Starts        time.Time `json:"starts,omitzero"`          // zero for at once
	Ends          time.Time `json:"ends,omitzero"`            // the moment after the last day; zero for never
}

// Name is the full name.
func (m Message) Name() string {
	return strings.Join(strings.Fields(m.Title+" "+m.GivenName+" "+m.MiddleNames+" "+m.FamilyName), " ")
}

// Kept is a message as it is kept: the National Insurance number is sealed for the care identity that the message is
// about, or for the number that one will have.
type Kept struct {
	Message

	Number  string          `json:"number,omitempty"` // of the care identity that CreatePerson makes, or ModifyPerson is about
	Details detail.Imported `json:"details,omitzero"`
}

// State says what became of a message.
type State string

// The states.
const (
	Done    State = "done"
	Asked   State = "asked"   // a registration authority decides
	Waiting State = "waiting" // for what another message or a registration authority is still to do
	Failed  State = "failed"  // somebody has to look
	Dropped State = "dropped" // somebody looked, and nothing is to be done
)

// Outcome is what became of a message.
type Outcome struct {
	State   State    `json:"state"`
	Class   Class    `json:"class,omitempty"`
	UUID    string   `json:"uuid,omitempty"`    // of the person
	Others  []string `json:"others,omitempty"`  // numbers of care identities that may be the person's
	Request string   `json:"request,omitempty"` // number of the request that a registration authority decides
	Text    string   `json:"text"`              // what was done, or why not and what to do
}

func done(uuid, text string) Outcome { return Outcome{State: Done, UUID: uuid, Text: text} }

func waiting(uuid, text string) Outcome { return Outcome{State: Waiting, UUID: uuid, Text: text} }

func failed(uuid, text string) Outcome { return Outcome{State: Failed, UUID: uuid, Text: text} }

// The kinds of events that this package records.
const (
	eventMessage  audit.Kind = "staff-record.message"
	eventDropped  audit.Kind = "staff-record.dropped"
	eventSigned   audit.Kind = "staff-record.position-linked"
	eventDeclined audit.Kind = "staff-record.position-declined"
	eventLinked   audit.Kind = "staff-record.associated"
)

// ref names a message in events.
func ref(organisation, id string) audit.Ref {
	return audit.Ref{Kind: "staff-record-message", ID: organisation + "/" + id}
}
