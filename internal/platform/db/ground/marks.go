package ground

import (
	"bufio"
	"bytes"
	"fmt"
	"io/fs"
	"strings"
)

// What a migration says of tables, in a line that names them with commas between.
const (
	Bookkeeping = "-- bookkeeping:" // a power cut may lose their last changes
	Rewritten   = "-- rewritten:"   // their rows are changed again and again
	Swept       = "-- swept:"       // rows of theirs that are over are deleted without an event of their own
)

// Marked collects the tables that migrations put a mark on.
func Marked(files fs.FS, mark string) (map[string]bool, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("list migrations: %w", err)
	}
	tables := map[string]bool{}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		for line := range lines(text) {
			if list, found := strings.CutPrefix(line, mark); found {
				for table := range strings.SplitSeq(list, ",") {
					tables[strings.TrimSpace(table)] = true
				}
			}
		}
	}
	return tables, nil
}

func lines(text []byte) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for s := bufio.NewScanner(bytes.NewReader(text)); s.Scan(); {
			if !yield(s.Text()) {
				return
			}
		}
	}
}
