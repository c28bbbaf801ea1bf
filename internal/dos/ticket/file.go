package ticket

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// NewFile is a file that somebody adds to what they write.
type NewFile struct {
	Name     string // as they call it
	Content  []byte
	TooLarge bool // it was not read to its end
}

// File is a file of a ticket.
type File struct {
	ID        string
	TicketID  string
	MessageID string // with which it came
	Name      string
	Type      string // "application/pdf"
	Size      int64  // in bytes
	Added     time.Time
}

// Limits of files.
const (
	MaxFiles    = 3         // of a message
	MaxFileSize = 5 << 20   // bytes
	maxOfTicket = 30        // files
	maxADay     = 500 << 20 // bytes of strangers within a day
	maxPersonal = 200 << 20 // bytes of one person who is logged in, within a day
	maxFileName = 80        // letters
)

// fileType is a type of files that is taken.
type fileType struct {
	Type, Name string
	endings    []string
	is         func(content []byte) bool
}

func begins(with string) func([]byte) bool {
	return func(content []byte) bool { return bytes.HasPrefix(content, []byte(with)) }
}

// fileTypes are all that are taken. What a file is, its content says, whatever it is called.
var fileTypes = []fileType{
	{"application/pdf", "PDF", []string{".pdf"}, begins("%PDF-")},
	{"image/png", "PNG", []string{".png"}, begins("\x89PNG\r\n\x1a\n")},
	{"image/jpeg", "JPEG", []string{".jpg", ".jpeg"}, begins("\xff\xd8\xff")},
	{"text/plain; charset=utf-8", "text", textEndings, isUTF8},
	{"text/plain; charset=utf-16", "text", textEndings, isUTF16},
	{"text/plain; charset=windows-1252", "text", textEndings, isWindows1252},
}

// textEndings are those of files of text, in whatever characters it is written.
var textEndings = []string{".txt", ".log", ".csv"}

// isText reports whether letters are text, and nothing else.
func isText(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t'
	}) < 0
}

// isDecoded reports whether letters are text that could be decoded to its end.
func isDecoded(text string) bool { return !strings.ContainsRune(text, utf8.RuneError) && isText(text) }

func isUTF8(content []byte) bool { return utf8.Valid(content) && isText(string(content)) }

// orderOf gives the order of bytes of text in UTF-16, by the mark with which Windows begins it; nil if there is none.
func orderOf(content []byte) binary.ByteOrder {
	switch {
	case bytes.HasPrefix(content, []byte("\xff\xfe")):
		return binary.LittleEndian
	case bytes.HasPrefix(content, []byte("\xfe\xff")):
		return binary.BigEndian
	}
	return nil
}

// isUTF16 reports whether content is text with the mark of UTF-16, and something behind it.
func isUTF16(content []byte) bool {
	order := orderOf(content)
	if order == nil || len(content) < 4 || len(content)%2 > 0 {
		return false
	}
	units := make([]uint16, len(content)/2-1)
	for i := range units {
		units[i] = order.Uint16(content[2+2*i:])
	}
	return isDecoded(string(utf16.Decode(units)))
}

// isWindows1252 reports whether content is text in the characters that older programs of Windows write.
func isWindows1252(content []byte) bool {
	text, err := charmap.Windows1252.NewDecoder().Bytes(content)
	return err == nil && orderOf(content) == nil && isDecoded(string(text))
}

func typeOf(content []byte) (fileType, bool) {
	at := slices.IndexFunc(fileTypes, func(t fileType) bool { return t.is(content) })
	if at < 0 || len(content) == 0 {
		return fileType{}, false
	}
	return fileTypes[at], true
}

// TypeName names the type of a file; empty for one that is not taken.
func (f File) TypeName() string {
	for _, t := range fileTypes {
		if t.Type == f.Type {
			return t.Name
		}
	}
	return ""
}

// cleanName gives the name under which a file is kept: without folders and odd letters, and with an ending of its type,
// so that whoever opens it opens what it is.
func cleanName(name string, t fileType) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_. ()", r) {
			return r
		}
		return '_'
	}, strings.ToValidUTF8(name, "_"))
	ending := strings.ToLower(path.Ext(name))
	if !slices.Contains(t.endings, ending) {
		ending = t.endings[0]
		name += ending
	}
	stem := strings.Trim(strings.TrimSuffix(name[:len(name)-len(ending)], "."), ". ")
	if stem == "" {
		stem = "file"
	}
	return cut(stem, maxFileName) + ending
}

// fileProblem says why a file is not taken; empty if it is.
func fileProblem(f NewFile) string {
	if f.TooLarge || len(f.Content) > MaxFileSize {
		return "it is larger than 5 megabytes"
	}
	if len(f.Content) == 0 {
		return "there is nothing in it"
	}
	if _, taken := typeOf(f.Content); !taken {
		return "it is no PDF, PNG, JPEG or text file"
	}
	return ""
}

// filesProblem says what is wrong with the files that somebody chose.
func filesProblem(files []NewFile) error {
	if len(files) > MaxFiles {
		return fault.OfField("files", "Choose 3 files at most")
	}
	for _, f := range files {
		if problem := fileProblem(f); problem != "" {
			return fault.OfField("files", fmt.Sprintf("“%s” cannot be added: %s", cut(f.Name, maxFileName), problem))
		}
	}
	return nil
}

