package home

import (
	"net/http"
	"slices"

	"signpost/internal/dos/account"
	"signpost/internal/dos/rollout/checklist"
	"signpost/internal/dos/site/frame"
	"signpost/internal/national/path"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/page"
)

// askForm sends the mail to those who do what the person needs now, and askedForm says that they have asked already.
var (
	askForm = form.Form{Path: frame.ChecklistPage + "/ask", At: frame.ChecklistPage, Page: "Your checklist",
		Act: "Send the email", Fields: []form.Field{form.Hidden("what")}}
	askedForm = form.Form{Path: frame.ChecklistPage + "/asked", At: frame.ChecklistPage, Page: "Your checklist",
		Act: "I have asked them", Fields: []form.Field{form.Hidden("what")}}
)

// fill gives the page its forms, which say about what they were shown.
func (v *nowView) fill(r *http.Request, now path.Now) {
	v.Send = askForm.New(r).Set("what", whatOf(now)...)
	v.Note = askedForm.New(r).Set("what", whatOf(now)...)
}

// whatOf names the steps for which is asked at once, as forms have them.
func whatOf(now path.Now) (what []string) {
	for _, s := range now.Asking() {
		what = append(what, string(s.What))
	}
	return what
}

// asking gives what is to be asked for now, if it is what the form was shown for.
func (h *Home) asking(r *http.Request, typed *form.Rendered) (t told, is bool, err error) {
	t, _, err = h.told(r)
	if err != nil {
		return t, false, err
	}
	may := t.now.Do.Asks() && t.user.Kind != account.Shared
	return t, may && slices.Equal(whatOf(t.now), typed.Values("what")), nil
}

const listChanged = "Your list has changed meanwhile, so nothing more was sent. It stands here as it is now."

func (h *Home) ask(w http.ResponseWriter, r *http.Request) error {
	t, is, err := h.asking(r, askForm.Read(r))
	to := page.FirstEmail(t.facts.Contact)
	if err != nil || !is || to == "" {
		return h.backOr(w, r, err, listChanged)
	}
	letter := t.letter(to)
	letter.Text = sentFor(t.user) + letter.Text
	err = h.desk().Send(r.Context(), web.Actor(r), t.user.ID, path.Whats(t.now.Asking()), letter)
	return h.backOr(w, r, err, "The email to "+letter.Of+" was sent. Their answer goes to "+t.user.Email+".")
}

// sentFor says for whom a mail was sent, as it comes from the directory's address.
func sentFor(a account.Account) string {
	return a.Name() + " asked the Directory of Services to send this email. Your answer goes to " + a.Email + ".\n\n"
}

func (h *Home) asked(w http.ResponseWriter, r *http.Request) error {
	t, is, err := h.asking(r, askedForm.Read(r))
	if err != nil || !is {
		return h.backOr(w, r, err, listChanged)
	}
	of := t.facts.Authority
	if of == "" || !t.now.Do.OfAuthority() {
		of = t.now.Do.Owner.ToPerson()
	}
	err = h.desk().Note(r.Context(), web.Actor(r), t.user.ID, path.Whats(t.now.Asking()), of)
	return h.backOr(w, r, err, "We have noted that you asked. If nothing has changed after 7 days, we remind you here.")
}

func (h *Home) backOr(w http.ResponseWriter, r *http.Request, err error, note string) error {
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.ChecklistPage, note)
}

func (h *Home) desk() checklist.Desk {
	return checklist.Desk{DB: h.frame.Passwords.DB, Post: h.frame.Linker.Post}
}

// saw takes down what the list says to its holder, so that they are told when it says something else. Whoever looks on
// a shared account is not known.
func (h *Home) saw(r *http.Request, t told) error {
	if t.user.Kind == account.Shared || frame.User(r) == nil {
		return nil
	}
	return checklist.Saw(r.Context(), h.frame.Passwords.DB, t.user.ID, t.now)
}
