// Package extract holds the messages of the one exchange between the directory and Care Identity
// outside sign-in: which of these people could sign in, and what keeps the others from it.
//
// It says what is asked and answered and what makes a message well formed. It does not know how a
// question is answered, nor how the messages travel. The directory asks about addresses that it
// already holds, and learns classes and yes or no: never a name, an identifier or another address.
package extract

// Path is where the exchange is answered: POST a Request, get a Response.
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
// linked, by the subject.
type Question struct {
	Ref     string `json:"ref"`               // the asker's own opaque mark; the answer carries it back
	Email   string `json:"email,omitempty"`   // in canonical form
	Subject string `json:"subject,omitempty"` // of the answering issuer; where given, it decides
}

// Response answers every question of a request once, in the same order.
type Response struct {
	Version int      `json:"version"`
	AsOf    int64    `json:"as_of"` // when the answers were true: Unix milliseconds, UTC
	Answers []Answer `json:"answers"`
}

// Answer is what the directory may know about one person. Where Found is not One, nothing else is
// said: of several identities none is chosen for the directory.
type Answer struct {
	Ref           string         `json:"ref"`
	Found         Found          `json:"found"`
	State         State          `json:"state,omitempty"`
	Email         EmailMatch     `json:"email,omitempty"`
	Authenticator *Authenticator `json:"authenticator,omitempty"`
	Position      Held           `json:"position,omitempty"` // R8008 with B0166, in force
	Authority     *Authority     `json:"registration_authority,omitempty"`
}

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

// EmailMatch says how the care identity's address stands to the one asked about.
type EmailMatch string

// How the addresses can stand. No address in the question makes it EmailUnknown.
const (
	EmailEqual      EmailMatch = "equal"      // the same, and the holder proved it
	EmailUnverified EmailMatch = "unverified" // the same, but nobody has proved it
	EmailDifferent  EmailMatch = "different"
	EmailUnknown    EmailMatch = "unknown"
)

// Held is yes or no, written out so that an answer left out is neither.
type Held string

// Yes and no.
const (
	Yes Held = "yes"
	No  Held = "no"
)

// Authenticator is the best active authenticator that the person has; approved ones come before
// stronger ones that are not, as only they can be used.
type Authenticator struct {
	Level    int  `json:"level"`    // 0 for none, 2 or 3
	Approved bool `json:"approved"` // the person's organisation approves of its kind
}

// Authority is the registration authority that looks after the person, for telling them whom to ask.
type Authority struct {
	Organisation string `json:"organisation"`
	Code         string `json:"code,omitempty"` // ODS
	Contact      string `json:"contact,omitempty"`
}
