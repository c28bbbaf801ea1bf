// Package haproxytest puts HAProxy in front of what a test serves, where TEST_HAPROXY names its program. Tests that
// need it are left out where nothing is named; a program that is named but does not run fails the test.
package haproxytest

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"signpost/internal/platform/fetch"
)

// Need leaves a test out where no HAProxy is named.
func Need(t testing.TB) {
	t.Helper()
	if os.Getenv("TEST_HAPROXY") == "" {
		t.Skip("TEST_HAPROXY names no program")
	}
}

// patience is how long HAProxy may take to start.
const patience = 20 * time.Second

// Start runs HAProxy by a configuration until the test ends, and comes back once it listens at address.
func Start(t testing.TB, configuration, address string) {
	t.Helper()
	Need(t)
	file := filepath.Join(t.TempDir(), "haproxy.cfg")
	if err := os.WriteFile(file, []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	ctx, stop := context.WithCancel(context.Background())
	proxy := exec.CommandContext(ctx, os.Getenv("TEST_HAPROXY"), "-db", "-f", file)
	proxy.Stderr = &said
	if err := proxy.Start(); err != nil {
		stop()
		t.Fatalf("TEST_HAPROXY is set but does not run: %v", err)
	}
	ended := make(chan struct{})
	go func() { _ = proxy.Wait(); close(ended) }()
	t.Cleanup(func() { stop(); <-ended })
	if !listens(address, ended) {
		stop()
		<-ended
		t.Fatalf("HAProxy does not listen at %s: %s", address, said.String())
	}
}

// listens waits until somebody listens at an address; false if the program ended, or took too long.
func listens(address string, ended <-chan struct{}) bool {
	for begun := time.Now(); time.Since(begun) < patience; time.Sleep(10 * time.Millisecond) {
		select {
		case <-ended:
			return false
		default:
		}
		if answers(address) {
			return true
		}
	}
	return false
}

// answers reports whether somebody takes connections at an address.
func answers(address string) bool {
	conn, err := asking.Dial(context.Background(), address)
	if err != nil {
		return false
	}
	return conn.Close() == nil
}

var asking = fetch.New(fetch.Options{AllowLoopback: true})

// FreeAddress gives an address of this machine at which nobody listens.
func FreeAddress(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
