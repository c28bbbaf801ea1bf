package house_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// firstLooked is the lowest number of the migrations that are looked at: those before it are released as they are.
const firstLooked = "202611270000"

var (
	indexMade   = regexp.MustCompile(`(?i)CREATE (?:UNIQUE )?INDEX (CONCURRENTLY )?(\w+) ON (\w+)`)
	tableOfFile = regexp.MustCompile(`(?i)CREATE TABLE (\w+)`)
)

// blockingIndexes lists the indexes that a migration makes while all who write into their table wait: those of tables
// that were there before it, unless PostgreSQL makes them beside the writing.
func blockingIndexes(text string) (list []string) {
	var own []string
	for _, made := range tableOfFile.FindAllStringSubmatch(text, -1) {
		own = append(own, made[1])
	}
	beside := strings.HasPrefix(text, "-- +goose NO TRANSACTION\n")
	for _, made := range indexMade.FindAllStringSubmatch(text, -1) {
		concurrently := made[1] != "" && beside
		again := strings.Contains(text, "DROP INDEX IF EXISTS "+made[2]+";")
		if !slices.Contains(own, made[3]) && (!concurrently || !again) {
			list = append(list, made[2])
		}
	}
	return list
}

// An upgrade does not keep people waiting until an index of a large table is made.
func TestMigrationsMakeIndexesBesideTheWriting(t *testing.T) {
	looked := 0
	for folder := range schemas {
		names, err := filepath.Glob(folder + "/*.sql")
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			if filepath.Base(name) < firstLooked {
				continue
			}
			text, err := os.ReadFile(filepath.Clean(name))
			if err != nil {
				t.Fatal(err)
			}
			looked++
			for _, index := range blockingIndexes(string(text)) {
				t.Errorf("%s: index %s is made while all others wait: see docs/design.md", name, index)
			}
		}
	}
	if looked < 10 {
		t.Errorf("only %d migrations were looked at", looked)
	}
}

func TestBlockingIndexes(t *testing.T) {
	for text, want := range map[string]string{
		"CREATE TABLE a (x TEXT);\nCREATE INDEX a_x ON a (x);":                                         "",
		"CREATE INDEX b_x ON b (x);":                                                                   "b_x",
		"CREATE UNIQUE INDEX b_x ON b (x);":                                                            "b_x",
		"CREATE INDEX CONCURRENTLY b_x ON b (x);":                                                      "b_x",
		"-- +goose NO TRANSACTION\nCREATE INDEX CONCURRENTLY b_x ON b (x);":                            "b_x",
		"-- +goose NO TRANSACTION\nDROP INDEX IF EXISTS b_x;\nCREATE INDEX CONCURRENTLY b_x ON b (x);": "",
		"-- +goose NO TRANSACTION\nDROP INDEX IF EXISTS b_x;\nCREATE INDEX b_x ON b (x);":              "b_x",
	} {
		if got := strings.Join(blockingIndexes(text), " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
