package mailpage

import (
	"fmt"
	"mime"
	"net"
	"net/smtp"
	"strings"

	"signpost/internal/platform/mail"
	"signpost/internal/platform/random"
)

// Desk is where the demo takes mail in.
type Desk struct {
	Address string          // that people write to
	At      func() net.Addr // where it is delivered by SMTP
}

// send answers a mail as the mail program of its reader would: by SMTP, with what it quotes below.
func (d Desk) send(to mail.Arrival, text string) error {
	err := smtp.SendMail(d.At().String(), nil, to.To, []string{to.ReplyTo}, []byte(written(to, text)))
	if err != nil {
		return fmt.Errorf("answer a mail: %w", err)
	}
	return nil
}

func written(to mail.Arrival, text string) string {
	var quoted strings.Builder
	for line := range strings.Lines(to.Text) {
		quoted.WriteString("> " + strings.TrimRight(line, "\r\n") + "\r\n")
	}
	ids := append(strings.Fields(to.Answers), to.ID+"@signpost")
	return strings.Join([]string{
		"From: <" + to.To + ">", "To: <" + to.ReplyTo + ">",
		"Subject: " + mime.QEncoding.Encode("utf-8", "Re: "+to.Subject), "Message-ID: <" + random.ID() + "@demo>",
		"References: <" + strings.Join(ids, "> <") + ">", "MIME-Version: 1.0",
		"Content-Type: text/plain; charset=utf-8", "", text, "", "On some day, the service desk wrote:",
		quoted.String(),
	}, "\r\n")
}
