package house_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// parsed calls look for each of our Go files that is not a test or generated.
func parsed(t *testing.T, look func(p pkg, name string, file *ast.File)) {
	t.Helper()
	files := token.NewFileSet()
	n := 0
	for _, p := range packages(t) {
		for _, name := range p.GoFiles {
			if strings.HasSuffix(name, "_templ.go") {
				continue
			}
			file, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			look(p, name, file)
			n++
		}
	}
	if n < 50 {
		t.Fatalf("only %d files looked at: the check would prove nothing", n)
	}
}

// What only platform, and app that wires it, may ask the machine for.
var machine = map[string][]string{
	"time": {"Now", "Since", "Until", "After", "Tick", "NewTimer", "NewTicker", "AfterFunc", "Sleep"},
	"os":   {"Getenv", "LookupEnv", "Environ"},
}

var chance = []string{"crypto/rand", "math/rand", "math/rand/v2"}

func TestClockChanceAndConfigurationComeFromBelow(t *testing.T) {
	parsed(t, func(p pkg, name string, file *ast.File) {
		if within(p.path(), "internal/platform") || within(p.path(), "internal/app") {
			return
		}
		for _, path := range chance {
			if importsPath(file, path) {
				t.Errorf("%s/%s imports %s: use platform/random", p.path(), name, path)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if from, ok := call.X.(*ast.Ident); ok && from.Obj == nil {
				for _, banned := range machine[from.Name] {
					if call.Sel.Name == banned {
						t.Errorf("%s/%s asks the machine: %s.%s", p.path(), name, from.Name, banned)
					}
				}
			}
			return true
		})
	})
}

func importsPath(file *ast.File, path string) bool {
	for _, i := range file.Imports {
		if i.Path.Value == strconv.Quote(path) {
			return true
		}
	}
	return false
}

var (
	createTable = regexp.MustCompile(`(?i)^\s*CREATE TABLE (?:IF NOT EXISTS )?([a-z_]+)`)
	sliceMark   = regexp.MustCompile(`^-- slice: ([a-z/]+)`)
	tableUse    = regexp.MustCompile(`(?is)\b(?:FROM|JOIN|INTO|UPDATE)\s+([a-z_]+)\b`)
	statement   = regexp.MustCompile(`(?s)^\s*(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH)\s`)
)

// owners says which slice owns each table: the one its migration names in a line "-- slice: name" above
// it. The ground's tables belong to platform.
func owners(t *testing.T) map[string]string {
	t.Helper()
	owner := map[string]string{}
	for folder, prefix := range map[string]string{"../dos/schema": "internal/dos/", "../careid/schema": "internal/careid/", "../platform/db/ground": "internal/"} {
		names, err := fs.Glob(os.DirFS(folder), "*.sql")
		if err != nil || len(names) == 0 {
			t.Fatalf("no migrations in %s: %v", folder, err)
		}
		for _, name := range names {
			text, err := os.ReadFile(filepath.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			ownersIn(t, name, string(text), prefix, owner)
		}
	}
	return owner
}

func ownersIn(t *testing.T, name, text, prefix string, owner map[string]string) {
	t.Helper()
	slice := ""
	for line := range strings.SplitSeq(text, "\n") {
		if m := sliceMark.FindStringSubmatch(line); m != nil {
			slice = m[1]
		}
		if m := createTable.FindStringSubmatch(line); m != nil {
			if slice == "" {
				t.Errorf("%s: table %s has no line \"-- slice: name\" above it", name, m[1])
			}
			owner[m[1]] = prefix + slice
		}
	}
}

func TestSQLStandsInTheSliceThatOwnsTheTable(t *testing.T) {
	owner := owners(t)
	statements := 0
	parsed(t, func(p pkg, name string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			text, ok := n.(*ast.BasicLit)
			if !ok || text.Kind != token.STRING {
				return true
			}
			sql, err := strconv.Unquote(text.Value)
			if err != nil || !statement.MatchString(sql) {
				return true
			}
			for _, m := range tableUse.FindAllStringSubmatch(sql, -1) {
				table := strings.ToLower(m[1])
				if owner[table] == "" {
					continue // a word after FROM that is no table of ours
				}
				statements++
				if !mayTouch(p.path(), owner[table]) {
					t.Errorf("%s/%s touches table %s, which belongs to %s", p.path(), name, table, owner[table])
				}
			}
			return true
		})
	})
	if statements < 20 {
		t.Errorf("only %d uses of tables found: the check would prove nothing", statements)
	}
}

// mayTouch says whether a package may name a table of the owner: it is the owner, or a report of its side.
func mayTouch(path, owner string) bool {
	s, room := side(path)
	return within(path, owner) || (room == "report" && within(owner, "internal/"+s))
}
