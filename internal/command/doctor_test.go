package command

import (
	"encoding/base64"
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
	"signpost/internal/doctor"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/portal"
)

// noMail lets whoever comes say hello and goodbye; a message would end the test.
type noMail struct{ smtp.Session }

func (n noMail) NewSession(*smtp.Conn) (smtp.Session, error) { return n, nil }
func (noMail) Reset()                                        {}
func (noMail) Logout() error                                 { return nil }

// mailServer is a mail server on a port of this machine.
func mailServer(t *testing.T) (port string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(noMail{})
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port
}

// clinic is a directory on this machine whose people log in at a double of the national CIS2.
type clinic struct {
	t                  *testing.T
	settings, data     string
	port, ops, at, cis string
}

func newClinic(t *testing.T, clientID string) clinic {
	t.Helper()
	c := clinic{t: t, port: commandtest.FreePort(t), ops: commandtest.FreePort(t), data: filepath.Join(t.TempDir(), "data")}
	c.at = "http://dos.localhost:" + c.port
	double := commandtest.FreePort(t)
	c.cis = "http://localhost:" + double + cis2.Realm
	file := commandtest.Write(t, "double.toml", `
[[clients]]
client_id = "123456789012.apps.supplier"
client_name = "Directory of Services"
token_endpoint_auth_method = "private_key_jwt"
token_endpoint_auth_signing_alg = "RS512"
jwks_uri = "`+c.at+portal.KeysPath+`"
redirect_uris = ["`+c.at+portal.CallbackPath+`"]
scope = ["openid", "profile", "email", "nhsperson", "associatedorgs", "nationalrbacaccess"]

[[people]]
id = "ada"
given_name = "Ada"
family_name = "Example"
`)
	started(t, double, "double", "--file", file, "--listen", "127.0.0.1:"+double,
		"--record", filepath.Join(t.TempDir(), "run.jsonl"))
	c.settings = commandtest.Write(t, "signpost.toml", `
listen = "127.0.0.1:`+c.port+`"
operations = "127.0.0.1:`+c.ops+`"
[stop]
wait_seconds = 0
[addresses]
dos = "`+c.at+`"
[directory]
issuer = "`+c.cis+`"
client_id = "`+clientID+`"
[mail]
host = "127.0.0.1"
port = `+mailServer(t)+`
plain = true
from = "signpost@example.nhs.uk"
`)
	return c
}

func (c clinic) on(words ...string) []string {
	return append(words, "--config", c.settings, "--data", c.data)
}

// doctor looks, and gives what it said of each thing.
func (c clinic) doctor(wantCode int) map[string]doctor.Line {
	c.t.Helper()
	out, errs, code := run(c.t, c.on("doctor", "--sites", "dos", "--json")...)
	if code != wantCode {
		c.t.Fatalf("doctor: exit %d, want %d: %s%s", code, wantCode, out, errs)
	}
	var lines []doctor.Line
	if err := json.Unmarshal([]byte(out), &lines); err != nil {
		c.t.Fatalf("%v: %s", err, out)
	}
	said := map[string]doctor.Line{}
	for _, l := range lines {
		if l.Outcome == doctor.Failed && l.Cure == "" {
			c.t.Errorf("%s failed without a cure: %s", l.Check, l.Saw)
		}
		said[l.Check] = l
	}
	return said
}

func (c clinic) expect(said map[string]doctor.Line, want map[string]doctor.Outcome) {
	c.t.Helper()
	for check, outcome := range want {
		if said[check].Outcome != outcome {
			c.t.Errorf("%s is %q, want %q: %+v", check, said[check].Outcome, outcome, said[check])
		}
	}
	if len(said) != len(want) {
		c.t.Errorf("%d things were looked at, want %d: %+v", len(said), len(want), said)
	}
}

// From an empty folder to a directory that the national CIS2 takes for its client, each step as the doctor says it.
func TestDoctorWithANationalCIS2(t *testing.T) {
	c := newClinic(t, "123456789012.apps.supplier")
	want := map[string]doctor.Outcome{
		"configuration": doctor.Well, "data folder": doctor.Well, "master key": doctor.Well,
		"directory database": doctor.Well, "operations": doctor.Well, "listen": doctor.Well,
		"mail server": doctor.Well, "addresses.dos": doctor.Wait, "cis2": doctor.Well, "clock": doctor.Well,
		"client": doctor.Wait, "breached passwords": doctor.Well,
	}
	c.expect(c.doctor(cli.ExitDone), want)

	out, errs, code := run(t, c.on("keys", "client")...)
	if code != cli.ExitDone || !strings.Contains(out, "private_key_jwt, RS512") ||
		!strings.Contains(out, `"kty": "RSA"`) {
		t.Fatalf("keys client: exit %d, %s%s", code, out, errs)
	}
	if again, _, _ := run(t, c.on("keys", "client")...); again != out {
		t.Errorf("the key was made twice:\n%s\n%s", out, again)
	}
	c.expect(c.doctor(cli.ExitDone), want) // CIS2 cannot read a key set that nobody serves

	started(t, c.ops, c.on("serve", "--sites", "dos")...)
	want["client"] = doctor.Well
	want["addresses.dos"] = doctor.Well
	c.expect(c.doctor(cli.ExitDone), want)
}

