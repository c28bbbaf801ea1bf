package house_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"
)

// Sizes that a stranger can still take in.
const (
	maxColumns = 120 // a tab counts four
	maxFiles   = 15  // of a package, its tests and what is generated apart
	maxLines   = 3000
	maxLong    = 400 // lines of a file
)

// source is one of our Go files, as its author wrote it.
type source struct {
	p    pkg
	name string
	text []byte
	at   *token.FileSet
	file *ast.File
}

func (s source) test() bool { return strings.HasSuffix(s.name, "_test.go") }

// written gives each Go file of ours that is not generated, tests too.
func written(t *testing.T) []source {
	t.Helper()
	watch(t)
	all, err := readSources()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 400 {
		t.Fatalf("only %d files looked at: the check would prove nothing", len(all))
	}
	return all
}

// readSources reads them once.
var readSources = sync.OnceValues(func() (all []source, err error) {
	packages, err := list()
	if err != nil {
		return nil, err
	}
	for _, p := range packages {
		names, err := filepath.Glob(filepath.Join(p.Dir, "*.go"))
		if err != nil {
			return nil, err
		}
		for _, path := range names {
			s, err := readSource(p, path)
			if err != nil {
				return nil, err
			}
			if !ast.IsGenerated(s.file) {
				all = append(all, s)
			}
		}
	}
	return all, nil
})

func readSource(p pkg, path string) (source, error) {
	text, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return source{}, err
	}
	s := source{p: p, name: filepath.Base(path), text: text, at: token.NewFileSet()}
	s.file, err = parser.ParseFile(s.at, path, text, parser.ParseComments|parser.SkipObjectResolution)
	return s, err
}

func TestLinesAreNotTooLong(t *testing.T) {
	for _, s := range written(t) {
		for _, line := range s.longLines() {
			t.Errorf("%s: at most %d are allowed", line, maxColumns)
		}
	}
}

func TestFilesAreNotTooLong(t *testing.T) {
	for _, s := range written(t) {
		if n := bytes.Count(s.text, []byte("\n")); n > maxLong {
			t.Errorf("%s/%s has %d lines: at most %d are allowed", s.p.path(), s.name, n, maxLong)
		}
	}
	templates(t, func(name, source string) {
		if n := strings.Count(source, "\n"); n > maxLong {
			t.Errorf("%s has %d lines: at most %d are allowed", name, n, maxLong)
		}
	})
}

func TestFilesAreFormatted(t *testing.T) {
	for _, s := range written(t) {
		formatted, err := format.Source(s.text)
		if err != nil || !bytes.Equal(formatted, s.text) {
			t.Errorf("%s/%s is not as gofmt writes it: run gofmt -w (%v)", s.p.path(), s.name, err)
		}
	}
}

// Imports stand in groups, with empty lines between them. Ours stand with none of the standard library, whose names
// have no dot.
func TestImportsStandInGroups(t *testing.T) {
	for _, s := range written(t) {
		for _, path := range s.mixedImports() {
			t.Errorf("%s/%s imports %s among packages of the standard library", s.p.path(), s.name, path)
		}
	}
}

// mixedImports lists the packages of ours that stand in one group with a package of the standard library.
func (s source) mixedImports() (mixed []string) {
	var found []string
	standard := false
	before := 0
	endGroup := func() {
		if standard {
			mixed = append(mixed, found...)
		}
		found = nil
		standard = false
	}
	for _, one := range s.file.Imports {
		line := s.at.Position(one.Pos()).Line
		if line > before+1 {
			endGroup()
		}
		before = line
		path := strings.Trim(one.Path.Value, `"`)
		if strings.HasPrefix(path, ours) {
			found = append(found, path)
		} else if first, _, _ := strings.Cut(path, "/"); !strings.Contains(first, ".") {
			standard = true
		}
	}
	endGroup()
	return mixed
}

func TestLinesOfTemplatesAreNotTooLong(t *testing.T) {
	templates(t, func(name, source string) {
		for i, line := range strings.Split(source, "\n") {
			if n := columns([]byte(line)); n > maxColumns {
				t.Errorf("%s:%d has %d columns: at most %d are allowed", name, i+1, n, maxColumns)
			}
		}
	})
}

// columns counts how many a line takes.
func columns(line []byte) int { return utf8.RuneCount(line) + 3*bytes.Count(line, []byte("\t")) }

// longLines lists the lines that are too long. A struct's tags cannot be broken; in a test the rows of tables
// may be long, and so may a text that a test is about.
func (s source) longLines() []string {
	apart := map[int]bool{}
	ast.Inspect(s.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Field:
			if n.Tag != nil {
				apart[s.at.Position(n.Tag.Pos()).Line] = true
			}
		case *ast.BasicLit:
			if s.test() && len(n.Value) > maxColumns/2 {
				apart[s.at.Position(n.Pos()).Line] = true
			}
		case *ast.CompositeLit:
			if s.test() {
				for line := s.at.Position(n.Lbrace).Line; line <= s.at.Position(n.Rbrace).Line; line++ {
					apart[line] = true
				}
			}
		}
		return true
	})
	var long []string
	for i, line := range bytes.Split(s.text, []byte("\n")) {
		if n := columns(line); n > maxColumns && !apart[i+1] {
			long = append(long, fmt.Sprintf("%s/%s:%d has %d columns", s.p.path(), s.name, i+1, n))
		}
	}
	return long
}

func TestLimitsAreCalledMaxAndMin(t *testing.T) {
	for _, s := range written(t) {
		for name, at := range declared(s.file) {
			if badName(name) {
				line := s.at.Position(at).Line
				t.Errorf("%s/%s:%d: begin the name %s with max or min", s.p.path(), s.name, line, name)
			}
		}
	}
}

// badName says whether a name begins with the word most or least.
func badName(name string) bool {
	for _, word := range []string{"most", "least", "Most", "Least"} {
		rest, begins := strings.CutPrefix(name, word)
		if r, _ := utf8.DecodeRuneInString(rest); begins && (rest == "" || !unicode.IsLower(r)) {
			return true
		}
	}
	return false
}

// declared gives the names that a file declares, each with one place where it does.
func declared(file *ast.File) map[string]token.Pos {
	names := map[string]token.Pos{}
	add := func(list ...*ast.Ident) {
		for _, n := range list {
			names[n.Name] = n.Pos()
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			add(n.Name)
		case *ast.TypeSpec:
			add(n.Name)
		case *ast.ValueSpec:
			add(n.Names...)
		case *ast.Field:
			add(n.Names...)
		case *ast.AssignStmt:
			for _, left := range n.Lhs {
				if name, is := left.(*ast.Ident); is && n.Tok == token.DEFINE {
					add(name)
				}
			}
		}
		return true
	})
	return names
}

func TestBadName(t *testing.T) {
	for name, want := range map[string]bool{
		"mostWrong": true, "Least": true, "LeastIdentity": true, "most": true, "mostly": false, "almost": false, "leased": false, "maxWrong": false,
	} {
		if badName(name) != want {
			t.Errorf("badName(%q) = %v", name, !want)
		}
	}
}

func TestNoPackageOutgrowsAReader(t *testing.T) {
	files := map[string]int{}
	lines := map[string]int{}
	for _, s := range written(t) {
		if !s.test() {
			files[s.p.path()]++
			lines[s.p.path()] += bytes.Count(s.text, []byte("\n"))
		}
	}
	for path, n := range files {
		if n > maxFiles || lines[path] > maxLines {
			t.Errorf("%s has %d files and %d lines: it is asking to be two", path, n, lines[path])
		}
	}
}
