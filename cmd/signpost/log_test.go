package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"signpost/internal/platform/haproxytest"
)

// pipe gives both ends of a pipe that holds little.
func pipe(t *testing.T) (from, to *os.File) {
	t.Helper()
	from, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = from.Close() })
	const setSize = 1031 // F_SETPIPE_SZ
	if _, _, err := syscall.Syscall(syscall.SYS_FCNTL, to.Fd(), setSize, 4096); err != 0 {
		t.Fatal(err)
	}
	return from, to
}

// startInto runs a node whose log goes into a pipe, and comes back when it is ready.
func (n *node) startInto(log *os.File) {
	n.t.Helper()
	n.running = program("serve", "--config", n.file)
	n.running.Stderr = log
	n.launch()
	_ = log.Close() // the node has it
	n.awaitReady()
}

// ask asks a node many times at once, of which each request leaves a line in the log, and counts the answers.
func (n *node) ask(times int) (answered int) {
	const clients = 8
	answers := make([]int, clients)
	var asking sync.WaitGroup
	for i := range clients {
		asking.Go(func() {
			client := http.Client{Timeout: 20 * time.Second, Transport: new(http.Transport)}
			for range times / clients {
				r, err := http.NewRequest(http.MethodGet, "http://"+n.listen+"/nowhere", nil)
				if err != nil {
					return
				}
				r.Host = "dos.localhost"
				res, err := client.Do(r)
				if err != nil {
					return // as nobody would see more of it
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
				answers[i]++
			}
		})
	}
	asking.Wait()
	for _, n := range answers {
		answered += n
	}
	return answered
}

var droppedLines = regexp.MustCompile(`"msg":"lines of the log were dropped","lines":(\d+)`)

// A log that nobody reads holds nobody up. Who reads it again is told what was lost, and so are those who watch.
func TestStalledLogHoldsNobodyUp(t *testing.T) {
	t.Parallel() // it mostly waits
	n := newNode(t, settings{data: t.TempDir(), finish: 5})
	from, to := pipe(t)
	n.startInto(to)
	const times = 8_000
	if answered := n.ask(times); answered != times {
		t.Fatalf("%d of %d requests were answered while nobody read the log", answered, times)
	}
	_, figures := get("http://" + n.operations + "/metrics")
	if !regexp.MustCompile(`signpost_log_lines_dropped_total [1-9]`).MatchString(figures) {
		t.Error("the figures count no dropped lines")
	}
	read := make(chan string, 1)
	go func() {
		text, _ := io.ReadAll(from)
		read <- string(text)
	}()
	if took, err := n.stop(); err != nil || took > 20*time.Second {
		t.Errorf("the node ended after %v with %v", took, err)
	}
	text := <-read
	written := strings.Count(text, `"msg":"request"`)
	lost := 0
	for _, told := range droppedLines.FindAllStringSubmatch(text, -1) {
		lines, _ := strconv.Atoi(told[1])
		lost += lines
	}
	if written == times || written+lost < times {
		t.Errorf("of %d requests %d are in the log, which tells of %d dropped lines", times, written, lost)
	}
}

// A node ends in time though nobody reads its last lines.
func TestStalledLogDoesNotHoldAStop(t *testing.T) {
	t.Parallel() // it mostly waits
	n := newNode(t, settings{data: t.TempDir(), finish: 5})
	_, to := pipe(t)
	n.startInto(to)
	n.ask(80)
	if took, err := n.stop(); err != nil || took > 20*time.Second {
		t.Errorf("the node ended after %v with %v", took, err)
	}
}

// A node that crashes ends though nobody reads why. SIGQUIT has the runtime write as much as a crash does, in the same
// way.
func TestStalledLogDoesNotHoldACrash(t *testing.T) {
	t.Parallel() // it mostly waits
	for _, stalled := range []bool{false, true} {
		n := newNode(t, settings{data: t.TempDir(), finish: 5})
		from, to := pipe(t)
		read := make(chan string, 1)
		if !stalled {
			go func() {
				text, _ := io.ReadAll(from)
				read <- string(text)
			}()
		}
		n.startInto(to)
		if stalled {
			n.ask(80)
		}
		n.signal(syscall.SIGQUIT)
		select {
		case err := <-n.ended:
			n.ended <- err
			if fmt.Sprint(err) != "exit status 2" {
				t.Errorf("reader stalled %v: the node ended with %v", stalled, err)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("reader stalled %v: the node hangs in its crash", stalled)
		}
		if stalled {
			continue
		}
		if text := <-read; !strings.Contains(text, "SIGQUIT: quit") || !strings.Contains(text, `"level":"INFO"`) {
			t.Errorf("the log, or why the node ended, is not in what was read: %.300s", text)
		}
	}
}

// A reader of the log that goes away does not take the node with it.
func TestLogThatGoesAwayTakesNobodyWithIt(t *testing.T) {
	t.Parallel() // it mostly waits
	n := newNode(t, settings{data: t.TempDir(), finish: 5})
	from, to := pipe(t)
	n.startInto(to)
	_ = from.Close()
	if answered := n.ask(80); answered != 80 {
		t.Errorf("%d of 80 requests were answered after the log's reader had gone", answered)
	}
	if _, err := n.stop(); err != nil {
		t.Errorf("the node ended with %v", err)
	}
}

// The demo and the double serve on where nobody reads what they print, as the reader stalls or has gone.
func TestOutputThatNobodyReads(t *testing.T) {
	t.Parallel() // it mostly waits
	for name, args := range map[string][]string{
		"demo": {"demo"},
		"double": {
			"double", "--file", "../../internal/double/file/example.toml",
			"--record", filepath.Join(t.TempDir(), "record"),
		},
	} {
		for _, gone := range []bool{true, false} {
			from, to := pipe(t)
			fill(t, to)
			if gone {
				_ = from.Close()
			}
			address := haproxytest.FreeAddress(t)
			n := &node{t: t, running: program(append(args, "--listen", address)...)}
			n.running.Stdout = to
			n.running.Stderr = to
			n.launch()
			t.Cleanup(n.kill)
			if !n.answersAt(address) {
				t.Fatalf("%s, reader gone %v: does not answer", name, gone)
			}
			if took, err := n.stop(); err != nil || took > 20*time.Second {
				t.Errorf("%s, reader gone %v: ended after %v with %v", name, gone, took, err)
			}
		}
	}
}

// answersAt waits until something is answered at an address; false if the program ended, or took too long.
func (n *node) answersAt(address string) bool {
	for begun := time.Now(); time.Since(begun) < 30*time.Second; time.Sleep(20 * time.Millisecond) {
		if status, _ := get("http://" + address + "/"); status != 0 {
			return true
		}
		select {
		case err := <-n.ended:
			n.ended <- err
			return false
		default:
		}
	}
	return false
}

// fill writes into a pipe until nothing more goes in.
func fill(t *testing.T, to *os.File) {
	t.Helper()
	if _, err := to.Write(bytes.Repeat([]byte("x"), 4096)); err != nil {
		t.Fatal(err)
	}
}

// Commands that end by themselves end when nobody reads on, as programs do.
func TestCommandsEndWithTheirReader(t *testing.T) {
	from, to := pipe(t)
	_ = from.Close()
	c := program("licences")
	c.Stdout = to
	if err := c.Run(); fmt.Sprint(err) != "signal: broken pipe" {
		t.Errorf("the command ended with %v", err)
	}
}
