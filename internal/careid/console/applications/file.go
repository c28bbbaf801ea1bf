package applications

import (
	"net/http"
	"net/url"
	"strconv"

	"signpost/internal/careid/apply"
	"signpost/internal/careid/console/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

const (
	filePath    = frame.ApplicationsPath + "-from-file"
	oneFilePath = filePath + "/{file}"
	mendPath    = oneFilePath + "/refused.csv"
)

var (
	fileForm = form.Form{Path: filePath, Page: "Invite people from a file", Act: "Check the file",
		MaxBytes: apply.MaxFileBytes + 64<<10, Fields: []form.Field{
			form.Files(nhsuk.InputParams{
				Name: "file", Label: nhsuk.LabelParams{Text: "File", Size: "s"},
				Hint:       "CSV or XLSX, 500 people at most",
				Attributes: map[string]any{"accept": ".csv,.xlsx,text/csv", "multiple": false},
			}),
		}}
	sendForm = form.Form{Path: oneFilePath + "/send", At: oneFilePath, Page: "Check the file"}
)

func (p *Applications) askFile(w http.ResponseWriter, r *http.Request) error {
	return p.showFile(w, r, fileForm.New(r))
}

func (p *Applications) showFile(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	if !reader(r).Invites() {
		return errNotInviter
	}
	v := formView{Page: p.frame.Page(w, r, fileForm.Page), Form: f, Button: fileForm.Act, Guidance: []string{
		"One person a row, under the headings given_name, family_name, email, mobile and organisation (an ODS code). " +
			"The headings middle_names and reason may be there too.",
		"You see what is wrong with any row before anybody is invited.",
	}}
	v.Page.BackHref = frame.ApplicationsPath
	v.Page.Error = f.HasProblems()
	return web.Show(w, r, f.Status(), formPage(v))
}

func (p *Applications) readFile(w http.ResponseWriter, r *http.Request) error {
	f := fileForm.Read(r)
	if !reader(r).Invites() {
		return errNotInviter
	}
	content, err := web.FileOf(r, "file", apply.MaxFileBytes)
	if err != nil {
		return err
	}
	id, err := p.desk.ReadFile(r.Context(), web.Actor(r), content)
	if refused(err) {
		f.Explain(err)
		return p.showFile(w, r, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOfFile(id), "")
}

func pathOfFile(id string) string { return filePath + "/" + url.PathEscape(id) }

func (p *Applications) fileOf(r *http.Request) (apply.File, error) {
	return db.Read(r.Context(), p.frame.DB, func(read db.R) (apply.File, error) {
		return p.desk.FileOf(r.Context(), read, frame.User(r).Identity.UUID, r.PathValue("file"))
	})
}

// oneFile shows what would be done with a file, what was, and how far it is.
func (p *Applications) oneFile(w http.ResponseWriter, r *http.Request) error {
	f, err := p.fileOf(r)
	if err != nil {
		return err
	}
	v := fileView{Page: p.frame.Page(w, r, "Check the file"), Send: sendForm.New(r), Sent: !f.Sent.IsZero(),
		Ready: f.Count(apply.RowReady), Invited: f.Count(apply.RowInvited), Refused: f.Count(apply.RowRefused)}
	v.Send.About(count(len(f.Rows)) + " in a file")
	if v.Sent {
		v.Page.Title = "People invited from a file"
	}
	if v.Refused > 0 {
		v.Mend = pathOfFile(f.ID) + "/refused.csv"
	}
	for _, row := range f.Rows {
		state := nhsuk.TagParams{Text: "Ready", Colour: nhsuk.TagAwaited}
		switch row.State {
		case apply.RowInvited:
			state = nhsuk.TagParams{Text: "Invited", Colour: nhsuk.TagGood}
		case apply.RowRefused:
			state = nhsuk.TagParams{Text: "Refused", Colour: nhsuk.TagStopped}
		}
		v.Rows = append(v.Rows, []nhsuk.TableCell{
			{Text: strconv.Itoa(row.Number)}, {HTML: page.Name(row.Who.GivenName + " " + row.Who.FamilyName)},
			{HTML: page.Contact(row.Who.Email)}, {HTML: nhsuk.Tag(state)}, {Text: row.Problem},
		})
	}
	v.Act = "Invite " + count(v.Ready)
	v.Page.BackHref = filePath
	v.Page.Wide = true
	return web.Show(w, r, http.StatusOK, filePage(v))
}

func count(n int) string {
	if n == 1 {
		return "1 person"
	}
	return strconv.Itoa(n) + " people"
}

func (p *Applications) sendFile(w http.ResponseWriter, r *http.Request) error {
	if err := p.desk.SendFile(r.Context(), web.Actor(r), r.PathValue("file")); err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOfFile(r.PathValue("file")), "The invitations are being sent.")
}

// mend sends the rows that were refused, to be mended and sent again.
func (p *Applications) mend(w http.ResponseWriter, r *http.Request) error {
	f, err := p.fileOf(r)
	if err != nil {
		return err
	}
	content, err := f.RefusedFile()
	if err != nil {
		return err
	}
	return web.SendFile(w, web.CSV, "refused.csv", content)
}
