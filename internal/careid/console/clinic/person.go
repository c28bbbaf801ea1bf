package clinic

import (
	"net/http"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/clinic"
	"signpost/internal/careid/registration/deciding"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/careid/request"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/qr"
	"signpost/internal/platform/when"
)

// facts are what the page of a person in a clinic says.
type facts struct {
	seen
	one     clinic.Person
	holder  string // name of whoever else looks after them
	mine    bool
	binds   bool // the user may give them an authenticator
	waiting bool // a link waits to be used
	give    request.Request
	gives   bool
}

func (p *Clinics) facts(r *http.Request) (facts, error) {
	return db.Read(r.Context(), p.frame.DB, func(read db.R) (f facts, err error) {
		by := reader(r)
		uuid := r.PathValue("uuid")
		if f.seen, err = look(r.Context(), read, by, r.PathValue("clinic")); err != nil {
			return f, err
		}
		if f.one, err = f.clinic.Person(r.Context(), read, uuid); err != nil {
			return f, err
		}
		if _, served := f.who[uuid]; !served {
			return f, fault.NotFound
		}
		switch held := f.one.HeldBy(read.Now()); held {
		case "":
		case by.UUID:
			f.mine = true
		default:
			i, err := identity.ByUUID(r.Context(), read, held)
			if err != nil {
				return f, err
			}
			f.holder = i.DisplayName()
		}
		f.binds, err = frame.MayAt(r, read, permission.BindAuthenticator, f.who[uuid].Organisation)
		if err != nil {
			return f, err
		}
		links, err := authenticator.InvitationsOf(r.Context(), read, uuid, 1)
		if err != nil {
			return f, err
		}
		for _, one := range links {
			state, _ := one.StateAt(read.Now())
			f.waiting = state == authenticator.Sent || state == authenticator.Opened
		}
		f.give, f.gives, err = f.left[uuid].ToGive(r.Context(), read, by)
		return f, err
	})
}

func (p *Clinics) person(w http.ResponseWriter, r *http.Request) error {
	return p.showPerson(w, r, actForm.New(r))
}

// linkNote keeps the link that was just made until it is shown, once.
const linkNote = "clinic-link"

type madeLink struct {
	UUID string `json:"uuid"`
	Path string `json:"path"`
}

func (p *Clinics) showPerson(w http.ResponseWriter, r *http.Request, sent *form.Rendered) error {
	f, err := p.facts(r)
	if err != nil {
		return err
	}
	uuid := r.PathValue("uuid")
	if err := registration.NoteReading(r.Context(), p.frame.DB, web.Actor(r), uuid); err != nil {
		return err
	}
	name := f.who[uuid].DisplayName()
	v := personView{Page: p.frame.Page(w, r, name+": "+f.clinic.Name), Form: sent.About(name), Name: name, UUID: uuid,
		Clinic: f.clinic.Name, State: f.one.State.Label(), Holder: f.holder, Profile: frame.PathOf(uuid),
		Again: personPathOf(f.clinic.ID, uuid), Left: f.left[uuid].Texts()}
	if f.holder != "" {
		v.Until = when.TimeOfDay(f.one.HeldUntil())
	}
	if f.next != "" && f.next != uuid {
		v.Next = personPathOf(f.clinic.ID, f.next)
	}
	var left madeLink
	if web.TakeNote(w, r, linkNote, &left) && left.UUID == uuid {
		v.Link = p.frame.CIS2Pages + left.Path
		if v.QR, err = qr.Of(v.Link); err != nil {
			return err
		}
	}
	v.Main, v.Beside = f.buttons(v.Link != "")
	if f.gives {
		sent.Set("request", f.give.ID)
	}
	v.NotBound = f.left[uuid].Authenticator && !f.binds
	v.Page.BackHref = pathOf(f.clinic.ID)
	v.Page.Error = sent.HasProblems()
	return web.Show(w, r, sent.Status(), personPage(v))
}

