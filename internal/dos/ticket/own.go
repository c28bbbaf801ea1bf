package ticket

import (
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mailcode"
	"signpost/internal/platform/session"
)

// Sitting is the work of somebody on their own ticket, in one browser.
type Sitting struct {
	TicketID  string
	Confirmed bool   // it is theirs: they typed a code that was mailed, or are logged in as the ticket's person
	Holder    string // id of the account with which they must be logged in; empty for nobody's
}

// SittingLasts is how long a sitting lasts.
const SittingLasts = time.Hour

var sittings = session.Flows[Sitting]{Name: "dos.ticket", Life: SittingLasts}

// ForTicket is the purpose of the codes by which somebody opens their own ticket.
var ForTicket = mailcode.Purpose{
	Name: "ticket", Life: 15 * time.Minute, MaxAsks: 5, MaxWrong: 5, MaxOfNetwork: 10, MaxOfDay: 30,
	AskedTooOften: audit.Event{Kind: eventCodeTooOften},
	WrongTry:      audit.Event{Kind: eventCodeWrong},
	ErrAsks: fault.SayCure(fault.TooMany, "Too many codes were asked for, for this ticket.",
		"Use the newest code we sent you, or wait 15 minutes and open the link again."),
	ErrDay: fault.SayCure(fault.TooMany, "Too many codes were asked for today, for this ticket.",
		"Telephone the service desk, or come back tomorrow."),
	ErrWrong: fault.OfField("code", "Enter the code from the newest email. Codes sent before it do not work"),
}

var (
	errSittingOver = fault.SayCure(fault.Expired, "Your ticket was not opened in this browser, or an hour ago.",
		"Open the link in an email that you have from the service desk.")
	errOwnLink = fault.SayCure(fault.Expired, "This link does not work.",
		"Copy the whole link from the email. A ticket that was solved long ago is deleted; raise another one then.")
)

// OwnPath begins the path of the link by which somebody follows their ticket. Its id and a secret follow.
const OwnPath = "/my-ticket/"

// ownSecret is what a ticket's own link has that nobody can guess. Every mail about a ticket has the same link, so that
// none of them goes dead.
func (d Desk) ownSecret(id string) string {
	return hex.EncodeToString(d.Post.Digest("own ticket\n" + id)[:16])
}

func (d Desk) ownLink(t Ticket) string { return d.Home + OwnPath + t.ID + "/" + d.ownSecret(t.ID) }

func begin(ctx context.Context, x db.X, s Sitting) (cookie string, err error) {
	id, secret, err := sittings.Start(ctx, x, s)
	return session.Cookie(id, secret), err
}

// Own gives the ticket that somebody's own link is for. It changes nothing, so that whatever follows links in mails may
// follow it.
func (d Desk) Own(ctx context.Context, id, secret string) (Ticket, error) {
	return db.Read(ctx, d.DB, func(r db.R) (Ticket, error) { return d.own(ctx, r, id, secret) })
}

func (d Desk) own(ctx context.Context, r db.R, id, secret string) (Ticket, error) {
	if subtle.ConstantTimeCompare([]byte(d.ownSecret(id)), []byte(secret)) != 1 {
		return Ticket{}, errOwnLink
	}
	t, err := ByID(ctx, r, id)
	if errors.Is(err, fault.NotFound) || err == nil && t.Email == "" {
		return t, errOwnLink
	}
	return t, err
}

// Return begins a sitting by somebody's own link, and mails the code that it takes besides: whoever has the link alone,
// from a mail that was passed on, sees nothing.
func (d Desk) Return(ctx context.Context, by actor.Actor, id, secret string) (cookie string, err error) {
	by.Network = "link of " + id // whoever holds it has codes of their own, whatever others do
	return db.Write(ctx, d.DB, by, func(w *db.W) (string, error) {
		t, err := d.own(ctx, w, id, secret)
		if err != nil {
			return "", err
		}
		flow, bound, err := sittings.Start(ctx, w, Sitting{TicketID: t.ID})
		if err != nil {
			return "", err
		}
		if err := d.mailCode(ctx, w, t, flow); err != nil {
			return "", err
		}
		return session.Cookie(flow, bound), w.Record(ctx, audit.Event{Kind: eventCodeAsked, Subject: Ref(t.ID)})
	})
}

