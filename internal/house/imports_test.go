package house_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// pkg is a package of ours as `go list` tells of it.
type pkg struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
	Doc        string
}

const ours = "signpost/"

func packages(t *testing.T) []pkg {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Dir,GoFiles,Imports,Doc", "signpost/...")
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []pkg
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("read go list: %v", err)
		}
		all = append(all, p)
	}
	if len(all) < 20 {
		t.Fatalf("only %d packages found: the check would prove nothing", len(all))
	}
	return all
}

func (p pkg) path() string { return strings.TrimPrefix(p.ImportPath, ours) }

func (p pkg) oursImported() []string {
	var list []string
	for _, i := range p.Imports {
		if strings.HasPrefix(i, ours) {
			list = append(list, strings.TrimPrefix(i, ours))
		}
	}
	return list
}

// The rooms of each side, from the top floor down, as docs/design.md lists them. A package imports only
// what stands below it on its side.
var floors = map[string][]string{
	"dos":    {"site", "api", "report", "rollout", "signin", "ticket", "search", "directory", "account", "schema"},
	"careid": {"console", "login", "extract", "report", "esr", "apply", "registration", "provider", "authenticator", "access", "organisation", "identity", "schema"},
}

// side gives the side a package is on and its room there.
func side(path string) (name, room string) {
	parts := strings.Split(path, "/")
	if len(parts) < 2 || parts[0] != "internal" || floors[parts[1]] == nil {
		return "", ""
	}
	if len(parts) == 2 {
		return parts[1], ""
	}
	return parts[1], parts[2]
}

func within(path, folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }

func TestImportsKeepTheHouse(t *testing.T) {
	for _, p := range packages(t) {
		for _, to := range p.oursImported() {
			if why := forbidden(p.path(), to); why != "" {
				t.Errorf("%s imports %s: %s", p.path(), to, why)
			}
		}
	}
}

// forbidden says why from may not import to, or nothing.
func forbidden(from, to string) string {
	fromSide, fromRoom := side(from)
	toSide, toRoom := side(to)
	switch {
	case within(from, "internal/national") && !within(to, "internal/national"):
		return "national is pure"
	case within(from, "internal/platform") && !within(to, "internal/platform"):
		return "platform knows neither side"
	case fromSide != "" && toSide != "" && fromSide != toSide:
		return "the sides meet over OpenID Connect and the extract only"
	case fromSide != "" && fromSide == toSide && fromRoom != toRoom:
		return upward(fromSide, fromRoom, toRoom)
	case fromSide != "" && within(to, "internal/app"), within(from, "cmd") && !within(to, "internal/app"):
		return "app is the top"
	}
	for _, top := range []string{"internal/demo", "internal/double", "internal/checkrp"} {
		if within(to, top) && !within(from, top) && !within(from, "internal/app") {
			return "only app imports " + top
		}
	}
	return ""
}

func upward(side, from, to string) string {
	order := floors[side]
	f, t := slices.Index(order, from), slices.Index(order, to)
	switch {
	case f < 0:
		return "room " + from + " has no floor: add it to docs/design.md and here"
	case t < 0:
		return "room " + to + " has no floor: add it to docs/design.md and here"
	case f >= t:
		return to + " stands above " + from
	}
	return ""
}

func TestForbidden(t *testing.T) {
	for _, tt := range []struct {
		from, to string
		allowed  bool
	}{
		{"internal/dos/site/entry", "internal/dos/signin", true},
		{"internal/dos/site/entry", "internal/dos/site/frame", true},
		{"internal/dos/signin", "internal/dos/site/frame", false},
		{"internal/dos/signin", "internal/careid/identity", false},
		{"internal/careid/provider", "internal/careid/authenticator", true},
		{"internal/careid/authenticator/totp", "internal/careid/provider", false},
		{"internal/platform/web", "internal/dos/account", false},
		{"internal/platform/web", "internal/national/authn", false},
		{"internal/national/path", "internal/platform/fault", false},
		{"internal/demo", "internal/careid/identity", true},
		{"internal/dos/account", "internal/demo", false},
		{"internal/app", "internal/demo", true},
		{"cmd/signpost", "internal/app", true},
		{"cmd/signpost", "internal/dos/account", false},
		{"internal/dos/newroom", "internal/dos/account", false},
	} {
		if why := forbidden(tt.from, tt.to); (why == "") != tt.allowed {
			t.Errorf("%s → %s: %q, want allowed %v", tt.from, tt.to, why, tt.allowed)
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for _, p := range packages(t) {
		if len(p.GoFiles) > 0 && p.Doc == "" {
			t.Errorf("%s has no package comment", p.path())
		}
	}
}
