package mail

import (
	"context"
	"fmt"
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
}

// Deliver sends one message. It returns when the server has accepted it.
func (s *SMTP) Deliver(ctx context.Context, id string, m Message, queued time.Time) error {
	letter := gomail.NewMsg()
	if err := letter.From(s.From); err != nil {
		return fmt.Errorf("sender %s: %w", s.From, err)
	}
	if err := letter.To(m.To); err != nil {
		return fmt.Errorf("recipient: %w", err)
	}
	letter.SetMessageIDWithValue(id + "@signpost")
	letter.SetDateWithValue(queued)
	letter.Subject(m.Subject)
	letter.SetBodyString(gomail.TypeTextPlain, m.Text)
	client, err := s.client()
	if err != nil {
		return fmt.Errorf("mail server: %w", err)
	}
	return client.DialAndSendWithContext(ctx, letter)
}

func (s *SMTP) client() (*gomail.Client, error) {
	options := []gomail.Option{
		gomail.WithPort(s.Port), gomail.WithTimeout(20 * time.Second), gomail.WithTLSPolicy(gomail.TLSMandatory),
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
