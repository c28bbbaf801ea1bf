package ticket

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// Which names a list of tickets.
type Which string

// The lists.
const (
	ToDo        Which = ""        // new and being dealt with
	WithPerson  Which = "waiting" // waiting for their person
	Done        Which = "solved"
	OverdueOnes Which = "overdue"
	All         Which = "all"
	Elsewhere   Which = "elsewhere" // another system did not take all of it, or what it has could not be read
)

// whichSQL has what each list asks of a ticket. $now is the time.
var whichSQL = map[Which]string{
	ToDo: `t.state IN ('new', 'open')`, WithPerson: `t.state = 'waiting'`, Done: `t.state IN ('solved', 'merged')`,
	OverdueOnes: `t.state IN ('new', 'open') AND t.due_at < `, All: `TRUE`,
	Elsewhere: `t.id IN (SELECT m.ticket_id FROM ticket_remote m WHERE m.problem <> ''
		UNION ALL SELECT m.ticket_id FROM ticket_remote m WHERE m.unread <> '')`,
}

// Known reports whether there is such a list.
func (l Which) Known() bool { return whichSQL[l] != "" }

// Assigned says to whom tickets are assigned that are listed.
const (
	ToMe     = "me"
	ToNobody = "nobody"
)

// Filter says which tickets are listed.
type Filter struct {
	Reach    account.Reach
	Which    Which
	Category Category // empty for all
	Priority Priority // 0 for all
	Assigned string   // ToMe, ToNobody or empty for all
	Me       string   // id of the account of whoever looks
	Email    string   // canonical; empty for all
	Number   int64    // 0 for all
}

func (f Filter) where(r db.R, args *db.Arguments) string {
	where := ` WHERE ` + whichSQL[f.Which]
	if f.Which == OverdueOnes {
		where += args.Add(r.Now())
	}
	if !f.Reach.Everywhere {
		where += ` AND ` + f.Reach.HasAccount(args, "t.account_id")
	}
	if f.Category != "" {
		where += ` AND t.category = ` + args.Add(string(f.Category))
	}
	if f.Priority != 0 {
		where += ` AND t.priority = ` + args.Add(int64(f.Priority))
	}
	switch f.Assigned {
	case ToMe:
		where += ` AND t.assigned_to = ` + args.Add(f.Me)
	case ToNobody:
		where += ` AND t.assigned_to = ''`
	}
	if f.Email != "" {
		where += ` AND t.email_key = ` + args.Add(f.Email)
	}
	if f.Number != 0 {
		where += ` AND t.number = ` + args.Add(f.Number)
	}
	return where
}

// order has what is due first at the top, and of what is over or waits, what changed last.
func (f Filter) order() string {
	if f.Which == ToDo || f.Which == OverdueOnes {
		return ` ORDER BY t.due_at, t.id`
	}
	return ` ORDER BY t.changed_at DESC, t.id DESC`
}

// List gives a page of the tickets of a filter, and how many there are in all.
func List(ctx context.Context, r db.R, f Filter, skip, limit int) (list []Ticket, total int, err error) {
	total, err = Count(ctx, r, f)
	if err != nil {
		return nil, 0, err
	}
	var args db.Arguments
	where := f.where(r, &args)
	list, err = db.All(ctx, r, scanTicket, selectTicket+where+f.order()+` LIMIT `+args.Add(limit)+` OFFSET `+
		args.Add(skip), args.List()...)
	if err != nil {
		return nil, 0, fmt.Errorf("list tickets: %w", err)
	}
	return list, total, nil
}

// Count counts the tickets of a filter.
func Count(ctx context.Context, r db.R, f Filter) (int, error) {
	var args db.Arguments
	where := f.where(r, &args)
	n, err := db.Value[int](ctx, r, `SELECT COUNT(*) FROM ticket t`+where, args.List()...)
	if err != nil {
		return 0, fmt.Errorf("count tickets: %w", err)
	}
	return n, nil
}

// fromHolder is that a ticket t is from the holder of the account that it is about, as IsFrom says it.
var fromHolder = `(t.raised_by = t.account_id OR t.confirmed_at IS NOT NULL AND ` +
	account.HasAddress("t.account_id", "t.email_key") + `)`

// CountPeople counts those of some accounts about whom a ticket was raised since a time: by themselves, or by the desk
// for a caller. Others could raise any number, in anybody's name.
func CountPeople(ctx context.Context, r db.R, among audit.Among, since time.Time) (int, error) {
	var args db.Arguments
	for _, one := range among.Args {
		args.Add(one)
	}
	after := time.UnixMilli(0)
	if !since.IsZero() {
		after = since
	}
	n, err := db.Value[int](ctx, r, `SELECT COUNT(DISTINCT t.account_id) FROM ticket t
		WHERE t.account_id <> '' AND (t.way = '`+string(ByPhone)+`' OR `+fromHolder+`)
		AND t.created_at >= `+args.Add(after)+` AND t.account_id IN (`+among.SQL+`)`, args.List()...)
	if err != nil {
		return 0, fmt.Errorf("count people with tickets: %w", err)
	}
	return n, nil
}
