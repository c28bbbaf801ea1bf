package ticket_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/ticket"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/worldtest"
)

const picture = "\x89PNG\r\n\x1a\nrest"

func (w *world) filesOf(id string) (list []ticket.File) {
	w.Helper()
	all := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (map[string][]ticket.File, error) {
		return ticket.FilesOf(ctx, r, id)
	})
	for _, files := range all {
		list = append(list, files...)
	}
	return list
}

func (w *world) open(t ticket.Ticket, id string) (ticket.Opened, error) {
	return db.Read(w.Context(), w.DB, func(r db.R) (ticket.Opened, error) {
		return w.desk.OpenFile(w.Context(), r, t, id)
	})
}

// raisedWith raises a ticket with files.
func (w *world) raisedWith(by actor.Actor, address string, files ...ticket.NewFile) (ticket.Raised, error) {
	one := typed(address)
	one.Files = files
	return w.desk.Raise(w.Context(), by, one)
}

// What a file is, its content says; what it is called says nothing, and leads nowhere.
func TestWhichFilesAreTaken(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct{ name, content, want, kind string }{
		{"page.png", picture, "page.png", "image/png"},
		{"photo.JPEG", "\xff\xd8\xff\xe0", "photo.jpeg", "image/jpeg"},
		{"letter.pdf", "%PDF-1.7\n", "letter.pdf", "application/pdf"},
		{"../../x.html", "<script>alert(1)</script>", "x.html.txt", "text/plain; charset=utf-8"},
		{`C:\Users\bo\page.exe`, picture, "page.exe.png", "image/png"},
		{"a\r\nSet-Cookie: x\".png", picture, "a__Set-Cookie_ x_.png", "image/png"},
		{"...", "text", "file.txt", "text/plain; charset=utf-8"},
		{"\u202egnp.exe", picture, "_gnp.exe.png", "image/png"},
		{strings.Repeat("ä", 300) + ".png", picture, strings.Repeat("ä", 79) + "….png", "image/png"},
		{"notepad.txt", "\xff\xfeh\x00i\x00\xe9\x00", "notepad.txt", "text/plain; charset=utf-16"},
		{"mac.csv", "\xfe\xff\x00h\xd8\x3d\xde\x00", "mac.csv", "text/plain; charset=utf-16"},
		{"old.log", "caf\xe9 \x80 5\r\n", "old.log", "text/plain; charset=windows-1252"},
		{"café 2.log", "one\ttwo\r\n", "café 2.log", "text/plain; charset=utf-8"},
	} {
		r, err := w.raisedWith(stranger("n"+tt.name), "a"+tt.kind[:3]+"@example.nhs.uk",
			ticket.NewFile{Name: tt.name, Content: []byte(tt.content)})
		if err != nil {
			t.Errorf("%q: %v", tt.name, err)
			continue
		}
		got := w.filesOf(r.Ticket.ID)
		if len(got) != 1 || got[0].Name != tt.want || got[0].Type != tt.kind {
			t.Errorf("%q: %+v", tt.name, got)
			continue
		}
		if f, err := w.open(r.Ticket, got[0].ID); err != nil || string(f.Content) != tt.content {
			t.Errorf("%q: %q, %v", tt.name, f.Content, err)
		}
	}
	var y worldtest.Tally
	large := ticket.NewFile{Name: "x.pdf", Content: append([]byte("%PDF-"), make([]byte, ticket.MaxFileSize)...)}
	png := ticket.NewFile{Name: "x.png", Content: []byte(picture)}
	for name, files := range map[string][]ticket.NewFile{
		"a program":           {{Name: "x.png", Content: []byte("MZ\x90\x00\x03")}},
		"a zip":               {{Name: "x.pdf", Content: []byte("PK\x03\x04")}},
		"a PDF after others":  {{Name: "x.pdf", Content: []byte("\x00%PDF-1.7")}},
		"nothing":             {{Name: "x.txt"}},
		"a NUL in UTF-16":     {{Name: "x.txt", Content: []byte("\xff\xfeh\x00\x00\x00")}},
		"half of a letter":    {{Name: "x.txt", Content: []byte("\xff\xfeh\x00i")}},
		"half of a pair":      {{Name: "x.txt", Content: []byte("\xff\xfeh\x00\x3d\xd8")}},
		"a mark alone":        {{Name: "x.txt", Content: []byte("\xff\xfe")}},
		"UTF-16 without mark": {{Name: "x.txt", Content: []byte("h\x00i\x00")}},
		"UTF-32":              {{Name: "x.txt", Content: []byte("\xff\xfe\x00\x00h\x00\x00\x00")}},
		"no Windows-1252":     {{Name: "x.txt", Content: []byte("caf\xe9 \x81")}},
		"a gzip":              {{Name: "x.log", Content: []byte("\x1f\x8b\x08\xe9\xe9")}},
		"more than 5 MB":      {large},
		"four":                {png, png, png, png},
		"one of three is bad": {png, png, {Name: "x.svg", Content: []byte("\x00<svg>")}},
	} {
		_, err := w.raisedWith(stranger("bad"+name), "bad@example.nhs.uk", files...)
		y.Refused(t, name, !errors.Is(err, fault.Invalid))
	}
	y.Report(t, "files")
	if n := w.Count(`SELECT COUNT(*) FROM ticket WHERE email = 'bad@example.nhs.uk'`); n != 0 {
		t.Errorf("%d tickets without their files", n)
	}
}

