package house_test

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strings"
	"testing"

	"signpost/internal/careid/console/desk"
	"signpost/internal/dos/site/advice"
	"signpost/internal/platform/audit"
)

// done are kinds of what is not refused, which a function that makes events for others names too.
var done = []audit.Kind{"cim.in", "extract.answered", "signin.in"}

// Whoever answers the telephone has words for everything that can be refused: what happened, and what to tell the
// caller.
func TestTheDeskHasWordsForEveryRefusal(t *testing.T) {
	sides := map[string]func(audit.Kind) bool{"dos": advice.Words, "careid": desk.Words}
	counts := map[string]int{}
	for _, p := range packages(t) {
		side, _, _ := strings.Cut(strings.TrimPrefix(p.ImportPath, ours+"internal/"), "/")
		words := sides[side]
		if words == nil || !slices.Contains(p.Imports, auditPath) {
			continue
		}
		files, found := withTypes(t, p)
		for _, file := range files {
			for _, kind := range refusedKinds(file, found) {
				counts[side]++
				if !words(kind) && !slices.Contains(done, kind) {
					t.Errorf("%s: the desk has no words for a refusal of the kind %q", p.ImportPath, kind)
				}
			}
		}
	}
	if counts["dos"] < 10 || counts["careid"] < 8 {
		t.Errorf("only %v kinds of refusals found: the check would prove nothing", counts)
	}
}

// refusedKinds lists the kinds of events that a file refuses with: those named in a function that refuses something and
// does not record them, in one that makes an event for others, and as what is refused of a mailed code.
func refusedKinds(file *ast.File, found *types.Info) (kinds []audit.Kind) {
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Body != nil && (calls(d, "Refuse", "RecordRefusal") || makesEvent(d, found)) {
				kinds = append(kinds, eventKinds(d.Body, found)...)
			}
		case *ast.GenDecl:
			ast.Inspect(d, func(n ast.Node) bool {
				pair, is := n.(*ast.KeyValueExpr)
				if name, named := keyOf(pair, is); named && (name == "WrongTry" || name == "AskedTooOften") {
					kinds = append(kinds, eventKinds(pair.Value, found)...)
				}
				return true
			})
		}
	}
	return kinds
}

func keyOf(pair *ast.KeyValueExpr, is bool) (string, bool) {
	if !is {
		return "", false
	}
	name, named := pair.Key.(*ast.Ident)
	if !named {
		return "", false
	}
	return name.Name, true
}

// calls reports whether a function calls a method of one of the names.
func calls(d *ast.FuncDecl, names ...string) (does bool) {
	ast.Inspect(d.Body, func(n ast.Node) bool {
		call, is := n.(*ast.CallExpr)
		if !is {
			return true
		}
		method, is := call.Fun.(*ast.SelectorExpr)
		does = does || is && slices.Contains(names, method.Sel.Name)
		return true
	})
	return does
}

// makesEvent reports whether a function gives an event.
func makesEvent(d *ast.FuncDecl, found *types.Info) bool {
	if d.Type.Results == nil {
		return false
	}
	return slices.ContainsFunc(d.Type.Results.List, func(f *ast.Field) bool {
		of := found.Types[f.Type].Type
		return of != nil && of.String() == auditPath+".Event"
	})
}

// eventKinds lists the kinds that an expression or a block names, but for those in a call of Record.
func eventKinds(n ast.Node, found *types.Info) (kinds []audit.Kind) {
	ast.Inspect(n, func(n ast.Node) bool {
		if call, is := n.(*ast.CallExpr); is {
			method, named := call.Fun.(*ast.SelectorExpr)
			return !named || method.Sel.Name != "Record"
		}
		name, is := n.(*ast.Ident)
		if !is {
			return true
		}
		if c, is := found.Uses[name].(*types.Const); is && isKind(c.Type()) {
			kinds = append(kinds, audit.Kind(constant.StringVal(c.Val())))
		}
		return true
	})
	return kinds
}
