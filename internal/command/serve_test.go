package command

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"signpost/internal/app"
	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
	"signpost/internal/config"
	"signpost/internal/platform/clock"
)

// broken is a system that was served once and is about to be served again.
type broken struct {
	t      *testing.T
	data   string
	config string // its text
}

// path names a file of the data folder.
func (b *broken) path(name string) string { return filepath.Join(b.data, name) }

func (b *broken) write(name, text string) {
	b.t.Helper()
	if err := os.WriteFile(b.path(name), []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// folder puts a folder where there was a file.
func (b *broken) folder(name string) {
	b.t.Helper()
	b.remove(name)
	if err := os.Mkdir(b.path(name), 0o700); err != nil {
		b.t.Fatal(err)
	}
}

func (b *broken) remove(name string) {
	b.t.Helper()
	if err := os.RemoveAll(b.path(name)); err != nil {
		b.t.Fatal(err)
	}
}

func (b *broken) set(old, replacement string) {
	b.config = strings.Replace(b.config, old, replacement, 1)
}

// database sets where the directory's database is.
func (b *broken) database(address string) {
	b.set("[databases]\n", fmt.Sprintf("[databases]\ndos = %q\n", address))
}

// servedOnce makes a system as its first start leaves it.
func servedOnce(t *testing.T) *broken {
	t.Helper()
	b := &broken{t: t, data: t.TempDir()}
	b.config = fmt.Sprintf(`listen = "127.0.0.1:0"
operations = "127.0.0.1:0"
data = %q
[databases]
[addresses]
dos = "http://dos.localhost:8080"
cis2 = "http://cis2.localhost:8080"
cim = "http://cim.localhost:8080"
[mail]
host = "127.0.0.1"
from = "test@example.nhs.uk"
plain = true
`, b.data)
	cfg, err := config.Read(commandtest.Write(t, "signpost.toml", b.config), b.data)
	if err != nil {
		t.Fatal(err)
	}
	s, err := app.New(app.Options{Config: cfg, Log: slog.New(slog.DiscardHandler), Clock: clock.System{}})
	if err != nil {
		t.Fatal(err)
	}
	care, err := s.OpenCareIdentity(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := care.Close(context.Background()); err != nil {
		t.Fatal(err)
	}
	return b
}

// copied gives a system like it in a folder of its own.
func (b *broken) copied(t *testing.T) *broken {
	t.Helper()
	made := &broken{t: t, data: filepath.Join(t.TempDir(), "data")}
	made.config = strings.ReplaceAll(b.config, b.data, made.data)
	err := os.CopyFS(made.data, os.DirFS(b.data))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(made.path("master.key"), 0o600); err != nil {
		t.Fatal(err)
	}
	return made
}

// besidesTheLog gives the lines of standard error that are not of the log.
func besidesTheLog(errs string) (lines []string) {
	for line := range strings.Lines(errs) {
		if !strings.HasPrefix(line, "{") {
			lines = append(lines, line)
		}
	}
	return lines
}

// Whatever keeps a node from starting is said in one line, which ends with what to do about it.
func TestEveryRefusalAtTheStartNamesItsCure(t *testing.T) {
	const (
		noModule = "[hsm]\nmodule = \"/nowhere.so\"\ntoken = \"t\"\npin = \"1\"\n"
		noPIN    = "[hsm]\nmodule = \"/x\"\ntoken = \"t\"\npin_file = \"/nowhere/pin\"\n"
		place    = "Let the user that Signpost runs as read and write there, or name another place in the "
		missing  = "Mend its name, or make it first; docs/running.md says"
		settings = "docs/running.md says what each setting needs."
		server   = "mend its address, user or password under [databases]."
		listen   = "Name an address of this machine and a free port, like 127.0.0.1:8080; "
		copied   = "Bring it back from its copy, or name it by master_key in the configuration."
		earlier  = "Bring back the master key of that time from its copy, or name it by master_key in the "
	)
	torn := strings.Repeat("x", 9000)
	whole := servedOnce(t)
	for name, tt := range map[string]struct {
		breaks func(b *broken)
		cure   string
	}{
		"not TOML":               {func(b *broken) { b.config = "listen = " }, settings},
		"no such setting":        {func(b *broken) { b.set("listen", "lisen") }, "mend its name or take it out"},
		"a word for a number":    {func(b *broken) { b.set("[mail]", "[mail]\nport = \"x\"") }, settings},
		"data is a file":         {func(b *broken) { b.write("file", ""); b.set(b.data, b.path("file")) }, place},
		"the key is gone":        {func(b *broken) { b.remove("master.key") }, copied},
		"the key is elsewhere":   {func(b *broken) { b.config = "master_key = \"away/key\"\n" + b.config }, copied},
		"the key is no key":      {func(b *broken) { b.write("master.key", "garbage!") }, "must hold base64"},
		"the key is another one": {func(b *broken) { b.write("master.key", strings.Repeat("A", 43)+"=\n") }, earlier},
		"the key is a folder":    {func(b *broken) { b.folder("master.key") }, place},
		"a client key is torn":   {func(b *broken) { b.write("cim-client.key", "garbage") }, earlier},
		"a client key: a folder": {func(b *broken) { b.folder("cim-client.key") }, place},
		"the database is gone":   {func(b *broken) { b.remove("careid.db") }, "Restore the database from its backup"},
		"the database is torn":   {func(b *broken) { b.write("careid.db", torn) }, "restore it from its backup"},
		"a database: a folder":   {func(b *broken) { b.folder("dos.db") }, place},
		"a lock: a folder":       {func(b *broken) { b.folder("dos.db-lock") }, settings},
		"no server":              {func(b *broken) { b.database("postgres://u@127.0.0.1:1/x") }, server},
		"no host of a server":    {func(b *broken) { b.database("postgres://u@host.invalid/x") }, server},
		"no address of a server": {func(b *broken) { b.database("postgres://%zz") }, settings},
		"no module":              {func(b *broken) { b.config += noModule }, settings},
		"no PIN":                 {func(b *broken) { b.config += noPIN }, missing},
		"another machine's":      {func(b *broken) { b.set("127.0.0.1:0", "192.0.2.1:80") }, listen},
		"no port":                {func(b *broken) { b.set("127.0.0.1:0", "nonsense") }, listen},
		"too high a port":        {func(b *broken) { b.set("127.0.0.1:0", "127.0.0.1:99999") }, listen},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := whole.copied(t)
			tt.breaks(b)
			_, errs, code := run(t, "serve", "--config", commandtest.Write(t, "signpost.toml", b.config))
			said := besidesTheLog(errs)
			if code != cli.ExitFailed || len(said) != 1 || !strings.Contains(said[0], tt.cure) ||
				strings.Count(said[0], "dial tcp") > 1 {
				t.Errorf("exit %d, %q; want one line with %q", code, said, tt.cure)
			}
		})
	}
}

// A configuration that is not there is not said to be a matter of who may read it.
func TestServeNamesTheCureOfAMissingConfiguration(t *testing.T) {
	_, errs, code := run(t, "serve", "--config", filepath.Join(t.TempDir(), "signpost.toml"))
	if code != cli.ExitFailed || strings.Count(errs, "\n") != 1 ||
		!strings.Contains(errs, "Mend its name, or make it") {
		t.Errorf("exit %d, %q", code, errs)
	}
}

// A master key that is missing is not made anew, so that its copy can be brought back.
func TestALostMasterKeyIsNotMadeAnew(t *testing.T) {
	b := servedOnce(t)
	b.remove("master.key")
	for range 2 {
		run(t, "serve", "--config", commandtest.Write(t, "signpost.toml", b.config))
		if _, err := os.Stat(b.path("master.key")); err == nil {
			t.Fatal("a new master key was written")
		}
	}
	b.remove("cim-client.key")
	b.remove("dos-client.key") // on a second machine, of which only the database was sealed
	_, errs, code := run(t, "serve", "--config", commandtest.Write(t, "signpost.toml", b.config))
	if _, err := os.Stat(b.path("master.key")); err == nil || code != cli.ExitFailed {
		t.Errorf("exit %d, %s; a new master key was written: %v", code, errs, err == nil)
	}
}
