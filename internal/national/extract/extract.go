// Package extract defines the messages of the one exchange between the directory and Care Identity
// outside sign-in: which of these people could sign in, and what prevents the others from it.
//
// It defines the questions and answers, and what makes a message well formed. It does not know how a
// question is answered, nor how the messages are sent. The directory asks about addresses that it
// already has, and gets classes and yes or no: never a name or an identifier, and another address only where it asked
// for a comparison and the person is known to be the same (docs/decisions/091-email-drift.md).
package extract

// Path is the path of the exchange: POST a Request, get a Response.
const Path = "/extract/v1/people"

// Version is the version of the messages that this package describes.
const Version = 1

// MaxBatch is the most questions in one request.
const MaxBatch = 500

// Request is a batch of questions.
type Request struct {
	Version   int        `json:"version"`
	Questions []Question `json:"questions"`
}

// Question asks about one person, by the address that the directory holds and, once the account is
// linked, by the subject. It may ask about one role of theirs too: that in which somebody acts in the directory.
type Question struct {
	Ref     string `json:"ref"`               // the asker's own opaque reference, repeated in the answer
	Email   string `json:"email,omitempty"`   // in canonical form
	Subject string `json:"subject,omitempty"` // of the answering issuer; where given, it decides

	Role         string `json:"role,omitempty"`         // its id, as CIS2 told the directory
	Organisation string `json:"organisation,omitempty"` // the ODS code of where it is held

	// Compare asks for how the addresses of both sides went apart; nil where that is not asked.
	Compare *Compare `json:"compare,omitempty"`
}

// MaxFormer is the most earlier addresses in one question.
const MaxFormer = 10

// Compare is what the directory knows of a person, for a comparison of addresses.
type Compare struct {
	Given  string   `json:"given_name"`
	Family string   `json:"family_name"`
	Former []string `json:"former,omitempty"` // addresses that the account had before, in canonical form
}

// CompareOf asks for a comparison with somebody of a name, whose account had some addresses before, the last one
// first. A name that is too long for a question is left out, and so are the oldest addresses where there are too
// many.
func CompareOf(given, family string, former []string) *Compare {
	c := &Compare{Former: former[:min(len(former), MaxFormer)]}
	if text(given, 0, maxText) && text(family, 0, maxText) {
		c.Given = given
		c.Family = family
	}
	return c
}

// Response answers every question of a request once, in the same order.
type Response struct {
	Version int      `json:"version"`
	AsOf    int64    `json:"as_of"` // when the answers were true: Unix milliseconds, UTC
	Answers []Answer `json:"answers"`
}

// Answer holds what the directory may know about one person. If Found is not One, the answer says nothing about
// anybody: the care identity side does not choose between several identities. It names the registration authority that
// all of several have, as that one has to choose.
type Answer struct {
	Ref           string         `json:"ref"`
	Found         Found          `json:"found"`
	State         State          `json:"state,omitempty"`
	Email         EmailMatch     `json:"email,omitempty"`
	Authenticator *Authenticator `json:"authenticator,omitempty"`
	Position      YesNo          `json:"position,omitempty"` // R8008 with B0166, in force, wherever it is held
	Role          YesNo          `json:"role,omitempty"`     // the same of the role that was asked about, where it was
	Authority     *Authority     `json:"registration_authority,omitempty"`

	// Compared is there where a comparison was asked for and one person is meant, who may be found by another
	// address than the one in the question.
	Compared *Compared `json:"compared,omitempty"`

	// ActiveAgain is since when an identity is active again that was suspended or closed before, in Unix milliseconds;
	// zero if that never happened, or is not known.
	ActiveAgain int64 `json:"active_again,omitempty"`

	// Handles are what an answer about changes calls the address of the question, and the person who was found: opaque,
	// and different for each asker.
	Handles []string `json:"handles,omitempty"`
}

// MaxHandles is the most handles in one answer.
const MaxHandles = 2

// Compared says how what the directory knows of a person compares with one care identity.
type Compared struct {
	By    By    `json:"by"`
	Name  Name  `json:"name"`
	State State `json:"state"`

	// Email is the address of the care identity, in canonical form. It is given where the subject was, or where the
	// name is the same, and for former addresses where part of it is; it is empty too where there is none.
	Email string `json:"email,omitempty"`
	Had   bool   `json:"had,omitempty"`   // the care identity had the address in the question before
	Taken bool   `json:"taken,omitempty"` // another care identity has the address in the question

	// Staff is the address in the staff record, by the rule for Email; empty where no record is fed.
	Staff string `json:"staff_email,omitempty"`
	Left  bool   `json:"left,omitempty"` // the staff record says that they have left
}

// By says by what the care identity of a comparison was found.
type By string

// The ways.
const (
	BySubject By = "subject"
	ByAddress By = "address"
	ByFormer  By = "former" // an address that the account or the care identity had before
	ByName    By = "name"   // the same name, and an address much like the one in the question
)

// Name says how two names compare.
type Name string

// The results.
const (
	NameSame  Name = "same"
	NamePart  Name = "part" // one of the names
	NameOther Name = "other"

	// NameUnknown says that the account or the Care Identity has no name.
	NameUnknown Name = "unknown"
)

// Found says how many care identities a question found.
type Found string

// What a question can find.
const (
	None    Found = "none"
	One     Found = "one"
	Several Found = "several"
)

// State is the class of a care identity's status.
type State string

// The classes of status.
const (
	Active    State = "active"
	NotActive State = "not_active" // pending or suspended: a registration authority can make it active
	Closed    State = "closed"     // everything was taken away; it can be reopened
)

// EmailMatch says how the address of the care identity compares with the one in the question.
type EmailMatch string

// The results of the comparison. Without an address in the question it is EmailUnknown.
const (
	EmailEqual      EmailMatch = "equal"      // the same, and the holder proved it
	EmailUnverified EmailMatch = "unverified" // the same, but nobody has proved it
	EmailDifferent  EmailMatch = "different"
	EmailUnknown    EmailMatch = "unknown"
)

// YesNo is yes or no, written out so that a missing answer is neither. One who answers by an older release of the
// messages says nothing about a role.
type YesNo string

// Yes and no.
const (
	Yes YesNo = "yes"
	No  YesNo = "no"
)

// Authenticator is the best active authenticator that the person has. Approved ones rank above stronger ones that
// are not approved, because only approved ones can be used.
type Authenticator struct {
	Level    int  `json:"level"`    // 0 for none, 2 or 3
	Approved bool `json:"approved"` // the person's organisation approves of its kind
}

// Authority is the registration authority that looks after the person, so that they know whom to ask.
type Authority struct {
	Organisation string `json:"organisation"`
	Code         string `json:"code,omitempty"` // ODS
	Contact      string `json:"contact,omitempty"`
}
