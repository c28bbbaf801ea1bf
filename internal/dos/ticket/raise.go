package ticket

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/signin"
	"signpost/internal/national/device"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/reference"
)

// Typed is what somebody fills in to raise a ticket.
type Typed struct {
	Name, Email, Phone string
	Category           Category
	Subject            string // in one line
	Text               string
	Reference          string
	Files              []NewFile
	Urgent             bool // they cannot work
	Known              bool // the browser is one on which somebody has logged in
}

// Limits of what is typed, in letters.
const (
	maxName    = 100
	maxSubject = 100
	maxText    = 4000
	maxPhone   = 40
)

// checked gives what was typed as it is kept, or what is wrong with it.
func (typed Typed) checked() (Typed, error) {
	typed.Subject = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(typed.Subject), strings.TrimSpace(Prefix)))
	typed.Text = strings.TrimSpace(typed.Text)
	typed.Reference = strings.TrimSpace(typed.Reference)
	var problems []error
	wrong := func(field, text string) { problems = append(problems, fault.OfField(field, text)) }
	if typed.Name = strings.TrimSpace(typed.Name); typed.Name == "" || tooLong(typed.Name, maxName) {
		wrong("name", "Enter your name, in 100 letters or fewer")
	}
	if typed.Category.Title() == "" {
		wrong("category", "Choose what it is about")
	}
	if typed.Subject == "" || tooLong(typed.Subject, maxSubject) || strings.ContainsAny(typed.Subject, "\r\n") {
		wrong("subject", "Enter a short description, in 100 letters or fewer")
	}
	if typed.Text == "" || tooLong(typed.Text, maxText) {
		wrong("text", "Enter what happened, in 4,000 letters or fewer")
	}
	if tooLong(typed.Phone, maxPhone) {
		wrong("phone", "Enter a telephone number, in 40 letters or fewer")
	}
	if typed.Reference != "" {
		typed.Reference = readReference(typed.Reference)
		if !reference.Valid(typed.Reference) && !reference.Long(typed.Reference) && !device.IsCode(typed.Reference) {
			wrong("reference", "Enter the reference as the page showed it, such as KDF7 2M9X, or leave it empty")
		}
	}
	return typed, errors.Join(append(problems, filesProblem(typed.Files))...)
}

// readReference reads the reference of a page, or the result code of a device that was looked at.
func readReference(typed string) string {
	if device.IsCode(typed) {
		return device.Plain(typed)
	}
	return reference.Read(typed)
}

// ShowReference gives the reference of a ticket as people read it out; it may be the result code of a device.
func (t Ticket) ShowReference() string {
	if device.IsCode(t.Reference) {
		return device.Show(t.Reference)
	}
	return reference.Show(t.Reference)
}

func tooLong(text string, limit int) bool { return utf8.RuneCountInString(text) > limit }

// readAddress reads an address to which the answers go.
func readAddress(typed string) (address, key string, err error) {
	parsed, err := email.Parse(strings.TrimSpace(typed))
	if err != nil {
		return "", "", fault.OfField("email", "Enter an email address in the correct format, like name@example.nhs.uk")
	}
	key, _ = parsed.Canonical()
	return parsed.String(), key, nil
}

// Raised is a ticket that was just raised, with the cookie of a sitting in which its person sees it.
type Raised struct {
	Ticket Ticket
	Cookie string
}

// Raise raises a ticket for whoever fills in the form. Somebody who is logged in with an account of their own is who
// the account says; anybody else is who they say, and their address is nobody's until a code was typed.
func (d Desk) Raise(ctx context.Context, by actor.Actor, typed Typed) (Raised, error) {
	return db.Write(ctx, d.DB, by, func(w *db.W) (raised Raised, err error) {
		t, checked, err := d.begun(ctx, w, typed)
		if err != nil {
			return raised, err
		}
		if t.Network, err = d.roomProblem(ctx, w, t, typed.Known); err != nil {
			return raised, err
		}
		if t, err = d.put(ctx, w, t, checked); err != nil {
			return raised, err
		}
		raised.Ticket = t
		own, err := isOwn(ctx, w, w.Actor(), t)
		if err != nil {
			return raised, err
		}
		raised.Cookie, err = begin(ctx, w, Sitting{TicketID: t.ID, Confirmed: own, Holder: t.RaisedBy})
		if err != nil {
			return raised, err
		}
		return raised, d.sendLink(ctx, w, t)
	})
}

// begun makes of what was typed the ticket that it raises.
func (Desk) begun(ctx context.Context, w *db.W, typed Typed) (t Ticket, checked Typed, err error) {
	var holder account.Account
	if w.Actor().Kind == actor.Person {
		if holder, err = account.ByID(ctx, w, w.Actor().ID); err != nil {
			return t, typed, err
		}
	}
	own := holder.Kind == account.Individual && holder.Email != ""
	if own {
		typed.Name = holder.Name()
		typed.Email = holder.Email
	}
	typed, problem := typed.checked()
	t = typed.ticket(ByForm, holder.ID)
	t.Email, t.EmailKey, err = readAddress(typed.Email)
	if err := errors.Join(problem, err); err != nil {
		return t, typed, err
	}
	if own {
		t.AccountID = holder.ID
		t.Confirmed = holder.EmailProved
		return t, typed, nil
	}
	t.AccountID, err = accountOf(ctx, w, t)
	return t, typed, err
}

