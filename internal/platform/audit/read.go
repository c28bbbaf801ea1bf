package audit

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Reader has what reading events needs of a transaction; db.R is one.
type Reader interface {
	Each(ctx context.Context, row func(scan func(dest ...any) error) error, sql string, args ...any) error
}

// Entry is an event as it was kept.
type Entry struct {
	ID        string
	Kind      Kind
	Refused   bool // something was refused
	ActorKind string
	ActorID   string
	ActorName string // empty once the detail is erased
	Role      string
	Subject   Ref
	RequestID string
	At        time.Time
	Before    json.RawMessage // JSON; null once the detail is erased or where there was nothing
	After     json.RawMessage
	Reason    string
	Address   string // from which it came, or its network; empty where it is not kept
	Erased    bool   // the detail is gone
	Intact    bool   // the detail is what was written; meaningless once erased
}

const selectEntries = `SELECT e.id, e.kind, e.actor_kind, e.actor_id, e.actor_role, e.subject_kind, e.subject_id,
	e.request_id, e.at, e.digest, e.refused, d.event_id IS NULL, COALESCE(d.actor_name, ''),
	COALESCE(d.before_json, 'null'), COALESCE(d.after_json, 'null'), COALESCE(d.reason, ''), d.salt,
	COALESCE(a.address, '')
	FROM event e LEFT JOIN event_detail d ON d.event_id = e.id LEFT JOIN event_address a ON a.event_id = e.id`

// Of lists the newest events about subject, newest first, at most limit of them: those of the given kinds,
// or of every kind where none is given.
func Of(ctx context.Context, r Reader, subject Ref, limit int, kinds ...Kind) ([]Entry, error) {
	return OfAll(ctx, r, subject.Kind, []string{subject.ID}, limit, kinds...)
}

// OfAll lists the newest events about any of several subjects of one kind, as Of does.
func OfAll(ctx context.Context, r Reader, subjects string, ids []string, limit int, kinds ...Kind) ([]Entry, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	args := []any{subjects, limit}
	sql := selectEntries + ` WHERE e.subject_kind = $1 AND e.subject_id IN (` + places(&args, ids) + `)`
	if len(kinds) > 0 {
		sql += ` AND e.kind IN (` + places(&args, kinds) + `)`
	}
	return entries(ctx, r, sql+` ORDER BY e.at DESC, e.id DESC LIMIT $2`, args...)
}

// places adds values to the arguments of a statement, and gives their places in its text.
func places[T any](args *[]any, values []T) string {
	var list []string
	for _, value := range values {
		*args = append(*args, value)
		list = append(list, fmt.Sprintf("$%d", len(*args)))
	}
	return strings.Join(list, ", ")
}

// Search says which events are looked for.
type Search struct {
	Among   Among  // they are about one of these; the zero Among is anything
	Subject Ref    // they are about this; the zero Ref is anything
	OrBy    string // or were done by the person with this id
	Kinds   []Kind // they are of one of these; none is of any kind
	Refused bool   // they are of refusals
	InRole  InRole // they were done by somebody in a role; the zero InRole is by anybody
	But     Act    // they are not this; the zero Act leaves out nothing
}

// Act is a kind of event about one thing.
type Act struct {
	Kind  Kind
	About Ref
}

// InRole is a person who acts in a role.
type InRole struct{ Person, Role string }

// Among is a query for the ids of what events are about. The places of its arguments count from $1.
type Among struct {
	SQL  string
	Args []any
}

// Page lists the events that are found, the newest first: at most limit of them after the first skip, and how many
// there are in all.
func (s Search) Page(ctx context.Context, r Reader, skip, limit int) (list []Entry, total int, err error) {
	var args []any
	where := s.condition(&args)
	err = r.Each(ctx, func(scan func(...any) error) error { return scan(&total) },
		`SELECT COUNT(*) FROM event e`+where, args...)
	if err != nil {
		return nil, 0, fmt.Errorf("count events: %w", err)
	}
	if skip >= total {
		return nil, total, nil
	}
	order := ` ORDER BY e.at DESC, e.id DESC LIMIT ` + places(&args, []int{limit}) + ` OFFSET ` +
		places(&args, []int{skip})
	list, err = entries(ctx, r, selectEntries+where+order, args...)
	return list, total, err
}

