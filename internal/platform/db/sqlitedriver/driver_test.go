package sqlitedriver

import (
	"fmt"
	"path/filepath"
	"testing"
)

// What works on rows is prepared once on a connection and kept, also where comments stand before it, as in River's
// statements.
func TestStatementsAreKept(t *testing.T) {
	pool, err := Open(filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	conn, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, tt := range []struct {
		query string
		kept  bool
	}{
		{"CREATE TABLE IF NOT EXISTS thing (n BIGINT)", false},
		{"-- UPDATE thing\nCREATE INDEX IF NOT EXISTS thing_n ON thing (n)", false},
		{"PRAGMA user_version", false},
		{"INSERT INTO thing VALUES (1)", true},
		{"\n\tselect n FROM thing", true},
		{"-- name: Change :exec\nUPDATE thing\n-- more\nSET n = 2", true},
		{"-- one\n  -- and another\nDELETE FROM thing", true},
	} {
		for range 2 {
			if _, err := conn.ExecContext(t.Context(), tt.query); err != nil {
				t.Fatalf("%s: %v", tt.query, err)
			}
		}
		err := conn.Raw(func(c any) error {
			ours, is := c.(*preparedConn)
			if !is {
				return fmt.Errorf("the connection is a %T", c)
			}
			if _, kept := ours.statements[tt.query]; kept != tt.kept {
				t.Errorf("%q: kept %v, want %v", tt.query, kept, tt.kept)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
