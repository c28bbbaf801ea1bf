package mail

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// SMTP hands messages to a mail server.
type SMTP struct {
	Host     string
	Port     int
	From     string // the address mail comes from
	Username string // empty where the server wants none
	Password string
	// Plain allows a connection without TLS, for a relay on this machine only.
	Plain bool

	lines lines
}

// serverPatience is how long an answer of the server is waited for.
const serverPatience = 20 * time.Second

// Deliver sends one message. It returns when the server has accepted it. Messages that follow each other go over one
// connection.
func (s *SMTP) Deliver(ctx context.Context, id string, m Message, queued time.Time) error {
	letter, err := s.letter(id, m, queued)
	if err != nil {
		return err
	}
	if open := s.lines.take(); open != nil {
		if err := open.send(letter, &s.lines); !hungUp(err) {
			return err
		}
	}
	return s.sendAnew(ctx, letter)
}

// hungUp reports whether the server had ended the connection before anything of the message was sent.
func hungUp(err error) bool {
	var failed *gomail.SendError
	return errors.As(err, &failed) && failed.Reason == gomail.ErrConnCheck
}

func (s *SMTP) sendAnew(ctx context.Context, letter *gomail.Msg) error {
	client, err := s.client()
	if err != nil {
		return fmt.Errorf("mail server: %w", err)
	}
	wire, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fmt.Errorf("reach mail server: %w", err)
	}
	open := &line{client: client, wire: wire}
	return open.send(letter, &s.lines)
}

func (s *SMTP) letter(id string, m Message, queued time.Time) (*gomail.Msg, error) {
	letter := gomail.NewMsg()
	if err := letter.From(s.From); err != nil {
		return nil, fmt.Errorf("sender %s: %w", s.From, err)
	}
	if err := letter.To(m.To); err != nil {
		return nil, fmt.Errorf("recipient: %w", err)
	}
	if m.ReplyTo != "" {
		if err := letter.ReplyTo(m.ReplyTo); err != nil {
			return nil, fmt.Errorf("address for answers: %w", err)
		}
	}
	if m.Return != "" {
		if err := letter.EnvelopeFrom(m.Return); err != nil {
			return nil, fmt.Errorf("address for reports: %w", err)
		}
	}
	letter.SetMessageIDWithValue(id + "@signpost")
	markAutomatic(letter)
	goOnFrom(letter, m.Answers)
	letUnsubscribe(letter, m.Unsubscribe)
	letter.SetDateWithValue(queued)
	letter.Subject(m.Subject)
	letter.SetBodyString(gomail.TypeTextPlain, m.Text)
	return letter, nil
}

// markAutomatic has the programs of absent people not answer (RFC 3834, and as Exchange wants it).
func markAutomatic(letter *gomail.Msg) {
	letter.SetGenHeader("Auto-Submitted", "auto-generated")
	letter.SetGenHeader("X-Auto-Response-Suppress", "OOF, AutoReply")
}

// letUnsubscribe has mail programs offer a button by which a reader gets no more such mails (RFC 8058).
func letUnsubscribe(letter *gomail.Msg, address string) {
	if address == "" {
		return
	}
	letter.SetGenHeader(gomail.HeaderListUnsubscribe, "<"+address+">")
	letter.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
}

// goOnFrom has mail programs show a message below those that it goes on from.
func goOnFrom(letter *gomail.Msg, answers string) {
	ids := strings.Fields(answers)
	if len(ids) == 0 {
		return
	}
	letter.SetGenHeader(gomail.HeaderInReplyTo, "<"+ids[len(ids)-1]+">")
	letter.SetGenHeader(gomail.HeaderReferences, "<"+strings.Join(ids, "> <")+">")
}

func (s *SMTP) client() (*gomail.Client, error) {
	options := []gomail.Option{
		gomail.WithPort(s.Port), gomail.WithTimeout(serverPatience), gomail.WithTLSPolicy(gomail.TLSMandatory),
	}
	if s.Plain {
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if s.Username != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(s.Username),
			gomail.WithPassword(s.Password))
	}
	return gomail.NewClient(s.Host, options...)
}

// Try connects to the server and logs in, as for a message, and sends none.
func (s *SMTP) Try(ctx context.Context) error {
	client, err := s.client()
	if err != nil {
		return fmt.Errorf("mail server: %w", err)
	}
	wire, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fmt.Errorf("reach mail server: %w", err)
	}
	return client.CloseWithSMTPClient(wire)
}
