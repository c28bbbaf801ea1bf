package main

import (
	"io"
	"net"
	"testing"
	"time"
)

// echo answers each line with itself.
func echo(t *testing.T) net.Listener {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(conn, conn) }()
		}
	}()
	return l
}

func TestDistanceDelaysAndCountsJourneys(t *testing.T) {
	const delay = 2 * time.Millisecond
	const journeys = 5
	d, source, err := furtherAway(t.Context(), "postgres://bench@"+echo(t).Addr().String()+"/x", delay)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.close() }()
	if source != "postgres://bench@"+d.listener.Addr().String()+"/x" {
		t.Errorf("the proxy's URL is %s", source)
	}
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", d.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	begun := time.Now()
	for range journeys {
		answer := make([]byte, 4)
		if _, err := conn.Write([]byte("hello")[:4]); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(conn, answer); err != nil || string(answer) != "hell" {
			t.Fatalf("came back as %q, %v", answer, err)
		}
	}
	if took := time.Since(begun); took < journeys*delay {
		t.Errorf("%d journeys took %s, want %s at least", journeys, took, journeys*delay)
	}
	if n := d.journeys.Load(); n != journeys {
		t.Errorf("%d journeys were counted, want %d", n, journeys)
	}
	if _, _, err := furtherAway(t.Context(), "/a/file", delay); err == nil {
		t.Error("a file was put further away")
	}
}
