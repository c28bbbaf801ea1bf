// Package ticket is the service desk's: tickets that people raise, that the desk raises for a caller, and what is said
// in them. A ticket has a time by which it is due, in office hours, and its person follows it by a link of their own.
//
// It does not know what the pages of a refusal said: a ticket keeps the reference by which they are found.
package ticket

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/seal"
)

// Prefix begins the short description of every ticket, as the notice to DoS users asks for it.
const Prefix = "MFA-DoS - "

// State says how far a ticket has come.
type State string

// The states. A ticket that is waiting waits for its person.
const (
	New     State = "new"
	Open    State = "open"
	Waiting State = "waiting"
	Solved  State = "solved"
	Merged  State = "merged" // it goes on in another one
)

// Over reports whether nothing is to be done about the ticket.
func (s State) Over() bool { return s == Solved || s == Merged }

// Way says how a ticket came.
type Way string

// The ways.
const (
	ByForm  Way = "form"
	ByPhone Way = "phone" // the desk raised it for a caller
	ByMail  Way = "mail"
)

// Ticket is one ticket, as it is now.
type Ticket struct {
	ID        string
	Number    int64
	State     State
	Way       Way
	Category  Category
	Priority  Priority
	Subject   string // without the prefix
	Name      string // of the person, as it was typed or as their account has it
	Email     string
	EmailKey  string
	Phone     string
	Confirmed time.Time // when somebody showed that they read the address; zero if nobody did
	AccountID string    // whom it is about; empty if nobody is known
	Reference string    // of the refusal that it is about; empty if there is none
	RaisedBy  string    // id of the account of whoever raised it; empty for a stranger
	Network   string    // by which a stranger's ticket is counted; set only while it is raised

	AssignedTo, AssignedName string

	Created    time.Time
	Due        time.Time     // zero while it waits for its person, and when it is over
	Left       time.Duration // of the office hours within which it is to be dealt with, while it waits
	Changed    time.Time
	MergedInto string // id of the ticket in which it goes on
	before     State  // that it had before it was merged
	brought    string // to it by those that were merged into it, as the type of that name has it
}

// ShortDescription is what the ticket is about, in one line, with the prefix.
func (t Ticket) ShortDescription() string { return Prefix + t.Subject }

// Show is the number of a ticket as people read it out.
func (t Ticket) Show() string { return "T" + strconv.FormatInt(t.Number, 10) }

// Overdue reports whether the ticket should have been dealt with.
func (t Ticket) Overdue(now time.Time) bool { return !t.Due.IsZero() && now.After(t.Due) }

// IsFrom reports whether the holder of an account has shown that a ticket about it is theirs: they were logged in, or
// typed a code that was mailed to the account's address. Whoever names somebody else has shown nothing of them, by an
// address of their own either. What counts in the database is the same: fromHolder.
func (t Ticket) IsFrom(a account.Account) bool {
	return t.AccountID == a.ID && (t.RaisedBy == a.ID || !t.Confirmed.IsZero() && t.AnswersTo(a))
}

// AnswersTo reports whether answers go to the address of an account, whoever wrote.
func (t Ticket) AnswersTo(a account.Account) bool {
	return t.EmailKey != "" && t.EmailKey == a.EmailKey
}

// ReadNumber reads the number of a ticket as somebody typed it; 0 if it is none.
func ReadNumber(typed string) int64 {
	digits, found := strings.CutPrefix(strings.ToUpper(strings.TrimSpace(typed)), "T")
	n, err := strconv.ParseInt(digits, 10, 64)
	if !found || err != nil || n < 0 {
		return 0
	}
	return n
}

// Ref identifies a ticket in events.
func Ref(id string) audit.Ref { return audit.Ref{Kind: "ticket", ID: id} }

