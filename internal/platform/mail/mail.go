// Package mail sends mail that was committed together with the change that caused it.
//
// A message stands sealed in a row until it is delivered, and its text is wiped then. A job delivers it
// at least once; the row's id is the Message-ID, so that a second copy can be known for one. What the mail server
// does not take for weeks is given up, and its text is wiped, too. A circular is one message to many: it stands in one
// row, and a job makes of it a message to each. The package does not know what is in a message.
package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/queue"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
)

// eventDelivered is recorded when a mail was delivered.
const eventDelivered audit.Kind = "mail.delivered"

// Message is one mail to one person, in plain text, or one text message to a mobile telephone.
type Message struct {
	Kind    string // what it is about, for the audit: "account.email-code"
	To      string // the address as it was stored, never its canonical form; or a telephone number, for a text message
	ReplyTo string // whom an answer reaches, where the message is written for somebody; empty for nobody
	Subject string
	Text    string
	// Unsubscribe is an address to which a mail program posts if its user wants no more such mails (RFC 8058); empty
	// for mails that somebody has to get.
	Unsubscribe string
	Batch       string // which of many mails at once it belongs to; empty for one of its own
	Answers     string // Message-IDs of the mails that it goes on from, with spaces between; empty for one of its own

	// Return is the address to which servers report that it does not arrive; empty for the sender's. Post sets it.
	Return string `json:"-"`
}

// IsTelephone reports whether a message goes to a telephone number, as "+447700900123", and not to a mailbox.
func IsTelephone(to string) bool { return strings.HasPrefix(to, "+") && !strings.Contains(to, "@") }

// Transport takes a message on its way. Its id is the same for every try.
type Transport interface {
	Deliver(ctx context.Context, id string, m Message, queued time.Time) error
}

// Post sends one site's mail.
type Post struct {
	// Bounces is the domain at which servers report mail that does not arrive; empty where no mail is taken in. Its
	// database then has the table mail_return.
	Bounces string

	Foot string // stands below the text of each message, such as how to reach the service desk; empty for nothing

	d         *db.DB
	box       *seal.Box
	transport Transport
}

// New makes the post of a database and registers the workers that deliver.
func New(d *db.DB, box *seal.Box, transport Transport, ws *job.Workers) *Post {
	p := &Post{d: d, box: box, transport: transport}
	job.WorkOrGiveUp(ws, p.Deliver, p.giveUp)
	job.Work(ws, p.tell)
	return p
}

// Delivery is the job that delivers one message.
type Delivery struct{ MailID string }

// Kind names the job.
func (Delivery) Kind() string { return "mail.deliver" }

// Queue is where the job waits.
func (Delivery) Queue() queue.Name { return queue.Mail }

// insertMail has the recipient's key, by which mails are counted. The address itself is in the sealed message.
const insertMail = `INSERT INTO mail (id, kind, recipient, sealed, queued_at) VALUES ($1, $2, $3, $4, $5)`

// Send puts a message into the Update that causes it. The caller records the event of that change.
func (p *Post) Send(ctx context.Context, w *db.W, m Message) error {
	if p.Foot != "" && !IsTelephone(m.To) {
		m.Text += "\n-- \n" + p.Foot + "\n"
	}
	text, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("send mail %s: %w", m.Kind, err)
	}
	id := random.ID()
	_, err = w.Exec(ctx, insertMail, id, m.Kind, keyOf(m.To), p.box.Seal(text, sealedAs(id)), w.Now())
	if err != nil {
		return fmt.Errorf("send mail %s: %w", m.Kind, err)
	}
	if err := p.mayReturn(ctx, w, id, m.Batch); err != nil {
		return err
	}
	return w.Enqueue(ctx, Delivery{MailID: id})
}

// Waiting counts the messages that are not delivered yet, as far as a few hundred of them.
func Waiting(ctx context.Context, r db.R) (int64, error) {
	const count = `SELECT COUNT(*) FROM (SELECT 1 FROM mail
		WHERE delivered_at IS NULL AND given_up_at IS NULL LIMIT 1000) m`
	n, err := db.Value[int64](ctx, r, count)
	if err != nil {
		return 0, fmt.Errorf("count waiting mails: %w", err)
	}
	return n, nil
}

// Digest is a keyed digest of what a message told its reader, so that it can be known again without being kept.
func (p *Post) Digest(text string) []byte { return p.box.Digest(text) }

func sealedAs(id string) string { return "mail/" + id }

// waiting is a message that is not delivered yet.
type waiting struct {
	sealed []byte
	queued time.Time
}

const (
	stillWaits    = ` AND delivered_at IS NULL AND given_up_at IS NULL`
	selectWaiting = `SELECT sealed, queued_at FROM mail WHERE id = $1` + stillWaits
	markDelivered = `UPDATE mail SET sealed = NULL, delivered_at = $2 WHERE id = $1` + stillWaits
)

// Deliver hands one message to the transport, and then wipes it. One that is not there, or was delivered, is no error.
func (p *Post) Deliver(ctx context.Context, j Delivery) error {
	m, queued, err := p.read(ctx, j.MailID)
	if errors.Is(err, fault.NotFound) {
		return nil // an earlier try delivered it, or it waited too long
	}
	if err != nil {
		return err
	}
	m.Return = p.returnTo(j.MailID)
	if err := p.transport.Deliver(ctx, j.MailID, m, queued); err != nil {
		return fmt.Errorf("deliver mail %s: %w", j.MailID, err)
	}
	return p.d.Update(ctx, actor.ForJob(j.Kind(), j.MailID), func(w *db.W) error {
		if err := w.Change(ctx, markDelivered, j.MailID, w.Now()); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{
			Kind: eventDelivered, Subject: audit.Ref{Kind: "mail", ID: j.MailID},
			After: map[string]string{"kind": m.Kind},
		})
	})
}

func (p *Post) read(ctx context.Context, id string) (m Message, queued time.Time, err error) {
	one, err := db.Read(ctx, p.d, func(r db.R) (waiting, error) {
		return db.One(ctx, r, scanWaiting, selectWaiting, id)
	})
	if err == nil {
		m, err = p.open(id, one.sealed)
	}
	if err != nil {
		return Message{}, time.Time{}, fmt.Errorf("read mail %s: %w", id, err)
	}
	return m, one.queued, nil
}

func scanWaiting(scan db.Scanner) (one waiting, err error) {
	err = scan(&one.sealed, db.At(&one.queued))
	return one, err
}

func (p *Post) open(id string, sealed []byte) (m Message, err error) {
	text, err := p.box.Open(sealed, sealedAs(id))
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(text, &m)
}
