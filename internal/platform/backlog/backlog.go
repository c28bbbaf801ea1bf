// Package backlog writes a log without ever waiting for whoever reads it. Lines wait in memory, and are dropped and
// counted when too much waits: a reader that stalls or goes away takes the log with it, and not the program.
package backlog

import (
	"bytes"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// maxWaiting is how much may wait, in bytes: some thousand lines.
const maxWaiting = 1 << 20

// Log is a log's writer. Each Write is one line or several whole ones.
type Log struct {
	to   io.Writer
	more chan struct{} // something waits, or the log was closed
	over chan struct{} // all is written that can be

	mu      sync.Mutex
	waiting []byte
	lines   int // in waiting
	lost    int // lines dropped since that was last said
	closed  bool

	dropped atomic.Int64
	torn    bool // the last line that was written is not whole; only run knows
}

// New makes a log that is written to a writer. Close it.
func New(to io.Writer) *Log {
	l := &Log{to: to, more: make(chan struct{}, 1), over: make(chan struct{})}
	go l.run()
	return l
}

// Write takes lines, or drops them. It never fails and never waits.
func (l *Log) Write(lines []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := bytes.Count(lines, newline)
	if l.closed || len(l.waiting)+len(lines) > maxWaiting {
		l.drop(n)
		return len(lines), nil
	}
	l.waiting = append(l.waiting, lines...)
	l.lines += n
	l.wake()
	return len(lines), nil
}

var newline = []byte("\n")

// Dropped is how many lines were dropped so far.
func (l *Log) Dropped() int64 { return l.dropped.Load() }

// Close writes what waits, for at most a while, and takes no more.
func (l *Log) Close(limit time.Duration) {
	l.mu.Lock()
	l.closed = true
	l.wake()
	l.mu.Unlock()
	late := time.NewTimer(limit)
	defer late.Stop()
	select {
	case <-l.over:
	case <-late.C:
	}
}

// drop counts lines that are lost.
func (l *Log) drop(n int) {
	l.lost += n
	l.dropped.Add(int64(n))
}

func (l *Log) wake() {
	select {
	case l.more <- struct{}{}:
	default:
	}
}

// run writes what waits until the log is closed.
func (l *Log) run() {
	defer close(l.over)
	for range l.more {
		for b := l.take(); len(b.text) > 0; b = l.take() {
			l.write(b)
		}
		if l.ended() {
			return
		}
	}
}

// batch is lines that are written together.
type batch struct {
	text  []byte
	lines int // of those who write the log
	told  int // how many dropped lines it tells of
}

// take gives what waits. What was dropped is told of after the lines that waited when it was.
func (l *Log) take() (b batch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 {
		return b
	}
	b = batch{text: l.waiting, lines: l.lines, told: l.lost}
	if l.lost > 0 {
		b.text = append(b.text, notice(l.lost)...)
	}
	l.waiting = nil
	l.lines = 0
	l.lost = 0
	return b
}

// write writes a batch. One that cannot be written whole is lost, and told of with a later one.
func (l *Log) write(b batch) {
	text := b.text
	if l.torn {
		text = append([]byte("\n"), text...)
	}
	n, err := l.to.Write(text)
	if n > 0 {
		l.torn = text[n-1] != '\n'
	}
	if err == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.drop(b.lines)
	l.lost += b.told
}

func (l *Log) ended() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed && len(l.waiting) == 0
}

// notice is the line that tells of lines that were dropped.
func notice(lost int) []byte {
	var line bytes.Buffer
	slog.New(slog.NewJSONHandler(&line, nil)).Warn("lines of the log were dropped", "lines", lost)
	return line.Bytes()
}
