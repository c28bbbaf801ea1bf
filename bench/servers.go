package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"signpost/internal/national/cis2"
	"signpost/internal/platform/jwt"
)

// startFloor runs the floor as a program of its own.
func startFloor(ctx context.Context, w *world) (*target, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	set, err := json.Marshal(jwt.NewSet(w.key))
	if err != nil {
		return nil, err
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	file := floorFile{
		Issuer: "http://" + address + cis2.Realm, Database: w.low, Engine: w.engine, Algorithm: w.algorithm,
		ClientSet: set, People: map[string][]byte{},
	}
	for _, p := range w.people {
		key, err := publicKey(p)
		if err != nil {
			return nil, err
		}
		file.People[base64.RawURLEncoding.EncodeToString(p.cred.ID)] = key
	}
	text, err := json.Marshal(file)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(w.folder, "floor.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	t := newTarget("http://"+address, address, file.Issuer)
	//nolint:gosec // the program is this one
	return t, t.start(ctx, w, exec.CommandContext(ctx, self, "floor", "-listen", address, "-file", path))
}

// publicKey is the one of a person's security key, uncompressed.
func publicKey(p *person) ([]byte, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(p.cred.Key.Data)
	if err != nil {
		return nil, err
	}
	private, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("a %T is no key of a security key", parsed)
	}
	return private.PublicKey.Bytes()
}

// startProgram runs the sign-in service for real, behind a proxy that says from where people come.
func startProgram(ctx context.Context, o options, w *world, sites string) (*target, error) {
	databases := ""
	if w.engine == "PostgreSQL" {
		databases = fmt.Sprintf("[databases]\ncareid = %q\n", w.source)
	}
	config := fmt.Sprintf(`listen = "127.0.0.1:%d"
operations = "127.0.0.1:%d"
data = %q
proxies = ["127.0.0.1/32"]
[addresses]
dos = "http://dos.localhost:%d"
cis2 = %q
cim = "http://cim.localhost:%d"
[mail]
host = "127.0.0.1"
port = %d
from = "bench@bench.example"
plain = true
[stop]
wait_seconds = 0
%s`, w.port, w.operating, w.folder, w.port, w.origin(), w.port, w.mail, databases)
	path := filepath.Join(w.folder, "signpost.toml")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		return nil, err
	}
	t := newTarget(fmt.Sprintf("http://127.0.0.1:%d", w.port), fmt.Sprintf("cis2.localhost:%d", w.port),
		w.origin()+cis2.Realm)
	log, err := os.Create(filepath.Join(w.folder, "log"))
	if err != nil {
		return nil, err
	}
	//nolint:gosec // the program is named by who measures it
	command := exec.CommandContext(ctx, o.program, "serve", "--config", path, "--sites", sites)
	command.Stderr = log
	return t, t.start(ctx, w, command)
}

// start runs a server and waits for the first sign-in at it.
func (t *target) start(ctx context.Context, w *world, command *exec.Cmd) error {
	if command.Stderr == nil {
		command.Stderr = os.Stderr
	}
	begun := time.Now()
	if err := command.Start(); err != nil {
		return fmt.Errorf("start %s: %w", command.Path, err)
	}
	t.stop = func() error {
		_ = command.Process.Signal(os.Interrupt)
		_ = command.Wait() // it was told to end
		return nil
	}
	t.resident = func() int { return resident(command.Process.Pid, "VmRSS") }
	t.peak = func() int { return resident(command.Process.Pid, "VmHWM") }
	t.cpu = func() time.Duration { return worked(command.Process.Pid) }
	for {
		err := t.fetchKeys(ctx)
		if err == nil {
			break
		}
		if time.Since(begun) > 20*time.Second || ctx.Err() != nil {
			return errors.Join(err, t.stop())
		}
		time.Sleep(2 * time.Millisecond)
	}
	if err := w.signIn(ctx, t, w.people[0]); err != nil {
		return errors.Join(fmt.Errorf("the first sign-in: %w", err), t.stop())
	}
	t.first = time.Since(begun)
	return nil
}

func (t *target) fetchKeys(ctx context.Context) error {
	b := &browser{t: t, from: "10.9.9.9", cookies: map[string]string{}}
	text, err := b.reads(ctx, http.MethodGet, cis2.Realm+cis2.KeysPath, nil)
	if err != nil {
		return err
	}
	t.keys, err = jwt.ParseSet(text)
	return err
}

// worked is the processor time that a process has used; 0 where the system does not tell. Linux counts it
// in hundredths of a second.
func worked(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ") // what comes before may hold spaces
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, errUser := strconv.ParseInt(fields[11], 10, 64)
	system, errSystem := strconv.ParseInt(fields[12], 10, 64)
	if errUser != nil || errSystem != nil {
		return 0
	}
	return time.Duration(user+system) * 10 * time.Millisecond
}

// resident measures what a process holds in memory now (VmRSS), or held at most (VmHWM), in MiB; 0 where the system
// does not tell.
func resident(pid int, name string) int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	found := regexp.MustCompile(name + `:\s+(\d+)`).FindSubmatch(text)
	if found == nil {
		return 0
	}
	kib, err := strconv.Atoi(string(found[1]))
	if err != nil {
		return 0
	}
	return kib / 1024
}