// A file is read by the desk and by the ticket's person, and by nobody else.
func TestWhoReadsAFile(t *testing.T) {
	w := newWorld(t)
	own, err := w.raisedWith(stranger("a"), "bo@example.nhs.uk", ticket.NewFile{Name: "x.png", Content: []byte(picture)})
	w.Must(err)
	other, err := w.desk.Raise(t.Context(), stranger("b"), typed("cy@example.nhs.uk"))
	w.Must(err)
	id := w.filesOf(own.Ticket.ID)[0].ID
	var y worldtest.Tally
	_, err = w.open(other.Ticket, id)
	y.Refused(t, "by another ticket", err == nil)
	_, err = w.desk.MyFile(t.Context(), stranger("a"), own.Cookie, id) // no code was typed
	y.Refused(t, "by a sitting that shows nothing", err == nil)
	_, err = w.desk.MyFile(t.Context(), stranger("a"), "", id)
	y.Refused(t, "without a sitting", err == nil)
	y.Report(t, "readings of a file")
	w.Must(w.desk.Answer(t.Context(), as(w.agent), own.Ticket.ID, ticket.Outgoing{Text: "See the form.", Then: ticket.Waiting, Files: []ticket.NewFile{ticket.NewFile{Name: "form.pdf", Content: []byte("%PDF-1.7")}}}))
	w.Settle()
	for _, m := range w.Mails.To("bo@example.nhs.uk") {
		if m.Kind == "ticket.answered" && !strings.Contains(m.Text, "There are files with it") {
			t.Errorf("the mail does not tell of the file:\n%s", m.Text)
		}
	}
	if sealed := w.Count(`SELECT COUNT(*) FROM ticket_file WHERE size = LENGTH(sealed)`); sealed != 0 {
		t.Errorf("%d files are not sealed", sealed)
	}
}

// What strangers add within a day has an end, which keeps nobody out who is logged in.
func TestHowManyFilesAreTaken(t *testing.T) {
	w := newWorld(t)
	whole := bytes.Repeat([]byte("x"), ticket.MaxFileSize)
	one := ticket.NewFile{Name: "x.txt", Content: whole}
	w.Must(func() error { _, err := w.raisedWith(stranger("n"), "a@example.nhs.uk", one, one, one); return err }())
	w.Update(func(ctx context.Context, u *db.W) error { // as if there were many more
		_, err := u.Exec(ctx, `UPDATE ticket_file SET size = 200000000`)
		return err
	})
	_, err := w.raisedWith(stranger("m"), "b@example.nhs.uk", one)
	if !errors.Is(err, fault.Invalid) {
		t.Errorf("strangers add more than a day holds: %v", err)
	}
	_, err = w.raisedWith(as(w.agent), "", one)
	w.Must(err)
	w.Clock.Advance(25 * time.Hour)
	_, err = w.raisedWith(stranger("m"), "b@example.nhs.uk", one)
	w.Must(err)
}

// What was merged into a ticket lives as long as that, with its files, and goes with it.
func TestWhatWasMergedLivesAsLongAsTheTicketItWentInto(t *testing.T) {
	w := newWorld(t)
	first, err := w.raisedWith(stranger("a"), "bo@example.nhs.uk", ticket.NewFile{Name: "x.png", Content: []byte(picture)})
	w.Must(err)
	kept := w.raised(stranger("b"), "bo@example.nhs.uk")
	agent := as(w.agent)
	w.Must(w.desk.Merge(t.Context(), agent, first.Ticket.ID, kept.ID))
	sweep := func() {
		ws := job.NewWorkers()
		ticket.Work(ws, w.DB)
		for _, s := range ws.Sweepers() {
			_, err := s.Sweep(t.Context(), actor.ForJob("ticket.sweep", "ticket.sweep"))
			w.Must(err)
		}
	}
	const merged = `SELECT (SELECT COUNT(*) FROM ticket_message WHERE ticket_id = $1)
		+ (SELECT COUNT(*) FROM ticket_file WHERE ticket_id = $1) + (SELECT COUNT(*) FROM ticket WHERE id = $1)`
	w.Clock.Advance(401 * 24 * time.Hour)
	sweep()
	if n := w.Count(merged, first.Ticket.ID); n != 3 || len(w.filesOf(kept.ID)) != 1 {
		t.Errorf("of the merged ticket %d are left while the other is open", n)
	}
	w.Must(w.desk.Answer(t.Context(), agent, kept.ID, ticket.Outgoing{Text: "Solved.", Then: ticket.Solved}))
	w.Clock.Advance(401 * 24 * time.Hour)
	sweep()
	if n := w.Count(merged, first.Ticket.ID) + w.Count(merged, kept.ID); n != 0 {
		t.Errorf("%d are left of both", n)
	}
}