var (
	errFilesOfTicket = fault.OfField("files",
		"This ticket has 30 files already: remove the files, and send the text alone")
	errFilesOfDay = fault.OfField("files",
		"No more files can be taken today: remove the files, and send the text alone")
)

const insertFile = `INSERT INTO ticket_file (id, ticket_id, message_id, name, type, size, sealed, by_id, added_at,
	ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, (SELECT t.ends_at FROM ticket t WHERE t.id = $2))`

// addFiles keeps files with the message that they came with, sealed, as long as the ticket.
func (d Desk) addFiles(ctx context.Context, w *db.W, t Ticket, messageID string, files []NewFile) error {
	if len(files) == 0 {
		return nil
	}
	if err := filesProblem(files); err != nil {
		return err
	}
	if err := roomForFiles(ctx, w, t, files); err != nil {
		return err
	}
	for _, f := range files {
		known, _ := typeOf(f.Content)
		id := random.ID()
		_, err := w.Exec(ctx, insertFile, id, t.ID, messageID, cleanName(f.Name, known), known.Type, len(f.Content),
			d.Box.Seal(f.Content, fileContext(id)), personOf(w.Actor()), w.Now())
		if err != nil {
			return fmt.Errorf("keep file of ticket: %w", err)
		}
	}
	return nil
}

func fileContext(id string) string { return "ticket-file/" + id }

// personOf gives the id of an actor who is a person; empty for anybody else.
func personOf(by actor.Actor) string {
	if by.Kind != actor.Person {
		return ""
	}
	return by.ID
}

// fileRoom counts the files of a ticket, and the bytes that its actor, or all strangers, added within a day.
type fileRoom struct{ files, bytes int64 }

func roomForFiles(ctx context.Context, w *db.W, t Ticket, files []NewFile) error {
	const count = `SELECT (SELECT COUNT(*) FROM ticket_file WHERE ticket_id = $1),
		(SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM ticket_file WHERE by_id = $2 AND added_at > $3)`
	room, err := db.One(ctx, w, func(scan db.Scanner) (r fileRoom, err error) {
		err = scan(&r.files, &r.bytes)
		return r, err
	}, count, t.ID, personOf(w.Actor()), w.Now().Add(-24*time.Hour))
	if err != nil {
		return fmt.Errorf("count files: %w", err)
	}
	limit := int64(maxADay)
	if w.Actor().Kind == actor.Person {
		limit = maxPersonal
	}
	for _, f := range files {
		room.bytes += int64(len(f.Content))
	}
	if room.files+int64(len(files)) > maxOfTicket {
		return errFilesOfTicket
	}
	if room.bytes > limit {
		return errFilesOfDay
	}
	return nil
}

const selectFiles = `SELECT id, ticket_id, message_id, name, type, size, added_at FROM ticket_file`

func scanFile(scan db.Scanner) (f File, err error) {
	err = scan(&f.ID, &f.TicketID, &f.MessageID, &f.Name, &f.Type, &f.Size, db.At(&f.Added))
	return f, err
}

// FilesOf lists the files of a ticket, and of those that were merged into it, by the message that they came with.
func FilesOf(ctx context.Context, r db.R, ticketID string) (map[string][]File, error) {
	list, err := db.All(ctx, r, scanFile, selectFiles+` WHERE ticket_id = $1
		OR ticket_id IN (SELECT t.id FROM ticket t WHERE t.merged_into = $1 AND t.merged_into <> '')
		ORDER BY added_at, id`, ticketID)
	if err != nil {
		return nil, fmt.Errorf("list files of ticket: %w", err)
	}
	all := map[string][]File{}
	for _, f := range list {
		all[f.MessageID] = append(all[f.MessageID], f)
	}
	return all, nil
}

// Opened is a file with what is in it.
type Opened struct {
	File

	Content []byte
}

var errNoFile = fault.SayCure(fault.NotFound, "There is no such file.", "Go back to the ticket.")

// OpenFile gives a file of a ticket, or of one that was merged into it.
func (d Desk) OpenFile(ctx context.Context, r db.R, t Ticket, id string) (Opened, error) {
	f, err := db.One(ctx, r, scanFile, selectFiles+` WHERE id = $2 AND (ticket_id = $1
		OR ticket_id IN (SELECT t.id FROM ticket t WHERE t.merged_into = $1 AND t.merged_into <> ''))`, t.ID, id)
	if errors.Is(err, fault.NotFound) {
		return Opened{}, errNoFile
	}
	if err != nil {
		return Opened{}, fmt.Errorf("read file of ticket: %w", err)
	}
	sealed, err := db.Value[[]byte](ctx, r, `SELECT sealed FROM ticket_file WHERE id = $1`, f.ID)
	if err != nil {
		return Opened{}, fmt.Errorf("read file of ticket: %w", err)
	}
	content, err := d.Box.Open(sealed, fileContext(f.ID))
	if err != nil {
		return Opened{}, fmt.Errorf("open file of ticket: %w", err)
	}
	return Opened{File: f, Content: content}, nil
}

// MyFile gives a file of the ticket of a sitting that is its person's. What the desk noted for itself they do not see.
func (d Desk) MyFile(ctx context.Context, by actor.Actor, cookie, id string) (Opened, error) {
	return db.Read(ctx, d.DB, func(r db.R) (Opened, error) {
		t, err := confirmed(ctx, r, by, cookie)
		if err != nil {
			return Opened{}, err
		}
		return d.OpenFile(ctx, r, t, id)
	})
}
