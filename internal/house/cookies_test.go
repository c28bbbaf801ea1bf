package house_test

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
	"testing"
)

// Cookies that hold more than a secret are sealed by platform/web, which knows how: nobody encodes one by hand.
func TestCookiesAreSealedInOnePlace(t *testing.T) {
	cookies := 0
	parsed(t, func(p pkg, name string, file *ast.File) {
		if outside(p) || p.path() == "internal/platform/web" || strings.HasSuffix(p.path(), "test") {
			return
		}
		if !usesCookies(file) {
			return
		}
		cookies++
		if encodes(file) && !slices.Contains(digestsOnly, p.path()+"/"+name) {
			t.Errorf("%s/%s encodes a cookie: use web.SealedCookie, web.LeaveNote or web.SeeOnce", p.path(), name)
		}
	})
	if cookies < 10 {
		t.Errorf("only %d files with cookies were looked at", cookies)
	}
}

// digestsOnly are files that have cookies, and encode something else.
var digestsOnly = []string{"internal/platform/tries/known.go"}

func encodes(file *ast.File) bool {
	return slices.ContainsFunc(file.Imports, func(imported *ast.ImportSpec) bool {
		return imported.Path.Value == `"encoding/base64"`
	})
}

// usesCookies reports whether a file sets or reads cookies of ours.
func usesCookies(file *ast.File) (does bool) {
	names := []string{"SetCookie", "Cookie", "SealedCookie", "Cookies", "LeaveNote", "TakeNote"}
	ast.Inspect(file, func(n ast.Node) bool {
		selected, is := n.(*ast.SelectorExpr)
		if is && slices.Contains(names, selected.Sel.Name) {
			from, named := selected.X.(*ast.Ident)
			does = does || named && from.Name == "web"
		}
		return !does
	})
	return does
}

// What a cookie is sealed for says which cookie it is, so that no browser can give one in the place of another, on the
// same site or on another: the sites of a system seal under one key.
func TestEachCookieIsSealedForSomethingOfItsOwn(t *testing.T) {
	contexts := map[string]string{} // where each stands
	parsed(t, func(p pkg, name string, file *ast.File) {
		if outside(p) || strings.HasSuffix(p.path(), "test") || strings.HasSuffix(name, "_test.go") {
			return
		}
		ast.Inspect(file, func(n ast.Node) bool {
			cookie, is := n.(*ast.CompositeLit)
			if !is || !isSealedCookie(cookie.Type) {
				return true
			}
			at := p.path() + "/" + name
			context := contextOf(cookie)
			if context == "" || contexts[context] != "" {
				t.Errorf("%s seals a cookie for %q, as %q does", at, context, contexts[context])
			}
			contexts[context] = at
			return true
		})
	})
	if len(contexts) < 6 {
		t.Errorf("only %d kinds of sealed cookies were looked at", len(contexts))
	}
}

func isSealedCookie(of ast.Expr) bool {
	switch of := of.(type) {
	case *ast.SelectorExpr:
		return of.Sel.Name == "SealedCookie"
	case *ast.Ident:
		return of.Name == "SealedCookie"
	}
	return false
}

// contextOf writes what a cookie is sealed for, as it stands in the source.
func contextOf(cookie *ast.CompositeLit) string {
	for _, field := range cookie.Elts {
		pair, is := field.(*ast.KeyValueExpr)
		if !is {
			continue
		}
		if name, is := pair.Key.(*ast.Ident); is && name.Name == "Context" {
			return types.ExprString(pair.Value)
		}
	}
	return ""
}
