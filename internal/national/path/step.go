package path

import (
	"cmp"
	"time"
)

// What says what has to be done. The text is stored, counted and searched for; it never changes once
// released.
type What string

// The steps. Those that begin with Ask are questions about a fact that is not known.
const (
	AskAccount               What = "ask_account"
	RequestIndividualAccount What = "request_individual_account"
	AuthoriseAccount         What = "authorise_account"
	ResolveAccounts          What = "resolve_accounts"

	AskIdentity        What = "ask_identity"
	ObtainCareIdentity What = "obtain_care_identity"
	ReactivateIdentity What = "reactivate_identity"
	ResolveSeveral     What = "resolve_several_identities"

	AskEmail            What = "ask_email"
	MatchEmails         What = "match_emails"
	VerifyIdentityEmail What = "verify_identity_email"
	ProveEmail          What = "prove_email"

	AskAccess             What = "ask_access"
	GetPosition           What = "get_position"
	GetAuthenticator      What = "get_authenticator"
	StrongerAuthenticator What = "get_stronger_authenticator"
	ApproveAuthenticator  What = "approve_authenticator"
	CheckDevice           What = "check_device"
	FixDevice             What = "fix_device"

	AskLink          What = "ask_link"
	AwaitLinking     What = "await_linking"
	Link             What = "link"
	ReportLostLink   What = "report_lost_link"   // linked, yet there is no care identity
	ReportSharedLink What = "report_shared_link" // linked, yet shared
)

// Whole gives every step that there is, in the order of the path.
func Whole() []What {
	return []What{
		AskAccount, RequestIndividualAccount, AuthoriseAccount, ResolveAccounts, AskIdentity, ObtainCareIdentity,
		ReactivateIdentity, ResolveSeveral, AskEmail, MatchEmails, VerifyIdentityEmail, AskAccess, GetPosition,
		GetAuthenticator, StrongerAuthenticator, ApproveAuthenticator, CheckDevice, FixDevice, ProveEmail, AskLink,
		AwaitLinking, Link, ReportLostLink, ReportSharedLink,
	}
}

// Title is what the person reads that the step is.
func (w What) Title() string { return messages[w].title }

// Owner says who does a step. If that is not the person, the text says how to ask.
type Owner string

// The owners of steps.
const (
	Person                Owner = "person"
	RegistrationAuthority Owner = "registration_authority"
	DoSAdministrator      Owner = "dos_administrator"
	LocalIT               Owner = "local_it"
	ServiceDesk           Owner = "service_desk"
	ProgrammeTeam         Owner = "programme_team"
)

// Owners lists the owners of steps, in the order in which to show them.
func Owners() []Owner {
	return []Owner{Person, RegistrationAuthority, DoSAdministrator, LocalIT, ServiceDesk, ProgrammeTeam}
}

// Title is what people call an owner of steps; empty for none.
func (o Owner) Title() string {
	return map[Owner]string{
		Person: "The person", RegistrationAuthority: "Registration authority",
		DoSAdministrator: "DoS user administrator", LocalIT: "Local IT", ServiceDesk: "Service desk",
		ProgrammeTeam: "Programme team",
	}[o]
}

// ToPerson is what the person for whom a step is done calls its owner; empty for none.
func (o Owner) ToPerson() string {
	return map[Owner]string{
		Person: "You", RegistrationAuthority: "Your registration authority",
		DoSAdministrator: "Your DoS user administrator", LocalIT: "Your local IT team",
		ServiceDesk: "The service desk", ProgrammeTeam: "The DoS programme team",
	}[o]
}

// Place says where a step is done. Each site maps it to a link of its own, or to none.
type Place string

// The places.
const (
	Nowhere             Place = ""
	PlaceQuestions      Place = "questions"       // the plain questions about what the person has
	PlaceRequestAccount Place = "request_account" // request a new DoS account
	PlaceAccountQueue   Place = "account_queue"   // outstanding user requests
	PlaceApply          Place = "apply"           // obtain a Care Identity
	PlaceFindRA         Place = "find_ra"         // find your registration authority
	PlaceAccountEmail   Place = "account_email"   // the email of the DoS account
	PlaceProfileEmail   Place = "profile_email"   // the email of the Care Identity
	PlaceCheckDevice    Place = "check_device"    // check this device
	PlaceLink           Place = "link"            // sign in with Care Identity and link the account
	PlaceTicket         Place = "ticket"          // a service desk ticket
)

// Need is one line of the checklist, towards which steps work.
type Need string

// The needs, each of which must be met before the person is finished.
const (
	OwnAccount           Need = "own_account"
	CareIdentity         Need = "care_identity"
	SameEmail            Need = "same_email"
	AccessPosition       Need = "access_position"
	WorkingAuthenticator Need = "working_authenticator"
	LinkedAccount        Need = "linked_account"
)

// Needs gives every need, in the order of the checklist.
func Needs() []Need {
	return []Need{OwnAccount, CareIdentity, SameEmail, AccessPosition, WorkingAuthenticator, LinkedAccount}
}

// Title is what people call a need.
func (n Need) Title() string { return needTitles[n] }

// Step is one thing that has to happen.
type Step struct {
	What     What
	For      []Need   // the lines of the checklist under which it appears
	Question bool     // a fact is unknown; the answer may show that nothing has to be done
	Owner    Owner    // exactly one
	Title    string   // to the person: what to do
	Task     string   // to the owner: the same, as a line in a queue
	Detail   []string // to the person, in sentences
	Say      string   // words for the person to copy; may be empty
	By       Deadline
	Takes    string // how long it takes
	Where    Place
	Also     Place  // a second place that helps; may be Nowhere
	After    []What // steps of the same answer that must be done first; empty: it can be done now
}

// Ready reports whether nothing has to be done before the step.
func (s Step) Ready() bool { return len(s.After) == 0 }

// Deadline says by when a step must be done.
type Deadline struct {
	At      time.Time // zero if no date is known
	Message string    // never empty
	Staff   string    // the message to whoever helps the person; empty where it is the same
}

// ToStaff is the message to whoever helps the person.
func (d Deadline) ToStaff() string { return cmp.Or(d.Staff, d.Message) }

// Next gives every step that is left, in the order in which to read them; no steps mean that the person
// is finished. At least one of them can be done now. Each has one owner and appears once.
func Next(f Facts) []Step {
	f = f.settled()
	steps := f.steps()
	for i := range steps {
		f.addTexts(&steps[i])
	}
	return steps
}
