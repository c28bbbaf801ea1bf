package house_test

import (
	"go/ast"
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
