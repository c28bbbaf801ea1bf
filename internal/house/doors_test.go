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

// What is done with a transaction may be done twice. It gives back what it found, and sets nothing outside itself: what
// the first run left there would stay.
func TestTransactionsSetNothingOutside(t *testing.T) {
	transactions := 0
	for _, p := range packages(t) {
		if !within(p.path(), "internal") || p.ImportPath == dbPath || strings.HasSuffix(p.path(), "test") {
			continue
		}
		files, found := withTypes(t, p)
		for _, file := range files {
			set, looked := setOutside(file, found)
			transactions += looked
			for _, at := range set {
				t.Errorf("%s: set outside a transaction: give it back by db.Read or db.Write", positions.Position(at))
			}
		}
	}
	if transactions < 200 {
		t.Errorf("only %d transactions looked at: the check would prove nothing", transactions)
	}
}

// doors are the types of what a function gets that runs within a transaction.
var doors = []string{dbPath + ".R", dbPath + ".X", "*" + dbPath + ".W", "*" + dbPath + ".K"}

// setOutside finds where functions that run within a transaction set what is declared outside them, and says how many
// such functions it looked at.
func setOutside(file *ast.File, found *types.Info) (at []token.Pos, looked int) {
	ast.Inspect(file, func(n ast.Node) bool {
		function, is := n.(*ast.FuncLit)
		if !is || !hasDoor(function, found) {
			return true
		}
		looked++
		ast.Inspect(function.Body, func(n ast.Node) bool {
			for _, changed := range changes(n, found) {
				if isOutside(changed, function, found) {
					at = append(at, changed.Pos())
				}
			}
			return true
		})
		return false
	})
	return at, looked
}

func hasDoor(function *ast.FuncLit, found *types.Info) bool {
	signature, is := found.TypeOf(function).(*types.Signature)
	if !is {
		return false
	}
	for parameter := range signature.Params().Variables() {
		if slices.Contains(doors, parameter.Type().String()) {
			return true
		}
	}
	return false
}

// changes lists what a part of the program sets, or hands to somebody who can set it.
func changes(n ast.Node, found *types.Info) []ast.Expr {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			return n.Lhs
		}
	case *ast.IncDecStmt:
		return []ast.Expr{n.X}
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			return []ast.Expr{n.Key, n.Value}
		}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			return []ast.Expr{n.X}
		}
	case *ast.SelectorExpr:
		if method := found.Selections[n]; method != nil && method.Kind() == types.MethodVal && takesAddress(method) {
			return []ast.Expr{n.X}
		}
	}
	return nil
}

// takesAddress reports whether a method gets the address of the value on which it is called.
func takesAddress(method *types.Selection) bool {
	_, isPointer := method.Recv().Underlying().(*types.Pointer)
	_, isInterface := method.Recv().Underlying().(*types.Interface)
	receiver := method.Obj().(*types.Func).Signature().Recv()
	_, takesPointer := receiver.Type().Underlying().(*types.Pointer)
	return takesPointer && !isPointer && !isInterface && len(method.Index()) == 1
}

// isOutside reports whether what is changed is a variable, or a part of one, that is declared outside a function.
func isOutside(changed ast.Expr, function *ast.FuncLit, found *types.Info) bool {
	switch e := changed.(type) {
	case *ast.Ident:
		variable, is := objectOf(e, found).(*types.Var)
		return is && e.Name != "_" && (variable.Pos() < function.Pos() || variable.Pos() >= function.End())
	case *ast.SelectorExpr:
		return isOutside(e.X, function, found)
	case *ast.IndexExpr:
		return isOutside(e.X, function, found)
	case *ast.StarExpr:
		return isOutside(e.X, function, found)
	case *ast.ParenExpr:
		return isOutside(e.X, function, found)
	}
	return false
}

func TestSetOutside(t *testing.T) {
	const head = `package x
import "signpost/internal/platform/db"
type counter struct { n int; list []int }
func (c *counter) add() {}
func (c counter) sum() int { return c.n }
func view(fn func(r db.R) error) error { return fn(nil) }
func scan(n *int) {}
func f(c *counter) (err error) {
	n := 0; var all []int; m := map[int]int{}; var here counter; scan(&n); _, _, _ = all, m, here
	`
	for body, want := range map[string]int{
		`return view(func(r db.R) error { n = 1; return nil })`:                                          1,
		`return view(func(r db.R) error { n++; return nil })`:                                            1,
		`return view(func(r db.R) error { scan(&n); return nil })`:                                       1,
		`return view(func(r db.R) error { all = append(all, 1); return nil })`:                           1,
		`return view(func(r db.R) error { m[1] = 2; return nil })`:                                       1,
		`return view(func(r db.R) error { c.n = 2; return nil })`:                                        1,
		`return view(func(r db.R) error { c.list[0] = 2; return nil })`:                                  1,
		`return view(func(r db.R) error { here.add(); return nil })`:                                     1,
		`return view(func(r db.R) error { for _, n = range all {}; return nil })`:                        1,
		`return view(func(r db.R) error { func() { n = 2 }(); return nil })`:                             1,
		`return view(func(r db.R) (err error) { err = nil; mine := n; mine++; return err })`:             0,
		`return view(func(r db.R) error { _ = here.sum(); var own counter; own.add(); return nil })`:     0,
		`return view(func(r db.R) error { n := 3; scan(&n); for n := range all { _ = n }; return nil })`: 0,
		`func() { n = 1 }(); return nil`:                                                                 0,
	} {
		file, err := parser.ParseFile(positions, "x.go", head+body+"}", parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		found := typed(t, "x", file)
		if at, _ := setOutside(file, found); len(at) != want {
			t.Errorf("%d found, want %d: %s", len(at), want, body)
		}
	}
}
