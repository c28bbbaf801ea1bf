package mailings

import (
	"errors"
	"fmt"
	"net/http"

	"signpost/internal/dos/mailing"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

const correctTitle = "Correct a mail"

var correctForm = form.Form{Path: onePath + "/correct", Page: correctTitle, Act: "Continue", Fields: []form.Field{
	form.Input(nhsuk.InputParams{Name: "subject", Autocomplete: "off",
		Label: nhsuk.LabelParams{Text: "Subject", Size: "s"}}),
	form.Textarea(nhsuk.TextareaParams{Name: "words", Rows: 8,
		Label: nhsuk.LabelParams{Text: "What is right", Size: "s"},
		Hint: "Plain text, 2000 characters at most. It can have links to this site, and to no other. Above it stands " +
			"which mail it corrects"}),
}}

// showCorrect asks what to write to those who had a mail that was wrong.
func (m *Mailings) showCorrect(w http.ResponseWriter, r *http.Request) error {
	return m.showCorrection(w, r, correctForm.New(r))
}

func (m *Mailings) showCorrection(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	wrong, share, err := m.read(r)
	if err != nil {
		return err
	}
	if share == mailing.Some {
		return mailing.ErrSome
	}
	_, err = db.Read(r.Context(), m.office.DB, func(read db.R) (bool, error) {
		return true, wrong.Correctable(r.Context(), read)
	})
	if err != nil {
		return err
	}
	if !f.HasProblems() {
		f.Set("subject", "Correction")
	}
	at := frame.MailingsPage + "/" + wrong.ID
	v := correctView{Form: f.About(wrong.Text.Subject), At: at, Subject: wrong.Text.Subject,
		Sent: fmt.Sprintf("%s had it on %s.", countText(int(wrong.Sent)), when.Date(wrong.Begun))}
	v.Page = m.frame.Page(w, r, correctTitle)
	v.Page.BackHref = at
	v.Page.Error = f.HasProblems()
	return web.Show(w, r, f.Status(), correctPage(v))
}

// correct keeps the correction, and leads to where its writer looks at it before it is sent.
func (m *Mailings) correct(w http.ResponseWriter, r *http.Request) error {
	typed := correctForm.Read(r)
	prepared, err := m.office.Correct(r.Context(), web.Actor(r), r.PathValue("id"), typed.Value("subject"),
		typed.Value("words"))
	if typed.Refuse(err) {
		return m.showCorrection(w, r, typed)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.MailingsPage+"/"+prepared.ID, "")
}

// correctable reports whether a mail can be corrected now.
func (m *Mailings) correctable(r *http.Request, one mailing.Mailing) (bool, error) {
	return db.Read(r.Context(), m.office.DB, func(read db.R) (bool, error) {
		err := one.Correctable(r.Context(), read)
		if errors.Is(err, fault.Conflict) {
			return false, nil
		}
		return err == nil, err
	})
}
