package tickets

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"signpost/internal/dos/site/frame/attach"
	"signpost/internal/dos/ticket"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/seen"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// act is what a button of a ticket's page does.
type act struct {
	button string
	fields []string // that it takes
	do     func(p *Pages, r *http.Request, f *form.Rendered) error
	said   string
}

var acts = []act{
	{sendAnswer, answerFields, (*Pages).answer, "The answer is sent."},
	{saveNote, noteFields, (*Pages).note, "The note is saved."},
	{saveSet, setFields, (*Pages).set, "The ticket is changed."},
	{mergeInto, setFields, (*Pages).merge, "The tickets are merged. This is the one that goes on. To undo the merge, " +
		"open the one that was merged, which stands under Other tickets of this person."},
}

// work does what the button says by which a ticket's page was sent. What was filled in elsewhere on it stays.
func (p *Pages) work(w http.ResponseWriter, r *http.Request) error {
	f := workForm.Read(r)
	at := slices.IndexFunc(acts, func(a act) bool { return f.Value(a.button) != "" })
	if at < 0 {
		return p.showTicket(w, r, f)
	}
	was, err := p.was(r)
	if err != nil {
		return err
	}
	pressed := acts[at]
	complete := pressed.button == mergeInto || f.Complete(pressed.fields...)
	if complete {
		err = pressed.do(p, r, f)
	}
	if ticket.ErrUnseen(err) {
		clearFields(f, append([]string{seen.Field}, setFields...)) // the page that shows it shows how it is now
	}
	if !complete || f.Refuse(err) {
		f.Set(pressed.button)
		return p.showTicket(w, r, f)
	}
	if err != nil {
		return err
	}
	return p.goOn(w, r, f, pressed, was)
}

// asItWas is how a ticket was before something was done.
type asItWas struct {
	ticket ticket.Ticket
	seen   string
}

// was reads how a ticket is before something is done, for whoever may do it; nothing of one that is not there.
func (p *Pages) was(r *http.Request) (asItWas, error) {
	return db.Read(r.Context(), p.desk.DB, func(read db.R) (was asItWas, err error) {
		was.ticket, err = ticket.ByID(r.Context(), read, r.PathValue("id"))
		if errors.Is(err, fault.NotFound) {
			return was, nil
		}
		if err == nil {
			was.seen, err = ticket.SeenOf(r.Context(), read, was.ticket)
		}
		return was, err
	})
}

// goOn leads on after something was done: to the page of the ticket that goes on, with all that was filled in for
// something else.
func (p *Pages) goOn(w http.ResponseWriter, r *http.Request, f *form.Rendered, done act, was asItWas) error {
	id := r.PathValue("id")
	if done.button == mergeInto {
		id = f.Value(mergeInto)
		r.SetPathValue("id", id)
		f = workForm.Read(r)
	}
	unseen := f.Seen() != was.seen
	for name, is := range asSet(was.ticket) {
		if unseen || f.Value(name) == is {
			f.Set(name)
		}
	}
	clearFields(f, append([]string{done.button, seen.Field}, done.fields...))
	if !filledIn(f) {
		return web.SeeOther(w, r, pathOf(id), done.said)
	}
	web.Tell(w, done.said)
	f.GoOn("answer")
	return p.showTicket(w, r, f)
}

func clearFields(f *form.Rendered, names []string) {
	for _, name := range names {
		f.Set(name)
	}
}

// filledIn reports whether something is filled in that is to be sent yet.
func filledIn(f *form.Rendered) bool {
	names := append([]string{replyField, textField, noteField}, setFields...)
	return f.HasFiles(attach.Name) || slices.ContainsFunc(names, func(name string) bool { return f.Value(name) != "" })
}

// asSet gives how a ticket is in the fields that set it.
func asSet(t ticket.Ticket) map[string]string {
	return map[string]string{
		stateField: string(t.State), priorityField: strconv.Itoa(int(t.Priority)), categoryField: string(t.Category),
	}
}

func (p *Pages) answer(r *http.Request, f *form.Rendered) error {
	files, err := attach.Read(r)
	if err != nil {
		return err
	}
	return p.desk.Answer(r.Context(), web.Actor(r), r.PathValue("id"), ticket.Outgoing{Text: f.Value(textField),
		Files: files, Then: ticket.State(f.Value(thenField)), Seen: f.Seen()})
}

func (p *Pages) note(r *http.Request, f *form.Rendered) error {
	return p.desk.Note(r.Context(), web.Actor(r), r.PathValue("id"), f.Value(noteField))
}

func (p *Pages) set(r *http.Request, f *form.Rendered) error {
	priority, _ := strconv.Atoi(f.Value(priorityField))
	return p.desk.Set(r.Context(), web.Actor(r), r.PathValue("id"), ticket.Details{
		State: ticket.State(f.Value(stateField)), Priority: ticket.Priority(priority),
		Category: ticket.Category(f.Value(categoryField)), Mine: f.Value(assignedField) == ticket.ToMe,
		Nobody: f.Value(assignedField) == ticket.ToNobody, Seen: f.Seen(),
	})
}

func (p *Pages) merge(r *http.Request, f *form.Rendered) error {
	return p.desk.Merge(r.Context(), web.Actor(r), r.PathValue("id"), f.Value(mergeInto))
}
