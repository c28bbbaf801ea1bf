package command

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
	"signpost/internal/national/cis2"
)

// run runs the command line and gives what it printed and its exit code.
func run(t *testing.T, args ...string) (out, errs string, code int) {
	t.Helper()
	return commandtest.Main(Main).Run(t, args...)
}

// Whatever is added to the list of commands can be run and is told of in help.
func TestEveryCommandRunsAndHasHelp(t *testing.T) {
	parser, err := newParser()
	if err != nil {
		t.Fatal(err)
	}
	leaves := parser.Model.Leaves(false)
	if len(leaves) < len(commands) {
		t.Fatalf("%d commands to run for %d in the list", len(leaves), len(commands))
	}
	for _, leaf := range leaves {
		if leaf.Help == "" {
			t.Errorf("%s has no help", leaf.FullPath())
		}
		if !leaf.Target.Addr().MethodByName("Run").IsValid() {
			t.Errorf("%s has no method Run", leaf.FullPath())
		}
	}
}

func TestWrongUsage(t *testing.T) {
	for name, tt := range map[string]struct {
		args     []string
		code     int
		contains string
	}{
		"no such command":       {[]string{"frob"}, cli.ExitUsage, "frob"},
		"demo for everybody":    {[]string{"demo", "--listen", "0.0.0.0:8080"}, cli.ExitUsage, "this machine"},
		"no such site":          {[]string{"serve", "--sites", "dos,xyz"}, cli.ExitUsage, "xyz"},
		"nothing configured":    {[]string{"serve", "--data", t.TempDir()}, cli.ExitFailed, "--config signpost.toml"},
		"configuration missing": {[]string{"serve", "--config", "nowhere.toml"}, cli.ExitFailed, "nowhere.toml"},
	} {
		if out, errs, code := run(t, tt.args...); code != tt.code || !strings.Contains(out+errs, tt.contains) {
			t.Errorf("%s: exit %d, %s%s; want %d with %q", name, code, out, errs, tt.code, tt.contains)
		}
	}
}

// A wrong usage is one line on standard error that names the help of the command, and help is on standard output.
func TestUsageErrorsAreOneLine(t *testing.T) {
	for _, tt := range []struct{ args, help string }{
		{"", "signpost --help"}, {"frob", "signpost --help"}, {"keys", "signpost keys --help"},
		{"import services --frob", "signpost import services --help"}, {"check-rp", "signpost check-rp --help"},
		{"serve --sites dos,xyz", "signpost serve --help"}, {"demo --listen 0.0.0.0:8080", "signpost demo --help"},
	} {
		out, errs, code := run(t, strings.Fields(tt.args)...)
		if code != cli.ExitUsage || out != "" || strings.Count(errs, "\n") != 1 ||
			!strings.HasSuffix(errs, ". See "+tt.help+".\n") || strings.Contains(errs, ", .") {
			t.Errorf("signpost %s: exit %d, output %q, errors %q", tt.args, code, out, errs)
		}
	}
	for _, args := range []string{"--help", "demo --help", "keys rotate --help"} {
		out, errs, code := run(t, strings.Fields(args)...)
		if code != cli.ExitDone || !strings.Contains(out, "Usage: signpost") || errs != "" {
			t.Errorf("signpost %s: exit %d, output %q, errors %q", args, code, out, errs)
		}
	}
}

func TestVersion(t *testing.T) {
	for _, args := range []string{"version", "--version"} {
		out, errs, code := run(t, args)
		if code != cli.ExitDone || errs != "" || !strings.HasPrefix(out, "signpost ") ||
			strings.Count(out, "\n") != 1 || !strings.Contains(out, runtime.Version()) {
			t.Errorf("%s: exit %d, output %q, errors %q", args, code, out, errs)
		}
	}
	var b build
	out, _, _ := run(t, "version", "--json")
	if err := json.Unmarshal([]byte(out), &b); err != nil || b.Go != runtime.Version() || b.Version == "" {
		t.Errorf("as JSON: %s, %v", out, err)
	}
}

// A port that another program has is one line that says how to choose another, and no address is printed before it.
func TestPortIsTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	address := l.Addr().String()
	for name, args := range map[string][]string{
		"demo":   {"demo", "--listen", address},
		"double": {"double", "--file", doubleFile, "--listen", address, "--record", filepath.Join(t.TempDir(), "record")},
		"check-rp": {"check-rp", "--listen", address, "--start", "http://localhost:1/", "--signed-in-text", "x",
			"--client-secret", "x"},
	} {
		out, errs, code := run(t, args...)
		message := address + " is in use by another program. Choose another port, such as --listen 127.0.0.1:"
		if code != cli.ExitFailed || out != "" || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, message) {
			t.Errorf("%s: exit %d, output %q, errors %q", name, code, out, errs)
		}
	}
}

