package ticket

import (
	"cmp"
	"context"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/reference"
)

// DeskAddress is what stands before the @ of the address at which the desk takes mail in.
const DeskAddress = "desk"

// Mailed is a mail to the desk. Whom it says to come from, nobody has shown.
type Mailed struct {
	Digest        string // by which one that is delivered twice is known
	ID            string // its Message-ID
	Address, Name string // whom it says to come from
	Subject       string
	Text          string
	Answer        string    // the text without what it quotes
	Tokens        []string  // in its address and its header, of which one may be a ticket's
	Files         []NewFile // those first that matter most
}

// errKnownMail answers a mail that was taken before.
var errKnownMail = errors.New("this mail was taken before")

// ByMail takes a mail to the desk: into the ticket whose token it has, or as a new ticket. What a mail says of its
// sender proves nothing; the token shows that whoever wrote it has a mail of ours about the ticket, and lets them write
// in it, and read nothing.
func (d Desk) ByMail(ctx context.Context, by actor.Actor, m Mailed) error {
	err := d.DB.Update(ctx, by, func(w *db.W) error {
		n, err := db.Value[int64](ctx, w, `SELECT COUNT(*) FROM ticket_mail WHERE id = $1`, m.Digest)
		if err != nil {
			return fmt.Errorf("look for a mail that came before: %w", err)
		}
		if n > 0 {
			return errKnownMail
		}
		t, err := d.byTokens(ctx, w, m.Tokens)
		if errors.Is(err, fault.NotFound) {
			return d.raiseByMail(ctx, w, m)
		}
		if err != nil {
			return err
		}
		return errors.Join(d.replied(ctx, w, t, m.reply(t)), noteMail(ctx, w, t, m))
	})
	if errors.Is(err, errKnownMail) {
		return nil
	}
	return err
}

func noteMail(ctx context.Context, w *db.W, t Ticket, m Mailed) error {
	_, err := w.Exec(ctx, `INSERT INTO ticket_mail (id, ticket_id, message_id, came_at) VALUES ($1, $2, $3, $4)`,
		m.Digest, t.ID, m.ID, w.Now())
	if err != nil {
		return fmt.Errorf("note a mail: %w", err)
	}
	return nil
}

// token is what lets whoever has a mail about a ticket write in it by mail: its number, and a secret.
func (d Desk) token(t Ticket) string {
	return strconv.FormatInt(t.Number, 10) + "." + hex.EncodeToString(d.Post.Digest("write in ticket\n" + t.ID)[:16])
}

// What stands around a token in the Message-ID below which mail programs show all mails about a ticket.
const (
	threadBegins = "ticket-"
	threadEnds   = "@signpost"
)

func (d Desk) thread(t Ticket) string { return threadBegins + d.token(t) + threadEnds }

// TokenIn gives the token of a ticket in the Message-ID of a mail that another one answers; empty if there is none.
func TokenIn(messageID string) string {
	token, begins := strings.CutPrefix(messageID, threadBegins)
	token, ends := strings.CutSuffix(token, threadEnds)
	if !begins || !ends {
		return ""
	}
	return token
}

// byTokens finds the ticket that one of some tokens is for, or the one in which it goes on; ErrNoTicket if none is.
func (d Desk) byTokens(ctx context.Context, r db.R, tokens []string) (Ticket, error) {
	for _, token := range tokens {
		number, _, _ := strings.Cut(token, ".")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			continue
		}
		t, err := ByNumber(ctx, r, n)
		if errors.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return t, err
		}
		if subtle.ConstantTimeCompare([]byte(d.token(t)), []byte(token)) != 1 {
			continue
		}
		if t.State == Merged {
			return ByID(ctx, r, t.MergedInto)
		}
		return t, nil
	}
	return Ticket{}, ErrNoTicket
}

// raiseByMail makes a ticket of a mail.
func (d Desk) raiseByMail(ctx context.Context, w *db.W, m Mailed) error {
	t, checked, err := d.begun(ctx, w, Typed{Name: cut(cmp.Or(m.Name, m.Address), maxName), Email: m.Address,
		Category: Other, Subject: cut(m.subject(), maxSubject), Text: m.text(m.Text), Reference: m.reference(),
		Files: m.taken()})
	if err != nil {
		return err
	}
	t.Way = ByMail
	if t.Network, err = d.roomProblem(ctx, w, t, false); err != nil {
		return err
	}
	if t, err = d.put(ctx, w, t, checked); err != nil {
		return err
	}
	if err := noteMail(ctx, w, t, m); err != nil {
		return err
	}
	return d.sendLink(ctx, w, t)
}

// reply is what a mail adds to a ticket. Whoever reads it is told which address it says to come from.
func (m Mailed) reply(t Ticket) written {
	by := t.Name + " (by email)"
	if _, key, err := readAddress(m.Address); err != nil || key != t.EmailKey {
		by = m.Address + " (by email, from another address than the ticket’s)"
	}
	return written{By: by, Text: m.text(m.Answer), Files: m.taken()}
}

// repeated is what mail programs put before the subject of what is answered or passed on.
var repeated = regexp.MustCompile(`(?i)^((re|fw|fwd|aw|wg)\s*:\s*)+`)

func (m Mailed) subject() string {
	subject := repeated.ReplaceAllString(strings.TrimSpace(m.Subject), "")
	if strings.TrimSpace(strings.TrimPrefix(subject, strings.TrimSpace(Prefix))) == "" {
		return "Email without a subject"
	}
	return strings.TrimPrefix(subject, Prefix)
}

// text is a text as a message can have it, with what became of the files that are not kept.
func (m Mailed) text(whole string) string {
	const rest = "\n\n[The email was longer. The rest was left out.]"
	if strings.TrimSpace(whole) == "" {
		whole = "[There is no text in the email.]"
	}
	end := m.leftOut()
	if tooLong(whole+end, maxText) {
		end = rest + end
		return cut(whole, maxText-utf8.RuneCountInString(end)) + end
	}
	return whole + end
}

// taken gives the files of a mail that are kept: the first that can be.
func (m Mailed) taken() (files []NewFile) {
	for _, f := range m.Files {
		if fileProblem(f) == "" && len(files) < MaxFiles {
			files = append(files, f)
		}
	}
	return files
}

// leftOut says which files of a mail are not kept, and why; empty if all are.
func (m Mailed) leftOut() string {
	var said strings.Builder
	kept := 0
	for _, f := range m.Files {
		problem := fileProblem(f)
		if problem == "" && kept == MaxFiles {
			problem = "there are 3 already"
		}
		if problem == "" {
			kept++
			continue
		}
		said.WriteString("\n\n[The file “" + cut(f.Name, maxFileName) + "” was left out: " + problem + ".]")
	}
	return said.String()
}

// cut gives as many letters of a text as there is room for.
func cut(text string, limit int) string {
	if letters := []rune(text); len(letters) > limit {
		return strings.TrimSpace(string(letters[:limit-1])) + "…"
	}
	return text
}

// referenceIn finds the reference of a page in what somebody writes, as our links to write to the desk put it there.
var referenceIn = regexp.MustCompile(`(?i)\breference:?\s+([0-9a-z]{4}[ -]?[0-9a-z]{4})\b`)

func (m Mailed) reference() string {
	for _, found := range referenceIn.FindAllStringSubmatch(m.Subject+"\n"+m.Text, 5) {
		if quoted := reference.Read(found[1]); reference.Valid(quoted) {
			return quoted
		}
	}
	return ""
}
