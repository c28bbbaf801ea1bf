package house_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"
)

// What a database or another machine gives as an error may be that it does not answer, which refuses nothing: whoever
// asks gives on an error that they do not know, and puts no refusal of their own in its place.
func TestUnknownErrorsAreGivenOn(t *testing.T) {
	calls := 0
	for _, p := range packages(t) {
		if outside(p) || !within(p.path(), "internal") || strings.HasSuffix(p.path(), "test") || triesOthers(p) {
			continue
		}
		files, found := withTypes(t, p)
		for _, file := range files {
			if strings.HasSuffix(positions.Position(file.Pos()).Filename, "_templ.go") {
				continue
			}
			swallowed, looked := swallowedErrors(file, found)
			calls += looked
			for _, at := range swallowed {
				t.Errorf("%s: an error of a database or another machine is not given on", positions.Position(at))
			}
		}
	}
	if calls < 500 {
		t.Errorf("only %d calls looked at: the check would prove nothing", calls)
	}
}

// reaching are the parameters by which a function can ask a database or another machine.
var reaching = []string{
	"context.Context", "*net/http.Request", dbPath + ".R", dbPath + ".X", "*" + dbPath + ".W", "*" + dbPath + ".K",
	"*" + dbPath + ".DB",
}

// here are functions that look as if they could, and ask nobody.
var here = []string{
	"(*net/http.Request).ParseForm", ours + "internal/platform/web.parse", "(*net/http.CrossOriginProtection).Check",
	ours + "internal/careid/provider/request.Parameters", ours + "internal/platform/web.SealedFor",
	"(" + ours + "internal/careid/provider/request.Reader).Hint", // verifies with keys that it has
}

// answers are functions whose every error is the answer: the page says that the other machine gave none.
var answers = []string{
	"(*" + ours + "internal/platform/relying.Client).LogoutForm",
}

// triesOthers reports whether a package tries out what other machines do wrong.
func triesOthers(p pkg) bool {
	rooms := []string{"internal/checkrp", "internal/double", "internal/doctor", "internal/platform/fetch"}
	return slices.ContainsFunc(rooms, func(room string) bool { return within(p.path(), room) })
}

const dbPath = ours + "internal/platform/db"

// outcome is the error of a call that can reach another machine.
type outcome struct {
	err   types.Object // the variable that has it
	begin token.Pos    // where it gets it
	end   token.Pos    // where it gets another
}

// swallowedErrors finds where a file does not give on such an error, and says how many calls it looked at.
func swallowedErrors(file *ast.File, found *types.Info) (at []token.Pos, looked int) {
	for _, d := range file.Decls {
		function, is := d.(*ast.FuncDecl)
		if !is || function.Body == nil {
			continue
		}
		list := outcomes(function, found)
		looked += len(list)
		for _, o := range list {
			if !o.isGivenOn(function, found) || o.isReplaced(function, found) {
				at = append(at, o.begin)
			}
		}
	}
	return at, looked
}

// outcomes lists the errors of calls in a function that can reach another machine.
func outcomes(function *ast.FuncDecl, found *types.Info) (list []outcome) {
	var all []outcome
	ast.Inspect(function, func(n ast.Node) bool {
		set, is := n.(*ast.AssignStmt)
		if !is {
			return true
		}
		name, is := set.Lhs[len(set.Lhs)-1].(*ast.Ident)
		if !is || !isError(objectOf(name, found)) {
			return true
		}
		all = append(all, outcome{objectOf(name, found), set.End(), function.End()})
		if call, is := set.Rhs[0].(*ast.CallExpr); is && canReach(call, found) {
			list = append(list, all[len(all)-1])
		}
		return true
	})
	for i, o := range list {
		for _, other := range all {
			if other.err == o.err && other.begin > o.begin {
				list[i].end = min(list[i].end, other.begin)
			}
		}
	}
	return list
}

func objectOf(name *ast.Ident, found *types.Info) types.Object {
	if o := found.Defs[name]; o != nil {
		return o
	}
	return found.Uses[name]
}

func isError(o types.Object) bool { return o != nil && o.Type().String() == "error" }

func canReach(call *ast.CallExpr, found *types.Info) bool {
	signature, is := found.Types[call.Fun].Type.(*types.Signature)
	if !is || slices.Contains(here, calledName(call, found)) || slices.Contains(answers, calledName(call, found)) {
		return false
	}
	for parameter := range signature.Params().Variables() {
		if slices.Contains(reaching, parameter.Type().String()) {
			return true
		}
	}
	return false
}