// ticket is the ticket that what was typed raises, without an address and without whom it is about.
func (typed Typed) ticket(way Way, raisedBy string) Ticket {
	t := Ticket{Way: way, Name: typed.Name, Phone: strings.TrimSpace(typed.Phone), Category: typed.Category,
		Subject: typed.Subject, Reference: typed.Reference, Priority: Normal, RaisedBy: raisedBy}
	if typed.Urgent {
		t.Priority = Urgent
	}
	return t
}

// accountOf finds whom a ticket is about: whom its refusal was about, or whose address it names. Nobody has shown that
// it is they who write.
func accountOf(ctx context.Context, r db.R, t Ticket) (id string, err error) {
	if t.Reference != "" {
		refusals, err := audit.Refusals(ctx, r, t.Reference)
		if err != nil {
			return "", fmt.Errorf("look for the refusal of a ticket: %w", err)
		}
		for _, e := range refusals {
			if id, err := signin.HolderIn(ctx, r, e); err != nil || id != "" {
				return id, err
			}
		}
	}
	a, err := account.ByEmail(ctx, r, t.EmailKey)
	if errors.Is(err, fault.NotFound) {
		return "", nil
	}
	return a.ID, err
}

// Call is what the desk notes of somebody who telephones.
type Call struct {
	Typed

	AccountID string // whom it is about; empty if they have no account
}

// RaiseFor raises a ticket for a caller. Without an address they are told by telephone.
func (d Desk) RaiseFor(ctx context.Context, by actor.Actor, call Call) (Ticket, error) {
	return db.Write(ctx, d.DB, by, func(w *db.W) (t Ticket, err error) {
		reach, err := account.ReachOf(ctx, w, account.WorkTickets)
		if err != nil {
			return t, err
		}
		t, typed, err := call.begun(ctx, w)
		if err != nil {
			return t, err
		}
		if err := covers(ctx, w, reach, t); err != nil {
			return t, err
		}
		if t, err = d.put(ctx, w, t, typed); err != nil {
			return t, err
		}
		return t, d.sendLink(ctx, w, t)
	})
}

// begun makes of what the desk noted the ticket that it raises.
func (call Call) begun(ctx context.Context, w *db.W) (t Ticket, checked Typed, err error) {
	checked, problem := call.checked()
	t = checked.ticket(ByPhone, w.Actor().ID)
	t.Email, t.EmailKey, err = call.address()
	if err := errors.Join(problem, err); err != nil {
		return t, checked, err
	}
	t.AccountID = call.AccountID
	if t.AccountID == "" {
		t.AccountID, err = accountOf(ctx, w, t)
	}
	return t, checked, err
}

// address gives the address of a caller, who may have a telephone number alone.
func (call Call) address() (address, key string, err error) {
	if call.Email != "" {
		return readAddress(call.Email)
	}
	if strings.TrimSpace(call.Phone) == "" {
		return "", "", fault.OfField("phone", "Enter a telephone number or an email address")
	}
	return "", "", nil
}

// sendLink mails the person of a new ticket the link by which they follow it, if they have an address.
func (d Desk) sendLink(ctx context.Context, w *db.W, t Ticket) error {
	if t.Email == "" {
		return nil
	}
	return d.send(ctx, w, t, raisedMail(t, d.ownLink(t)))
}

// RaiseAsked raises a ticket for somebody whom we asked, and who answered by a link in a mail, as a part of an Update.
// Whoever has the link alone has not shown that the address is theirs.
func (d Desk) RaiseAsked(
	ctx context.Context, w *db.W, a account.Account, c Category, subject, text string,
) (Ticket, error) {
	t := Ticket{Way: ByForm, Name: a.Name(), Email: a.Email, EmailKey: a.EmailKey, Phone: a.Phone, Category: c,
		Subject: subject, Priority: Urgent, AccountID: a.ID}
	t, err := d.put(ctx, w, t, Typed{Text: text})
	if err != nil {
		return t, err
	}
	return t, d.sendLink(ctx, w, t)
}

const (
	nextNumber = `INSERT INTO ticket_counter (name, n) VALUES ('ticket', 1001)
		ON CONFLICT (name) DO UPDATE SET n = ticket_counter.n + 1 RETURNING n`
	insertTicket = `INSERT INTO ticket (id, number, state, way, category, priority, subject, name, email, email_key,
		phone, confirmed_at, account_id, reference, raised_by, network, assigned_to, assigned_name, created_at, due_at,
		left_ms, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, '', '', $17, $18, 0, $17)`
)

// put keeps a new ticket with what its person wrote.
func (d Desk) put(ctx context.Context, w *db.W, t Ticket, typed Typed) (Ticket, error) {
	calendar, err := directory.ReadCalendar(ctx, w)
	if err != nil {
		return t, err
	}
	t.ID = random.ID()
	t.State = New
	t.Created = w.Now()
	t.Changed = t.Created
	t.Due = d.Hours.After(t.Created, t.Priority.within(), calendar)
	if t.Number, err = db.Value[int64](ctx, w, nextNumber); err != nil {
		return t, fmt.Errorf("number a ticket: %w", err)
	}
	_, err = w.Exec(ctx, insertTicket, t.ID, t.Number, string(t.State), string(t.Way), string(t.Category),
		int64(t.Priority), t.Subject, t.Name, t.Email, t.EmailKey, t.Phone, t.Confirmed, t.AccountID, t.Reference,
		t.RaisedBy, t.Network, t.Created, t.Due)
	if err != nil {
		return t, fmt.Errorf("keep ticket: %w", err)
	}
	if err := d.write(ctx, w, t, FromPerson, written{By: t.Name, Text: typed.Text, Files: typed.Files}); err != nil {
		return t, err
	}
	return t, d.record(ctx, w, t, eventRaised, t.ShortDescription())
}
