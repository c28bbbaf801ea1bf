// Package mailroom puts together what takes mail in: from where, and who receives it.
package mailroom

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"

	"signpost/internal/config"
	"signpost/internal/dos/ticket"
	"signpost/internal/dos/ticket/bymail"
	outgoing "signpost/internal/platform/mail"
	"signpost/internal/platform/mail/incoming"
)

// New makes what takes mail in for a service desk, and reports about the mail of the sides that run here, by their
// posts. It is nil where no mail is taken in.
func New(c config.Config, tickets ticket.Desk, posts []*outgoing.Post, log *slog.Logger) (*incoming.Server, error) {
	if !c.MailIn.Set() {
		return nil, nil //nolint:nilnil // there is none
	}
	for _, post := range posts {
		post.Bounces = c.MailIn.Domain
	}
	networks, err := c.MailIn.From()
	if err != nil {
		return nil, err
	}
	log = log.With("part", "mail in")
	desk := bymail.Office{Desk: tickets, Own: []string{addressOf(c.Mail.From), c.ServiceDesk.Email}, Log: log}
	o := incoming.Options{Domain: c.MailIn.Domain, Networks: networks, Log: log,
		Receivers: map[string]incoming.Receiver{ticket.DeskAddress: desk.Receive,
			outgoing.ReturnAddress: returned(posts)}}
	if c.MailIn.Certificate != "" {
		if o.TLS, err = certificate(c.MailIn); err != nil {
			return nil, err
		}
	}
	return incoming.New(o), nil
}

// returned takes reports about mail that does not arrive. Each side knows its own mails by their ids.
func returned(posts []*outgoing.Post) incoming.Receiver {
	return func(ctx context.Context, a incoming.Arrival) error {
		var problems []error
		for _, post := range posts {
			problems = append(problems, post.Returned(ctx, a.Tag, a.Mail.Report))
		}
		return errors.Join(problems...)
	}
}

// addressOf gives the address alone of one that may have a name.
func addressOf(from string) string {
	if parsed, err := mail.ParseAddress(from); err == nil {
		return parsed.Address
	}
	return from
}

// certificate reads the certificate for those who deliver mail, anew for each of them, as it is renewed while we run.
func certificate(c config.MailIn) (*tls.Config, error) {
	read := func() (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(c.Certificate, c.CertificateKey)
		if err != nil {
			return nil, fmt.Errorf("mail_in.certificate: %w", err)
		}
		return &pair, nil
	}
	if _, err := read(); err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return read() }}, nil
}