// The kinds of events that this package records.
const (
	eventRaised       audit.Kind = "ticket.raised"
	eventConfirmed    audit.Kind = "ticket.confirmed"
	eventCodeAsked    audit.Kind = "ticket.code-asked"
	eventCodeTooOften audit.Kind = "ticket.code-asked-too-often"
	eventCodeWrong    audit.Kind = "ticket.code-wrong"
	eventReplied      audit.Kind = "ticket.replied"
	eventAnswered     audit.Kind = "ticket.answered"
	eventNoted        audit.Kind = "ticket.noted"
	eventChanged      audit.Kind = "ticket.changed"
	eventMerged       audit.Kind = "ticket.merged"
	eventUnmerged     audit.Kind = "ticket.unmerged"
	eventRefused      audit.Kind = "ticket.refused"
	eventSwept        audit.Kind = "ticket.swept"
	eventUnread       audit.Kind = "ticket.unread"
	eventReadAgain    audit.Kind = "ticket.read-again"
)

// Desk takes tickets and works on them.
type Desk struct {
	DB    *db.DB
	Post  *mail.Post
	Home  string // address of the site, for links in mails
	Box   *seal.Box
	Mail  string // domain at which the desk takes mail in; empty where it takes none
	Hours Hours
	// Elsewhere says that tickets are kept in another system as well: what is done is sent there by a SendJob.
	Elsewhere bool
}

const columns = `id, number, state, way, category, priority, subject, name, email, email_key, phone, confirmed_at,
	account_id, reference, raised_by, assigned_to, assigned_name, created_at, due_at, left_ms, changed_at, merged_into,
	merged_state, brought`

const selectTicket = `SELECT ` + columns + ` FROM ticket t`

func scanTicket(scan db.Scanner) (t Ticket, err error) {
	var left int64
	err = scan(&t.ID, &t.Number, &t.State, &t.Way, &t.Category, &t.Priority, &t.Subject, &t.Name, &t.Email, &t.EmailKey,
		&t.Phone, db.At(&t.Confirmed), &t.AccountID, &t.Reference, &t.RaisedBy, &t.AssignedTo, &t.AssignedName,
		db.At(&t.Created), db.At(&t.Due), &left, db.At(&t.Changed), &t.MergedInto, &t.before,
		&t.brought)
	t.Left = time.Duration(left) * time.Millisecond
	return t, err
}

// ErrNoTicket answers somebody who asks for a ticket that is not there, or not for them.
var ErrNoTicket = fault.SayCure(fault.NotFound, "There is no such ticket.", "Go back to the list of tickets.")

// ByID reads a ticket, or fault.NotFound.
func ByID(ctx context.Context, r db.R, id string) (Ticket, error) {
	t, err := db.One(ctx, r, scanTicket, selectTicket+` WHERE id = $1`, id)
	if err != nil {
		return t, fmt.Errorf("read ticket: %w", err)
	}
	return t, nil
}

// ByNumber reads the ticket with a number, or fault.NotFound.
func ByNumber(ctx context.Context, r db.R, number int64) (Ticket, error) {
	t, err := db.One(ctx, r, scanTicket, selectTicket+` WHERE number = $1`, number)
	if err != nil {
		return t, fmt.Errorf("read ticket by its number: %w", err)
	}
	return t, nil
}

const maxOfPerson = 20 // tickets of one person that are listed

// OfAccount lists the newest tickets about an account.
func OfAccount(ctx context.Context, r db.R, id string) ([]Ticket, error) {
	list, err := db.All(ctx, r, scanTicket, selectTicket+` WHERE account_id = $1 AND account_id <> ''
		ORDER BY created_at DESC, id DESC LIMIT $2`, id, maxOfPerson)
	if err != nil {
		return nil, fmt.Errorf("list tickets of account: %w", err)
	}
	return list, nil
}

// RaisedBy lists the newest tickets that somebody raised for themselves, logged in with an account.
func RaisedBy(ctx context.Context, r db.R, id string) ([]Ticket, error) {
	list, err := db.All(ctx, r, scanTicket, selectTicket+` WHERE raised_by = $1 AND raised_by <> ''
		AND account_id = raised_by ORDER BY created_at DESC, id DESC LIMIT $2`, id, maxOfPerson)
	if err != nil {
		return nil, fmt.Errorf("list tickets that somebody raised: %w", err)
	}
	return list, nil
}
