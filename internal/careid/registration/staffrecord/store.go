package staffrecord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Entry is a message with what became of it.
type Entry struct {
	Kept

	Outcome  Outcome
	Received time.Time
	place    int // among those received together
}

const (
	messageColumns = `SELECT body, outcome, received_at, place FROM staff_message`

	insertMessage = `INSERT INTO staff_message (organisation, id, kind, employee, staff_position, assignment, body,
	digest, state, outcome, received_at, place, settled_by, settled_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`
	settleMessage = `UPDATE staff_message SET state = $4, outcome = $5, settled_by = $6, settled_at = $7
	WHERE organisation = $1 AND id = $2 AND state = $3`
)

func scanEntry(scan db.Scanner) (e Entry, err error) {
	var body, outcome string
	if err = scan(&body, &outcome, db.At(&e.Received), &e.place); err != nil {
		return e, err
	}
	if err = json.Unmarshal([]byte(body), &e.Kept); err == nil {
		err = json.Unmarshal([]byte(outcome), &e.Outcome)
	}
	return e, err
}

// ByID reads a message of an organisation, or gives fault.NotFound.
func ByID(ctx context.Context, r db.R, organisation, id string) (Entry, error) {
	e, err := db.One(ctx, r, scanEntry, messageColumns+` WHERE organisation = $1 AND id = $2`, organisation, id)
	if err != nil {
		return e, fmt.Errorf("read message of a staff record: %w", err)
	}
	return e, nil
}

// maxListed is how many messages are listed at once.
const maxListed = 200

// In lists the messages of an organisation in a state, those that came first before the others, 200 at most.
func In(ctx context.Context, r db.R, organisation string, s State) ([]Entry, error) {
	list, err := db.All(ctx, r, scanEntry, messageColumns+` WHERE organisation = $1 AND state = $2
		ORDER BY received_at, place, id LIMIT $3`, organisation, string(s), maxListed)
	if err != nil {
		return nil, fmt.Errorf("list messages of a staff record: %w", err)
	}
	return list, nil
}

// Count counts the messages of an organisation in each state.
func Count(ctx context.Context, r db.R, organisation string) (map[State]int64, error) {
	found := map[State]int64{}
	err := r.Each(ctx, func(scan db.Scanner) error {
		var s State
		var n int64
		err := scan(&s, &n)
		found[s] = n
		return err
	}, `SELECT state, COUNT(*) FROM staff_message WHERE organisation = $1 GROUP BY state`, organisation)
	if err != nil {
		return nil, fmt.Errorf("count messages of a staff record: %w", err)
	}
	return found, nil
}

func insert(ctx context.Context, w *db.W, k Kept, digest string, place int, o Outcome) error {
	body, err := json.Marshal(k)
	if err != nil {
		return fmt.Errorf("keep message: %w", err)
	}
	outcome, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("keep message: %w", err)
	}
	_, err = w.Exec(ctx, insertMessage, k.Organisation, k.ID, string(k.Kind), k.Employee, k.StaffPosition, k.Assignment,
		string(body), digest, string(o.State), string(outcome), w.Now(), place, w.Actor().ID, w.Now())
	if err != nil {
		return fmt.Errorf("keep message: %w", err)
	}
	return nil
}

// settle changes what became of a message.
func settle(ctx context.Context, w *db.W, e Entry, o Outcome) error {
	outcome, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("settle message: %w", err)
	}
	err = w.Change(ctx, settleMessage, e.Organisation, e.ID, string(e.Outcome.State), string(o.State), string(outcome),
		w.Actor().ID, w.Now())
	if err != nil {
		return fmt.Errorf("settle message: %w", err)
	}
	return nil
}

// digestOf gives the digest of the message with an id that was received before; empty if none was.
func digestOf(ctx context.Context, r db.R, m Message) (string, error) {
	return orNone(db.Value[string](ctx, r, `SELECT digest FROM staff_message WHERE organisation = $1 AND id = $2`,
		m.Organisation, m.ID))
}

// orNone takes what is not there for an empty value.
func orNone[T any](value T, err error) (T, error) {
	if errors.Is(err, fault.NotFound) {
		var none T
		return none, nil
	}
	return value, err
}

