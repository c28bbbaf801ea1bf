package house_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Each decision has a number of its own, by which others name it, at the head of its file's name and of its text.
func TestDecisionsAreNumbered(t *testing.T) {
	files, err := filepath.Glob("../../docs/decisions/*.md")
	if err != nil || len(files) < 50 {
		t.Fatalf("%d decisions: %v", len(files), err)
	}
	named := map[string]string{}
	for _, path := range files {
		name := filepath.Base(path)
		number, _, _ := strings.Cut(name, "-")
		if named[number] != "" {
			t.Errorf("%s has the number of %s", name, named[number])
		}
		named[number] = name
		text, err := os.ReadFile(filepath.Clean(path))
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(text), "# "+number+" ") {
			t.Errorf("%s does not begin with its number: # %s ...", name, number)
		}
	}
}
