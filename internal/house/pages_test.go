package house_test

import (
	"go/ast"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// templates calls look for the source of each of our pages.
func templates(t *testing.T, look func(name, source string)) {
	t.Helper()
	n := 0
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".templ" {
			return err
		}
		source, err := os.ReadFile(name)
		look(name, string(source))
		n++
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 20 {
		t.Fatalf("only %d pages looked at: the check would prove nothing", n)
	}
}

// A tag has a colour that nhsuk names with its meaning, so that no two tags mean two things by one colour.
func TestTagsHaveColoursWithAMeaning(t *testing.T) {
	plain := regexp.MustCompile(`TagParams\{[^}]*Colour: *"`)
	templates(t, func(name, source string) {
		if plain.MatchString(source) {
			t.Errorf("%s chooses the colour of a tag by itself", name)
		}
	})
	seen := 0
	parsed(t, func(p pkg, name string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			field, is := n.(*ast.KeyValueExpr)
			if !is {
				return true
			}
			if key, is := field.Key.(*ast.Ident); !is || key.Name != "Colour" {
				return true
			}
			seen++
			if _, literal := field.Value.(*ast.BasicLit); literal {
				t.Errorf("%s/%s chooses the colour of a tag by itself", p.path(), name)
			}
			return true
		})
	})
	if seen < 10 {
		t.Errorf("only %d tags with a colour found: the check would prove nothing", seen)
	}
}

func TestTagColoursDiffer(t *testing.T) {
	source, err := os.ReadFile("../platform/web/nhsuk/tag_colours.go")
	if err != nil {
		t.Fatal(err)
	}
	colours := regexp.MustCompile(`= +"([a-z-]+)"`).FindAllStringSubmatch(string(source), -1)
	used := map[string]bool{}
	for _, c := range colours {
		if used[c[1]] {
			t.Errorf("%s has two meanings", c[1])
		}
		used[c[1]] = true
	}
	if len(used) < 5 || !strings.Contains(string(source), "TagUnknown") {
		t.Errorf("only %d colours found: the check would prove nothing", len(used))
	}
}
