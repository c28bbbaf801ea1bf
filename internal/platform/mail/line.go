package mail

import (
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// line is a connection to the mail server that has been set up.
type line struct {
	client *gomail.Client
	wire   *smtp.Client
}

// send sends a message and keeps the line for the next one. One that the server accepted was sent, whatever came after.
func (l *line) send(letter *gomail.Msg, keep *lines) error {
	err := l.client.SendWithSMTPClient(l.wire, letter)
	if err == nil {
		keep.put(l)
		return nil
	}
	_ = l.wire.Close()
	if letter.IsDelivered() {
		return nil
	}
	return err
}

// hangUp ends the connection. It says goodbye, but does not mind if nobody hears it.
func (l *line) hangUp() { _ = l.client.CloseWithSMTPClient(l.wire) }

// lineIdle is how long a connection is kept open for the next message.
const lineIdle = 5 * time.Second

// lines are the connections that wait for the next message.
type lines struct {
	mu   sync.Mutex
	free []*line
	end  *time.Timer
}

// take gives a connection that is free, or nil.
func (l *lines) take() *line {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.free) == 0 {
		return nil
	}
	last := l.free[len(l.free)-1]
	l.free = l.free[:len(l.free)-1]
	return last
}

// put gives a connection back. Those that are free are ended once none was given back for a while.
func (l *lines) put(open *line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.free = append(l.free, open)
	if l.end == nil {
		l.end = time.AfterFunc(lineIdle, l.hangUp)
		return
	}
	l.end.Reset(lineIdle)
}

func (l *lines) hangUp() {
	l.mu.Lock()
	free := l.free
	l.free = nil
	l.mu.Unlock()
	for _, open := range free {
		open.hangUp()
	}
}
