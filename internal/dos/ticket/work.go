package ticket

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/seen"
)

// keptFor is how long a ticket is kept after it was solved or merged.
const keptFor = 400 * 24 * time.Hour

// covers checks that a ticket is within a reach: that of everywhere, or that of the account which it is about.
func covers(ctx context.Context, r db.R, reach account.Reach, t Ticket) error {
	if reach.Everywhere {
		return nil
	}
	if t.AccountID == "" {
		return ErrNoTicket
	}
	a, err := account.ByID(ctx, r, t.AccountID)
	if errors.Is(err, fault.NotFound) || err == nil && !reach.Covers(a) {
		return ErrNoTicket
	}
	return err
}

// Find reads a ticket that somebody with a reach may see, or fault.NotFound.
func Find(ctx context.Context, r db.R, reach account.Reach, id string) (Ticket, error) {
	t, err := ByID(ctx, r, id)
	if errors.Is(err, fault.NotFound) {
		return t, ErrNoTicket
	}
	if err != nil {
		return t, err
	}
	return t, covers(ctx, r, reach, t)
}

// theirs reads, within an Update, a ticket on which its actor may work.
func theirs(ctx context.Context, w *db.W, id string) (Ticket, error) {
	reach, err := account.ReachOf(ctx, w, account.WorkTickets)
	if err != nil {
		return Ticket{}, err
	}
	t, err := Find(ctx, w, reach, id)
	if errors.Is(err, fault.NotFound) && t.ID != "" {
		err = w.Refuse(ctx, audit.Event{Kind: eventRefused, Subject: Ref(id)}, ErrNoTicket)
	}
	return t, err
}

const turnTicket = `UPDATE ticket SET state = $2, priority = $3, due_at = $4, left_ms = $5, changed_at = $6,
	ends_at = $7 WHERE id = $1`

// turned puts a ticket into another state, with its clock, and keeps how it is then.
func (d Desk) turned(ctx context.Context, w *db.W, t Ticket, to State) (Ticket, error) {
	calendar, err := directory.ReadCalendar(ctx, w)
	if err != nil {
		return t, err
	}
	return keepTurned(ctx, w, d.Hours.turn(t, to, w.Now(), calendar))
}

func keepTurned(ctx context.Context, w *db.W, t Ticket) (Ticket, error) {
	t.Changed = w.Now()
	var ends time.Time
	if t.State.Over() {
		ends = w.Now().Add(keptFor)
	}
	err := w.Change(ctx, turnTicket, t.ID, string(t.State), int64(t.Priority), t.Due, t.Left.Milliseconds(), t.Changed,
		ends)
	if err != nil {
		return t, fmt.Errorf("change ticket: %w", err)
	}
	return t, keepUntil(ctx, w, t.ID)
}

// ends are the statements by which what is read in a ticket is kept as long as it, also what was merged into it.
var ends = []string{
	`UPDATE ticket SET ends_at = (SELECT k.ends_at FROM ticket k WHERE k.id = ticket.merged_into)
		WHERE merged_into <> '' AND (merged_into = $1 OR id = $1)`,
	`UPDATE ticket_message SET ends_at = (SELECT t.ends_at FROM ticket t WHERE t.id = ticket_message.ticket_id)
		WHERE ticket_id IN (SELECT t.id FROM ticket t WHERE t.id = $1 OR t.merged_into = $1)`,
	`UPDATE ticket_file SET ends_at = (SELECT t.ends_at FROM ticket t WHERE t.id = ticket_file.ticket_id)
		WHERE ticket_id IN (SELECT t.id FROM ticket t WHERE t.id = $1 OR t.merged_into = $1)`,
}

func keepUntil(ctx context.Context, w *db.W, id string) error {
	for _, statement := range ends {
		if _, err := w.Exec(ctx, statement, id); err != nil {
			return fmt.Errorf("keep what is in a ticket: %w", err)
		}
	}
	return nil
}

