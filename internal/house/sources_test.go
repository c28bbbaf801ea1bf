package house_test

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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
			file, err := parser.ParseFile(files, filepath.Join(p.Dir, name), nil,
				parser.ParseComments|parser.SkipObjectResolution)
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
		if within(p.path(), "internal/platform") || within(p.path(), "internal/app") || outside(p) {
			return
		}
		for _, path := range chance {
			if importsPath(file, path) {
				t.Errorf("%s/%s imports %s: use platform/random", p.path(), name, path)
			}
		}
		for _, used := range uses(file, machine) {
			t.Errorf("%s/%s asks the machine: %s", p.path(), name, used)
		}
	})
}

// outside reports whether a package is no part of the program: the benchmark looks at it from outside,
// with a clock and a client of its own.
func outside(p pkg) bool { return within(p.path(), "bench") }

// outgoing is how a request is made without platform/fetch, which alone judges addresses.
var outgoing = map[string][]string{
	"net/http": {"Get", "Head", "Post", "PostForm", "DefaultClient", "DefaultTransport", "Client", "Transport"},
	"net":      {"Dial", "DialTimeout", "Dialer"},
}

func TestOtherMachinesAreAskedThroughFetch(t *testing.T) {
	parsed(t, func(p pkg, name string, file *ast.File) {
		if within(p.path(), "internal/platform/fetch") || outside(p) {
			return
		}
		for _, used := range uses(file, outgoing) {
			t.Errorf("%s/%s reaches out by itself: %s", p.path(), name, used)
		}
	})
}

// uses lists which of the given names of packages a file uses, whatever it calls the packages.
func uses(file *ast.File, names map[string][]string) []string {
	called := map[string]string{}
	for _, i := range file.Imports {
		path, err := strconv.Unquote(i.Path.Value)
		if err != nil || names[path] == nil {
			continue
		}
		called[path[strings.LastIndexByte(path, '/')+1:]] = path
		if i.Name != nil {
			called[i.Name.Name] = path
		}
	}
	var found []string
	ast.Inspect(file, func(n ast.Node) bool {
		if use, is := n.(*ast.SelectorExpr); is {
			if from, is := use.X.(*ast.Ident); is && slices.Contains(names[called[from.Name]], use.Sel.Name) {
				found = append(found, called[from.Name]+"."+use.Sel.Name)
			}
		}
		return true
	})
	return found
}

func TestUses(t *testing.T) {
	for source, want := range map[string]string{
		`import "time"; var x = time.Now()`:                                     "time.Now",
		`import late "time"; var x = late.Now`:                                  "time.Now",
		`import "net/http"; func f(c *http.Client) {}; var x = http.StatusOK`:   "net/http.Client",
		`import "time"; var x = time.Hour`:                                      "",
		`import "signpost/internal/platform/clock"; var x = clock.System.Now()`: "",
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\n"+source, 0)
		if err != nil {
			t.Fatal(err)
		}
		found := append(uses(file, machine), uses(file, outgoing)...)
		if got := strings.Join(found, " "); got != want {
			t.Errorf("%s: uses %q, want %q", source, got, want)
		}
	}
}

func TestEveryExportedNameHasASentence(t *testing.T) {
	parsed(t, func(p pkg, name string, file *ast.File) {
		for _, bare := range undocumented(file) {
			t.Errorf("%s/%s: %s has no comment", p.path(), name, bare)
		}
	})
}

// undocumented lists the exported names of a file that no comment tells of. One comment may tell of a
// whole group of values.
func undocumented(file *ast.File) []string {
	var bare []string
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
				bare = append(bare, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				bare = append(bare, undocumentedSpec(spec, d.Doc != nil)...)
			}
		}
	}
	return bare
}

func undocumentedSpec(spec ast.Spec, told bool) []string {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() && !told && s.Doc == nil {
			return []string{s.Name.Name}
		}
	case *ast.ValueSpec:
		if s.Names[0].IsExported() && !told && s.Doc == nil && s.Comment == nil {
			return []string{s.Names[0].Name}
		}
	}
	return nil
}

// exportedReceiver says whether a function is one of the package's own or a method others can see.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	receiver := d.Recv.List[0].Type
	if star, is := receiver.(*ast.StarExpr); is {
		receiver = star.X
	}
	name, is := receiver.(*ast.Ident)
	return !is || name.IsExported()
}

