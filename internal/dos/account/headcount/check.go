package headcount

import (
	"context"
	"fmt"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

const (
	selectOff = `SELECT COALESCE(c.sort, a.sort), '', COALESCE(a.n, 0) FROM
		(SELECT counted_as AS sort, COUNT(*) AS n FROM account WHERE counted_as <> '' GROUP BY counted_as) a
		FULL JOIN account_count c ON c.sort = a.sort WHERE COALESCE(c.n, 0) <> COALESCE(a.n, 0)`
	selectUnlike = `SELECT id FROM account a
		WHERE linked <> EXISTS (SELECT 1 FROM account_link l WHERE l.account_id = a.id) LIMIT $1`
)

// problems are what is not as it should be.
type problems struct {
	off    []group  // counts, with what they should be
	unlike []string // accounts that say otherwise than their links whether they are linked
}

func find(ctx context.Context, r db.R) (p problems, err error) {
	if p.off, err = db.All(ctx, r, scanGroup, selectOff); err != nil {
		return p, fmt.Errorf("compare counts of accounts: %w", err)
	}
	if p.unlike, err = db.All(ctx, r, db.Column[string], selectUnlike, maxCounted); err != nil {
		return p, fmt.Errorf("compare accounts with their links: %w", err)
	}
	return p, nil
}

// Check counts all accounts and mends what is kept of them, where a program of before wrote to the database at the same
// time. As a rule there is nothing to mend, and nothing is written.
func Check(ctx context.Context, d *db.DB) error {
	found, err := db.Read(ctx, d, func(r db.R) (problems, error) { return find(ctx, r) })
	if err != nil || len(found.off)+len(found.unlike) == 0 {
		return err
	}
	return d.Update(ctx, actor.ForJob(CheckJob{}.Kind(), ""), func(w *db.W) error {
		p, err := find(ctx, w)
		if err != nil {
			return err
		}
		return p.mend(ctx, w)
	})
}

func (p problems) mend(ctx context.Context, w *db.W) error {
	const set = `INSERT INTO account_count (sort, n) VALUES ($1, $2) ON CONFLICT (sort) DO UPDATE SET n = $2`
	for _, g := range p.off {
		if err := w.Soon(ctx, set, g.was, g.n); err != nil {
			return fmt.Errorf("mend count of accounts: %w", err)
		}
	}
	var args db.Arguments
	const link = `UPDATE account SET linked = NOT linked WHERE id IN (`
	if _, err := w.Exec(ctx, link+db.AddEach(&args, p.unlike)+`)`, args.List()...); err != nil {
		return fmt.Errorf("mend accounts by their links: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventMended,
		After: map[string]int{"sorts": len(p.off), "accounts": len(p.unlike)}})
}
