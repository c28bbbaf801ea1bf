package person

import (
	"net/http"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/identity/note"
	"signpost/internal/careid/registration/correction"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

const maxNotes = 100 // on the page

func (p *Person) notes(w http.ResponseWriter, r *http.Request) error {
	return p.showNotes(w, r, noteForm.New(r))
}

func (p *Person) showNotes(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	uuid := r.PathValue("uuid")
	v, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (v notesView, err error) {
		i, err := frame.Served(r, read, uuid)
		if err != nil {
			return v, err
		}
		v = notesView{Form: f, Name: i.DisplayName(), Own: known{identity: i}.own(r)}
		list, err := note.Of(r.Context(), read, uuid, maxNotes)
		if err != nil {
			return v, err
		}
		authors, err := authorsOf(r, read, list)
		for _, n := range list {
			v.Notes = append(v.Notes, nhsuk.SummaryListRow{
				Key: authors[n.By].DisplayName() + ", " + when.DateTime(n.At), Value: n.Text,
			})
		}
		return v, err
	})
	if err != nil {
		return err
	}
	if v.Own && f.HasProblems() {
		return web.SeeOther(w, r, frame.PathOf(uuid)+"/notes", "Nothing was changed. That cannot be done now.")
	}
	if err := p.noteReading(r); err != nil {
		return err
	}
	f.About(v.Name)
	v.Page = p.frame.Page(w, r, "Notes about "+v.Name)
	v.Page.BackHref = frame.PathOf(uuid)
	v.Page.Error = f.HasProblems()
	v.Tabs = frame.TabsOf(r, uuid, frame.TabNotes)
	return web.Show(w, r, f.Status(), notesPage(v))
}

func authorsOf(r *http.Request, read db.R, list []note.Note) (map[string]identity.Identity, error) {
	var numbers []string
	for _, n := range list {
		numbers = append(numbers, n.By)
	}
	return identity.ByUUIDs(r.Context(), read, numbers)
}

func (p *Person) addNote(w http.ResponseWriter, r *http.Request) error {
	f := noteForm.Read(r)
	if !f.Complete() {
		return p.showNotes(w, r, f)
	}
	uuid := r.PathValue("uuid")
	err := correction.Note(r.Context(), p.frame.DB, web.Actor(r), uuid, f.Value("note"))
	if refused(err) {
		f.Explain(err)
		return p.showNotes(w, r, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.PathOf(uuid)+"/notes", "Note added.")
}