var errNoText = fault.OfField("text", "Enter a text, in 4,000 letters or fewer")

// Outgoing is what the desk writes to the person of a ticket.
type Outgoing struct {
	Text  string
	Files []NewFile
	Then  State  // of the ticket
	Seen  string // names how the writer saw the ticket, as SeenOf does; empty for however it is
}

// problem says what is wrong with what the desk writes, or nil.
func (o Outgoing) problem() error {
	switch {
	case o.Text == "", tooLong(o.Text, maxText):
		return errNoText
	case o.Then != Open && o.Then != Waiting && o.Then != Solved:
		return fault.OfField("then", "Choose what becomes of the ticket")
	}
	return filesProblem(o.Files)
}

// SeenOf names a ticket as somebody sees it: how it is, and what was written last.
func SeenOf(ctx context.Context, r db.R, t Ticket) (string, error) {
	last, err := db.All(ctx, r, db.Column[string], `SELECT id FROM ticket_message WHERE ticket_id = $1
		ORDER BY written_at DESC, id DESC LIMIT 1`, t.ID)
	if err != nil {
		return "", fmt.Errorf("read what was written last: %w", err)
	}
	return seen.Of([]any{t.State, t.Priority, t.Category, t.AssignedTo, last})
}

// Whoever writes or changes something is told in a field of their form what they did not see.
var (
	errAnswerUnseen = fault.OfField("text", "Something was written or changed in this ticket while you wrote. Read "+
		"it, then send your answer again or change it")
	errSetUnseen = fault.OfField("state", "The ticket was changed after you opened it. It is now like this. Change "+
		"it again if you still want to")
)

// ErrUnseen reports whether nothing was done as somebody had not seen how a ticket is.
func ErrUnseen(err error) bool {
	return errors.Is(err, errAnswerUnseen) || errors.Is(err, errSetUnseen)
}

// mustBeSeen gives an error unless somebody saw a ticket as it is.
func mustBeSeen(ctx context.Context, r db.R, t Ticket, as string, unseen error) error {
	now, err := SeenOf(ctx, r, t)
	if err == nil && as != "" && as != now {
		err = unseen
	}
	return err
}

// Answer writes to the person of a ticket, by mail; then the ticket waits for them, or is solved. Two who answer at
// once do not both: the second has not seen what the first wrote.
func (d Desk) Answer(ctx context.Context, by actor.Actor, id string, out Outgoing) error {
	out.Text = strings.TrimSpace(out.Text)
	if err := out.problem(); err != nil {
		return err
	}
	return d.DB.Update(ctx, by, func(w *db.W) error {
		t, err := theirs(ctx, w, id)
		if err != nil {
			return err
		}
		if t.State == Merged {
			return errMerged
		}
		if t.Email == "" {
			return errNoEmail
		}
		if err := mustBeSeen(ctx, w, t, out.Seen, errAnswerUnseen); err != nil {
			return err
		}
		if t, err = d.turned(ctx, w, t, out.Then); err != nil {
			return err
		}
		if t.AssignedTo == "" {
			if err := assign(ctx, w, t, w.Actor()); err != nil {
				return err
			}
		}
		one := written{By: author(w.Actor(), t, Answer), Text: out.Text, Files: out.Files}
		if err := d.write(ctx, w, t, Answer, one); err != nil {
			return err
		}
		if err := d.send(ctx, w, t, d.answerMail(t, one)); err != nil {
			return err
		}
		return d.record(ctx, w, t, eventAnswered, t.State)
	})
}

var errNoEmail = fault.SayCure(fault.Conflict, "This ticket has no email address, so nobody would get the answer.",
	"Telephone the person, and write a note of what was said.")

