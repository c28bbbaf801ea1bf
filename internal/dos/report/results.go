package report

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
)

// Span says which days are meant, and whose accounts.
type Span struct {
	From, Until time.Time // the beginning of the first day, and of the day after the last
	Wave        string    // id; empty for all
	Within      account.Reach
}

// where is the condition of accounts a, in waves m.
func (s Span) where(args *db.Arguments) string {
	where := s.Within.Condition(args)
	if s.Wave != "" {
		where += ` AND m.wave_id = ` + args.Add(s.Wave)
	}
	return where
}

// TicketCount is how many tickets were raised about accounts of a wave, of one category.
type TicketCount struct {
	Wave     string // id, of where the account is now; empty for none
	Known    bool   // an account is known
	Category string
	N        int
}

// Tickets counts the tickets that were raised. One that was merged into another is not a second one. Those of whom no
// account is known are for whoever sees all.
func Tickets(ctx context.Context, r db.R, s Span) ([]TicketCount, error) {
	var args db.Arguments
	whose := s.where(&args) + ` AND a.id IS NOT NULL`
	if s.Within.Everywhere && s.Wave == "" {
		whose = `TRUE`
	}
	list, err := db.All(ctx, r, func(scan db.Scanner) (c TicketCount, err error) {
		err = scan(&c.Wave, &c.Known, &c.Category, &c.N)
		return c, err
	}, `SELECT COALESCE(m.wave_id, ''), a.id IS NOT NULL, t.category, COUNT(*) FROM ticket t
		LEFT JOIN account a ON a.id = t.account_id LEFT JOIN wave_member m ON m.account_id = a.id
		WHERE `+whose+` AND t.state <> 'merged' AND t.created_at >= `+args.Add(s.From)+` AND t.created_at < `+
		args.Add(s.Until)+` GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("count tickets: %w", err)
	}
	return list, nil
}

// People counts the active accounts of people by their waves; those in none under the empty id.
func People(ctx context.Context, r db.R, s Span) (map[string]int, error) {
	var args db.Arguments
	counts := map[string]int{}
	err := r.Each(ctx, func(scan db.Scanner) error {
		var id string
		var n int
		err := scan(&id, &n)
		counts[id] = n
		return err
	}, `SELECT COALESCE(m.wave_id, ''), COUNT(*) FROM account a LEFT JOIN wave_member m ON m.account_id = a.id
		WHERE a.active AND NOT a.web_service_only AND `+s.where(&args)+` GROUP BY 1`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("count people of waves: %w", err)
	}
	return counts, nil
}

// Linked is one account that was linked.
type Linked struct {
	Wave string // id, of where the account is now; empty for none
	At   time.Time
	Told time.Time // when its holder was first told of a phase to come; zero if they never were
}

// LinkedIn lists the accounts that were linked in the days that are meant, and are still.
func LinkedIn(ctx context.Context, r db.R, s Span) ([]Linked, error) {
	var args db.Arguments
	list, err := db.All(ctx, r, func(scan db.Scanner) (l Linked, err error) {
		err = scan(&l.Wave, db.At(&l.At), db.At(&l.Told))
		return l, err
	}, `SELECT COALESCE(m.wave_id, ''), l.linked_at,
			(SELECT MIN(g.first_at) FROM guidance g WHERE g.account_id = l.account_id AND g.first_at <= l.linked_at)
		FROM account_link l JOIN account a ON a.id = l.account_id LEFT JOIN wave_member m ON m.account_id = a.id
		WHERE l.linked_at >= `+args.Add(s.From)+` AND l.linked_at < `+args.Add(s.Until)+` AND `+s.where(&args),
		args.List()...)
	if err != nil {
		return nil, fmt.Errorf("list who linked: %w", err)
	}
	return list, nil
}
