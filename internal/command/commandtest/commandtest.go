// Package commandtest runs the command line in tests. It is given the command line's Main, so that the tests of
// package command can use it too.
package commandtest

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
)

// Main is command.Main.
type Main func(ctx context.Context, args []string, out, errs io.Writer) int

// Run runs the command line and gives what it printed and its exit code.
func (m Main) Run(t testing.TB, args ...string) (out, errs string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	code = m(t.Context(), args, &o, &e)
	return o.String(), e.String(), code
}

// Write writes a file in a folder of its own, and gives its path.
func Write(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// System is where a system that serves, or is stopped, has its configuration and its data.
type System struct {
	Config, Data string
	Port         string // where it listens
}

// NewSystem writes the configuration of a system that was never started. More of its settings may be given.
func NewSystem(t testing.TB, more string) System {
	t.Helper()
	s := System{Port: FreePort(t), Data: t.TempDir()}
	s.Config = Write(t, "signpost.toml", `
listen = "127.0.0.1:`+s.Port+`"
operations = "127.0.0.1:0"
[stop]
wait_seconds = 0
[addresses]
dos = "https://dos.example.nhs.uk"
cis2 = "https://cis2.example.nhs.uk"
cim = "https://cim.example.nhs.uk"
[mail]
host = "127.0.0.1"
from = "signpost@example.nhs.uk"
`+more)
	return s
}

// On gives a command the flags by which it works on this system.
func (s System) On(words ...string) []string {
	return append(words, "--config", s.Config, "--data", s.Data)
}

// FreePort gives a port of this machine that nobody listens at.
func FreePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
