// Package person serves the profile of one person for those who have a job at a registration authority, each page for
// those whose job lets them do what it is for: its tabs of details, positions, history and notes, a page for each
// detail that can be changed, and those by which an identity is verified, suspended, closed and reopened.
//
// The tab of authenticators, and what is done about these, is served by package people.
package person

import (
	"errors"
	"net/http"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/identity/detail"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/correction"
	"signpost/internal/careid/registration/life"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// Person serves the pages.
type Person struct {
	frame *frame.Frame
	post  *mail.Post
}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame, post *mail.Post) {
	p := &Person{frame: f, post: post}
	finds := f.May(permission.Find)
	changes := f.May(permission.ChangeDetails)
	verifies := f.May(permission.VerifyProfile)
	assigns := f.May(permission.AssignPosition)
	closes := f.May(permission.CloseProfile)
	s.Handle("GET "+profilePath, finds, p.profile)
	f.HandleForm(s, showForm, changes, f.Freshly(showForm, p.showNI))
	s.Handle("GET "+profilePath+"/photo", finds, p.photo)
	for _, c := range details {
		s.Handle("GET "+c.form.Path, changes, p.ask(c))
		f.HandleForm(s, c.form, changes, f.Freshly(c.form, p.save(c)))
	}
	s.Handle("GET "+verifyForm.Path, verifies, p.askVerify)
	f.HandleForm(s, verifyForm, verifies, f.Freshly(verifyForm, p.verify))
	s.Handle("GET "+positionsPath, finds, p.positions)
	f.HandleForm(s, giveForm, assigns, f.Freshly(giveForm, p.give))
	f.HandleForm(s, severalForm, assigns, f.Freshly(severalForm, p.giveSeveral))
	f.HandleForm(s, endForm, assigns, p.end)
	s.Handle("GET "+datesForm.Path, assigns, p.askDates)
	f.HandleForm(s, datesForm, assigns, f.Freshly(datesForm, p.changeDates))
	s.Handle("GET "+closeForm.Path, closes, p.askClose)
	f.HandleForm(s, closeForm, closes, f.Freshly(closeForm, p.close))
	s.Handle("GET "+noteForm.Path, changes, p.notes)
	f.HandleForm(s, noteForm, changes, p.addNote)
	s.Handle("GET "+profilePath+"/history", changes, p.history)
	s.Handle("GET "+statusPath, closes, p.askMove)
	f.HandleForm(s, moveForm, closes, f.Freshly(moveForm, p.move))
}

// refused reports whether an operation refused something that the form is to say.
func refused(err error) bool { return errors.Is(err, fault.Invalid) || errors.Is(err, fault.Conflict) }

// known is what a page of somebody begins with.
type known struct {
	identity identity.Identity
	details  detail.Details
}

// own reports whether it is the user's own identity, which others look after.
func (k known) own(r *http.Request) bool { return k.identity.UUID == frame.User(r).Identity.UUID }

// known reads the person of the page.
func (p *Person) known(r *http.Request) (known, error) {
	return db.Read(r.Context(), p.frame.DB, func(read db.R) (k known, err error) { return knownFor(r, read) })
}

func knownFor(r *http.Request, read db.R) (k known, err error) {
	uuid := r.PathValue("uuid")
	if k.identity, err = frame.Served(r, read, uuid); err != nil {
		return k, err
	}
	k.details, err = detail.Of(r.Context(), read, uuid)
	return k, err
}

// niNote keeps a National Insurance number for the page of the person it is of, once.
const niNote = "ni-number"

type shownNI struct {
	UUID string `json:"uuid"`
	Text string `json:"text"`
}

// showNI shows the National Insurance number once, which is recorded.
func (p *Person) showNI(w http.ResponseWriter, r *http.Request) error {
	uuid := r.PathValue("uuid")
	n, err := correction.ShowNI(r.Context(), p.frame.DB, web.Actor(r), p.frame.Box, uuid)
	if errors.Is(err, fault.NotFound) {
		return web.SeeOther(w, r, frame.PathOf(uuid), "No National Insurance number is held.")
	}
	if err != nil {
		return err
	}
	if err := web.LeaveNote(w, r, niNote, shownNI{UUID: uuid, Text: n.Text()}); err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.PathOf(uuid), "The number is shown below, once. That you looked at it is recorded.")
}

func (p *Person) askVerify(w http.ResponseWriter, r *http.Request) error {
	k, err := p.known(r)
	if err != nil {
		return err
	}
	return p.showVerify(w, r, verifyForm.New(r), k)
}

func (p *Person) showVerify(w http.ResponseWriter, r *http.Request, f *form.Rendered, k known) error {
	if correction.Proved(k.identity) || k.own(r) {
		return web.SeeOther(w, r, frame.PathOf(k.identity.UUID), "Nothing was changed. There is nothing to verify now.")
	}
	f.About(k.identity.DisplayName())
	v := changeView{Page: p.frame.Page(w, r, verifyForm.Page), Form: f, Button: verifyForm.Act,
		Name: k.identity.DisplayName(), Verifies: true}
	v.Page.Error = f.HasProblems()
	v.Page.BackHref = frame.PathOf(k.identity.UUID)
	return web.Show(w, r, f.Status(), changePage(v))
}

func (p *Person) verify(w http.ResponseWriter, r *http.Request) error {
	uuid := r.PathValue("uuid")
	f := verifyForm.Read(r)
	if f.Complete() {
		err := life.Verify(r.Context(), p.frame.DB, web.Actor(r), uuid, frame.DocumentsOf(f),
			f.Value("declaration") != "")
		if err == nil {
			return web.SeeOther(w, r, frame.PathOf(uuid), "Identity verified. It now has identity level 3.")
		}
		if !refused(err) {
			return err
		}
		f.Explain(err)
	}
	k, err := p.known(r)
	if err != nil {
		return err
	}
	return p.showVerify(w, r, f, k)
}

// noteReading records that the user looks at somebody.
func (p *Person) noteReading(r *http.Request) error {
	return registration.NoteReading(r.Context(), p.frame.DB, web.Actor(r), r.PathValue("uuid"))
}