// Older lists the events that are found which are older than a mark, the newest first, at most limit of them; the zero
// Mark is that of now.
func (s Search) Older(ctx context.Context, r Reader, m Mark, limit int) ([]Entry, error) {
	var args []any
	where := s.condition(&args)
	if !m.At.IsZero() {
		and := ` AND `
		if where == "" {
			and = ` WHERE `
		}
		at := places(&args, []int64{m.At.UnixMilli()})
		where += and + `(e.at < ` + at + ` OR e.at = ` + at + ` AND e.id < ` + places(&args, []string{m.ID}) + `)`
	}
	return entries(ctx, r, selectEntries+where+` ORDER BY e.at DESC, e.id DESC LIMIT `+places(&args, []int{limit}),
		args...)
}

// condition is that an event is one of those looked for.
func (s Search) condition(args *[]any) string {
	var parts []string
	if s.Among.SQL != "" {
		*args = append(*args, s.Among.Args...)
		parts = append(parts, `e.subject_id IN (`+s.Among.SQL+`)`)
	}
	if s.Subject != (Ref{}) {
		about := `e.subject_kind = ` + places(args, []string{s.Subject.Kind}) +
			` AND e.subject_id = ` + places(args, []string{s.Subject.ID})
		if s.OrBy != "" {
			about = `(` + about + ` OR e.actor_kind = 'person' AND e.actor_id = ` + places(args, []string{s.OrBy}) + `)`
		}
		parts = append(parts, about)
	}
	if len(s.Kinds) > 0 {
		parts = append(parts, `e.kind IN (`+places(args, s.Kinds)+`)`)
	}
	if s.InRole != (InRole{}) {
		parts = append(parts, `e.actor_kind = 'person' AND e.actor_id = `+places(args, []string{s.InRole.Person})+
			` AND e.actor_role = `+places(args, []string{s.InRole.Role}))
	}
	if s.But != (Act{}) {
		parts = append(parts, `NOT (e.kind = `+places(args, []Kind{s.But.Kind})+
			` AND e.subject_kind = `+places(args, []string{s.But.About.Kind})+
			` AND e.subject_id = `+places(args, []string{s.But.About.ID})+`)`)
	}
	if s.Refused {
		parts = append(parts, `e.refused`)
	}
	if len(parts) == 0 {
		return ""
	}
	return ` WHERE ` + strings.Join(parts, ` AND `)
}

// Any reports whether there is an event of a kind.
func Any(ctx context.Context, r Reader, kind Kind) (found bool, err error) {
	err = r.Each(ctx, func(scan func(...any) error) error { return scan(&found) },
		`SELECT EXISTS (SELECT 1 FROM event WHERE kind = $1)`, kind)
	if err != nil {
		return false, fmt.Errorf("look for events: %w", err)
	}
	return found, nil
}

// CountBy counts the events of a kind that a person made after a time.
func CountBy(ctx context.Context, r Reader, person string, kind Kind, after time.Time) (n int64, err error) {
	err = r.Each(ctx, func(scan func(...any) error) error { return scan(&n) }, `SELECT COUNT(*) FROM event
		WHERE actor_kind = 'person' AND actor_id = $1 AND kind = $2 AND at > $3`, person, kind, after.UnixMilli())
	if err != nil {
		return 0, fmt.Errorf("count events of a person: %w", err)
	}
	return n, nil
}

// Touched reports whether anything happened to a subject that was not refused.
func Touched(ctx context.Context, r Reader, subject Ref) (touched bool, err error) {
	err = r.Each(ctx, func(scan func(...any) error) error { return scan(&touched) },
		`SELECT EXISTS (SELECT 1 FROM event WHERE subject_kind = $1 AND subject_id = $2 AND NOT refused)`,
		subject.Kind, subject.ID)
	if err != nil {
		return false, fmt.Errorf("look for events of a subject: %w", err)
	}
	return touched, nil
}

// OfKind lists the newest events of one kind, newest first, at most limit of them.
func OfKind(ctx context.Context, r Reader, kind Kind, limit int) ([]Entry, error) {
	return entries(ctx, r, selectEntries+` WHERE e.kind = $1 ORDER BY e.at DESC, e.id DESC LIMIT $2`, kind, limit)
}