func (d Desk) mailCode(ctx context.Context, w *db.W, t Ticket, flow string) error {
	return mailcode.Ask(ctx, w, d.Post, ForTicket.Within(flow), Ref(t.ID), codeMail(t))
}

// SendCodeAgain mails another code of a sitting.
func (d Desk) SendCodeAgain(ctx context.Context, by actor.Actor, cookie string) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		flow, t, err := load(ctx, w, w.Actor(), cookie)
		if err != nil {
			return err
		}
		if err := d.mailCode(ctx, w, t, flow.ID); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventCodeAsked, Subject: Ref(t.ID)})
	})
}

func load(
	ctx context.Context, r db.R, by actor.Actor, cookie string,
) (flow session.Flow[Sitting], t Ticket, err error) {
	id, secret := session.Split(cookie)
	flow, err = sittings.Load(ctx, r, id, secret)
	if errors.Is(err, fault.Expired) || err == nil && flow.State.Holder != "" && flow.State.Holder != by.ID {
		return flow, t, errSittingOver
	}
	if err != nil {
		return flow, t, err
	}
	t, err = ByID(ctx, r, flow.State.TicketID)
	if errors.Is(err, fault.NotFound) {
		err = errSittingOver
	}
	return flow, t, err
}

// Begun gives the ticket of a sitting, and whether its person has shown that it is theirs.
func (d Desk) Begun(ctx context.Context, by actor.Actor, cookie string) (t Ticket, confirmed bool, err error) {
	type begun struct {
		ticket    Ticket
		confirmed bool
	}
	b, err := db.Read(ctx, d.DB, func(r db.R) (b begun, err error) {
		flow, t, err := load(ctx, r, by, cookie)
		return begun{ticket: t, confirmed: flow.State.Confirmed}, err
	})
	return b.ticket, b.confirmed, err
}

// Confirm takes the code that was mailed in a sitting.
func (d Desk) Confirm(ctx context.Context, by actor.Actor, cookie, code string) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		flow, t, err := load(ctx, w, w.Actor(), cookie)
		if err != nil {
			return err
		}
		if _, err := mailcode.Use(ctx, w, d.Post, ForTicket.Within(flow.ID), Ref(t.ID), code); err != nil {
			return err
		}
		flow.State.Confirmed = true
		if err := sittings.Save(ctx, w, &flow); err != nil {
			return fmt.Errorf("confirm ticket: %w", err)
		}
		const confirm = `UPDATE ticket SET confirmed_at = $2 WHERE id = $1 AND confirmed_at IS NULL`
		if _, err := w.Exec(ctx, confirm, t.ID, w.Now()); err != nil {
			return fmt.Errorf("confirm ticket: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: eventConfirmed, Subject: Ref(t.ID)})
	})
}

// Mine gives the ticket of a sitting that is its person's, with what the person reads of it.
func (d Desk) Mine(
	ctx context.Context, by actor.Actor, cookie string,
) (t Ticket, list []Message, files map[string][]File, err error) {
	type mine struct {
		ticket   Ticket
		messages []Message
		files    map[string][]File
	}
	m, err := db.Read(ctx, d.DB, func(r db.R) (m mine, err error) {
		if m.ticket, err = confirmed(ctx, r, by, cookie); err != nil {
			return m, err
		}
		all, err := MessagesOf(ctx, r, m.ticket.ID)
		if err != nil {
			return m, err
		}
		m.messages = ForPerson(all)
		m.files, err = FilesOf(ctx, r, m.ticket.ID)
		return m, err
	})
	return m.ticket, m.messages, m.files, err
}

func confirmed(ctx context.Context, r db.R, by actor.Actor, cookie string) (Ticket, error) {
	flow, t, err := load(ctx, r, by, cookie)
	if err == nil && !flow.State.Confirmed {
		err = errSittingOver
	}
	return t, err
}

