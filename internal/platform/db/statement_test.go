package db

import "testing"

func TestWhatAStatementDoes(t *testing.T) {
	for _, tt := range []struct {
		sql   string
		table string // that it changes
		reads bool
	}{
		{"INSERT INTO thing (id) VALUES ($1)", "thing", false},
		{"\n\tinsert\n into  Thing_Use(id) VALUES ($1)", "thing_use", false},
		{"UPDATE thing SET name = $1", "thing", false},
		{"DELETE FROM thing WHERE id = $1 RETURNING name", "thing", false},
		{"DELETE FROM thing", "thing", false},
		{"update thing2 SET name = $1", "thing", false},
		{"SELECT name FROM thing", "", true},
		{"\n\tselect\nname FROM thing", "", true},
		{"SELECT", "", false},
		{"SELECTED FROM thing", "", false},
		{"INSERT thing", "", false},
		{"DELETE INTO thing", "", false},
		{"WITH gone AS (DELETE FROM thing RETURNING id) SELECT id FROM gone", "", false},
		{`INSERT INTO "thing" (id) VALUES ($1)`, "", false},
		{"UPDATE", "", false},
		{"", "", false},
	} {
		if got := changedTable(tt.sql); got != tt.table {
			t.Errorf("%q changes %q, want %q", tt.sql, got, tt.table)
		}
		if got := reads(tt.sql); got != tt.reads {
			t.Errorf("%q reads: %v, want %v", tt.sql, got, tt.reads)
		}
	}
}
