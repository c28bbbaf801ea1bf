package house_test

import (
	"go/ast"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// byHand is a form, or an input of one, that a page writes itself.
var byHand = regexp.MustCompile(`<form\b|<(input|textarea|select)\b|@nhsuk\.(Input|Textarea|Select|Radios|Checkboxes|PasswordInput|DateInput)\(`)

// A page's forms are values of platform/web/form, which know for whom they were rendered and can be held.
// The answer that a sign-in posts to another service's address is no form of ours.
func TestPagesWriteNoFormsByHand(t *testing.T) {
	allowed := []string{"internal/platform/web", "internal/careid/login/frame/frame.templ"}
	seen := 0
	err := filepath.WalkDir("../../internal", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".templ" {
			return err
		}
		seen++
		name := strings.TrimPrefix(filepath.ToSlash(path), "../../")
		for _, place := range allowed {
			if within(name, place) {
				return nil
			}
		}
		text, err := os.ReadFile(path)
		for n, line := range strings.Split(string(text), "\n") {
			if byHand.MatchString(line) {
				t.Errorf("%s:%d: make this a field of a form.Form: %s", name, n+1, strings.TrimSpace(line))
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 20 {
		t.Errorf("only %d templates were looked at", seen)
	}
}

// rawForms are the names by which a request's form is read without saying which form it is.
var rawForms = []string{"PostForm", "PostFormValue", "FormValue", "ParseForm", "ParseMultipartForm", "MultipartForm"}

// mayReadRaw lists who may read them: what all forms are read with, and what programs call.
var mayReadRaw = []string{
	"internal/platform/web/form", "internal/platform/web/sealed.go", "internal/platform/held/held.go",
	"internal/careid/provider/request/parameters.go", "internal/platform/portal/logout.go",
	"internal/platform/relying/issuer", "internal/careid/careidtest/logintest",
}

func TestFormsAreReadAsTheyAreDeclared(t *testing.T) {
	used := map[string]bool{}
	parsed(t, func(p pkg, name string, file *ast.File) {
		if outside(p) {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			selected, is := n.(*ast.SelectorExpr)
			if !is || !slices.Contains(rawForms, selected.Sel.Name) {
				return true
			}
			at := p.path() + "/" + name
			allowed := slices.IndexFunc(mayReadRaw, func(place string) bool {
				return at == place || within(p.path(), place)
			})
			if allowed < 0 {
				t.Errorf("%s uses %s: declare the form and Read it", at, selected.Sel.Name)
				return true
			}
			used[mayReadRaw[allowed]] = true
			return true
		})
	})
	for _, place := range mayReadRaw {
		if !used[place] {
			t.Errorf("%s reads no form any more: take it off the list", place)
		}
	}
}
