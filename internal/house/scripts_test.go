package house_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Wherever npm installs something, no script of a package runs.
func TestPackagesOfNPMRunNoScripts(t *testing.T) {
	found := 0
	for _, depth := range []string{"", "*/", "*/*/"} {
		folders, err := filepath.Glob("../../" + depth + "package.json")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range folders {
			if strings.Contains(file, "node_modules") {
				continue
			}
			found++
			settings, err := os.ReadFile(filepath.Join(filepath.Dir(file), ".npmrc"))
			if err != nil || !slices.Contains(strings.Split(string(settings), "\n"), "ignore-scripts=true") {
				t.Errorf("beside %s no .npmrc says ignore-scripts=true: %v", file, err)
			}
		}
	}
	if found < 2 {
		t.Errorf("only %d folders of npm were looked at", found)
	}
}
