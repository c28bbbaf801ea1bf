package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/queue"
	"signpost/internal/platform/random"
)

// eventTold is recorded when some of those to whom a circular goes were mailed.
const eventTold audit.Kind = "mail.told"

// circular is one message that waits to be mailed to many addresses.
type circular struct {
	Message Message
	To      []string // each address once
}

// Telling is the job that mails a circular.
type Telling struct{ CircularID string }

// Kind names the job.
func (Telling) Kind() string { return "mail.tell" }

// Queue is where the job waits.
func (Telling) Queue() queue.Name { return queue.Mail }

const insertCircular = `INSERT INTO mail_circular (id, kind, sealed, told, queued_at) VALUES ($1, $2, $3, 0, $4)`

// Tell mails one message to many addresses, each of them once, as a part of the Update that causes it. The Update pays
// the same however many they are: it notes the message and the addresses, and a job mails them a chunk at a time.
func (p *Post) Tell(ctx context.Context, w *db.W, m Message, addresses []string) error {
	to := eachOnce(addresses)
	if len(to) == 0 {
		return nil
	}
	text, err := json.Marshal(circular{Message: m, To: to})
	if err != nil {
		return fmt.Errorf("write circular %s: %w", m.Kind, err)
	}
	id := random.ID()
	_, err = w.Exec(ctx, insertCircular, id, m.Kind, p.box.Seal(text, circularSealedAs(id)), w.Now())
	if err != nil {
		return fmt.Errorf("write circular %s: %w", m.Kind, err)
	}
	return w.Enqueue(ctx, Telling{CircularID: id})
}

// SendEach sends a few messages, of which an address gets the first alone, and nobody one without an address.
func (p *Post) SendEach(ctx context.Context, w *db.W, messages ...Message) error {
	var sent []string
	for _, m := range messages {
		key := keyOf(m.To)
		if key == "" || slices.Contains(sent, key) {
			continue
		}
		sent = append(sent, key)
		if err := p.Send(ctx, w, m); err != nil {
			return err
		}
	}
	return nil
}

// eachOnce gives addresses in their order, without empty ones and without the second of two that are the same.
func eachOnce(addresses []string) (list []string) {
	seen := map[string]bool{"": true}
	for _, address := range addresses {
		key := keyOf(address)
		if !seen[key] {
			seen[key] = true
			list = append(list, address)
		}
	}
	return list
}

// keyOf gives the key by which addresses are compared. What is no address is its own.
func keyOf(address string) string {
	parsed, err := email.Parse(address)
	if err != nil {
		return address
	}
	key, _ := parsed.Canonical()
	return key
}

func circularSealedAs(id string) string { return "circular/" + id }

// toldAtOnce is how many are mailed in one Update, so that others need not wait long to write.
const toldAtOnce = 25

// tell mails a circular to all to whom it goes.
func (p *Post) tell(ctx context.Context, j Telling) error {
	return job.InChunks(ctx, func(ctx context.Context) (bool, error) { return p.TellSome(ctx, j) })
}

// TellSome mails a circular to the next of those to whom it goes, and says whether there are more. That they were
// mailed is noted in the same Update, so a run that begins again tells nobody twice. The last deletes it.
func (p *Post) TellSome(ctx context.Context, j Telling) (more bool, err error) {
	more, err = db.Write(ctx, p.d, actor.ForJob(j.Kind(), j.CircularID), func(w *db.W) (bool, error) {
		c, told, err := p.readCircular(ctx, w, j.CircularID)
		if err != nil {
			return false, err
		}
		next := c.To[told:min(told+toldAtOnce, len(c.To))]
		for _, address := range next {
			c.Message.To = address
			if err := p.Send(ctx, w, c.Message); err != nil {
				return false, err
			}
		}
		left := len(c.To) - told - len(next)
		if err := noteTold(ctx, w, j.CircularID, told, left, len(next)); err != nil {
			return false, err
		}
		return left > 0, w.Record(ctx, audit.Event{
			Kind: eventTold, Subject: audit.Ref{Kind: "circular", ID: j.CircularID},
			After: map[string]any{"kind": c.Message.Kind, "mailed": len(next), "left": left},
		})
	})
	if errors.Is(err, fault.NotFound) {
		return false, nil // an earlier run told all, or it waited too long
	}
	return more, err
}

// readCircular reads a circular, and how many of those to whom it goes were mailed.
func (p *Post) readCircular(ctx context.Context, r db.R, id string) (c circular, told int, err error) {
	type row struct {
		sealed []byte
		told   int
	}
	found, err := db.One(ctx, r, func(scan db.Scanner) (one row, err error) {
		err = scan(&one.sealed, &one.told)
		return one, err
	}, `SELECT sealed, told FROM mail_circular WHERE id = $1`, id)
	if err != nil {
		return c, 0, fmt.Errorf("read circular %s: %w", id, err)
	}
	text, err := p.box.Open(found.sealed, circularSealedAs(id))
	if err != nil {
		return c, 0, fmt.Errorf("open circular %s: %w", id, err)
	}
	return c, found.told, json.Unmarshal(text, &c)
}

const (
	advanceCircular = `UPDATE mail_circular SET told = $3 WHERE id = $1 AND told = $2`
	deleteCircular  = `DELETE FROM mail_circular WHERE id = $1 AND told = $2`
)

// noteTold notes that more were mailed, or that all were.
func noteTold(ctx context.Context, w *db.W, id string, told, left, mailed int) (err error) {
	if left > 0 {
		err = w.Change(ctx, advanceCircular, id, told, told+mailed)
	} else {
		err = w.Change(ctx, deleteCircular, id, told)
	}
	if err != nil {
		return fmt.Errorf("note who was told of circular %s: %w", id, err)
	}
	return nil
}
