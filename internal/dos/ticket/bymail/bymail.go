// Package bymail gives the service desk the mails that come in for it. What programs send, it does not: nobody waits
// for an answer to that, and two programs would answer each other for ever.
package bymail

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strings"

	"signpost/internal/dos/ticket"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/email"
	"signpost/internal/platform/mail/incoming"
	"signpost/internal/platform/mail/received"
)

// Office takes mail in for a desk.
type Office struct {
	Desk ticket.Desk
	Own  []string // addresses that the mails of this system come from
	Log  *slog.Logger
}

// Receive takes a mail to the desk.
func (o Office) Receive(ctx context.Context, a incoming.Arrival) error {
	l := a.Mail
	if a.Return == "" || l.Automatic || o.isOwn(l.From) {
		o.Log.Info("mail in: not taken, as a program sent it", "peer", a.Peer, "id", l.ID)
		return nil
	}
	return o.Desk.ByMail(ctx, sender(l), ticket.Mailed{
		Digest: l.Digest(), ID: l.ID, Address: l.From, Name: l.Name, Subject: l.Subject, Text: l.Text,
		Answer: l.Answer(), Tokens: tokensIn(a), Files: filesIn(l),
	})
}

// isOwn reports whether a mail says to come from ourselves.
func (o Office) isOwn(address string) bool {
	name, domain, _ := strings.Cut(strings.ToLower(address), "@")
	if o.Desk.Mail != "" && domain == o.Desk.Mail {
		return true
	}
	for _, own := range o.Own {
		if strings.EqualFold(own, name+"@"+domain) {
			return true
		}
	}
	return false
}

// sender is whoever sends a mail, known by the address that it says to come from.
func sender(l received.Mail) actor.Actor {
	key := l.From
	if parsed, err := email.Parse(l.From); err == nil {
		key, _ = parsed.Canonical()
	}
	return actor.Actor{Kind: actor.Stranger, Network: "mail of " + key}
}

// tokensIn gives what may be the token of a ticket, in the address that a mail came for, and in what it answers.
func tokensIn(a incoming.Arrival) (tokens []string) {
	if a.Tag != "" {
		tokens = append(tokens, a.Tag)
	}
	for _, id := range a.Mail.Answers {
		if token := ticket.TokenIn(id); token != "" {
			tokens = append(tokens, token)
		}
	}
	return tokens[:min(len(tokens), maxTokens)]
}

// filesIn gives the files of a mail: those that were attached before those within the text, among which are the
// pictures of signatures, the largest first.
func filesIn(l received.Mail) (files []ticket.NewFile) {
	slices.SortStableFunc(l.Files, func(a, b received.File) int {
		if a.Inline != b.Inline {
			return map[bool]int{false: -1, true: 1}[a.Inline]
		}
		if a.Inline {
			return cmp.Compare(len(b.Content), len(a.Content))
		}
		return 0
	})
	for _, f := range l.Files {
		one := ticket.NewFile{Name: f.Name, Content: f.Content, TooLarge: f.TooLarge}
		files = append(files, one)
	}
	return files
}

// maxTokens is how many tickets are looked for by what a mail answers.
const maxTokens = 5