// OpenOwn begins a sitting of somebody who is logged in, on a ticket that they raised for themselves.
func (d Desk) OpenOwn(ctx context.Context, by actor.Actor, id string) (cookie string, err error) {
	return db.Keep(ctx, d.DB, func(k *db.K) (string, error) {
		t, err := ByID(ctx, k, id)
		if errors.Is(err, fault.NotFound) {
			return "", ErrNoTicket
		}
		if err != nil {
			return "", err
		}
		own, err := isOwn(ctx, k, by, t)
		if err == nil && !own {
			err = ErrNoTicket
		}
		if err != nil {
			return "", err
		}
		return begin(ctx, k, Sitting{TicketID: t.ID, Confirmed: true, Holder: by.ID})
	})
}

// isOwn reports whether somebody who is logged in raised a ticket about their own account, which nobody else uses.
func isOwn(ctx context.Context, r db.R, by actor.Actor, t Ticket) (bool, error) {
	if by.Kind != actor.Person || t.RaisedBy != by.ID || t.AccountID != by.ID {
		return false, nil
	}
	a, err := account.ByID(ctx, r, by.ID)
	return a.Kind == account.Individual, err
}

// errMerged answers whoever writes in a ticket that goes on in another.
var errMerged = fault.SayCure(fault.Conflict, "This ticket goes on in another one.",
	"Write in the other one: its number is on the page of the ticket.")

var errReply = fault.OfField("text", "Enter what you want to say, in 4,000 letters or fewer")

// Reply keeps what the person of a ticket writes. One that waited for them, or was solved, is the desk's again.
func (d Desk) Reply(ctx context.Context, by actor.Actor, cookie, text string, files ...NewFile) error {
	text = strings.TrimSpace(text)
	if text == "" || tooLong(text, maxText) {
		return errReply
	}
	return d.DB.Update(ctx, by, func(w *db.W) error {
		t, err := confirmed(ctx, w, by, cookie)
		if err != nil {
			return err
		}
		return d.replied(ctx, w, t, written{By: t.Name, Text: text, Files: files})
	})
}

// maxMessages is how many messages a person writes in one ticket.
const maxMessages = 100

var errTooManyMessages = fault.SayCure(fault.TooMany, "There are too many messages in this ticket.",
	"Telephone the service desk, or raise another ticket.")

// replied keeps what the person of a ticket writes. One that waited for them, or was solved, is the desk's again.
func (d Desk) replied(ctx context.Context, w *db.W, t Ticket, one written) error {
	to := t.State
	if to == Waiting || to == Solved {
		to = Open
	}
	return d.repliedTo(ctx, w, t, one, to)
}

// repliedTo keeps what the person of a ticket writes, and how the ticket is then.
func (d Desk) repliedTo(ctx context.Context, w *db.W, t Ticket, one written, to State) error {
	if t.State == Merged {
		return errMerged
	}
	n, err := db.Value[int64](ctx, w, `SELECT COUNT(*) FROM ticket_message WHERE ticket_id = $1 AND kind = $2`, t.ID,
		string(FromPerson))
	if err != nil {
		return fmt.Errorf("count messages of ticket: %w", err)
	}
	if n >= maxMessages {
		return errTooManyMessages
	}
	if err := d.write(ctx, w, t, FromPerson, one); err != nil {
		return err
	}
	if _, err := d.turned(ctx, w, t, to); err != nil {
		return err
	}
	return d.record(ctx, w, t, eventReplied, nil)
}

// SolvedByPerson ends a ticket of which its person says that it is solved, with what they wrote, if they did.
func (d Desk) SolvedByPerson(ctx context.Context, by actor.Actor, cookie, text string, files ...NewFile) error {
	text = cmp.Or(strings.TrimSpace(text), "It is solved.")
	if tooLong(text, maxText) {
		return errReply
	}
	return d.DB.Update(ctx, by, func(w *db.W) error {
		t, err := confirmed(ctx, w, by, cookie)
		if err != nil {
			return err
		}
		return d.repliedTo(ctx, w, t, written{By: t.Name, Text: text, Files: files}, Solved)
	})
}
