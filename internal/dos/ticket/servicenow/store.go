package servicenow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// Remote is what is known of a ticket's record in the instance.
type Remote struct {
	ID      string // empty while there is none
	Number  string
	State   string // number of the state that it was last seen in
	Problem string // why the instance refused it the last time; empty if it did not
	Unread  Unread // what could not be read of it
	pushed  string // digest of the fields that were sent last
}

// Unread is what was written in a record and could not be read.
type Unread struct {
	Reason string    // empty where all was read
	Since  time.Time // when that was found
	from   string    // from when on it is read again, as the instance writes it
}

const selectRemote = `SELECT sys_id, number, state, problem, pushed, unread, unread_at, unread_from FROM ticket_remote
	WHERE ticket_id = $1`

func scanRemote(scan db.Scanner) (m Remote, err error) {
	err = scan(&m.ID, &m.Number, &m.State, &m.Problem, &m.pushed, &m.Unread.Reason,
		db.At(&m.Unread.Since), &m.Unread.from)
	return m, err
}

// Of reads what is known of a ticket's record; nothing if it was never sent.
func Of(ctx context.Context, r db.R, ticketID string) (Remote, error) {
	m, err := db.One(ctx, r, scanRemote, selectRemote, ticketID)
	if errors.Is(err, fault.NotFound) {
		return Remote{}, nil
	}
	if err != nil {
		return m, fmt.Errorf("read record of ticket: %w", err)
	}
	return m, nil
}

const putRemote = `INSERT INTO ticket_remote (ticket_id, sys_id, number, state, problem, pushed, changed_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (ticket_id) DO UPDATE
	SET sys_id = $2, number = $3, state = $4, problem = $5, pushed = $6, changed_at = $7`

func put(ctx context.Context, d *db.DB, ticketID string, m Remote) error {
	return d.Jot(ctx, func(k *db.K) error {
		_, err := k.Exec(ctx, putRemote, ticketID, m.ID, m.Number, m.State, m.Problem, m.pushed, k.Now())
		if err != nil {
			return fmt.Errorf("keep record of ticket: %w", err)
		}
		return nil
	})
}

const putSeen = `INSERT INTO ticket_remote (ticket_id, sys_id, number, state, problem, pushed, changed_at)
	VALUES ($1, $2, $3, $4, '', '', $5) ON CONFLICT (ticket_id) DO UPDATE
	SET sys_id = $2, number = $3, state = $4, changed_at = $5`

// noteSeen keeps how a ticket's record was seen in the instance. What was sent and refused stays, as it may be noted at
// the same time.
func noteSeen(ctx context.Context, d *db.DB, ticketID string, seen record) error {
	return d.Jot(ctx, func(k *db.K) error {
		_, err := k.Exec(ctx, putSeen, ticketID, seen["sys_id"], seen["number"], seen["state"], k.Now())
		if err != nil {
			return fmt.Errorf("keep how a record was seen: %w", err)
		}
		return nil
	})
}

// turn is that one job alone sends a ticket.
type turn struct{ ticketID, name string }

// turnLasts is longer than a job runs: whoever is taken away in the middle of a turn keeps others out no longer.
const turnLasts = 2 * time.Minute

// errBusy answers a job whose ticket another one sends.
var errBusy = errors.New("another job sends this ticket")

const (
	putTurn = `INSERT INTO ticket_remote (ticket_id, sys_id, number, state, problem, pushed, changed_at, turn_of,
		turn_until) VALUES ($1, '', '', '', '', '', $2, $3, $4) ON CONFLICT (ticket_id) DO UPDATE
		SET turn_of = $3, turn_until = $4 WHERE ticket_remote.turn_until <= $2`
	endTurn = `UPDATE ticket_remote SET turn_until = 0 WHERE ticket_id = $1 AND turn_of = $2`
)

// takeTurn has a ticket sent by the caller alone, or gives errBusy.
func takeTurn(ctx context.Context, d *db.DB, ticketID string) (turn, error) {
	t := turn{ticketID, random.ID()}
	err := d.Jot(ctx, func(k *db.K) error {
		n, err := k.Exec(ctx, putTurn, ticketID, k.Now(), t.name, k.Now().Add(turnLasts))
		if err != nil {
			return fmt.Errorf("take the turn to send a ticket: %w", err)
		}
		if n == 0 {
			return errBusy
		}
		return nil
	})
	return t, err
}

// end lets others send the ticket.
func (t turn) end(ctx context.Context, d *db.DB) error {
	return d.Jot(ctx, func(k *db.K) error {
		if _, err := k.Exec(ctx, endTurn, t.ticketID, t.name); err != nil {
			return fmt.Errorf("end the turn to send a ticket: %w", err)
		}
		return nil
	})
}

// sending is how far a message has come: it may have been sent, or was.
type sending struct {
	messageID string
	sent      time.Time // zero where nobody knows
}

const selectSending = `SELECT message_id, sent_at FROM ticket_remote_message WHERE ticket_id = $1`

func sendings(ctx context.Context, r db.R, ticketID string) (map[string]sending, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (s sending, err error) {
		err = scan(&s.messageID, db.At(&s.sent))
		return s, err
	}, selectSending, ticketID)
	if err != nil {
		return nil, fmt.Errorf("list messages that were sent: %w", err)
	}
	all := map[string]sending{}
	for _, one := range list {
		all[one.messageID] = one
	}
	return all, nil
}

const putSending = `INSERT INTO ticket_remote_message (message_id, ticket_id, sent_at) VALUES ($1, $2, $3)
	ON CONFLICT (message_id) DO UPDATE SET sent_at = $3`

// note keeps that a message is being sent, or was, at a time that is zero while nobody knows.
func note(ctx context.Context, d *db.DB, ticketID, messageID string, sent time.Time) error {
	return d.Jot(ctx, func(k *db.K) error {
		if _, err := k.Exec(ctx, putSending, messageID, ticketID, sent); err != nil {
			return fmt.Errorf("note a message that is sent: %w", err)
		}
		return nil
	})
}

// cursor is when the newest change was made that was looked at, as the instance writes it.
func cursor(ctx context.Context, r db.R) (string, error) {
	at, err := db.Value[string](ctx, r, `SELECT seen FROM ticket_remote_cursor WHERE name = 'pull'`)
	if errors.Is(err, fault.NotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read what was seen last: %w", err)
	}
	return at, nil
}

func keepCursor(ctx context.Context, d *db.DB, at string) error {
	return d.Jot(ctx, func(k *db.K) error {
		_, err := k.Exec(ctx, `INSERT INTO ticket_remote_cursor (name, seen) VALUES ('pull', $1)
			ON CONFLICT (name) DO UPDATE SET seen = $1`, at)
		if err != nil {
			return fmt.Errorf("keep what was seen last: %w", err)
		}
		return nil
	})
}

// maxResent is how many tickets are sent again at a time.
const maxResent = 200

const selectUnsent = `SELECT ticket_id FROM ticket_remote WHERE problem <> '' ORDER BY changed_at LIMIT $1`

func unsent(ctx context.Context, r db.R) ([]string, error) {
	list, err := db.All(ctx, r, db.Column[string], selectUnsent, maxResent)
	if err != nil {
		return nil, fmt.Errorf("list tickets that were refused: %w", err)
	}
	return list, nil
}
