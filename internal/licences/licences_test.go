package licences_test

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"signpost/internal/licences"
)

var (
	heading  = regexp.MustCompile(`(?m)^== (\S+ \S+)$`)
	goLine   = regexp.MustCompile(`(?m)^go (\S+)$`)
	frontend = regexp.MustCompile(`"nhsuk-frontend": "([^"]+)"`)
)

// modules lists what the program is built from, with the version of each.
func modules(t *testing.T) []string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-tags", "hsm", "-deps", "-f",
		"{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}", "signpost/cmd/signpost")
	list.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=1")
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	found := strings.Split(strings.TrimSpace(string(out)), "\n")
	found = slices.DeleteFunc(found, func(line string) bool { return line == "" })
	slices.Sort(found)
	found = slices.Compact(found)
	if len(found) < 30 {
		t.Fatalf("only %d modules: the check would prove nothing", len(found))
	}
	return append(found, "Go "+first(t, "../../go.mod", goLine),
		"nhsuk-frontend "+first(t, "../../package.json", frontend))
}

func first(t *testing.T, path string, what *regexp.Regexp) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return what.FindStringSubmatch(string(text))[1]
}

// Whatever the program is built from has its notices in it, at its version, and nothing else has.
func TestEveryModuleIsListed(t *testing.T) {
	want := modules(t)
	var got []string
	for _, m := range heading.FindAllStringSubmatch(licences.ThirdParty, -1) {
		got = append(got, m[1])
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("run make licences: it lists\n%s\nand should list\n%s", strings.Join(got, "\n"),
			strings.Join(want, "\n"))
	}
	for _, part := range strings.Split(licences.ThirdParty, "\n== ") {
		if len(part) < 500 || !strings.Contains(strings.ToLower(part), "copyright") {
			t.Errorf("this is no notice: %.100s", part)
		}
	}
}
