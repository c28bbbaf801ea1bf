package words_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/careid/login/words"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
)

// elsewhere are the files, among those that the sign-in service is built from, whose faults reach only the
// pages of Care Identity Management or the command line, which speak English alone.
var elsewhere = regexp.MustCompile(`careid/(identity|access|organisation|hosting|metadata|esr)/|platform/(sheet/|records/|relying/logout\.go$)|careid/provider/(team|client|key|backchannel)/|/desk\.go$|platform/(fault/|name/mailed\.go$|mail/again\.go$|seen/|password/imported\.go$|db/(ground/newer|whole)\.go$)`)

// keyed is a fault with a key, as its source has it.
type keyed struct {
	at        string
	key       string
	sentences []string // the sentences, what happened and what to do, with %d or %s for each value
}

func (k keyed) text(which string) words.Key { return words.Key("fault." + k.key + "." + which) }

// faultsBelow reads the faults of every package that the sign-in service's pages are built from. Each must
// have a key, since it can reach a page.
func faultsBelow(t *testing.T) (list []keyed) {
	t.Helper()
	for _, folder := range builtFrom(t) {
		parse(t, folder, func(name string, files *token.FileSet, file *ast.File) {
			if elsewhere.MatchString(name) {
				return
			}
			found := faultsIn(file)
			for _, call := range found.without {
				t.Errorf("%s: this fault can reach a page of the sign-in service: give it a key", files.Position(call))
			}
			for _, f := range found.with {
				f.at = name
				list = append(list, f)
			}
		})
	}
	if len(list) < 20 {
		t.Fatalf("only %d faults: the check would prove nothing", len(list))
	}
	return list
}

// parse reads the Go files of a folder that are neither tests nor made from templates.
func parse(t *testing.T, folder string, look func(name string, files *token.FileSet, file *ast.File)) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	files := token.NewFileSet()
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
			continue
		}
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		look(filepath.ToSlash(path), files, file)
	}
}

const internal = "../../.."

// builtFrom lists the folders of the packages that the sign-in service's pages import, near or far.
func builtFrom(t *testing.T) (folders []string) {
	t.Helper()
	seen := map[string]bool{}
	var visit func(folder string)
	visit = func(folder string) {
		if seen[folder] {
			return
		}
		seen[folder] = true
		folders = append(folders, folder)
		parse(t, folder, func(_ string, _ *token.FileSet, file *ast.File) {
			for _, i := range file.Imports {
				path, err := strconv.Unquote(i.Path.Value)
				if below, ours := strings.CutPrefix(path, "signpost/internal/"); ours && err == nil {
					visit(filepath.Join(internal, below))
				}
			}
		})
	}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			visit(filepath.Join(internal, "careid/login", path[len(".."):]))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return folders
}

type found struct {
	with    []keyed
	without []token.Pos
}

// faultsIn finds the faults that a file makes, with and without a key.
func faultsIn(file *ast.File) (f found) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			switch ofFault(n.Fun) {
			case "Keyed":
				f.with = append(f.with, keyedOf(n))
				return false
			case "Say", "SayCure", "OfField", "SayOfField":
				f.without = append(f.without, n.Pos())
			}
		case *ast.CompositeLit:
			if ofFault(n.Type) == "Fault" && !setsKey(n) {
				f.without = append(f.without, n.Pos())
			}
		}
		return true
	})
	return f
}

func setsKey(made *ast.CompositeLit) bool {
	return slices.ContainsFunc(made.Elts, func(e ast.Expr) bool {
		pair, is := e.(*ast.KeyValueExpr)
		if !is {
			return false
		}
		name, is := pair.Key.(*ast.Ident)
		return is && name.Name == "Key"
	})
}

// ofFault names what of package fault is used, or is empty.
func ofFault(e ast.Expr) string {
	f, is := e.(*ast.SelectorExpr)
	if !is {
		return ""
	}
	if from, is := f.X.(*ast.Ident); !is || from.Name != "fault" {
		return ""
	}
	return f.Sel.Name
}

func keyedOf(call *ast.CallExpr) (k keyed) {
	k.key, _ = text(call.Args[0])
	made, is := call.Args[1].(*ast.CallExpr)
	if !is {
		return k
	}
	for _, arg := range made.Args[1:] {
		if format, is := arg.(*ast.CallExpr); is && len(format.Args) > 0 {
			arg = format.Args[0]
		}
		if s, written := text(arg); written {
			k.sentences = append(k.sentences, s)
		}
	}
	return k
}

var verb = regexp.MustCompile(`%[ds]`)

// A fault says the same by its key as it does by itself.
func TestFaultsThatReachAPageAreInTheCatalogue(t *testing.T) {
	l := words.Shipped().Match(words.British)
	for _, f := range faultsBelow(t) {
		if f.key == "" || len(f.sentences) == 0 {
			t.Errorf("%s: a fault's key and words stand with it, written out", f.at)
			continue
		}
		for i, which := range []string{"says", "cure"} {
			want := ""
			if i < len(f.sentences) {
				want = verb.ReplaceAllString(f.sentences[i], "{}")
			}
			if got := placeholder.ReplaceAllString(l.Say(f.text(which)), "{}"); got != want {
				t.Errorf("%s: %s is %q in the catalogue, %q here", f.at, f.text(which), got, want)
			}
		}
	}
}

// codes reads the kinds of failure there are.
func codes(t *testing.T) (list []string) {
	t.Helper()
	parse(t, filepath.Join(internal, "platform/fault"), func(_ string, _ *token.FileSet, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			value, is := n.(*ast.ValueSpec)
			if !is {
				return true
			}
			if kind, is := value.Type.(*ast.Ident); is && kind.Name == "Code" && len(value.Values) == 1 {
				code, _ := text(value.Values[0])
				list = append(list, code)
			}
			return false
		})
	})
	if len(list) < 8 {
		t.Fatalf("only %d kinds of failure: the check would prove nothing", len(list))
	}
	return list
}

// What every site says of a failure without words of its own, the catalogue says too.
func TestFailuresWithoutWordsOfTheirOwn(t *testing.T) {
	l := words.Shipped().Match(words.British)
	var shown web.Failure
	s := web.New(web.Options{
		Name: "test", Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics(prometheus.NewRegistry()),
		ErrorPage: func(_ *http.Request, f web.Failure) templ.Component {
			shown = f
			return templ.NopComponent
		},
	})
	s.Handle("GET /{code}", web.Anyone, func(_ http.ResponseWriter, r *http.Request) error {
		if r.PathValue("code") == "unexpected" {
			return errors.New("disk full")
		}
		return fault.Code(r.PathValue("code"))
	})
	for _, code := range append(codes(t), "unexpected") {
		s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/"+code, nil))
		want := words.Text{Title: shown.Title, Message: shown.Message, Cure: shown.Cure}
		if got := l.Failure(shown.Fault); got != want || got.Title == "" || got.Message == "" {
			t.Errorf("%s: %+v in the catalogue, %+v elsewhere", code, got, want)
		}
	}
}
