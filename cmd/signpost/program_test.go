package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"signpost/internal/platform/haproxytest"
)

// asProgram says that this test's binary is to be the program itself.
const asProgram = "SIGNPOST_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// program is a run of the program with some arguments.
func program(args ...string) *exec.Cmd {
	c := exec.Command(os.Args[0], args...)
	c.Env = append(os.Environ(), asProgram+"=1")
	return c
}

// node is a program that serves, which can be stopped and started again.
type node struct {
	t          testing.TB
	file       string // its configuration
	listen     string
	operations string
	running    *exec.Cmd
	ended      chan error
	log        bytes.Buffer
}

// settings are those of a node that tests choose. Sources of databases are empty for SQLite.
type settings struct {
	data, dos, careid string
	front             string // where browsers find it; its own address if empty
	wait, finish      int
}

// newNode writes a node's configuration.
func newNode(t testing.TB, s settings) *node {
	t.Helper()
	n := &node{
		t: t, file: filepath.Join(t.TempDir(), "signpost.toml"),
		listen: haproxytest.FreeAddress(t), operations: haproxytest.FreeAddress(t),
	}
	if s.front == "" {
		s.front = n.listen
	}
	text := fmt.Sprintf(`listen = %q
operations = %q
data = %q
proxies = ["127.0.0.1/32"]
[addresses]
dos = "http://dos.localhost:%[4]s"
cis2 = "http://cis2.localhost:%[4]s"
cim = "http://cim.localhost:%[4]s"
[databases]
dos = %[5]q
careid = %[6]q
[mail]
host = "127.0.0.1"
port = 1
from = "test@example.nhs.uk"
plain = true
[stop]
wait_seconds = %[7]d
finish_seconds = %[8]d
`, n.listen, n.operations, s.data, portOf(s.front), s.dos, s.careid, s.wait, s.finish)
	if err := os.WriteFile(n.file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.kill)
	return n
}

// start runs the node and comes back when it is ready.
func (n *node) start() {
	n.t.Helper()
	n.begin()
	n.awaitReady()
}

// begin runs the node.
func (n *node) begin() {
	n.t.Helper()
	n.log.Reset()
	n.running = program("serve", "--config", n.file)
	n.running.Stderr = &n.log
	n.launch()
}

// launch runs the node's program as it is.
func (n *node) launch() {
	n.t.Helper()
	if err := n.running.Start(); err != nil {
		n.t.Fatal(err)
	}
	n.ended = make(chan error, 1)
	go func(c *exec.Cmd, ended chan<- error) { ended <- c.Wait() }(n.running, n.ended)
}

func (n *node) awaitReady() {
	n.t.Helper()
	for begun := time.Now(); time.Since(begun) < time.Minute; time.Sleep(10 * time.Millisecond) {
		if status, _ := get("http://" + n.operations + "/readyz"); status == http.StatusOK {
			return
		}
		select {
		case err := <-n.ended:
			n.t.Fatalf("the node ended at its start: %v\n%s", err, n.log.String())
		default:
		}
	}
	n.t.Fatal("the node is not ready in time")
}

// signal sends the node a signal.
func (n *node) signal(s os.Signal) {
	n.t.Helper()
	if err := n.running.Process.Signal(s); err != nil {
		n.t.Fatal(err)
	}
}

// stop tells the node to end, and gives how long it took and how it ended.
func (n *node) stop() (took time.Duration, err error) {
	n.t.Helper()
	begun := time.Now()
	n.signal(syscall.SIGTERM)
	err = n.wait()
	return time.Since(begun), err
}

// wait waits for the node's end.
func (n *node) wait() error {
	n.t.Helper()
	select {
	case err := <-n.ended:
		n.running = nil
		return err
	case <-time.After(time.Minute):
		n.t.Fatal("the node did not end in time")
		return nil
	}
}

func (n *node) kill() {
	if n.running != nil {
		_ = n.running.Process.Kill()
		<-n.ended
	}
}

// get asks for an address and gives the status and the body; 0 is no answer.
func get(address string) (status int, body string) {
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return 0, err.Error()
	}
	client := http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(text)
}
