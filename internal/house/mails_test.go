package house_test

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// typedWords are the names by which texts go that people typed and that come into mails: why they did something, what
// they ask and what they found.
var typedWords = []string{"reason", "whynot", "question", "finding"}

// What somebody typed stands apart in a mail, so that nobody's words pass for the system's.
func TestWhatPeopleTypedIsQuotedInMails(t *testing.T) {
	quoted := 0
	parsed(t, func(p pkg, name string, file *ast.File) {
		for _, declared := range file.Decls {
			function, is := declared.(*ast.FuncDecl)
			if !is || !writesMail(function) {
				continue
			}
			ast.Inspect(function, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.CallExpr:
					if isCallOf(n, "mail", "Quote") {
						quoted++
					}
				case *ast.BinaryExpr:
					if n.Op == token.ADD && (isTyped(n.X) || isTyped(n.Y)) {
						t.Errorf("%s/%s: %s puts what somebody typed into a mail without mail.Quote", p.path(), name,
							function.Name.Name)
					}
				}
				return true
			})
		}
	})
	if quoted < 9 {
		t.Errorf("only %d texts are quoted: the check would prove nothing", quoted)
	}
}

// writesMail reports whether a function makes a mail, or a letter that goes to several people.
func writesMail(function *ast.FuncDecl) (writes bool) {
	ast.Inspect(function, func(n ast.Node) bool {
		made, is := n.(*ast.CompositeLit)
		if !is {
			return true
		}
		switch of := made.Type.(type) {
		case *ast.SelectorExpr:
			from, _ := of.X.(*ast.Ident)
			writes = writes || from != nil && from.Name == "mail" && of.Sel.Name == "Message"
		case *ast.Ident:
			writes = writes || of.Name == "letter"
		}
		return true
	})
	return writes
}

// isTyped reports whether an expression is a text that somebody typed, as it is.
func isTyped(e ast.Expr) bool {
	name := ""
	switch e := e.(type) {
	case *ast.Ident:
		name = e.Name
	case *ast.SelectorExpr:
		name = e.Sel.Name
	}
	return slices.Contains(typedWords, strings.ToLower(name))
}

func isCallOf(call *ast.CallExpr, in, name string) bool {
	selector, is := call.Fun.(*ast.SelectorExpr)
	if !is {
		return false
	}
	from, is := selector.X.(*ast.Ident)
	return is && from.Name == in && selector.Sel.Name == name
}
