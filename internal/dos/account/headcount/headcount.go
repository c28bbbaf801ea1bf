// Package headcount keeps how many accounts there are of each sort, so that lists tell their length without looking at
// each account.
//
// Each account has the sort as which it is counted. No act that changes an account counts: an index has the accounts
// that are of another sort by now, and a job counts those anew. What is read puts them right meanwhile, so it is exact
// at every moment. It does not know what acts there are.
package headcount

import (
	"context"
	"fmt"

	"signpost/internal/platform/db"
)

// Counts is how many accounts there are of each sort.
type Counts map[Sort]int

// Count counts the accounts of the sorts that are meant.
func (t Counts) Count(meant func(Sort) bool) (n int) {
	for sort, of := range t {
		if meant(sort) {
			n += of
		}
	}
	return n
}

// group is how many accounts are counted as one sort and are of another.
type group struct {
	was, is string // was is empty for accounts that were never counted
	n       int
}

func scanGroup(scan db.Scanner) (g group, err error) {
	err = scan(&g.was, &g.is, &g.n)
	return g, err
}

// What stands in an index of few rows is asked for as an equation, in the very words of the index. PostgreSQL takes an
// equation of which it keeps no statistics to be true of few rows, and goes by the index; it takes an inequality or a
// NOT to be true of many, and reads the whole table.
const (
	uncounted = `CASE WHEN counted_as = ` + sortOf + ` THEN 0 ELSE 1 END = 1`
	unnoted   = `CASE WHEN g.noted THEN 0 ELSE 1 END = 1`
)

// Entered is that somebody has logged in with an account, which a query calls a, since that was last noted.
const Entered = `EXISTS (SELECT 1 FROM account_login g WHERE g.account_id = a.id AND ` + unnoted + `)`

const (
	selectCounted = `SELECT '', sort, n FROM account_count`
	selectChanged = `SELECT counted_as, ` + sortOf + `, ` + Entered + `, COUNT(*) FROM account a
		WHERE ` + uncounted + ` GROUP BY 1, 2, 3`
	selectFirstUsed = `SELECT counted_as, ` + sortOf + `, TRUE, COUNT(*) FROM account_login g
		JOIN account a ON a.id = g.account_id
		WHERE ` + unnoted + ` AND NOT used AND counted_as = ` + sortOf + ` GROUP BY 1, 2`
)

// change is a group of accounts of which somebody may have logged in for the first time.
type change struct {
	group

	used bool
}

func scanChange(scan db.Scanner) (c change, err error) {
	err = scan(&c.was, &c.is, &c.used, &c.n)
	return c, err
}

// Read counts all accounts, as they are at this moment.
func Read(ctx context.Context, r db.R) (Counts, error) {
	counted := db.Ask(scanGroup, selectCounted)
	changed := db.Ask(scanChange, selectChanged)
	firstUsed := db.Ask(scanChange, selectFirstUsed)
	if err := db.Together(ctx, r, counted, changed, firstUsed); err != nil {
		return nil, fmt.Errorf("count accounts: %w", err)
	}
	t := Counts{}
	for _, g := range counted.All() {
		if err := t.add(g.is, g.n, false); err != nil {
			return nil, err
		}
	}
	for _, c := range append(changed.All(), firstUsed.All()...) {
		if err := t.move(c); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// move counts accounts as what they are, and no longer as what they were.
func (t Counts) move(c change) error {
	if c.was != "" {
		if err := t.add(c.was, -c.n, false); err != nil {
			return err
		}
	}
	return t.add(c.is, c.n, c.used)
}

func (t Counts) add(text string, n int, used bool) error {
	sort, err := parse(text)
	if err != nil {
		return err
	}
	sort.Used = sort.Used || used
	t[sort] += n
	return nil
}

// Among adds the accounts to counts that a condition in SQL is true of, where an account is called a.
func Among(ctx context.Context, r db.R, t Counts, condition string, args ...any) error {
	list, err := db.All(ctx, r, scanChange, `SELECT '', `+sortOf+`, `+Entered+`, COUNT(*) FROM account a
		WHERE `+condition+` GROUP BY 2, 3`, args...)
	if err != nil {
		return fmt.Errorf("count some accounts: %w", err)
	}
	for _, c := range list {
		if err := t.move(c); err != nil {
			return err
		}
	}
	return nil
}
