package words_test

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/login/words"
	"signpost/internal/national/authn"
	"signpost/internal/national/device"
	"signpost/internal/platform/when"
)

var placeholder = regexp.MustCompile(`\{([^}]*)\}`)

// placeholders lists those of a text, each once, sorted.
func placeholders(text string) []string {
	names := map[string]bool{}
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		names[m[1]] = true
	}
	return slices.Sorted(maps.Keys(names))
}

// call is one place where a page says something: the key, and the placeholders it fills.
type call struct {
	at    string
	key   words.Key
	fills []string
}

// said reads the pages' source for what they say, and for every text in it that may be a key.
func textsUsed(t *testing.T) (calls []call, literals map[string]bool) {
	t.Helper()
	literals = map[string]bool{}
	files := token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.BasicLit:
				if s, err := strconv.Unquote(n.Value); err == nil {
					literals[s] = true
				}
			case *ast.CallExpr:
				if c, is := callOf(n); is {
					c.at = files.Position(n.Pos()).String()
					calls = append(calls, c)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(calls) < 80 {
		t.Fatalf("only %d places where a page says something: the check would prove nothing", len(calls))
	}
	return calls, literals
}

// callOf reads a call of Say, Fault or FieldFault whose key is written out.
func callOf(n *ast.CallExpr) (c call, is bool) {
	name := ""
	switch f := n.Fun.(type) {
	case *ast.SelectorExpr:
		name = f.Sel.Name
	case *ast.Ident:
		name = f.Name
	}
	at := map[string]int{"Say": 0, "Fault": 1, "FieldFault": 2}[name]
	prefix := ""
	if name != "Say" {
		prefix = "fault."
	}
	if name != "Say" && name != "Fault" && name != "FieldFault" || len(n.Args) <= at {
		return c, false
	}
	key, is := text(n.Args[at])
	if name != "Say" {
		key += ".says"
	}
	for i := at + 1; i < len(n.Args); i += 2 {
		if fill, written := text(n.Args[i]); written {
			c.fills = append(c.fills, fill)
		}
	}
	slices.Sort(c.fills)
	c.key = words.Key(prefix + key)
	return c, is
}

func text(e ast.Expr) (string, bool) {
	lit, is := e.(*ast.BasicLit)
	if !is || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

func TestEveryKeyUsedExistsWithItsPlaceholders(t *testing.T) {
	l := words.Shipped().Match(words.British)
	calls, _ := textsUsed(t)
	for _, c := range calls {
		if !l.Has(c.key) {
			t.Errorf("%s: the catalogue has no %q", c.at, c.key)
			continue
		}
		if want := placeholders(l.Say(c.key)); !slices.Equal(c.fills, want) {
			t.Errorf("%s: %s has the placeholders %q, given are %q", c.at, c.key, want, c.fills)
		}
	}
}

// named are the keys that are made from the name of a kind, a reason or a fault.
func named(t *testing.T) map[words.Key]bool {
	keys := map[words.Key]bool{}
	add := func(prefix string, parts ...string) {
		for _, part := range parts {
			keys[words.Key(prefix+"."+part)] = true
		}
	}
	for month := range 12 {
		add("time", "month_"+strconv.Itoa(month+1))
	}
	for _, k := range authn.Kinds() {
		add("kind."+string(k), "label", "hint")
		add("help."+string(k), "use", "lost")
		if k.Needs(authn.WebAuthn) {
			add("kind."+string(k), "title", "says", "cure", "ready")
		}
	}
	for _, reason := range logintest.Reasons(t, "../../provider") {
		add("refusal."+string(reason), "title", "says", "cure")
	}
	for _, why := range authn.Whys() {
		add("lower", string(why))
	}
	for _, change := range authenticator.Changes() {
		add("notice."+string(change), "subject", "text")
	}
	for _, found := range device.Keys() {
		add("device."+found, "says", "cure")
	}
	for _, owner := range []device.Owner{device.You, device.LocalIT, device.Authority} {
		add("device.owner", string(owner))
	}
	for _, f := range device.Facts() {
		add("device.fact", string(f))
		for _, a := range f.Answers() {
			add("device.answer", cmp.Or(string(a), "unknown"))
		}
	}
	for _, k := range device.Judge(device.Result{}, authn.Kinds()) {
		for _, need := range k.Bring {
			add("device.bring", string(need))
		}
	}
	calls, _ := textsUsed(t)
	for _, c := range calls {
		if name, is := strings.CutSuffix(string(c.key), ".says"); is && strings.HasPrefix(name, "fault.") {
			add(name, "title", "says", "cure")
		}
	}
	return keys
}

func TestEveryKindAndReasonHasItsWords(t *testing.T) {
	l := words.Shipped().Match(words.British)
	for key := range named(t) {
		if !l.Has(key) && !strings.HasPrefix(string(key), "fault.") {
			t.Errorf("the catalogue has no %q", key)
		}
	}
	for _, k := range authn.Kinds() {
		if l.Label(k) != k.Label() {
			t.Errorf("%s is called %q here and %q elsewhere", k, l.Label(k), k.Label())
		}
	}
}

func TestEveryKeyIsUsed(t *testing.T) {
	l := words.Shipped().Match(words.British)
	_, literals := textsUsed(t)
	used := named(t)
	for _, f := range faultsBelow(t) {
		used[f.text("title")] = true
		used[f.text("says")] = true
		used[f.text("cure")] = true
	}
	for _, key := range l.Keys() {
		if !used[key] && !literals[string(key)] && !strings.HasPrefix(string(key), "failure.") {
			t.Errorf("nothing uses %q", key)
		}
	}
}

func TestLanguagesAgreeOnPlaceholders(t *testing.T) {
	british := words.Shipped().Match(words.British)
	names, err := filepath.Glob("*.toml")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d language files, %v", len(names), err)
	}
	for _, name := range names {
		l := words.Shipped().Match(strings.TrimSuffix(name, ".toml"))
		for _, key := range l.Keys() {
			if !british.Has(key) {
				t.Errorf("%s: %s is not a key", name, key)
			}
			if got, want := placeholders(l.Say(key)), placeholders(british.Say(key)); !slices.Equal(got, want) {
				t.Errorf("%s: %s has the placeholders %q, want %q", name, key, got, want)
			}
		}
	}
}

func TestWhen(t *testing.T) {
	l := words.Shipped().Match(words.British)
	for at := time.Date(2026, 1, 1, 0, 0, 0, 0,
		time.UTC); at.Year() == 2026; at = at.Add(7*time.Hour + 30*time.Minute) {
		if got, want := l.When(at), when.DateTime(at); got != want {
			t.Fatalf("%q, want %q", got, want)
		}
	}
}
