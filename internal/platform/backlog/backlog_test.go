package backlog_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"signpost/internal/platform/backlog"
)

// reader is who reads a log: it may stall, or fail.
type reader struct {
	mu      sync.Mutex // held while it stalls
	read    bytes.Buffer
	failing error
	maxRead int // bytes that one write takes before it fails
}

func (r *reader) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failing != nil {
		n := min(r.maxRead, len(b))
		r.read.Write(b[:n])
		return n, r.failing
	}
	return r.read.Write(b)
}

func (r *reader) fail(err error, maxRead int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failing = err
	r.maxRead = maxRead
}

func line(i int) string { return fmt.Sprintf("line %06d %s\n", i, strings.Repeat("x", 100)) }

const dropped = `"msg":"lines of the log were dropped","lines":`

// Every line comes in its order, whole.
func TestLinesAreWrittenInOrder(t *testing.T) {
	r := &reader{}
	l := backlog.New(r)
	var want strings.Builder
	for i := range 1000 {
		want.WriteString(line(i))
		_, _ = fmt.Fprint(l, line(i))
	}
	l.Close(time.Minute)
	if r.read.String() != want.String() || l.Dropped() != 0 {
		t.Errorf("%d bytes were written, want %d; %d lines dropped", r.read.Len(), want.Len(), l.Dropped())
	}
}

// While its reader stalls nobody waits for the log, which keeps a bounded part and says afterwards how much it lost.
func TestStalledReaderHoldsNobodyUp(t *testing.T) {
	r := &reader{}
	r.mu.Lock()
	l := backlog.New(r)
	const lines = 50_000
	begun := time.Now()
	var writing sync.WaitGroup
	for range 5 {
		writing.Go(func() {
			for i := range lines / 5 {
				_, _ = fmt.Fprint(l, line(i))
			}
		})
	}
	writing.Wait()
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("writing took %v", took)
	}
	r.mu.Unlock()
	l.Close(time.Minute)
	text := r.read.String()
	written := strings.Count(text, "line ")
	if written < 1000 || written+int(l.Dropped()) != lines {
		t.Errorf("%d lines were written and %d dropped, of %d", written, l.Dropped(), lines)
	}
	if !strings.HasSuffix(text, fmt.Sprintf("%s%d}\n", dropped, l.Dropped())) {
		t.Errorf("the log ends with %q", text[max(0, len(text)-200):])
	}
}

// What could not be written is told of when it can be again, and begins on a line of its own.
func TestFailuresAreToldOfLater(t *testing.T) {
	r := &reader{}
	l := backlog.New(r)
	r.fail(errors.New("disk full"), 10)
	for i := range 3 {
		_, _ = fmt.Fprint(l, line(i))
		for l.Dropped() != int64(i+1) {
			time.Sleep(time.Millisecond)
		}
	}
	r.fail(nil, 0)
	_, _ = fmt.Fprint(l, line(3))
	l.Close(time.Minute)
	text := r.read.String()
	if !strings.Contains(text, "\n"+line(3)) || !strings.HasSuffix(text, dropped+"3}\n") {
		t.Errorf("the log is %q", text)
	}
}

// The end waits for a reader that stalls, but not for long, and what comes later is dropped.
func TestCloseHasALimit(t *testing.T) {
	r := &reader{}
	r.mu.Lock()
	defer r.mu.Unlock()
	l := backlog.New(r)
	_, _ = fmt.Fprint(l, line(0))
	begun := time.Now()
	l.Close(50 * time.Millisecond)
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("the end took %v", took)
	}
	_, _ = fmt.Fprint(l, line(1))
	if l.Dropped() != 1 {
		t.Errorf("%d lines were dropped, want 1", l.Dropped())
	}
}
