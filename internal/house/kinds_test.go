package house_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"signpost/internal/national/authn"
)

const authnPath = ours + "internal/national/authn"

// kindNames reads from package authn the names of its constants that are kinds of authenticator.
func kindNames(t *testing.T) (names []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../national/authn/kind.go", nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, is := n.(*ast.ValueSpec); is {
			if of, named := spec.Type.(*ast.Ident); named && of.Name == "Kind" {
				names = append(names, spec.Names[0].Name)
			}
		}
		return true
	})
	if len(names) != len(authn.Kinds()) {
		t.Fatalf("the constants %q are not the %d kinds there are", names, len(authn.Kinds()))
	}
	return names
}

// made are the packages that make people with authenticators of certain kinds, for a demo or for tests.
var made = []string{
	"internal/demo", "internal/demo/guide", "internal/careid/population", "internal/careid/careidtest", "internal/careid/careidtest/logintest",
	"internal/careid/login/simulated",
}

// mayNameKinds says whether a package may know one kind of authenticator from another.
func mayNameKinds(p pkg) bool {
	for _, room := range append([]string{"internal/national/authn", "internal/careid/authenticator"}, made...) {
		if within(p.path(), room) {
			return true
		}
	}
	return outside(p) || pagesOfKind(p.path())
}

// pagesOfKind says whether a package has the pages of a kind: it is called as the kind's folder is.
func pagesOfKind(room string) bool {
	_, err := os.Stat("../careid/authenticator/" + path.Base(room))
	return err == nil && path.Dir(room) == "internal/careid/login"
}

// Whatever differs from kind to kind is declared in authn or stands in the kind's own folders, so that a further kind
// is added there alone. Nobody else may ask which kind it is.
func TestKindsOfAuthenticatorAreKnownInTheirFoldersAlone(t *testing.T) {
	names := kindNames(t)
	named := 0
	parsed(t, func(p pkg, name string, file *ast.File) {
		found := kindsIn(file, names)
		named += len(found)
		if mayNameKinds(p) {
			return
		}
		for _, kind := range found {
			t.Errorf("%s/%s knows a kind of authenticator: %s", p.path(), name, kind)
		}
	})
	if named < 10 {
		t.Errorf("only %d kinds found: the check would prove nothing", named)
	}
}

// kindsIn lists the kinds of authenticator that a file names, by their constants, which have names, or by their texts.
func kindsIn(file *ast.File, names []string) []string {
	found := uses(file, map[string][]string{authnPath: names})
	ast.Inspect(file, func(n ast.Node) bool {
		if literal, is := n.(*ast.BasicLit); is && literal.Kind == token.STRING {
			text, err := strconv.Unquote(literal.Value)
			if err == nil && slices.Contains(authn.Kinds(), authn.Kind(text)) {
				found = append(found, literal.Value)
			}
		}
		return true
	})
	return found
}

func TestKindsIn(t *testing.T) {
	const imports = "import \"signpost/internal/national/authn\"\n"
	for source, want := range map[string]string{
		`func f(k authn.Kind) bool { switch k { case authn.Passkey: return true }; return false }`: "signpost/internal/national/authn.Passkey",
		`func f(k authn.Kind) bool { return k == "passkey" }`:                                      `"passkey"`,
		`var words = map[authn.Kind]string{authn.IPad: "a tablet"}`:                                "signpost/internal/national/authn.IPad",
		`func f(k authn.Kind) bool { return k.Needs(authn.Script) }`:                               "",
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "x.go", "package x\n"+imports+source, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(kindsIn(file, kindNames(t)), " "); got != want {
			t.Errorf("%s: names %q, want %q", source, got, want)
		}
	}
}

// The folder of a kind is imported by its pages, and by what makes people who have one.
func TestFoldersOfKindsAreImportedByTheirPagesAlone(t *testing.T) {
	const folders = "internal/careid/authenticator"
	seen := 0
	for _, p := range packages(t) {
		for _, to := range oursIn(p.Imports) {
			if path.Dir(to) != folders {
				continue
			}
			seen++
			pages := pagesOfKind(p.path()) && path.Base(p.path()) == path.Base(to)
			seeds := slices.Contains(append([]string{"internal/app", "internal/double"}, made...), p.path())
			if !pages && !seeds && !outside(p) && !within(p.path(), to) {
				t.Errorf("%s imports %s: ask for its Method by the kind", p.path(), to)
			}
		}
	}
	if seen < 2 {
		t.Errorf("only %d imports seen: the check would prove nothing", seen)
	}
}
