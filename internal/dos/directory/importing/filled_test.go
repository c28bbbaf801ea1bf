package importing_test

import (
	"fmt"
	"testing"

	"signpost/internal/dos/directory/importing"
	"signpost/internal/platform/db/dbtest"
)

// A server knows what is in the tables that an import of accounts fills once the first of them are written, and again
// at the end: otherwise it looks at all that are written for each that comes.
func TestAnImportTakesStockOfAccounts(t *testing.T) {
	w, _, _ := oldDirectory(t)
	const rows = 4001 // one more than are written at once
	formats, err := importing.Find("accounts", "")
	w.Must(err)
	plan := importing.IntoNothing(checked(w, manyAccounts(rows)).Accepted)
	var known []string
	_, err = importing.Apply(t.Context(), w.DB, formats[0], plan, quiet, func(done, _ int) {
		if dbtest.Server() == "" {
			return // a file has nothing to be told
		}
		n := w.Count(`SELECT CAST(MAX(reltuples) AS BIGINT) FROM pg_class WHERE relname = 'account'`)
		known = append(known, fmt.Sprintf("%d of %d", n, done))
	})
	w.Must(err)
	if n := w.Count(`SELECT COUNT(*) FROM account WHERE username LIKE 'user%'`); n != rows {
		t.Errorf("%d accounts were added", n)
	}
	want := []string{"4001 of 4000", "4002 of 4001"} // with the one that was there
	if dbtest.Server() != "" && fmt.Sprint(known) != fmt.Sprint(want) {
		t.Errorf("the server knew of %v, want %v", known, want)
	}
}
