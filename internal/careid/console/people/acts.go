package people

import (
	"net/http"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// give gives the person a position.
func (p *People) give(w http.ResponseWriter, r *http.Request) error {
	f := formsOf(r)
	f.give = giveForm.Read(r)
	return p.do(w, r, f, f.give, "Position given.", func() error {
		return registration.GivePosition(r.Context(), p.frame.DB, web.Actor(r), r.PathValue("uuid"),
			f.give.Value("position"), f.give.Value("organisation"))
	})
}

// end ends a position of the person.
func (p *People) end(w http.ResponseWriter, r *http.Request) error {
	f := formsOf(r)
	f.end = endForm.Read(r)
	return p.do(w, r, f, f.end, "Position ended. Services that they are logged in to are being told.", func() error {
		return registration.EndPosition(r.Context(), p.frame.DB, web.Actor(r), r.PathValue("uuid"),
			f.end.Value("assignment"), f.end.Value("why_end"))
	})
}

var movedTexts = map[identity.Act]string{
	identity.Activate: "The Care Identity is active.",
	identity.Resume:   "The Care Identity is active again.",
	identity.Reopen: "The Care Identity is open again. Give its positions again, and make a link to add an " +
		"authenticator.",
	identity.Suspend: "The Care Identity is suspended. They are being logged out everywhere.",
	identity.Close:   "The Care Identity is closed. They are being logged out everywhere.",
}

// move changes the status of the person's Care Identity.
func (p *People) move(w http.ResponseWriter, r *http.Request) error {
	f := formsOf(r)
	f.move = moveForm.Read(r)
	act := identity.Act(f.move.Value("move"))
	return p.do(w, r, f, f.move, movedTexts[act], func() error {
		return registration.Move(r.Context(), p.frame.DB, web.Actor(r), r.PathValue("uuid"), act, f.move.Value("why"))
	})
}

// do does what a form of the page asks for. What the operation refuses is said at the form.
func (p *People) do(
	w http.ResponseWriter, r *http.Request, f forms, sent *form.Rendered, done string, operation func() error,
) error {
	if !sent.Complete() {
		return p.showPerson(w, r, f)
	}
	err := operation()
	if refused(err) {
		sent.Explain(err)
		return p.showPerson(w, r, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOf(r.PathValue("uuid")), done)
}

// newLink is shown once on the page of the person it is for.
type newLink struct {
	UUID string `json:"uuid"`
	Path string `json:"path"`
}

const linkNote = "binding-link"

// takeLink gives the path that was left for the page of a person, once.
func takeLink(w http.ResponseWriter, r *http.Request, uuid string) string {
	var left newLink
	if !web.TakeNote(w, r, linkNote, &left) || left.UUID != uuid {
		return ""
	}
	return left.Path
}
