package house_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// pkg is a package of ours as `go list` tells of it.
type pkg struct {
	ImportPath   string
	Dir          string
	GoFiles      []string
	Imports      []string
	TestImports  []string
	XTestImports []string
	Doc          string
}

const ours = "signpost/"

// watch looks at every file there is, so that go test knows what these tests depend on and does not
// answer from its cache after one was changed.
func watch(t *testing.T) {
	t.Helper()
	for _, tree := range []string{"../../internal", "../../cmd", "../../bench"} {
		err := filepath.WalkDir(tree, func(path string, _ fs.DirEntry, err error) error {
			if err == nil {
				_, err = os.Stat(path)
			}
			if errors.Is(err, fs.ErrNotExist) {
				return nil // it went while we looked
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// packages lists our packages.
func packages(t *testing.T) []pkg {
	t.Helper()
	watch(t)
	all, err := list()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	if len(all) < 20 {
		t.Fatalf("only %d packages found: the check would prove nothing", len(all))
	}
	return all
}

// list asks the go command once.
var list = sync.OnceValues(func() ([]pkg, error) {
	out, err := exec.CommandContext(context.Background(), "go", "list",
		"-json=ImportPath,Dir,GoFiles,Imports,TestImports,XTestImports,Doc", "signpost/...").Output()
	if err != nil {
		return nil, err
	}
	var all []pkg
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
})

func (p pkg) path() string { return strings.TrimPrefix(p.ImportPath, ours) }

// oursIn leaves the imports of our own packages.
func oursIn(imports []string) []string {
	var list []string
	for _, i := range imports {
		if path, is := strings.CutPrefix(i, ours); is {
			list = append(list, path)
		}
	}
	return list
}

// The rooms of each side, from the top floor down, as docs/design.md lists them. A package imports only
// what stands below it on its side.
var floors = map[string][]string{
	"dos": {
		"dostest", "site", "api", "explain", "rollout", "report", "drift", "ticket", "shared", "request", "merge",
		"linking", "banner", "mailing", "review", "belonging", "administration", "breakglass", "guardrail", "outcome", "signin", "wave", "standing", "extract",
		"search",
		"directory", "alias", "deciding", "account", "schema",
	},
	"careid": {
		"careidtest", "console", "login", "extract", "report", "telling", "esr", "importing", "queue", "apply", "registration", "request", "population", "provider",
		"authenticator", "carddoor", "metadata", "hosting", "access", "organisation", "identity", "change", "schema",
	},
}

// Rooms that have floors of their own, from the top down; "" is the room itself, without the folders in it. A
// package there imports only what stands below it.
var floorsWithin = map[string][]string{
	"internal/careid/provider": {"", "endpoint", "session", "standing", "code", "request", "backchannel", "key", "client", "team", "naming", "claim"},
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
		for _, to := range oursIn(p.Imports) {
			if why := forbidden(p.path(), to); why != "" {
				t.Errorf("%s imports %s: %s", p.path(), to, why)
			}
		}
	}
}

// A test may look up from its room, to see what becomes of what is made there. It never looks across to
// the other side, and those of the shared ground look at neither.
func TestTestsKeepToTheirSide(t *testing.T) {
	seen := 0
	for _, p := range packages(t) {
		from, _ := side(p.path())
		for _, to := range oursIn(append(p.TestImports, p.XTestImports...)) {
			seen++
			other, _ := side(to)
			shared := within(p.path(), "internal/platform") || within(p.path(), "internal/national")
			if other != "" && (shared || from != "" && from != other) {
				t.Errorf("a test of %s imports %s", p.path(), to)
			}
		}
	}
	if seen < 50 {
		t.Errorf("only %d imports of tests found: the check would prove nothing", seen)
	}
}

// What is decided in national is decided from what is given: it can reach nothing.
func TestNationalReachesNothing(t *testing.T) {
	harmless := []string{
		"bytes", "cmp", "encoding/json", "errors", "fmt", "maps", "math", "regexp", "slices", "sort", "strconv", "strings", "time",
		"unicode", "unicode/utf8", "github.com/go-jose/go-jose/v4/json",
	}
	seen := 0
	for _, p := range packages(t) {
		if !within(p.path(), "internal/national") {
			continue
		}
		for _, to := range p.Imports {
			seen++
			if !strings.HasPrefix(to, ours) && !slices.Contains(harmless, to) {
				t.Errorf("%s imports %s", p.path(), to)
			}
		}
	}
	if seen == 0 {
		t.Error("nothing was looked at")
	}
}

// What is bought stands behind one room each: the engines behind platform/db, the queue behind
// platform/job, chance behind platform/random.
func TestWhatIsBoughtStandsBehindOneRoom(t *testing.T) {
	rooms := map[string][]string{
		"database/sql":                {"internal/platform/db", "internal/platform/job"},
		"github.com/jackc/pgx":        {"internal/platform/db", "internal/platform/job"},
		"modernc.org/sqlite":          {"internal/platform/db"},
		"github.com/pressly/goose":    {"internal/platform/db"},
		"github.com/riverqueue/river": {"internal/platform/job"},
		"github.com/google/uuid":      {"internal/platform/random"},
	}
	found := map[string]bool{}
	for _, p := range packages(t) {
		if outside(p) {
			continue
		}
		for _, to := range p.Imports {
			for bought, allowed := range rooms {
				if !within(to, bought) {
					continue
				}
				found[bought] = true
				if !slices.ContainsFunc(allowed, func(room string) bool { return within(p.path(), room) }) {
					t.Errorf("%s imports %s", p.path(), to)
				}
			}
		}
	}
	if len(found) != len(rooms) {
		t.Errorf("of %d libraries only %v are used: mend the list", len(rooms), found)
	}
}

// knowsCIS2 reports whether from is one of the rooms of the shared ground that are about CIS2 itself, and to
// tells of it.
func knowsCIS2(from, to string) bool {
	rooms := []string{"internal/platform/portal", "internal/platform/relying/issuer"}
	return slices.Contains(rooms, from) && (to == "internal/national/cis2" || to == "internal/national/authn")
}

// forTests says whether a package is there for tests alone.
func forTests(path string) bool { return strings.HasSuffix(path, "test") }

// forbidden says why from may not import to, or nothing.
func forbidden(from, to string) string {
	fromSide, fromRoom := side(from)
	toSide, toRoom := side(to)
	switch {
	case forTests(to) && !forTests(from):
		return "only tests use it"
	case within(from, "internal/national") && !within(to, "internal/national"):
		return "national is pure"
	case within(from, "internal/platform") && !within(to, "internal/platform") && !knowsCIS2(from, to):
		return "platform knows neither side"
	case fromSide != "" && toSide != "" && fromSide != toSide:
		return "the sides meet over OpenID Connect and the extract only"
	case acrossFolders(from, to):
		return "a folder of pages or of commands imports no other: what they share is in frame or in cli"
	case fromSide != "" && fromSide == toSide && fromRoom != toRoom:
		return upward(floors[fromSide], fromRoom, toRoom)
	case fromSide != "" && fromSide == toSide:
		return upwardWithin("internal/"+fromSide+"/"+fromRoom, from, to)
	case within(from, "cmd") && !within(to, "internal/command"):
		return "what is run is the command line"
	}
	for room, above := range importers {
		if within(to, room) && !within(from, room) && !slices.ContainsFunc(above, func(a string) bool {
			return within(from, a)
		}) {
			return "only these import " + room + ": " + strings.Join(above, ", ")
		}
	}
	return ""
}

// The places whose folders import none of each other, and the folders there that the others share: the pages of a
// site, and the commands.
var apart = map[string][]string{
	"internal/command":        {"cli"},
	"internal/dos/site":       {"frame", "frame/attach", "advice"},
	"internal/careid/console": {"frame"},
	"internal/careid/login":   {"frame", "static", "step", "words"},
}

// acrossFolders says whether a folder imports another of the same place, other than what they share.
func acrossFolders(from, to string) bool {
	for place, shared := range apart {
		f, isThere := strings.CutPrefix(from, place+"/")
		t, isThereToo := strings.CutPrefix(to, place+"/")
		if isThere && isThereToo && f != t && !slices.Contains(shared, t) {
			return true
		}
	}
	return false
}

// importers are the only ones who import the rooms above both sides.
var importers = map[string][]string{
	"internal/command": {"cmd"},
	"internal/app":     {"internal/command", "internal/doctor"},
	"internal/config":  {"internal/command", "internal/app", "internal/doctor"},
	"internal/doctor":  {"internal/command"},
	"internal/demo":    {"internal/command", "internal/app"},
	"internal/double":  {"internal/command"},
	"internal/checkrp": {"internal/command"},
}

// upwardWithin says why a package may not import another of the same room, or nothing.
func upwardWithin(room, from, to string) string {
	order := floorsWithin[room]
	fromFolder := folder(room, from)
	toFolder := folder(room, to)
	if order == nil || fromFolder == toFolder {
		return ""
	}
	return upward(order, fromFolder, toFolder)
}

// folder is the folder of a room that a package stands in, or nothing.
func folder(room, path string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(path, room), "/"), "/")
	return name
}

func upward(order []string, from, to string) string {
	f := slices.Index(order, from)
	t := slices.Index(order, to)
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
		{"internal/careid/careidtest", "internal/careid/population", true},
		{"internal/careid/careidtest", "internal/platform/worldtest", true},
		{"internal/careid/console", "internal/careid/careidtest", false},
		{"internal/dos/dostest", "internal/careid/careidtest", false},
		{"internal/demo", "internal/platform/jwt/jwttest", false},
		{"internal/dos/site/entry", "internal/dos/site/frame", true},
		{"internal/dos/site/linking", "internal/dos/site/entry", false},
		{"internal/dos/site/frame", "internal/dos/site/entry", false},
		{"internal/dos/site", "internal/dos/site/entry", true},
		{"internal/careid/login/totp", "internal/careid/login/step", true},
		{"internal/careid/login/totp", "internal/careid/login/bind", false},
		{"internal/dos/signin", "internal/dos/site/frame", false},
		{"internal/dos/linking", "internal/dos/signin", true},
		{"internal/dos/signin", "internal/dos/linking", false},
		{"internal/dos/wave", "internal/dos/signin", false},
		{"internal/dos/signin", "internal/careid/identity", false},
		{"internal/careid/provider", "internal/careid/authenticator", true},
		{"internal/careid/authenticator/totp", "internal/careid/provider", false},
		{"internal/careid/provider", "internal/careid/provider/endpoint", true},
		{"internal/careid/provider/endpoint", "internal/careid/provider/code", true},
		{"internal/careid/provider/code", "internal/careid/provider/session", false},
		{"internal/careid/provider/session", "internal/careid/provider", false},
		{"internal/careid/provider/newroom", "internal/careid/provider/claim", false},
		{"internal/platform/web", "internal/dos/account", false},
		{"internal/platform/web", "internal/national/authn", false},
		{"internal/platform/relying", "internal/national/cis2", false},
		{"internal/platform/portal", "internal/national/cis2", true},
		{"internal/national/path", "internal/platform/fault", false},
		{"internal/demo", "internal/careid/identity", true},
		{"internal/dos/account", "internal/demo", false},
		{"internal/app", "internal/demo", true},
		{"internal/app", "internal/double", false},
		{"internal/app", "internal/command", false},
		{"internal/app", "internal/config", true},
		{"internal/config", "internal/app", false},
		{"internal/careid/login", "internal/config", false},
		{"internal/command", "internal/double", true},
		{"internal/command/admin", "internal/command/cli", true},
		{"internal/command/admin", "internal/command/imports", false},
		{"internal/command/cli", "internal/command/admin", false},
		{"internal/command/cli", "internal/app", true},
		{"internal/checkrp", "internal/command/cli", false},
		{"cmd/signpost", "internal/command", true},
		{"cmd/signpost", "internal/app", false},
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
