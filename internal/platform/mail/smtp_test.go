package mail_test

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"signpost/internal/platform/mail"
)

// inbox is an SMTP server that remembers what it was told.
type inbox struct {
	mu             sync.Mutex
	calls          int // connections
	from, to, text string
	ends           []net.Conn
}

func (i *inbox) NewSession(c *smtp.Conn) (smtp.Session, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.calls++
	i.ends = append(i.ends, c.Conn())
	return i, nil
}

func (i *inbox) Reset()                                      {}
func (i *inbox) Logout() error                               { return nil }
func (i *inbox) Mail(from string, _ *smtp.MailOptions) error { i.from = from; return nil }
func (i *inbox) Rcpt(to string, _ *smtp.RcptOptions) error {
	i.to = to
	if strings.HasPrefix(to, "nobody") {
		return &smtp.SMTPError{Code: 550, Message: "no such user"}
	}
	return nil
}

func (i *inbox) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	i.text = string(text)
	return err
}

func (i *inbox) count() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.calls
}

// hangUp ends all connections from the server's side.
func (i *inbox) hangUp() {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, end := range i.ends {
		_ = end.Close()
	}
}

func serve(t *testing.T) (*inbox, *mail.SMTP) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	got := &inbox{}
	server := smtp.NewServer(got)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	address := listener.Addr().(*net.TCPAddr)
	return got, &mail.SMTP{Host: "127.0.0.1", Port: address.Port, From: "dos@signpost.invalid", Plain: true}
}

func TestSMTP(t *testing.T) {
	got, out := serve(t)
	queued := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	if err := out.Deliver(t.Context(), "id1", letter, queued); err != nil {
		t.Fatal(err)
	}
	if got.from != "dos@signpost.invalid" || got.to != "Ann@nhs.net" {
		t.Errorf("from %q to %q", got.from, got.to)
	}
	for _, want := range []string{"Message-ID: <id1@signpost>", "Subject: Your code", "BCDF 2345", "Tue, 24 Nov 2026",
		"Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: OOF, AutoReply"} {
		if !strings.Contains(got.text, want) {
			t.Errorf("mail lacks %q:\n%s", want, got.text)
		}
	}
}

// A message that can be unsubscribed from has what mail programs need for a button, and no other has.
func TestMailProgramsOfferToUnsubscribe(t *testing.T) {
	got, out := serve(t)
	for _, address := range []string{"", "https://dos.example/reminders/a/b/stop"} {
		one := letter
		one.Unsubscribe = address
		if err := out.Deliver(t.Context(), "id1", one, time.Now()); err != nil {
			t.Fatal(err)
		}
		offers := strings.Contains(got.text, "List-Unsubscribe: <"+address+">") &&
			strings.Contains(got.text, "List-Unsubscribe-Post: List-Unsubscribe=One-Click")
		if offers != (address != "") || strings.Contains(got.text, "List-Unsubscribe") != offers {
			t.Errorf("with %q: %s", address, got.text)
		}
	}
}

// Messages that follow each other go over one connection, and over another where the server has ended it.
func TestMessagesShareAConnection(t *testing.T) {
	got, out := serve(t)
	deliver := func(id, to string) error {
		one := letter
		one.To = to
		return out.Deliver(t.Context(), id, one, time.Now())
	}
	for i := range 5 {
		if err := deliver(fmt.Sprintf("id%d", i), "ann@nhs.net"); err != nil {
			t.Fatal(err)
		}
	}
	if n := got.count(); n != 1 {
		t.Errorf("five messages took %d connections, want 1", n)
	}
	got.hangUp()
	if err := deliver("id6", "ann@nhs.net"); err != nil || got.count() != 2 {
		t.Errorf("after the server hung up: %v, %d connections", err, got.count())
	}
	if err := deliver("id7", "nobody@nhs.net"); err == nil {
		t.Error("a message to nobody was accepted")
	}
	if err := deliver("id8", "ben@nhs.net"); err != nil || got.to != "ben@nhs.net" {
		t.Errorf("after a message that was refused: %v, to %s", err, got.to)
	}
}
