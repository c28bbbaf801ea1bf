package words_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"signpost/internal/careid/login/words"
	"signpost/internal/careid/provider"
	"signpost/internal/national/authn"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
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
func said(t *testing.T) (calls []call, literals map[string]bool) {
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
	at, prefix := map[string]int{"Say": 0, "Fault": 1, "FieldFault": 2}[name], ""
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
	calls, _ := said(t)
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
		if k.Needs(authn.WebAuthn) {
			add("kind."+string(k), "title", "says", "cure", "ready")
		}
	}
	for _, why := range provider.Reasons {
		add("refusal."+string(why), "title", "says", "cure")
	}
	calls, _ := said(t)
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
	_, literals := said(t)
	used := named(t)
	fromBelow := sentencesBelow(t)
	for _, key := range l.Keys() {
		if !used[key] && !literals[string(key)] && !saidBelow(l, key, fromBelow) {
			t.Errorf("nothing uses %q", key)
		}
	}
}

// saidBelow reports whether a slice below says a text, or that to which it is the title.
func saidBelow(l words.Language, key words.Key, below map[string]string) bool {
	if !strings.HasPrefix(string(key), "fault.") && !strings.HasPrefix(string(key), "failure.") {
		return false
	}
	name, isTitle := strings.CutSuffix(string(key), ".title")
	return below[l.Say(key)] != "" || isTitle && below[l.Say(words.Key(name+".says"))] != ""
}

// below are the packages whose faults can reach a page of the sign-in service.
var below = []string{"careid/authenticator", "careid/authenticator/totp", "careid/authenticator/webauthn", "careid/provider", "platform/email", "platform/password", "platform/web"}

// sentencesBelow reads from their source what those packages say to people, and where.
func sentencesBelow(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	files := token.NewFileSet()
	for _, folder := range below {
		paths, err := filepath.Glob(filepath.Join("../../..", folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "/provider/desk.go") { // whose words are the console's
				continue
			}
			file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				for _, s := range sentences(n) {
					found[s] = files.Position(n.Pos()).String()
				}
				return true
			})
		}
	}
	if len(found) < 50 {
		t.Fatalf("only %d sentences: the check would prove nothing", len(found))
	}
	return found
}

// sentences gives what a call of the fault package, a Failure of web, or a constant named says… says.
func sentences(n ast.Node) (list []string) {
	switch n := n.(type) {
	case *ast.CallExpr:
		f, is := n.Fun.(*ast.SelectorExpr)
		if !is {
			return nil
		}
		from, _ := f.X.(*ast.Ident)
		first := map[string]int{"Say": 1, "SayCure": 1, "OfField": 1}[f.Sel.Name]
		if from == nil || from.Name != "fault" || first == 0 {
			return nil
		}
		for _, arg := range n.Args[first:] {
			if s, written := text(arg); written {
				list = append(list, s)
			}
		}
	case *ast.KeyValueExpr:
		if name, is := n.Key.(*ast.Ident); is && slices.Contains([]string{"Title", "Says", "Cure"}, name.Name) {
			if s, written := text(n.Value); written {
				list = append(list, s)
			}
		}
	case *ast.ValueSpec:
		if strings.HasPrefix(n.Names[0].Name, "says") && len(n.Values) == 1 {
			if s, written := text(n.Values[0]); written {
				list = append(list, s)
			}
		}
	}
	return list
}

func TestWhatSlicesBelowSayIsInTheCatalogue(t *testing.T) {
	shouting := load(t, map[string]func(string) string{"en-GB": same, "cy": func(s string) string { return "CYMRAEG " + s }}).Match("cy")
	for sentence, at := range sentencesBelow(t) {
		if shouting.Sentence(sentence) != "CYMRAEG "+sentence {
			t.Errorf("%s: the catalogue lacks %q", at, sentence)
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

func same(s string) string { return s }

// load makes a catalogue of languages that are made from British English.
func load(t *testing.T, languages map[string]func(string) string) *words.Catalogue {
	t.Helper()
	files := fstest.MapFS{}
	british := words.Shipped().Match(words.British)
	for tag, made := range languages {
		var out strings.Builder
		for _, key := range british.Keys() {
			out.WriteString(string(key) + " = " + strconv.Quote(made(british.Say(key))) + "\n")
		}
		files[tag+".toml"] = &fstest.MapFile{Data: []byte(out.String())}
	}
	c, err := words.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestMatch(t *testing.T) {
	c := load(t, map[string]func(string) string{"en-GB": same, "cy": same, "pl-PL": same})
	for asked, want := range map[string]string{
		"": "en-GB", "cy": "cy", "CY": "cy", "cy-GB": "cy", "pl": "pl-PL", "fr cy en": "cy", "en cy": "en-GB", "fr": "en-GB", "en-US": "en-GB", "../cy": "en-GB",
	} {
		if got := c.Match(strings.Fields(asked)...).Tag(); got != want {
			t.Errorf("%q gives %s, want %s", asked, got, want)
		}
	}
}

func TestSay(t *testing.T) {
	files := fstest.MapFS{
		"en-GB.toml": {Data: []byte("[a]\nb = \"To {service}, {name}\"\nc = \"English\"\n")},
		"cy.toml":    {Data: []byte("[a]\nb = \"{name}: i {service}\"\n")},
	}
	c, err := words.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	welsh := c.Match("cy")
	if got := welsh.Say("a.b", "service", "{name}", "name", "Ada"); got != "Ada: i {name}" {
		t.Errorf("got %q", got)
	}
	if got := welsh.Say("a.c"); got != "English" {
		t.Errorf("a text that is not translated: %q", got)
	}
	for name, broken := range map[string]string{"no text": "a = 1", "twice": "a = \"x\"\na = \"y\"", "no TOML": "a"} {
		files["en-GB.toml"] = &fstest.MapFile{Data: []byte(broken)}
		if _, err := words.Load(files); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := words.Load(os.DirFS(t.TempDir())); err == nil {
		t.Error("taken without British English")
	}
}

func TestWhen(t *testing.T) {
	l := words.Shipped().Match(words.British)
	for at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() == 2026; at = at.Add(7*time.Hour + 30*time.Minute) {
		if got, want := l.When(at), web.DateTime(at); got != want {
			t.Fatalf("%q, want %q", got, want)
		}
	}
}

func TestFailuresGetTheirOwnTitle(t *testing.T) {
	l := words.Shipped().Match(words.British)
	f, _ := fault.From(words.Fault(fault.Expired, "over"))
	got := l.Failure(words.Text{Title: "This has expired", Says: f.Says, Cure: f.Cure})
	if got.Title != "This sign-in is over" || got.Says != f.Says || got.Cure == "" || f.Code != fault.Expired {
		t.Errorf("got %+v", got)
	}
	if got := l.Failure(words.Text{Title: "This has expired", Says: "Said nowhere."}); got.Title != "This has expired" || got.Says != "Said nowhere." {
		t.Errorf("got %+v", got)
	}
}
