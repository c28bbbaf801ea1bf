package mailings

import (
	"fmt"
	"net/http"

	"signpost/internal/dos/mailing"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/letter"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/when"
)

const filePath = onePath + "/letters/{file}"

var (
	lettersForm = form.Form{Path: onePath + "/letters", At: onePath, Page: title, Act: "Make letters for them"}
	postedForm  = form.Form{Path: filePath + "/posted", At: onePath, Page: title, Act: "They were posted"}
)

// letterFile is a file of letters on the page.
type letterFile struct {
	Text   string // how many letters, and when they were made
	Href   string
	Posted string         // when they were posted; empty if they were not
	Form   *form.Rendered // says that they were
}

// letters shows the files of letters of a mail, and lets more be made where email does not reach somebody.
func (m *Mailings) letters(r *http.Request, one mailing.Mailing, missed int64, v *oneView) error {
	if one.Text.Kind != mailing.Steps || !v.Own {
		return nil
	}
	files, err := db.Read(r.Context(), m.office.DB, func(read db.R) ([]mailing.LetterFile, error) {
		return mailing.LetterFiles(r.Context(), read, one.ID)
	})
	if err != nil {
		return err
	}
	if one.State != mailing.Stopped && missed > 0 {
		v.Missed = countText(int(missed))
		v.MakeLetters = lettersForm.New(r)
	}
	for _, f := range files {
		shown := letterFile{Text: fmt.Sprintf("%s, made on %s", lettersText(f.Letters), when.DateTime(f.Made)),
			Href: frame.MailingsPage + "/" + one.ID + "/letters/" + f.ID}
		if f.Posted.IsZero() {
			shown.Form = postedForm.New(r, "file", f.ID).About(shown.Text)
		} else {
			shown.Posted = when.DateTime(f.Posted)
		}
		v.Letters = append(v.Letters, shown)
	}
	return nil
}

// missed counts those whom a mail leaves out because email does not reach them.
func missed(leftOut map[mailing.Reason]int64) (n int64) {
	for _, reason := range mailing.Unreached() {
		n += leftOut[reason]
	}
	return n
}

func lettersText(n int) string {
	if n == 1 {
		return "1 letter"
	}
	return fmt.Sprintf("%d letters", n)
}

// makeLetters makes a file of letters to those whom email does not reach.
func (m *Mailings) makeLetters(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if _, err := m.office.MakeLetters(r.Context(), web.Actor(r), id); err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.MailingsPage+"/"+id,
		"The letters are made. Print them, and say here when they were posted.")
}

// printLetters gives a file of letters as a PDF.
func (m *Mailings) printLetters(w http.ResponseWriter, r *http.Request) error {
	list, err := m.office.Letters(r.Context(), web.Actor(r), r.PathValue("id"), r.PathValue("file"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", `attachment; filename="letters.pdf"`)
	return letter.Write(w, list, m.office.DB.Now())
}

// posted takes down that the letters of a file were posted.
func (m *Mailings) posted(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := m.office.Posted(r.Context(), web.Actor(r), id, r.PathValue("file")); err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.MailingsPage+"/"+id, "Noted that these letters were posted.")
}
