package house_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// templates calls look for the source of each of our pages.
func templates(t *testing.T, look func(name, source string)) {
	t.Helper()
	n := 0
	err := filepath.WalkDir("..", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(name) != ".templ" {
			return err
		}
		source, err := os.ReadFile(name)
		look(name, string(source))
		n++
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if n < 20 {
		t.Fatalf("only %d pages looked at: the check would prove nothing", n)
	}
}

// A tag has a colour that nhsuk names with its meaning, so that no two tags mean two things by one colour.
func TestTagsHaveColoursWithAMeaning(t *testing.T) {
	plain := regexp.MustCompile(`TagParams\{[^}]*Colour: *"`)
	templates(t, func(name, source string) {
		if plain.MatchString(source) {
			t.Errorf("%s chooses the colour of a tag by itself", name)
		}
	})
	seen := 0
	parsed(t, func(p pkg, name string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			field, is := n.(*ast.KeyValueExpr)
			if !is {
				return true
			}
			if key, is := field.Key.(*ast.Ident); !is || key.Name != "Colour" {
				return true
			}
			seen++
			if _, literal := field.Value.(*ast.BasicLit); literal {
				t.Errorf("%s/%s chooses the colour of a tag by itself", p.path(), name)
			}
			return true
		})
	})
	if seen < 10 {
		t.Errorf("only %d tags with a colour found: the check would prove nothing", seen)
	}
}

func TestTagColoursDiffer(t *testing.T) {
	source, err := os.ReadFile("../platform/web/nhsuk/tag_colours.go")
	if err != nil {
		t.Fatal(err)
	}
	colours := regexp.MustCompile(`= +"([a-z-]+)"`).FindAllStringSubmatch(string(source), -1)
	used := map[string]bool{}
	for _, c := range colours {
		if used[c[1]] {
			t.Errorf("%s has two meanings", c[1])
		}
		used[c[1]] = true
	}
	if len(used) < 5 || !strings.Contains(string(source), "TagUnknown") {
		t.Errorf("only %d colours found: the check would prove nothing", len(used))
	}
}

// Only platform/when words a time, so that people read every time in London and as the NHS writes it. Others may write
// the forms that machines read.
func TestTimesAreWordedInOnePlace(t *testing.T) {
	formatting := regexp.MustCompile(`\.(Format|AppendFormat)\(|\.(Weekday|Month)\(\)\.String\(`)
	templates(t, func(name, source string) {
		if formatting.MatchString(source) {
			t.Errorf("%s formats a time by itself", name)
		}
	})
	words := 0
	parsed(t, func(p pkg, name string, file *ast.File) {
		if outside(p) {
			return
		}
		for _, call := range timesWorded(file) {
			if p.path() == "internal/platform/when" {
				words++
				continue
			}
			t.Errorf("%s/%s formats a time by itself: %s", p.path(), name, call)
		}
	})
	if words == 0 {
		t.Error("platform/when words no time: the check would prove nothing")
	}
}

// timesWorded lists the calls in a file that write a time for people.
func timesWorded(file *ast.File) (calls []string) {
	ast.Inspect(file, func(n ast.Node) bool {
		call, is := n.(*ast.CallExpr)
		if !is {
			return true
		}
		switch name := methodOf(call); name {
		case "Format", "AppendFormat":
			if len(call.Args) > 0 && !isForMachines(call.Args[len(call.Args)-1]) {
				calls = append(calls, name)
			}
		case "String":
			of, is := call.Fun.(*ast.SelectorExpr).X.(*ast.CallExpr)
			if is && slices.Contains([]string{"Weekday", "Month"}, methodOf(of)) {
				calls = append(calls, methodOf(of))
			}
		}
		return true
	})
	return calls
}

// methodOf gives the name of the method that is called, or nothing.
func methodOf(call *ast.CallExpr) string {
	if method, is := call.Fun.(*ast.SelectorExpr); is {
		return method.Sel.Name
	}
	return ""
}

// isForMachines says whether a layout of a time is one that machines read.
func isForMachines(layout ast.Expr) bool {
	named, is := layout.(*ast.SelectorExpr)
	return is && slices.Contains([]string{"RFC3339", "RFC3339Nano", "DateOnly", "DateTime"}, named.Sel.Name)
}

func TestTimesWorded(t *testing.T) {
	for source, want := range map[string]string{
		`var x = at.Format("2 January 2006")`:           "Format",
		`var x = at.In(london).AppendFormat(b, layout)`: "AppendFormat",
		`var x = at.Format(time.Kitchen)`:               "Format",
		`var x = at.Format(time.RFC3339)`:               "",
		`var x = at.Weekday().String()`:                 "Weekday",
		`var x = at.Weekday()`:                          "",
		`var x = page.String()`:                         "",
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\n"+source, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(timesWorded(file), " "); got != want {
			t.Errorf("%s: %q, want %q", source, got, want)
		}
	}
}

// Cancel is a button of the portal's own form, after which the start page says once that nothing was changed.
func TestCancelIsNoLink(t *testing.T) {
	link := regexp.MustCompile(`<a [^>]*>\s*Cancel|` + // or a link of NHS.UK, or a button that is one
		`\{[^{}]*Text:\s*"Cancel[^{}]*Href:[^{}]*\}|\{[^{}]*Href:[^{}]*Text:\s*"Cancel[^{}]*\}`)
	buttons := 0
	templates(t, func(name, source string) {
		if link.MatchString(source) {
			t.Errorf("%s cancels by a link, after which nothing says what happened", name)
		}
		buttons += strings.Count(source, `Text: "Cancel and change nothing"`)
	})
	if buttons == 0 {
		t.Error("no page has a button Cancel: the check would prove nothing")
	}
}