func TestUndocumented(t *testing.T) {
	const source = `package x
// Told is told of.
func Told() {}
func Bare() {}
func (a *Seen) Method() {}
func (a unseen) Method() {}
// Seen is told of.
type Seen int
type Plain int
// These are told of together.
const (
	A = 1
	B = 2
)
const (
	C = 1 // told of
	D = 2
)
`
	file, err := parser.ParseFile(token.NewFileSet(), "x.go", source, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(undocumented(file), " "); got != "Bare Method Plain D" {
		t.Errorf("without a comment: %s", got)
	}
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
	createTable = regexp.MustCompile(`(?i)^\s*CREATE TABLE (?:IF NOT EXISTS )?([a-z_]+)|` +
		`^ALTER TABLE [a-z_]+ RENAME TO ([a-z_]+)`)
	sliceMark = regexp.MustCompile(`^-- slice: ([a-z/]+)`)
	tableUse  = regexp.MustCompile(`(?s)\b(?:FROM|JOIN|INTO|UPDATE)\s+([a-z_]+)\b`)
	lowerCase = regexp.MustCompile(`^\s*(?:select\s.*\sfrom|insert\s+into|delete\s+from|update\s+\w+\s+set)\s`)
)

// owners says which slice owns each table: the one its migration names in a line "-- slice: name" above
// it, or above its new name where it was given one. The ground's tables belong to platform.
func owners(t *testing.T) map[string]string {
	t.Helper()
	owner := map[string]string{}
	for folder, prefix := range schemas {
		for name, text := range migrations(t, folder) {
			ownersIn(t, name, text, prefix, owner)
		}
	}
	for table, slice := range moved {
		if owner[table] == "" || owner[table] == slice {
			t.Errorf("table %s has not moved to %s: mend the list", table, slice)
		}
		owner[table] = slice
	}
	return owner
}

// moved are the tables that another slice has taken over since their migration, which is never edited.
var moved = map[string]string{
	"provider_code":  "internal/careid/provider/code",
	"provider_token": "internal/careid/provider/code",

	"organisation_claim": "internal/dos/belonging",

	"import":        "internal/platform/records",
	"import_stage":  "internal/platform/records",
	"import_change": "internal/platform/records",
}

// schemas are the folders of migrations, and where the slices stand that they name.
var schemas = map[string]string{"../dos/schema": "internal/dos/", "../careid/schema": "internal/careid/", "../platform/db/ground": "internal/"}

// migrations gives the text of each migration in a folder.
func migrations(t *testing.T, folder string) map[string]string {
	t.Helper()
	names, err := fs.Glob(os.DirFS(folder), "*.sql")
	if err != nil || len(names) == 0 {
		t.Fatalf("no migrations in %s: %v", folder, err)
	}
	texts := map[string]string{}
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		texts[name] = string(text)
	}
	return texts
}

// Bookkeeping is marked in the migration that makes the table, so that whoever reads it sees that a
// power cut may take its last rows.
func TestBookkeepingMarksNameTablesBesideThem(t *testing.T) {
	marked := 0
	for folder := range schemas {
		for name, text := range migrations(t, folder) {
			for line := range strings.SplitSeq(text, "\n") {
				list, is := strings.CutPrefix(line, "-- bookkeeping:")
				if !is {
					continue
				}
				for table := range strings.SplitSeq(list, ",") {
					marked++
					if !regexp.MustCompile(`(?m)^CREATE TABLE ` + strings.TrimSpace(table) + ` \(`).MatchString(text) {
						t.Errorf("%s marks %q as bookkeeping, and makes no such table", name, strings.TrimSpace(table))
					}
				}
			}
		}
	}
	if marked == 0 {
		t.Error("no table is marked")
	}
}

func ownersIn(t *testing.T, name, text, prefix string, owner map[string]string) {
	t.Helper()
	slice := ""
	for line := range strings.SplitSeq(text, "\n") {
		if m := sliceMark.FindStringSubmatch(line); m != nil {
			slice = m[1]
		}
		if m := createTable.FindStringSubmatch(line); m != nil {
			table := m[1] + m[2]
			if slice == "" {
				t.Errorf("%s: table %s has no line \"-- slice: name\" above it", name, table)
			}
			if now := cmp.Or(platformOf(slice), prefix+slice); now != moved[table] { // which the other side has it by
				owner[table] = now
			}
		}
	}
}

// platformOf gives where a slice of the platform stands, which one side alone may have a table for; empty for others.
func platformOf(slice string) string {
	if strings.HasPrefix(slice, "platform/") {
		return "internal/" + slice
	}
	return ""
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
			if err != nil {
				return true
			}
			if lowerCase.MatchString(sql) {
				t.Errorf("%s/%s: write SQL in capitals: %s", p.path(), name, sql)
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
