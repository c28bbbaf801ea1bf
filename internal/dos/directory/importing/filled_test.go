package importing_test

import (
	"testing"

	"signpost/internal/platform/db/dbtest"
)

// Once an import of accounts is over, a server knows what is in the tables that it filled.
func TestAnImportTakesStockOfAccounts(t *testing.T) {
	w, _, _ := oldDirectory(t)
	_, id := imported(w, "username,email\nben,ben@example.nhs.uk\ncai,cai@example.nhs.uk\n")
	if id == "" || w.Count(`SELECT COUNT(*) FROM account WHERE username IN ('ben', 'cai')`) != 2 {
		t.Fatal("nothing was imported")
	}
	if dbtest.Server() == "" {
		return // a file has nothing to be told
	}
	const known = `SELECT COUNT(DISTINCT tablename) FROM pg_stats WHERE tablename IN ('account', 'account_word')`
	if n := w.Count(known); n != 2 {
		t.Errorf("the server knows of %d tables", n)
	}
}
