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
	"strings"
	"sync"
	"testing"
)

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

// positions are those of all files whose types are asked for.
var positions = token.NewFileSet()

// others finds the packages that ours import, each once.
var others = importer.ForCompiler(positions, "gc", func(path string) (io.ReadCloser, error) {
	known, err := compiled()
	if err != nil {
		return nil, err
	}
	return os.Open(known[path])
})

// typed finds the types in some files of a package.
func typed(t *testing.T, path string, files ...*ast.File) *types.Info {
	t.Helper()
	found := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	if _, err := (&types.Config{Importer: others}).Check(path, positions, files, found); err != nil {
		t.Fatal(err)
	}
	return found
}

type typedPackage struct {
	files []*ast.File
	found *types.Info
}

// read has the packages whose types were found, as several tests look at the same.
var read = map[string]typedPackage{}

// withTypes reads the files of a package that are no tests, and finds their types.
func withTypes(t *testing.T, p pkg) ([]*ast.File, *types.Info) {
	t.Helper()
	if before, known := read[p.ImportPath]; known {
		return before.files, before.found
	}
	var files []*ast.File
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(positions, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	found := typed(t, p.ImportPath, files...)
	read[p.ImportPath] = typedPackage{files, found}
	return files, found
}