// buttons are what can be done now: the main thing, on which the focus stands, and the others. There is no main thing
// to send where a link was just made, which the page asks to look at again.
func (f facts) buttons(shown bool) (main nhsuk.ButtonParams, beside []nhsuk.ButtonParams) {
	button := func(name, text string) nhsuk.ButtonParams {
		return nhsuk.ButtonParams{Name: name, Value: "yes", Text: text}
	}
	left := f.left[f.one.UUID]
	finish := button("done", "Done, next person")
	if len(left.Texts()) > 0 {
		finish.Text = "Leave the rest, next person"
	}
	switch {
	case !f.clinic.Ended.IsZero() || f.holder != "" || f.one.State == clinic.Done:
		return main, nil
	case f.one.State == clinic.Expected:
		return button("here", "Check in"), []nhsuk.ButtonParams{button("absent", "Did not come")}
	case f.one.State == clinic.Absent:
		return button("here", "Check in"), nil
	case !f.mine:
		return button("here", "Look after them"), []nhsuk.ButtonParams{button("absent", "Did not come")}
	case shown:
	case left.Authenticator && left.Status == identity.Active && f.binds && f.waiting:
		beside = append(beside, button("link", "Make another link"))
	case left.Authenticator && left.Status == identity.Active && f.binds:
		main = button("link", "Make a link to add an authenticator")
	case f.gives:
		main = button("give", "Give the position that was asked for")
	default:
		return finish, []nhsuk.ButtonParams{button("back", "Put back")}
	}
	if main.Name != "give" && f.gives {
		beside = append(beside, button("give", "Give the position that was asked for"))
	}
	return main, append(beside, finish, button("back", "Put back"))
}

// act does what the button that was pressed says.
func (p *Clinics) act(w http.ResponseWriter, r *http.Request) error {
	sent := actForm.Read(r)
	pressed := func(name string) bool { return sent.Value(name) != "" }
	d := p.frame.DB
	by := web.Actor(r)
	id, uuid := r.PathValue("clinic"), r.PathValue("uuid")
	here := func(w http.ResponseWriter, r *http.Request) error {
		return web.SeeOther(w, r, personPathOf(id, uuid), "")
	}
	switch {
	case pressed("here"):
		return p.step(w, r, sent, clinic.CheckIn(r.Context(), d, by, id, uuid), here)
	case pressed("absent"):
		return p.step(w, r, sent, clinic.MarkAbsent(r.Context(), d, by, id, uuid), p.toNext)
	case pressed("done"):
		return p.step(w, r, sent, clinic.Finish(r.Context(), d, by, id, uuid), p.toNext)
	case pressed("back"):
		return p.step(w, r, sent, clinic.PutBack(r.Context(), d, by, id, uuid), p.toNext)
	case pressed("link"):
		return p.frame.Freshly(actForm, p.makeLink)(w, r)
	case pressed("give"):
		return p.frame.Freshly(actForm, p.give)(w, r)
	}
	return p.showPerson(w, r, actForm.New(r))
}

// step goes on after something was done, or says why it was not.
func (p *Clinics) step(w http.ResponseWriter, r *http.Request, sent *form.Rendered, err error, on web.Handler) error {
	if refused(err) {
		sent.Explain(err)
		return p.showPerson(w, r, sent)
	}
	if err != nil {
		return err
	}
	return on(w, r)
}

// toNext leads to whoever is next, or to the clinic if nobody is.
func (p *Clinics) toNext(w http.ResponseWriter, r *http.Request) error {
	s, err := p.read(r)
	if err != nil {
		return err
	}
	if s.next == "" {
		return web.SeeOther(w, r, pathOf(s.clinic.ID), "Nobody is left who is expected.")
	}
	return web.SeeOther(w, r, personPathOf(s.clinic.ID, s.next), "")
}

func (p *Clinics) makeLink(w http.ResponseWriter, r *http.Request) error {
	id, uuid := r.PathValue("clinic"), r.PathValue("uuid")
	path := ""
	err := clinic.Keep(r.Context(), p.frame.DB, web.Actor(r), id, uuid)
	if err == nil {
		path, err = registration.Invite(r.Context(), p.frame.DB, web.Actor(r), uuid, p.kinds, authenticator.InPerson)
	}
	return p.step(w, r, actForm.Read(r), err, func(w http.ResponseWriter, r *http.Request) error {
		if err := web.LeaveNote(w, r, linkNote, madeLink{UUID: uuid, Path: path}); err != nil {
			return err
		}
		return web.SeeOther(w, r, personPathOf(id, uuid), "")
	})
}

// give decides the request for a position that the page showed.
func (p *Clinics) give(w http.ResponseWriter, r *http.Request) error {
	sent := actForm.Read(r)
	id, uuid := r.PathValue("clinic"), r.PathValue("uuid")
	asked := sent.Value("request")
	err := clinic.Keep(r.Context(), p.frame.DB, web.Actor(r), id, uuid)
	if err == nil {
		err = deciding.LookAt(r.Context(), p.frame.DB, web.Actor(r), asked)
	}
	if err == nil {
		err = deciding.Approve(r.Context(), p.frame.DB, web.Actor(r), asked, "Given at a clinic.")
	}
	return p.step(w, r, sent, err, func(w http.ResponseWriter, r *http.Request) error {
		return web.SeeOther(w, r, personPathOf(id, uuid), "")
	})
}
