package db

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"signpost/internal/platform/fault"
)

// plainArgs turns arguments into what both engines take alike: times into milliseconds, and no text
// with NUL or bad UTF-8, which PostgreSQL would refuse and SQLite would keep.
func plainArgs(args []any) ([]any, error) {
	plain := make([]any, len(args))
	for i, arg := range args {
		p, err := plainArg(arg)
		if err != nil {
			return nil, fmt.Errorf("argument $%d: %w", i+1, err)
		}
		plain[i] = p
	}
	return plain, nil
}

func plainArg(arg any) (any, error) {
	switch v := arg.(type) {
	case time.Time:
		if v.IsZero() {
			return nil, nil //nolint:nilnil // NULL is what a zero time is kept as
		}
		return v.UnixMilli(), nil
	case time.Duration:
		return nil, fmt.Errorf("a duration has no unit in a table: give milliseconds")
	case nil, []byte:
		return v, nil
	}
	switch v := reflect.ValueOf(arg); v.Kind() {
	case reflect.String:
		return plainText(v.String())
	case reflect.Int, reflect.Int64, reflect.Int32:
		return v.Int(), nil
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.Float64:
		return v.Float(), nil
	}
	return nil, fmt.Errorf("a %T is not kept the same way by every database", arg)
}

func plainText(s string) (any, error) {
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return nil, fmt.Errorf("text with NUL or bad UTF-8: %w", errText)
	}
	return s, nil
}

// errText is text that no table keeps. It can only have come from outside.
var errText = fault.Keyed("characters", fault.SayCure(fault.Invalid,
	"The request contains characters that cannot be used.", "Type it again without copying it from elsewhere."))

// At gives a destination for Scan that reads milliseconds, or NULL, into t.
func At(t *time.Time) any { return (*at)(t) }

type at time.Time

// Scan implements sql.Scanner, which both engines honour.
func (a *at) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*a = at(time.Time{})
	case int64:
		*a = at(time.UnixMilli(v).UTC())
	default:
		return fmt.Errorf("read a time from %T", src)
	}
	return nil
}

// Arguments collects the arguments of a statement whose text is put together from parts.
type Arguments struct{ list []any }

// Add adds an argument and gives its place in the text.
func (a *Arguments) Add(value any) (place string) {
	a.list = append(a.list, value)
	return fmt.Sprintf("$%d", len(a.list))
}

// List gives the arguments in the order of their places.
func (a *Arguments) List() []any { return a.list }

// AddEach adds several arguments and gives what stands between the brackets of IN (…). The last one is repeated until
// their number is a power of two, so that the engines meet few different texts however many arguments there are.
func AddEach[T any](a *Arguments, values []T) (places string) {
	if len(values) == 0 {
		return "NULL"
	}
	var list []string
	for _, value := range values {
		list = append(list, a.Add(value))
	}
	size := 1
	for size < len(list) {
		size *= 2
	}
	for len(list) < size {
		list = append(list, list[len(values)-1])
	}
	return strings.Join(list, ", ")
}

// maxArguments is how many arguments a statement has that inserts rows: SQLite looks through all of them for each.
const maxArguments = 64

// Rows collects rows of one table that are inserted together.
type Rows struct {
	into string // the statement up to VALUES
	or   string // what follows the rows
	list [][]any
}

// Inserting begins to collect rows for a statement, given up to its VALUES.
func Inserting(into string) *Rows { return &Rows{into: into + " VALUES "} }

// Or says what is done where a row is there already: an ON CONFLICT clause.
func (r *Rows) Or(clause string) *Rows {
	r.or = clause
	return r
}

// Add adds a row.
func (r *Rows) Add(values ...any) { r.list = append(r.list, values) }

// Write inserts the rows, at the latest when the Update commits. The statements have numbers of rows that are powers of
// two, so that the engines meet few different texts however many rows there are.
func (r *Rows) Write(ctx context.Context, w *W) error {
	size := maxArguments
	text := ""
	for left := r.list; len(left) > 0; left = left[size:] {
		before := size
		for size > 1 && (size*len(left[0]) > maxArguments || size > len(left)) {
			size /= 2
		}
		if text == "" || size != before {
			text = r.statement(size)
		}
		if err := w.Soon(ctx, text, slices.Concat(left[:size]...)...); err != nil {
			return err
		}
	}
	return nil
}

// statement gives the statement that inserts so many rows.
func (r *Rows) statement(size int) string {
	var places Arguments
	rows := make([]string, size)
	for i := range rows {
		columns := make([]string, len(r.list[0]))
		for j := range columns {
			columns[j] = places.Add(nil)
		}
		rows[i] = "(" + strings.Join(columns, ", ") + ")"
	}
	return r.into + strings.Join(rows, ", ") + r.or
}