// Note keeps what the desk writes for itself.
func (d Desk) Note(ctx context.Context, by actor.Actor, id, text string) error {
	text = strings.TrimSpace(text)
	if text == "" || tooLong(text, maxText) {
		return fault.OfField("note", "Enter a note, in 4,000 letters or fewer")
	}
	return d.DB.Update(ctx, by, func(w *db.W) error {
		t, err := theirs(ctx, w, id)
		if err != nil {
			return err
		}
		if err := say(ctx, w, t, Note, text); err != nil {
			return err
		}
		return d.record(ctx, w, t, eventNoted, nil)
	})
}

// Details are what the desk sets of a ticket.
type Details struct {
	State    State
	Priority Priority
	Category Category
	Mine     bool   // it is assigned to whoever sets it
	Nobody   bool   // it is assigned to nobody
	Seen     string // names how whoever sets it saw the ticket, as SeenOf does; empty for however it is
}

// Set changes what the desk sets of a ticket, and notes what has changed.
func (d Desk) Set(ctx context.Context, by actor.Actor, id string, s Details) error {
	if s.State == Merged || s.State.Title() == string(s.State) {
		return fault.OfField("state", "Choose a state")
	}
	if s.Priority.Title() == "" {
		return fault.OfField("priority", "Choose a priority")
	}
	if s.Category.Title() == "" {
		return fault.OfField("category", "Choose what it is about")
	}
	return d.DB.Update(ctx, by, func(w *db.W) error {
		t, err := theirs(ctx, w, id)
		if err != nil {
			return err
		}
		if t.State == Merged {
			return errMerged
		}
		if err := mustBeSeen(ctx, w, t, s.Seen, errSetUnseen); err != nil {
			return err
		}
		return d.set(ctx, w, t, s)
	})
}

func (d Desk) set(ctx context.Context, w *db.W, before Ticket, s Details) error {
	calendar, err := directory.ReadCalendar(ctx, w)
	if err != nil {
		return err
	}
	t := d.Hours.hasten(before, s.Priority, w.Now(), calendar)
	if t, err = keepTurned(ctx, w, d.Hours.turn(t, s.State, w.Now(), calendar)); err != nil {
		return err
	}
	t.Category = s.Category
	if err := w.Change(ctx, `UPDATE ticket SET category = $2 WHERE id = $1`, t.ID, string(t.Category)); err != nil {
		return fmt.Errorf("set category of ticket: %w", err)
	}
	if s.Mine || s.Nobody {
		to := w.Actor()
		if s.Nobody {
			to = actor.Actor{}
		}
		if err := assign(ctx, w, t, to); err != nil {
			return err
		}
		t.AssignedTo = to.ID
		t.AssignedName = to.Name
	}
	changes := changesOf(before, t)
	if len(changes) == 0 {
		return errUnchanged
	}
	if err := say(ctx, w, t, Change, strings.Join(changes, ". ")); err != nil {
		return err
	}
	return d.record(ctx, w, t, eventChanged, changes)
}

var errUnchanged = fault.SayCure(fault.Conflict, "Nothing changed: the ticket is like this already.",
	"Load its page again.")

// changesOf words what has changed of a ticket.
func changesOf(before, after Ticket) (changes []string) {
	for _, one := range []struct{ what, was, is string }{
		{"State", before.State.Title(), after.State.Title()},
		{"Priority", before.Priority.Title(), after.Priority.Title()},
		{"About", before.Category.Title(), after.Category.Title()},
		{"Assigned to", assignedText(before), assignedText(after)},
	} {
		if one.was != one.is {
			changes = append(changes, one.what+": “"+one.is+"” instead of “"+one.was+"”")
		}
	}
	return changes
}

func assignedText(t Ticket) string {
	if t.AssignedTo == "" {
		return "nobody"
	}
	return t.AssignedName
}

func assign(ctx context.Context, w *db.W, t Ticket, to actor.Actor) error {
	err := w.Change(ctx, `UPDATE ticket SET assigned_to = $2, assigned_name = $3 WHERE id = $1`, t.ID, to.ID, to.Name)
	if err != nil {
		return fmt.Errorf("assign ticket: %w", err)
	}
	return nil
}