// personOf gives the care identity with which a person of a staff record is associated; empty if with none.
func personOf(ctx context.Context, r db.R, organisation, employee string) (string, error) {
	return orNone(db.Value[string](ctx, r, `SELECT uuid FROM staff_person WHERE organisation = $1 AND employee = $2`,
		organisation, employee))
}

// personToBe is personOf, or the number that the care identity will have which a registration authority is asked to
// make.
func personToBe(ctx context.Context, r db.R, organisation, employee string) (string, error) {
	uuid, err := personOf(ctx, r, organisation, employee)
	if err != nil || uuid != "" {
		return uuid, err
	}
	e, err := orNone(db.One(ctx, r, scanEntry, messageColumns+` WHERE organisation = $1 AND employee = $2
		AND state = 'asked' AND kind = 'CreatePerson'`, organisation, employee))
	return e.Number, err
}

// employeeOf gives the person of a staff record who is associated with a care identity; empty if nobody is.
func employeeOf(ctx context.Context, r db.R, organisation, uuid string) (string, error) {
	return orNone(db.Value[string](ctx, r, `SELECT employee FROM staff_person WHERE organisation = $1 AND uuid = $2`,
		organisation, uuid))
}

// assigned is an assignment of the staff record that has given a position.
type assigned struct {
	number, employee, uuid, staffPosition, id string
}

func scanAssigned(scan db.Scanner) (a assigned, err error) {
	err = scan(&a.number, &a.employee, &a.uuid, &a.staffPosition, &a.id)
	return a, err
}

const assignedColumns = `SELECT number, employee, uuid, staff_position, assignment_id FROM staff_assignment`

// assignedBy reads what an assignment of a staff record gave; its id is empty if it gave nothing yet.
func assignedBy(ctx context.Context, r db.R, organisation, number string) (assigned, error) {
	return orNone(db.One(ctx, r, scanAssigned, assignedColumns+` WHERE organisation = $1 AND number = $2`,
		organisation, number))
}

func putAssigned(ctx context.Context, w *db.W, organisation string, a assigned) error {
	_, err := w.Exec(ctx, `INSERT INTO staff_assignment (organisation, number, employee, uuid, staff_position,
		assignment_id) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (organisation, number) DO UPDATE SET
		staff_position = excluded.staff_position, assignment_id = excluded.assignment_id`,
		organisation, a.number, a.employee, a.uuid, a.staffPosition, a.id)
	if err != nil {
		return fmt.Errorf("note assignment of a staff record: %w", err)
	}
	return nil
}

// Associated is a person of a staff record who is associated with a care identity.
type Associated struct{ Organisation, Employee string }

// OfPerson lists the people of staff records who are associated with a care identity: one of each organisation at most.
func OfPerson(ctx context.Context, r db.R, uuid string) ([]Associated, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (a Associated, err error) {
		err = scan(&a.Organisation, &a.Employee)
		return a, err
	}, `SELECT organisation, employee FROM staff_person WHERE uuid = $1 ORDER BY organisation`, uuid)
	if err != nil {
		return nil, fmt.Errorf("list associated people of staff records: %w", err)
	}
	return list, nil
}

// GaveTo lists the ids of the assignments of somebody that staff records gave.
func GaveTo(ctx context.Context, r db.R, uuid string) ([]string, error) {
	list, err := db.All(ctx, r, db.Column[string], `SELECT assignment_id FROM staff_assignment WHERE uuid = $1`, uuid)
	if err != nil {
		return nil, fmt.Errorf("list assignments of staff records: %w", err)
	}
	return list, nil
}

// InCharge reports whether a staff record gave an assignment, and so says how long it lasts.
func InCharge(ctx context.Context, r db.R, assignment string) (bool, error) {
	n, err := countInCharge(ctx, r, []string{assignment})
	return n > 0, err
}

// countInCharge counts those of several assignments that a staff record gave.
func countInCharge(ctx context.Context, r db.R, ids []string) (int64, error) {
	var args db.Arguments
	n, err := db.Value[int64](ctx, r, `SELECT COUNT(*) FROM staff_assignment WHERE assignment_id IN (`+
		db.AddEach(&args, ids)+`)`, args.List()...)
	if err != nil {
		return 0, fmt.Errorf("look whether a staff record is in charge: %w", err)
	}
	return n, nil
}
