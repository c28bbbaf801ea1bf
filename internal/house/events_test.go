package house_test

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"testing"

	"signpost/internal/config"
)

const auditPath = ours + "internal/platform/audit"

// Whoever looks for what can happen to a thing, or asks the audit for it, finds the kinds of its events as constants
// in the package that records them.
func TestKindsOfEventsAreConstants(t *testing.T) {
	var declared []string
	for _, p := range packages(t) {
		if !slices.Contains(p.Imports, auditPath) {
			continue
		}
		files, found := withTypes(t, p)
		for _, file := range files {
			for _, text := range kindConstants(file, found) {
				if !forTests(p.ImportPath) && p.ImportPath != ours+"bench" {
					declared = append(declared, constant.StringVal(found.Types[text].Value))
				}
			}
			for _, loose := range looseKinds(file, found) {
				t.Errorf("%s: the kind of an event is no constant of the type audit.Kind",
					positions.Position(loose.Pos()))
			}
		}
	}
	if len(declared) < 50 {
		t.Errorf("only %d kinds of events found: the check would prove nothing", len(declared))
	}
	listed(t, declared)
}

// listed holds the kinds that a configuration may name to those that are declared.
func listed(t *testing.T, declared []string) {
	t.Helper()
	for _, kind := range declared {
		if !slices.Contains(config.EventKinds, kind) {
			t.Errorf("config.EventKinds lacks %q", kind)
		}
	}
	for _, kind := range config.EventKinds {
		if !slices.Contains(declared, kind) {
			t.Errorf("config.EventKinds has %q, which nobody records", kind)
		}
	}
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
		source := "package x\nimport \"" + auditPath +
			"\"\nconst good audit.Kind = \"thing.good\"\nconst text = \"thing.bad\"\n" +
			"var made = \"thing.made\"\nvar _ = made\nvar use = " + use
		file, err := parser.ParseFile(positions, "x.go", source, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(looseKinds(file, typed(t, "x", file))); got != want {
			t.Errorf("%s: %d loose kinds, want %d", use, got, want)
		}
	}
}
