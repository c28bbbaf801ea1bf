package house_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
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
