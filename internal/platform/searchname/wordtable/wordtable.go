// Package wordtable finds rows by the beginnings of their words, in a table of words that a slice keeps beside its own:
// an index finds those of a word at once, however many rows there are. It does not know what the words are of.
package wordtable

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"signpost/internal/platform/db"
)

// Table is a table of words. Its primary key is a word and the id of the row that has it; an index has them the other
// way round.
type Table struct {
	Name string
	ID   string // the column with the id
}

// Put has a row found by words, as a part of an Update.
func (t Table) Put(ctx context.Context, w *db.W, id string, words []string) error {
	insert := fmt.Sprintf(`INSERT INTO %[1]s (word, %[2]s) VALUES ($1, $2) ON CONFLICT (word, %[2]s) DO NOTHING`,
		t.Name, t.ID)
	for _, word := range words {
		if err := w.Soon(ctx, insert, word, id); err != nil {
			return fmt.Errorf("keep the words of a row: %w", err)
		}
	}
	return nil
}

// Pair is a word and the id of a row that is to be found by it.
type Pair struct{ Word, ID string }

// PutAll has new rows found by words, as a part of an Update: in the order in which the database keeps them, which it
// does sooner.
func (t Table) PutAll(ctx context.Context, w *db.W, pairs []Pair) error {
	slices.SortFunc(pairs, func(a, b Pair) int {
		return cmp.Or(strings.Compare(a.Word, b.Word), strings.Compare(a.ID, b.ID))
	})
	rows := db.Inserting(fmt.Sprintf(`INSERT INTO %s (word, %s)`, t.Name, t.ID))
	for _, one := range slices.Compact(pairs) {
		rows.Add(one.Word, one.ID)
	}
	if err := rows.Write(ctx, w); err != nil {
		return fmt.Errorf("keep the words of new rows: %w", err)
	}
	return nil
}

// Replace has a row found by words, and no longer by those that it had.
func (t Table) Replace(ctx context.Context, w *db.W, id string, words []string) error {
	if err := w.Soon(ctx, `DELETE FROM `+t.Name+` WHERE `+t.ID+` = $1`, id); err != nil {
		return fmt.Errorf("forget the words of a row: %w", err)
	}
	return t.Put(ctx, w, id, words)
}

// Rarest puts the word first that the fewest rows have words beginning with, and says how many those are; beyond the
// limit it does not count. One statement counts for all the words.
func (t Table) Rarest(ctx context.Context, r db.R, words []string, limit int) (sorted []string, rows int, err error) {
	if len(words) == 0 {
		return nil, 0, nil
	}
	var a db.Arguments
	var counts []string
	for _, word := range words {
		counts = append(counts, fmt.Sprintf(`(SELECT COUNT(*) FROM (SELECT 1 FROM %s WHERE %s LIMIT %d) AS counted)`,
			t.Name, begins(&a, "word", word), limit+1))
	}
	numbers, err := db.One(ctx, r, func(scan db.Scanner) ([]int, error) {
		numbers := make([]int, len(words))
		to := make([]any, len(words))
		for i := range numbers {
			to[i] = &numbers[i]
		}
		return numbers, scan(to...)
	}, `SELECT `+strings.Join(counts, ", "), a.List()...)
	if err != nil {
		return nil, 0, fmt.Errorf("count the rows of words: %w", err)
	}
	rarest := slices.Index(numbers, slices.Min(numbers))
	others := slices.Delete(slices.Clone(words), rarest, rarest+1)
	return append([]string{words[rarest]}, others...), numbers[rarest], nil
}

// Condition is that a row, whose id a column of the query has, has words that begin with each of those given. The first
// of them finds the rows, so it is the rarest.
func (t Table) Condition(a *db.Arguments, id string, words []string) string {
	condition := "TRUE"
	for i, word := range words {
		if i == 0 {
			condition = fmt.Sprintf(`%s IN (SELECT %s FROM %s WHERE %s)`, id, t.ID, t.Name, begins(a, "word", word))
			continue
		}
		condition += fmt.Sprintf(` AND EXISTS (SELECT 1 FROM %s w WHERE w.%s = %s AND %s)`, t.Name, t.ID, id,
			begins(a, "w.word", word))
	}
	return condition
}

// begins is that a column has a word that begins with one, as an index looks for it.
func begins(a *db.Arguments, column, word string) string {
	return column + " >= " + a.Add(word) + " AND " + column + " < " + a.Add(word+"\U0010FFFF")
}