// Refusals lists the events of refusals that one request made: what a person was told to quote finds them.
func Refusals(ctx context.Context, r Reader, request string) ([]Entry, error) {
	return entries(ctx, r, selectEntries+` WHERE e.refused AND e.request_id = $1 ORDER BY e.at DESC, e.id DESC`,
		request)
}

func entries(ctx context.Context, r Reader, sql string, args ...any) ([]Entry, error) {
	var list []Entry
	err := r.Each(ctx, func(scan func(...any) error) error {
		e, err := scanEntry(scan)
		list = append(list, e)
		return err
	}, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	return list, nil
}

func scanEntry(scan func(...any) error) (Entry, error) {
	var e Entry
	var at int64
	var sum, salt []byte
	var before, after string
	err := scan(&e.ID, &e.Kind, &e.ActorKind, &e.ActorID, &e.Role, &e.Subject.Kind, &e.Subject.ID, &e.RequestID, &at,
		&sum, &e.Refused, &e.Erased, &e.ActorName, &before, &after, &e.Reason, &salt, &e.Address)
	e.At = time.UnixMilli(at).UTC()
	e.Before = json.RawMessage(before)
	e.After = json.RawMessage(after)
	e.Intact = bytes.Equal(sum, digest(salt, detail{
		Actor: e.ActorName, Before: e.Before, After: e.After, Reason: e.Reason,
	}))
	return e, err
}

// selectDetails reads what the digest of an event is about, and nothing that came later than the first version, so that
// the databases of all versions can be verified.
const selectDetails = `SELECT e.id, e.digest, d.actor_name, d.before_json, d.after_json, d.reason, d.salt
	FROM event e JOIN event_detail d ON d.event_id = e.id`

const countEvents = `SELECT COUNT(*) FROM event`

const selectWithoutEvent = `SELECT event_id FROM event_detail d
	WHERE NOT EXISTS (SELECT 1 FROM event e WHERE e.id = d.event_id)`

// Verify reads every event and its detail and gives how many events there are, and the problems: details that are not
// what was written with their event, and details whose event is gone. A detail that was erased is as it should be.
func Verify(ctx context.Context, r Reader, problem func(text string)) (events int64, err error) {
	err = r.Each(ctx, func(scan func(...any) error) error { return scan(&events) }, countEvents)
	if err != nil {
		return events, fmt.Errorf("count events: %w", err)
	}
	err = r.Each(ctx, func(scan func(...any) error) error {
		id, intact, err := scanDetail(scan)
		if err == nil && !intact {
			problem("the detail of event " + id + " is not what was written")
		}
		return err
	}, selectDetails)
	if err != nil {
		return events, fmt.Errorf("verify events: %w", err)
	}
	err = r.Each(ctx, func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		problem("event " + id + " is gone, and its detail is there")
		return err
	}, selectWithoutEvent)
	if err != nil {
		return events, fmt.Errorf("look for events that are gone: %w", err)
	}
	return events, nil
}

// scanDetail reads a detail, and whether it is what was written with its event.
func scanDetail(scan func(...any) error) (id string, intact bool, err error) {
	var sum, salt []byte
	var d detail
	var before, after string
	err = scan(&id, &sum, &d.Actor, &before, &after, &d.Reason, &salt)
	d.Before = json.RawMessage(before)
	d.After = json.RawMessage(after)
	return id, bytes.Equal(sum, digest(salt, d)), err
}

// Mark is a place in the order of events: after the event with this id at this time. The zero Mark is before all.
type Mark struct {
	At time.Time
	ID string
}

// After lists events of some kinds after a mark and before a time, the oldest first, at most limit of them. The kinds
// stand in the statement itself, so that an index of these kinds alone serves it.
func After(ctx context.Context, r Reader, m Mark, before time.Time, limit int, kinds ...Kind) ([]Entry, error) {
	var list []string
	for _, kind := range kinds {
		list = append(list, "'"+strings.ReplaceAll(string(kind), "'", "''")+"'")
	}
	at := int64(0)
	if !m.At.IsZero() {
		at = m.At.UnixMilli()
	}
	return entries(ctx, r, selectEntries+` WHERE e.kind IN (`+strings.Join(list, ", ")+`) AND e.at >= $1
		AND (e.at > $1 OR e.id > $2) AND e.at < $3 ORDER BY e.at, e.id LIMIT $4`, at, m.ID, before, limit)
}
