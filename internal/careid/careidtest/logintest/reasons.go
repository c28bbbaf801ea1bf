package logintest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"testing"

	"signpost/internal/careid/provider"
)

// Reasons reads from the source of package provider, which stands in a folder, every reason why a sign-in cannot go on.
func Reasons(t testing.TB, folder string) (reasons []provider.Reason) {
	t.Helper()
	name := filepath.Join(folder, "next.go")
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, isValue := n.(*ast.ValueSpec)
		if !isValue {
			return true
		}
		if of, named := spec.Type.(*ast.Ident); named && of.Name == "Reason" {
			reasons = append(reasons, provider.Reason(literal(t, spec.Values[0])))
		}
		return true
	})
	const known = 12
	if len(reasons) < known {
		t.Fatalf("only %d reasons in %s: the check would prove nothing", len(reasons), name)
	}
	return reasons
}

func literal(t testing.TB, value ast.Expr) string {
	t.Helper()
	text, is := value.(*ast.BasicLit)
	if !is {
		t.Fatalf("%T is not a text", value)
	}
	s, err := strconv.Unquote(text.Value)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
