package house_test

import (
	"context"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const auditPath = ours + "internal/platform/audit"

// compiled says where the compiler keeps what it knows of each package that ours need.
var compiled = sync.OnceValues(func() (map[string]string, error) {
	command := exec.CommandContext(context.Background(), "go", "list", "-export", "-deps", "-f",
		"{{.ImportPath}} {{.Export}}", ours+"...")
	out, err := command.Output()
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		files[path] = file
	}
	return files, nil
})

// typed finds the types in some files of a package.
func typed(t *testing.T, path string, positions *token.FileSet, files []*ast.File) *types.Info {
	t.Helper()
	known, err := compiled()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	from := importer.ForCompiler(positions, "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(known[path])
	})
	found := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{},
	}
	if _, err := (&types.Config{Importer: from}).Check(path, positions, files, found); err != nil {
		t.Fatal(err)
	}
	return found
}

// Whoever looks for what can happen to a thing, or asks the audit for it, finds the kinds of its events as constants
// in the package that records them.
func TestKindsOfEventsAreConstants(t *testing.T) {
	constants := 0
	for _, p := range packages(t) {
		if !slices.Contains(p.Imports, auditPath) {
			continue
		}
		positions := token.NewFileSet()
		files := sources(t, positions, p)
		found := typed(t, p.ImportPath, positions, files)
		for _, file := range files {
			constants += len(kindConstants(file, found))
			for _, loose := range looseKinds(file, found) {
				t.Errorf("%s: the kind of an event is no constant of the type audit.Kind",
					positions.Position(loose.Pos()))
			}
		}
	}
	if constants < 50 {
		t.Errorf("only %d kinds of events found: the check would prove nothing", constants)
	}
}

// sources reads the files of a package that are no tests.
func sources(t *testing.T, positions *token.FileSet, p pkg) (files []*ast.File) {
	t.Helper()
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(positions, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

func isKind(t types.Type) bool { return t != nil && t.String() == auditPath+".Kind" }

// kindConstants lists the texts of the kinds that a file declares.
func kindConstants(file *ast.File, found *types.Info) (texts []ast.Expr) {
	ast.Inspect(file, func(n ast.Node) bool {
		d, is := n.(*ast.GenDecl)
		if !is || d.Tok != token.CONST {
			return true
		}
		ast.Inspect(d, func(n ast.Node) bool {
			if text, is := n.(*ast.BasicLit); is && isKind(found.Types[text].Type) {
				texts = append(texts, text)
			}
			return true
		})
		return false
	})
	return texts
}

// looseKinds lists what a file uses as the kind of an event though it is no constant of that type: a text, a
// constant that is a text, or a text made into one.
func looseKinds(file *ast.File, found *types.Info) (loose []ast.Expr) {
	declared := kindConstants(file, found)
	ast.Inspect(file, func(n ast.Node) bool {
		switch e := n.(type) {
		case *ast.BasicLit:
			if isKind(found.Types[e].Type) && !slices.Contains(declared, ast.Expr(e)) {
				loose = append(loose, e)
			}
		case *ast.Ident:
			constant, is := found.Uses[e].(*types.Const)
			if is && isKind(found.Types[e].Type) && !isKind(constant.Type()) {
				loose = append(loose, e)
			}
		case *ast.CallExpr:
			if called := found.Types[e.Fun]; called.IsType() && isKind(called.Type) {
				loose = append(loose, e)
			}
		}
		return true
	})
	return loose
}

func TestLooseKinds(t *testing.T) {
	for use, want := range map[string]int{
		`audit.Event{Kind: good}`:                      0,
		`audit.Event{Kind: "thing.bad"}`:               1,
		`audit.Event{Kind: text}`:                      1,
		`audit.Event{Kind: audit.Kind(made)}`:          1,
		`audit.Event{Kind: "thing." + good}`:           1,
		`map[string]audit.Kind{"thing.good": good}`:    0,
		`map[string]audit.Kind{"bad": "thing.bad"}`:    1,
		`struct{ k audit.Kind }{"thing.bad"}`:          1,
		`[]audit.Kind{good, "thing.bad", "thing.two"}`: 2,
	} {
		positions := token.NewFileSet()
		source := "package x\nimport \"" + auditPath +
			"\"\nconst good audit.Kind = \"thing.good\"\nconst text = \"thing.bad\"\n" +
			"var made = \"thing.made\"\nvar _ = made\nvar use = " + use
		file, err := parser.ParseFile(positions, "x.go", source, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(looseKinds(file, typed(t, "x", positions, []*ast.File{file}))); got != want {
			t.Errorf("%s: %d loose kinds, want %d", use, got, want)
		}
	}
}
