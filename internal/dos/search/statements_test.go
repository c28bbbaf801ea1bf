package search_test

import (
	"slices"
	"strings"
	"testing"

	"signpost/internal/dos/search"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
)

// A search reads of each candidate what puts it in its place, and only those of the page whole; how many services wider
// searches would find is counted in one pass. None of it takes more statements where there are more services.
func TestASearchReadsOnlyItsPageWhole(t *testing.T) {
	d, _ := filled(t, clocktest.At(noon), scattered())
	q := search.Query{Postcode: "M1", Miles: 37}
	var answer search.Answer
	reads := ofServices(t, d, func(r db.R) (err error) {
		answer, err = search.Run(t.Context(), r, q)
		return err
	})
	if answer.Counts.Total() < 100 || len(answer.Found) != search.PageSize {
		t.Fatalf("%d found, %d on the page: too few to prove anything", answer.Counts.Total(), len(answer.Found))
	}
	if len(reads) != 2 {
		t.Fatalf("a search reads services %d times, want twice: %q", len(reads), reads)
	}
	candidates, where, _ := strings.Cut(reads[0], "FROM service")
	columns := []string{"select", "id", "case", "when", "public_name", "then", "name", "else", "end", "coalesce",
		"latitude", "longitude", "all_hours", "hours", "0", "''"}
	for word := range strings.FieldsFuncSeq(strings.ToLower(candidates), func(r rune) bool {
		return strings.ContainsRune(" \t\n,()=", r)
	}) {
		if !slices.Contains(columns, word) {
			t.Errorf("of each candidate %q is read", word)
		}
	}
	if n := strings.Count(reads[1], "$"); !strings.Contains(where, "latitude BETWEEN") || n != search.PageSize {
		t.Errorf("%d services are read whole, want %d; candidates %s", n, search.PageSize, where)
	}

	wider := []search.Query{{Postcode: "M1", Miles: 37}, {Postcode: "M1", Miles: 20}, {Postcode: "M1", Miles: 37, Type: 13}}
	counted := ofServices(t, d, func(r db.R) error {
		_, err := search.Count(t.Context(), r, search.Query{Postcode: "M1", Miles: 2, Type: 13}, wider)
		return err
	})
	if len(counted) != 1 {
		t.Errorf("%d wider searches read services %d times, want once: %q", len(wider), len(counted), counted)
	}
}

// ofServices lists the statements of a view that read services.
func ofServices(t *testing.T, d *db.DB, view func(r db.R) error) (list []string) {
	t.Helper()
	for _, sql := range dbtest.Statements(t, d, func() {
		if err := d.View(t.Context(), view); err != nil {
			t.Fatal(err)
		}
	}) {
		if strings.Contains(sql, "FROM service") {
			list = append(list, sql)
		}
	}
	return list
}