// calledName is the whole name of the function that is called, if it has one.
func calledName(call *ast.CallExpr, found *types.Info) string {
	name, is := call.Fun.(*ast.Ident)
	if selected, selects := call.Fun.(*ast.SelectorExpr); selects {
		name, is = selected.Sel, true
	}
	if !is {
		return ""
	}
	if function, is := found.Uses[name].(*types.Func); is {
		return function.FullName()
	}
	return ""
}

// isGivenOn reports whether the error goes anywhere, and is not only looked at.
func (o outcome) isGivenOn(function *ast.FuncDecl, found *types.Info) (given bool) {
	ast.Inspect(function, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			return !isNil(n.Y)
		case *ast.CallExpr:
			return !looksAtErrors(n)
		}
		given = given || o.is(n, found)
		return true
	})
	return given
}

// isReplaced reports whether another error, or none, takes its place where it is first looked at.
func (o outcome) isReplaced(function *ast.FuncDecl, found *types.Info) (replaced bool) {
	handled := false
	ast.Inspect(function, func(n ast.Node) bool {
		branch, is := n.(*ast.IfStmt)
		if is && !handled && o.isAnError(branch.Cond, found) {
			handled = true
			replaced = !mentions(branch.Body, o, found)
		}
		return true
	})
	return replaced
}

// isAnError reports whether a condition is that the error is one, whichever it may be.
func (o outcome) isAnError(condition ast.Expr, found *types.Info) bool {
	both, is := condition.(*ast.BinaryExpr)
	if !is {
		return false
	}
	if both.Op == token.LOR {
		return o.isAnError(both.X, found) || o.isAnError(both.Y, found)
	}
	return both.Op == token.NEQ && isNil(both.Y) && o.is(both.X, found)
}

// is reports whether a part of the program names the error, or returns it by naming nothing.
func (o outcome) is(n ast.Node, found *types.Info) bool {
	switch n := n.(type) {
	case *ast.Ident:
		return o.begin <= n.Pos() && n.Pos() < o.end && found.Uses[n] == o.err
	case *ast.ReturnStmt:
		return o.begin <= n.Pos() && len(n.Results) == 0
	}
	return false
}

func mentions(body ast.Node, o outcome, found *types.Info) (does bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		does = does || o.is(n, found)
		return !does
	})
	return does
}

func isNil(e ast.Expr) bool {
	name, is := e.(*ast.Ident)
	return is && name.Name == "nil"
}

// looksAtErrors reports whether a call only asks what an error is.
func looksAtErrors(call *ast.CallExpr) bool {
	function, is := call.Fun.(*ast.SelectorExpr)
	if !is {
		return false
	}
	from, is := function.X.(*ast.Ident)
	return is && from.Name == "errors" && slices.Contains([]string{"Is", "As"}, function.Sel.Name)
}

func TestSwallowedErrors(t *testing.T) {
	const head = `package x
import ("context"; "errors")
var refusal = errors.New("no")
func ask(ctx context.Context) error { return nil }
func f(ctx context.Context) (result error) {`
	for body, want := range map[string]int{
		`err := ask(ctx); if err != nil { return refusal }; return nil`:                            1,
		`if err := ask(ctx); err != nil { return refusal }; return nil`:                            1,
		`if err := ask(ctx); err != nil || ctx == nil { return refusal }; return nil`:              1,
		`if err := ask(ctx); errors.Is(err, refusal) { return err }; return nil`:                   0,
		`if err := ask(ctx); errors.Is(err, refusal) { return refusal }; return nil`:               1,
		`err := ask(ctx); if err == nil { return nil }; return refusal`:                            1,
		`err := ask(ctx); if errors.Is(err, refusal) { return refusal }; return err`:               0,
		`err := ask(ctx); if err != nil && errors.Is(err, refusal) { return refusal }; return err`: 0,
		`err := ask(ctx); if err != nil { return refusal }; err = ask(ctx); return err`:            1,
		`if result = ask(ctx); result != nil { return }; return refusal`:                           0,
		`if err := ask(ctx); err != nil { return errors.Join(refusal, err) }; return nil`:          0,
		`err := errors.New("here"); if err != nil { return refusal }; return nil`:                  0,
	} {
		file, err := parser.ParseFile(positions, "x.go", head+body+"}", parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		found := typed(t, "x", file)
		if at, _ := swallowedErrors(file, found); len(at) != want {
			t.Errorf("%d found, want %d: %s", len(at), want, body)
		}
	}
}
