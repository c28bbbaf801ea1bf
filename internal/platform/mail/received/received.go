// Package received reads the mails that strangers send: who they say they are, what they wrote, which files they added,
// and what a mail server reports about a mail of ours. Whatever comes is read within limits, and nothing of it is
// believed.
//
// It does not know what becomes of a mail.
package received

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/mail"
	"regexp"
	"slices"
	"strings"
)

// Mail is a mail as far as it could be read.
type Mail struct {
	From      string   // the address that it says to come from
	Name      string   // of whoever it says to come from; empty if it says none
	Subject   string   // in one line
	ID        string   // its Message-ID
	Answers   []string // the Message-IDs that it names as those it answers
	Automatic bool     // a program sent it, which is never answered
	Text      string   // what was written, as plain text
	Files     []File
	Report    Report // what a mail server tells about a mail of ours

	date string
}

// File is a file that came with a mail.
type File struct {
	Name     string // as the sender calls it
	Content  []byte
	Inline   bool // it stands within the text, as pictures do that were pasted
	TooLarge bool // it was not read to its end
}

// Limits of what is read.
const (
	// MaxFile is how large a file may be, in bytes.
	MaxFile = 5 << 20

	maxHeader = 128 << 10 // bytes, of the mail
	maxText   = 512 << 10 // bytes, of a part
	maxParts  = 100
	maxDepth  = 10
	maxFiles  = 20
	maxIDs    = 50
	maxLine   = 200 // letters of a subject, a name or an id
)

// ErrUnreadable is why a mail is not taken: it has no sender, or is not made as mails are.
var ErrUnreadable = errors.New("this is not a mail that can be read")

// Read reads a mail.
func Read(raw []byte) (Mail, error) {
	if header, _, _ := bytes.Cut(bytes.ReplaceAll(raw[:min(len(raw), maxHeader+4)], []byte("\r\n"), []byte("\n")),
		[]byte("\n\n")); len(header) >= maxHeader {
		return Mail{}, fmt.Errorf("%w: its header is too long", ErrUnreadable)
	}
	whole, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Mail{}, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	var l Mail
	if err := l.readHeader(whole.Header); err != nil {
		return Mail{}, err
	}
	w := walk{parts: new(int)}
	w.part(header(whole.Header), whole.Body, 0)
	l.Text = clean(strings.Join(w.texts, "\n\n"))
	l.Files = w.files
	l.Report = w.report
	return l, nil
}

// Digest tells whether a mail is one that came before. Who copies the Message-ID of another's mail makes another
// digest.
func (l Mail) Digest() string {
	sum := sha256.New()
	for _, part := range []string{l.ID, l.From, l.date, l.Subject, l.Text} {
		fmt.Fprintf(sum, "%q\n", part)
	}
	for _, f := range l.Files {
		fmt.Fprintf(sum, "%q %x\n", f.Name, sha256.Sum256(f.Content))
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func (l *Mail) readHeader(h mail.Header) error {
	parser := mail.AddressParser{WordDecoder: &words}
	from, err := parser.Parse(h.Get("From"))
	if err != nil {
		return fmt.Errorf("%w: it does not say whom it comes from: %w", ErrUnreadable, err)
	}
	l.From = from.Address
	l.Name = inOneLine(from.Name)
	l.Subject = inOneLine(decoded(h.Get("Subject")))
	l.date = h.Get("Date")
	if ids := idsIn(h.Get("Message-Id")); len(ids) > 0 {
		l.ID = ids[0]
	}
	l.Answers = append(idsIn(h.Get("References")), idsIn(h.Get("In-Reply-To"))...)
	l.Automatic = isAutomatic(header(h), l.From)
	return nil
}

var messageID = regexp.MustCompile(`<([^<>\s]{1,200})>`)

// idsIn gives the Message-IDs of a header field, without their brackets.
func idsIn(field string) (ids []string) {
	for _, found := range messageID.FindAllStringSubmatch(field, maxIDs) {
		ids = append(ids, found[1])
	}
	return ids
}

// programs are the names before the @ with which no person writes.
var programs = []string{
	"mailer-daemon", "postmaster", "noreply", "no-reply", "donotreply", "do-not-reply", "bounce", "bounces",
}

// isAutomatic reports whether a program sent a mail, by what programs say of themselves (RFC 3834, and what was usual
// before it).
func isAutomatic(h header, from string) bool {
	if said, _, _ := strings.Cut(strings.ToLower(h.get("Auto-Submitted")), ";"); said != "" &&
		strings.TrimSpace(said) != "no" {
		return true
	}
	precedence := strings.ToLower(strings.TrimSpace(h.get("Precedence")))
	if slices.Contains([]string{"bulk", "junk", "list", "auto_reply"}, precedence) {
		return true
	}
	for _, name := range []string{"List-Id", "X-Autoreply", "X-Autorespond", "X-Loop", "Feedback-Id"} {
		if h.get(name) != "" {
			return true
		}
	}
	local, _, _ := strings.Cut(strings.ToLower(from), "@")
	kind, _ := h.mediaType()
	return slices.Contains(programs, local) || kind == "multipart/report"
}

// header is the header of a mail, or of a part of one.
type header map[string][]string

func (h header) get(name string) string { return mail.Header(h).Get(name) }

// mediaType gives what a part is, in lower case. One that says nothing which can be read is plain text.
func (h header) mediaType() (kind string, parameters map[string]string) {
	kind, parameters, err := mime.ParseMediaType(h.get("Content-Type"))
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) || kind == "" {
		return "text/plain", nil
	}
	return kind, parameters
}

// fileName gives the name of the file that a part is; empty if it is none. attached says that it is one, with a name or
// without.
func (h header) fileName() (name string, attached bool) {
	disposition, parameters, err := mime.ParseMediaType(h.get("Content-Disposition"))
	if err != nil && !errors.Is(err, mime.ErrInvalidMediaParameter) {
		disposition = ""
	}
	name = parameters["filename"]
	if name == "" {
		_, ofType := h.mediaType()
		name = ofType["name"]
	}
	return inOneLine(decoded(name)), disposition == "attachment"
}

// readSome reads as much as a limit allows, and reports whether there was more. What is not well encoded is read as far
// as it is.
func readSome(r io.Reader, limit int64) (content []byte, more bool) {
	content, _ = io.ReadAll(io.LimitReader(r, limit+1)) // as far as it is well encoded
	if int64(len(content)) > limit {
		return content[:limit], true
	}
	return content, false
}
