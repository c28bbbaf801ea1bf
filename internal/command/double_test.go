package command

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
	"signpost/internal/national/cis2"
)

const doubleFile = "../double/file/example.toml"

// post posts JSON to a site, by its host name, on a port of this machine.
func post(t *testing.T, port, host, path, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1:"+port+path,
		strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(res.Body); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, text.String()
}

// The command serves a double on both names, writes down what it answered, and replays that.
func TestDouble(t *testing.T) {
	port := commandtest.FreePort(t)
	record := filepath.Join(t.TempDir(), "run.jsonl")
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	t.Run("served", func(t *testing.T) {
		started(t, port, "double", "--file", doubleFile, "--listen", "127.0.0.1:"+port, "--record", record)
		issuer := "http://localhost:" + port + cis2.Realm
		for _, host := range []string{"localhost", "cis2.localhost"} {
			if code, body := get(t, port, host+":"+port, cis2.Realm+cis2.DiscoveryPath); code != http.StatusOK ||
				!strings.Contains(body, `"issuer":"`+issuer+`"`) {
				t.Errorf("%s: %d %s", host, code, body)
			}
		}
		address := issuer + "/authorize?client_id=123456789012.apps.supplier&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback&response_type=code&scope=openid"
		if code, body := post(t, port, "localhost", "/double/sign-in",
			`{"person": "ada", "url": "`+address+`"}`); code != http.StatusOK || !strings.Contains(body, "callback?") {
			t.Errorf("sign-in: %d %s", code, body)
		}
	})
	if left, err := os.ReadDir(temporary); err != nil || len(left) != 0 {
		t.Errorf("a double that was stopped leaves %v %v", left, err)
	}
	out, errs, code := run(t, "double", "--file", doubleFile, "--listen", "127.0.0.1:"+port, "--replay", record)
	if code != cli.ExitDone || !strings.Contains(out,
		"3 requests recorded: 3 answered the same, 0 answered otherwise, 0 left out") {
		t.Errorf("replay: exit %d, %s%s", code, out, errs)
	}
	other := strings.Replace(read(t, doubleFile), `id = "ada"`, `id = "eve"`, 1)
	out, _, code = run(t, "double", "--file", commandtest.Write(t, "other.toml", other), "--listen", "127.0.0.1:"+port,
		"--replay", record)
	if code != cli.ExitFailed || !strings.Contains(out, "another file") ||
		!strings.Contains(out, "/double/sign-in: the status was 200, is 404") {
		t.Errorf("replay with another file: exit %d, %s", code, out)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestDoubleWrongUsage(t *testing.T) {
	bad := commandtest.Write(t, "bad.toml", "[[clients]]\nname = \"x\"\n")
	for name, tt := range map[string]struct {
		args     []string
		code     int
		contains string
	}{
		"for everybody":       {[]string{"--file", doubleFile, "--listen", "0.0.0.0:8090"}, cli.ExitUsage, "this machine"},
		"no file":             {nil, cli.ExitUsage, "--file"},
		"file missing":        {[]string{"--file", "nowhere.toml"}, cli.ExitFailed, "nowhere.toml"},
		"file with a mistake": {[]string{"--file", bad}, cli.ExitFailed, "line 2: clients[1].name: There is no setting"},
		"address with a path": {[]string{"--file", doubleFile, "--address", "https://x.test/y"}, cli.ExitUsage, "without a path"},
		"replay and folder":   {[]string{"--file", doubleFile, "--replay", "x", "--data", "y"}, cli.ExitUsage, "--data"},
		"recording missing":   {[]string{"--file", doubleFile, "--replay", "nowhere.jsonl"}, cli.ExitFailed, "nowhere.jsonl"},
		"no recording":        {[]string{"--file", doubleFile, "--replay", bad}, cli.ExitFailed, "not a recording"},
	} {
		if out, errs, code := run(t, append([]string{"double"}, tt.args...)...); code != tt.code || !strings.Contains(out+errs, tt.contains) {
			t.Errorf("%s: exit %d, %s%s; want %d with %q", name, code, out, errs, tt.code, tt.contains)
		}
	}
}

func TestIssuerPort(t *testing.T) {
	for _, tt := range []struct{ listen, host, address, port, want string }{
		{"127.0.0.1:8090", "localhost", "", "usual", "http://localhost:8090"},
		{"127.0.0.1:8090", "cis2.localhost", "", "explicit", "http://cis2.localhost:8090"},
		{"127.0.0.1:80", "localhost", "", "usual", "http://localhost"},
		{"127.0.0.1:80", "localhost", "", "explicit", "http://localhost:80"},
		{"127.0.0.1:8090", "localhost", "https://cis2.test", "usual", "https://cis2.test"},
		{"127.0.0.1:8090", "localhost", "https://cis2.test", "explicit", "https://cis2.test:443"},
		{"127.0.0.1:8090", "localhost", "https://cis2.test:443", "usual", "https://cis2.test"},
	} {
		o, err := (&doubleFlags{File: doubleFile, Listen: tt.listen, Host: tt.host, Address: tt.address, IssuerPort: tt.port}).options()
		if err != nil || o.Issuer != tt.want+cis2.Realm || strings.HasSuffix(o.Address, ":443") ||
			strings.HasSuffix(o.Address, ":80") {
			t.Errorf("%+v: issuer %s, address %s, %v", tt, o.Issuer, o.Address, err)
		}
	}
}

// Only the command of its name reaches the double: what serve runs cannot lead to it, and the house test keeps
// it out of package app. TestServe asks the served sites for its paths.
func TestServeKnowsNoDouble(t *testing.T) {
	var names []string
	for _, place := range []string{"*.go", "*/*.go"} {
		found, err := filepath.Glob(place)
		if err != nil || len(found) < 10 {
			t.Fatalf("%d files in %s: %v", len(found), place, err)
		}
		names = append(names, found...)
	}
	var users []string
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool {
			return strings.HasPrefix(i.Path.Value, `"signpost/internal/double`)
		}) {
			users = append(users, name)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if named, is := n.(*ast.Ident); is && named.Name == "doubleCommand" && name != "double.go" &&
				name != "command.go" {
				t.Errorf("%s speaks of doubleCommand", name)
			}
			return true
		})
	}
	if !slices.Equal(users, []string{"double.go"}) {
		t.Errorf("package double is imported by %v", users)
	}
}