// started runs a command until the test ends and waits until port answers.
func started(t *testing.T, port string, args ...string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	var out, errs bytes.Buffer
	go func() { ended <- Main(ctx, args, &out, &errs) }()
	t.Cleanup(func() {
		stop()
		if code := <-ended; code != cli.ExitDone {
			t.Errorf("%v ended with %d: %s", args, code, errs.String())
		}
	})
	deadline := time.After(20 * time.Second)
	for {
		select {
		case code := <-ended:
			ended <- code
			t.Fatalf("%v ended at once with %d: %s", args, code, errs.String())
		case <-deadline:
			t.Fatalf("%v did not answer", args)
		case <-time.After(10 * time.Millisecond):
			if conn, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
				_ = conn.Close()
				return
			}
		}
	}
}

// get asks a site, by its host name, on a port of this machine.
func get(t *testing.T, port, host, path string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://127.0.0.1:"+port+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// Where the address stands in the configuration, the line names the setting.
func TestConfiguredPortIsTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	settings := commandtest.Write(t, "signpost.toml", `
listen = "`+l.Addr().String()+`"
operations = "127.0.0.1:0"
[addresses]
cis2 = "https://cis2.example.nhs.uk"
dos = "https://dos.example.nhs.uk"
cim = "https://cim.example.nhs.uk"
[mail]
host = "127.0.0.1"
from = "signpost@example.nhs.uk"
`)
	out, errs, code := run(t, "serve", "--config", settings, "--data", t.TempDir())
	want := "signpost: " + l.Addr().String() +
		` is in use by another program. Stop it, or change "listen" in the configuration.` + "\n"
	if said := besidesTheLog(errs); code != cli.ExitFailed || out != "" || len(said) != 1 || said[0] != want {
		t.Errorf("exit %d, output %q, errors %q; want %q", code, out, said, want)
	}
}

func TestDemoServesEverySite(t *testing.T) {
	port := commandtest.FreePort(t)
	started(t, port, "demo", "--listen", "127.0.0.1:"+port)
	for host, want := range map[string]string{
		"localhost": "Try Signpost", "dos.localhost": "Log in with my Care Identity", "cim.localhost": "Care Identity Management", "mail.localhost": "Mail that was sent",
	} {
		if code, body := get(t, port, host+":"+port, "/"); code != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d, lacks %q", host, code, want)
		}
	}
	for host, path := range map[string]string{
		"localhost": "/", "dos.localhost": "/", "cim.localhost": "/", "cis2.localhost": "/my-sessions",
	} {
		_, onPage := get(t, port, host+":"+port, path)
		code, asked := get(t, port, host+":"+port, "/demo/mail")
		if !strings.Contains(onPage, "Mail (") || code != http.StatusOK || !strings.Contains(asked, "Mail (") {
			t.Errorf("%s has no drawer of mail, or no address of it (%d)", host, code)
		}
	}
	if code, body := get(t, port, "cis2.localhost:"+port, cis2.Realm+cis2.DiscoveryPath); code != http.StatusOK ||
		!strings.Contains(body, "http://cis2.localhost:"+port+cis2.Realm) {
		t.Errorf("discovery: %d %s", code, body)
	}
}

func TestServe(t *testing.T) {
	port := commandtest.FreePort(t)
	ops := commandtest.FreePort(t)
	settings := commandtest.Write(t, "signpost.toml", `
listen = "127.0.0.1:`+port+`"
operations = "127.0.0.1:`+ops+`"
[stop]
wait_seconds = 0
[addresses]
dos = "https://dos.example.nhs.uk"
cis2 = "https://cis2.example.nhs.uk"
cim = "https://cim.example.nhs.uk"
[mail]
host = "127.0.0.1"
from = "signpost@example.nhs.uk"
`)
	started(t, ops, "serve", "--config", settings, "--data", t.TempDir())
	for path, want := range map[string]string{"/healthz": "alive", "/readyz": "ready", "/metrics": "signpost_http"} {
		if code, body := get(t, ops, "127.0.0.1", path); code != http.StatusOK ||
			!strings.Contains(body, want) && path != "/metrics" {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	if code, _ := get(t, port, "dos.example.nhs.uk", "/"); code != http.StatusOK {
		t.Errorf("the directory answers %d", code)
	}
	if code, _ := get(t, port, "localhost", "/"); code != http.StatusMisdirectedRequest {
		t.Errorf("a host that is not ours answers %d", code)
	}
	refused := map[string]bool{}
	for _, path := range []string{"/simulated/x", "/simulated", "/double/state", "/double/people", "/double/sign-in",
		"/demo/be/800000003100/dos", "/demo/mail"} {
		code, body := get(t, port, "cis2.example.nhs.uk", path)
		refused[path] = code == http.StatusNotFound && !strings.Contains(body, "persona")
	}
	for path, ok := range refused {
		if !ok {
			t.Errorf("serve answers %s", path)
		}
	}
}
