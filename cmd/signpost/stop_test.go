package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"syscall"
	"testing"
	"time"
)

func portOf(address string) string {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		panic(err)
	}
	return port
}

// A node that is told to end says so to whoever asks for its readiness and in its answers, and answers on until it is
// seen. Then it ends well.
func TestStopIsSeenBeforeItIsOver(t *testing.T) {
	t.Parallel() // it mostly waits
	n := newNode(t, settings{data: t.TempDir(), wait: 2, finish: 5})
	n.start()
	held := connect(t, n.listen)
	if answer := held.ask(t, n.listen); answer.Close {
		t.Error("a connection ends before the stop")
	}
	begun := time.Now()
	n.signal(syscall.SIGTERM)
	for status := 200; status != http.StatusServiceUnavailable; status, _ = get("http://" + n.operations + "/readyz") {
		if time.Since(begun) > time.Second {
			t.Fatal("a second after the signal the node is still ready")
		}
	}
	if status, _ := get("http://" + n.operations + "/healthz"); status != http.StatusOK {
		t.Errorf("while it stops, the node is not alive: %d", status)
	}
	if answer := held.ask(t, n.listen); answer.StatusCode != http.StatusOK || !answer.Close {
		t.Errorf("on a connection from before: %d, ends %v", answer.StatusCode, answer.Close)
	}
	if answer := connect(t, n.listen).ask(t, n.listen); answer.StatusCode != http.StatusOK || !answer.Close {
		t.Errorf("on a new connection: %d, ends %v", answer.StatusCode, answer.Close)
	}
	if err := n.wait(); err != nil {
		t.Errorf("the node ended with %v: %s", err, n.log.String())
	}
	if took := time.Since(begun); took < 2*time.Second {
		t.Errorf("the node ended after %v, before anybody could see it", took)
	}
}

// Clients that stop sending or reading do not keep a node from ending, nor does it fail for them.
func TestSlowClientsDoNotHoldAStop(t *testing.T) {
	t.Parallel() // it mostly waits
	n := newNode(t, settings{data: t.TempDir(), wait: 0, finish: 1})
	n.start()
	const post = "POST /openam/oauth2/realms/root/realms/NHSIdentity/realms/Healthcare/access_token HTTP/1.1\r\n"
	for _, sent := range []string{
		"", "GET / HT", post + "Host: cis2.localhost\r\nContent-Length: 100\r\n" +
			"Content-Type: application/x-www-form-urlencoded\r\n\r\na",
	} {
		if _, err := fmt.Fprint(connect(t, n.listen), sent); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(100 * time.Millisecond) // until the node has begun to read
	took, err := n.stop()
	if err != nil || took > 8*time.Second {
		t.Errorf("the node ended after %v with %v: %s", took, err, n.log.String())
	}
}

// A second signal does not wait for anything.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel() // it mostly waits
	for _, second := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		n := newNode(t, settings{data: t.TempDir(), wait: 60, finish: 60})
		n.start()
		n.signal(syscall.SIGTERM)
		for status := 200; status == http.StatusOK; status, _ = get("http://" + n.operations + "/readyz") {
			time.Sleep(10 * time.Millisecond)
		}
		begun := time.Now()
		n.signal(second)
		if err := n.wait(); err == nil {
			t.Errorf("%v: the node was not interrupted", second)
		}
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("%v: the node ended after %v", second, took)
		}
	}
}

// A node that is told to end while it starts, ends, which is no failure.
func TestStopWhileStarting(t *testing.T) {
	t.Parallel() // it mostly waits
	data := t.TempDir()
	for pause := 50 * time.Millisecond; pause < time.Second; pause += 200 * time.Millisecond {
		n := newNode(t, settings{data: data, wait: 0, finish: 1})
		n.begin()
		time.Sleep(pause)
		n.signal(syscall.SIGTERM)
		if err := n.wait(); err != nil && err.Error() != "signal: terminated" {
			t.Errorf("after %v: %v: %s", pause, err, n.log.String())
		}
	}
}

// connection is one to a node.
type connection struct {
	net.Conn
	answers *bufio.Reader
}

// connect opens a connection that the test ends.
func connect(t testing.TB, address string) *connection {
	t.Helper()
	c, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return &connection{Conn: c, answers: bufio.NewReader(c)}
}

// ask asks for the directory's first page, and reads the answer whole.
func (c *connection) ask(t testing.TB, address string) *http.Response {
	t.Helper()
	if _, err := fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: dos.localhost:%s\r\n\r\n", portOf(address)); err != nil {
		t.Fatal(err)
	}
	answer, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		t.Fatal(err)
	}
	return answer
}
