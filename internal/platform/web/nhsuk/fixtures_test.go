package nhsuk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"
)

// A fixture is one case of nhsuk-frontend's own: the options of a macro and the
// HTML that it makes of them.
type fixture struct {
	Name      string         `json:"name"`
	Context   map[string]any `json:"context"`
	CallBlock string         `json:"callBlock"`
	HTML      string         `json:"html"`
}

// TestFixtures holds every component to nhsuk-frontend's fixtures. TEST_NHSUK
// names the folder of the installed package.
func TestFixtures(t *testing.T) {
	root := os.Getenv("TEST_NHSUK")
	if root == "" {
		t.Log("nhsuk-frontend's fixtures are read under make test, which sets TEST_NHSUK; without it TestHTML stands " +
			"alone")
		return
	}
	total := 0
	matched := 0
	for _, c := range ported {
		t.Run(c.folder, func(t *testing.T) {
			n, m := c.check(t, readFixtures(t, root, c.folder))
			total += n
			matched += m
		})
	}
	t.Logf("all: matched %d of %d, left out %d", matched, total, total-matched)
}

// TestEveryComponentIsPortedOrListed notices components that a new version of nhsuk-frontend brings.
func TestEveryComponentIsPortedOrListed(t *testing.T) {
	root := os.Getenv("TEST_NHSUK")
	if root == "" {
		t.Log("nhsuk-frontend's components are listed under make test, which sets TEST_NHSUK")
		return
	}
	left := map[string]bool{}
	for folder := range notPorted {
		left[folder] = true
	}
	for _, c := range ported {
		if left[c.folder] {
			t.Errorf("%s is ported, and listed as not ported", c.folder)
		}
		left[c.folder] = true
	}
	found, err := filepath.Glob(filepath.Join(root, "dist", "nhsuk", "components", "*", "fixtures.json"))
	if err != nil || len(found) == 0 {
		t.Fatalf("TEST_NHSUK is set, but no components are there: %v", err)
	}
	for _, path := range found {
		folder := filepath.Base(filepath.Dir(path))
		if !left[folder] {
			t.Errorf("%s is neither ported nor listed with a reason", folder)
		}
		delete(left, folder)
	}
	for folder := range left {
		t.Errorf("nhsuk-frontend has no %s", folder)
	}
}

func readFixtures(t *testing.T, root, folder string) []fixture {
	t.Helper()
	path := filepath.Join(root, "dist", "nhsuk", "components", folder, "fixtures.json")
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("TEST_NHSUK is set, but there is no %s", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Fixtures []fixture }
	if err := json.Unmarshal(content, &file); err != nil {
		t.Fatalf("read %s: %v", path, err)
	}
	return file.Fixtures
}

// check compares each fixture, and holds the list of what is left out to the
// truth: whatever is not listed must match, and whatever is listed must not.
func (c port) check(t *testing.T, fixtures []fixture) (total, matched int) {
	used := map[string]int{}
	skipped := 0
	for _, f := range fixtures {
		got, err := c.render(f)
		difference := ""
		if err == nil {
			difference = cmp.Diff(normalised(t, f.HTML), normalised(t, got))
		}
		reason := c.excuse(f, err)
		switch {
		case err == nil && difference == "" && reason == "":
			matched++
		case err == nil && difference == "":
			t.Errorf("%q is listed as left out (%s), but matches", f.Name, reason)
		case reason != "":
			used[reason]++
			skipped++
		case err != nil:
			t.Errorf("%q: option %v is neither supported nor listed", f.Name, err)
		default:
			t.Errorf("%q differs (-nhsuk-frontend +ours):\n%s\noptions: %v", f.Name, difference, f.Context)
		}
	}
	for listed := range c.leftOut {
		if used[listed] == 0 {
			t.Errorf("%q is listed as left out, but no fixture needs it", listed)
		}
	}
	if len(fixtures) == 0 || matched+skipped != len(fixtures) {
		t.Errorf("matched %d and left out %d of %d fixtures", matched, skipped, len(fixtures))
	}
	t.Logf("matched %d of %d, left out %d: %s", matched, len(fixtures), skipped, c.reasons(used))
	return len(fixtures), matched
}

// excuse gives the entry of the list that a fixture falls under: the option we
// have no field for, or the fixture's name.
func (c port) excuse(f fixture, err error) string {
	var option leftOut
	if errors.As(err, &option) {
		if _, listed := c.leftOut[string(option)]; listed {
			return string(option)
		}
	}
	if _, listed := c.leftOut[f.Name]; listed {
		return f.Name
	}
	return ""
}

func (c port) reasons(used map[string]int) string {
	var all []string
	for entry, n := range used {
		all = append(all, fmt.Sprintf("%d× %s (%s)", n, entry, c.leftOut[entry]))
	}
	return strings.Join(all, "; ")
}

// render makes our HTML of a fixture's options. Content that a macro takes as
// html or from its caller is children here, unless there is a field for it.
func (c port) render(f fixture) (string, error) {
	options := map[string]any{}
	for name, value := range f.Context {
		options[name] = value
	}
	if f.CallBlock != "" {
		options["html"] = f.CallBlock
	}
	if c.adapt != nil {
		c.adapt(options)
	}
	component := reflect.ValueOf(c.component)
	params := reflect.New(component.Type().In(0)).Elem()
	ctx := context.Background()
	if html, is := options["html"].(string); is && !fieldNamed(params, "HTML").IsValid() && c.children {
		ctx = templ.WithChildren(ctx, templ.Raw(html))
		delete(options, "html")
	}
	if err := decodeStruct(options, params); err != nil {
		return "", err
	}
	var out strings.Builder
	err := component.Call([]reflect.Value{params})[0].Interface().(templ.Component).Render(ctx, &out)
	return out.String(), err
}
