package tries

import "signpost/internal/platform/db"

// Columns are those of Both in a query that has Join.
const Columns = `COALESCE(strangers.n, 0), COALESCE(strangers.locks, 0), strangers.locked_until,
	COALESCE(own.n, 0), COALESCE(own.locks, 0), own.locked_until`

// Join adds the tries at the subject that a column of a query names to that query. browser is the place of the
// argument with Browser.ID, such as "$2".
func (l Limit) Join(column, browser string) string {
	of := func(table string) string {
		return ` LEFT JOIN wrong_try ` + table + ` ON ` + table + `.kind = '` + string(l.WrongTry) + `' AND ` +
			table + `.subject = ` + column + ` AND ` + table + `.browser = `
	}
	return of("strangers") + `''` + of("own") + browser
}

// LastEnd is an expression for a query: when the last of the locks ends of the subject that a column names.
func (l Limit) LastEnd(column string) string {
	return `(SELECT MAX(locked_until) FROM wrong_try WHERE kind = '` + string(l.WrongTry) + `' AND subject = ` +
		column + `)`
}

// Both holds the tries at a subject on strangers' browsers, and on one browser.
type Both struct{ strangers, own Count }

// Targets gives a scan where to read Columns into.
func (b *Both) Targets() []any {
	return []any{
		&b.strangers.N, &b.strangers.Locks, db.At(&b.strangers.Until), &b.own.N, &b.own.Locks, db.At(&b.own.Until),
	}
}

// On gives the tries that count on the browser: its own if the subject is known on it.
func (b Both) On(browser Browser, subject string) Count {
	if browser.For(subject) != "" {
		return b.own
	}
	return b.strangers
}