// otherProgram listens at a port and hangs up on whoever comes, until it is stopped.
func otherProgram(t *testing.T, port string) (stop func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = conn.Close()
		}
	}()
	return func() { _ = l.Close() }
}

func TestDoctorSaysWhatIsWrong(t *testing.T) {
	c := newClinic(t, "999999999999.apps.supplier")
	taken := otherProgram(t, c.port)
	if l := c.doctor(cli.ExitFailed)["listen"]; l.Outcome != doctor.Failed || !strings.Contains(l.Saw, "in use") {
		t.Errorf("a port that is taken: %+v", l)
	}
	taken()
	started(t, c.ops, c.on("serve", "--sites", "dos")...)
	said := c.doctor(cli.ExitFailed)
	if l := said["client"]; l.Outcome != doctor.Failed || !strings.Contains(l.Saw, "invalid_client") ||
		!strings.Contains(l.Cure, c.at+portal.KeysPath) {
		t.Errorf("a client that CIS2 does not know: %+v", l)
	}
	c.settings = commandtest.Write(t, "signpost.toml", strings.NewReplacer(
		c.cis, "http://localhost:1", "signpost@", "signpost", "plain = true", "").Replace(read(t, c.settings)))
	said = c.doctor(cli.ExitFailed)
	for _, check := range []string{"configuration", "mail server", "cis2"} {
		if said[check].Outcome != doctor.Failed {
			t.Errorf("%s: %+v", check, said[check])
		}
	}
}

// What is wrong is said in lines that people read, each with what to do.
func TestDoctorInWords(t *testing.T) {
	s := commandtest.NewSystem(t, "port = 1\nplain = true\n")
	s.Config = commandtest.Write(t, "here.toml", strings.NewReplacer("https://", "http://",
		".example.nhs.uk\"\n", ".localhost:1\"\n").Replace(read(t, s.Config)))
	out, errs, code := run(t, s.On("doctor")...)
	if code != cli.ExitFailed || !strings.Contains(errs, "not all is well") {
		t.Errorf("exit %d: %s", code, errs)
	}
	for _, want := range []string{
		"ok      configuration: complete",
		"failed  mail server: 127.0.0.1:1: ",
		"        → See whether it takes mail from this machine",
		"wait    addresses.cim: http://cim.localhost:1 does not answer, and no node runs here: ",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in\n%s", want, out)
		}
	}
	if _, errs, code := run(t, s.On("doctor", "--sites", "dos,moon")...); code != cli.ExitUsage {
		t.Errorf("a site that there is not: exit %d, %s", code, errs)
	}
}

// What was lost is said as the start says it.
func TestDoctorMissesWhatWasThere(t *testing.T) {
	usual := func(t *testing.T) commandtest.System {
		t.Helper()
		s := commandtest.NewSystem(t, "port = 1\nplain = true\n")
		s.Config = commandtest.Write(t, "here.toml", strings.NewReplacer("https://", "http://",
			".example.nhs.uk\"\n", ".localhost:1\"\n").Replace(read(t, s.Config)))
		t.Run("served", func(t *testing.T) { started(t, s.Port, s.On("serve")...) })
		return s
	}
	for name, tt := range map[string]struct {
		breaks func(s commandtest.System) error
		check  string
	}{
		"the master key": {func(s commandtest.System) error {
			return os.Remove(filepath.Join(s.Data, "master.key"))
		}, "master key"},
		"the master key of another": {func(s commandtest.System) error {
			other := base64.StdEncoding.EncodeToString(make([]byte, 32))
			return os.WriteFile(filepath.Join(s.Data, "master.key"), []byte(other+"\n"), 0o600)
		}, "master key"},
		"the care identity database": {func(s commandtest.System) error {
			return os.Remove(filepath.Join(s.Data, "careid.db"))
		}, "care identity database"},
	} {
		t.Run(name, func(t *testing.T) {
			s := usual(t)
			if err := tt.breaks(s); err != nil {
				t.Fatal(err)
			}
			out, errs, code := run(t, s.On("doctor")...)
			if code != cli.ExitFailed || !strings.Contains(out, "failed  "+tt.check+": ") {
				t.Errorf("exit %d: %s%s", code, out, errs)
			}
			if _, errs, code := run(t, s.On("serve")...); code != cli.ExitFailed {
				t.Errorf("serve: exit %d: %s", code, errs)
			}
		})
	}
}
