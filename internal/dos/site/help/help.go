// Package help serves the page that says how to get help, the form by which anybody raises a ticket with the service
// desk, and the pages on which people follow their own.
package help

import (
	"errors"
	"net/http"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/site/frame/attach"
	"signpost/internal/dos/ticket"
	"signpost/internal/national/device"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mailcode/codeform"
	"signpost/internal/platform/reference"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// maxPerMinute limits how often one network address may raise a ticket, or ask for a code, on one node.
const maxPerMinute = 30

const sittingSeconds = 60 * 60

// Pages serves the pages.
type Pages struct {
	frame *frame.Frame
	desk  ticket.Desk
}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame, desk ticket.Desk) {
	p := &Pages{frame: f, desk: desk}
	anyone := f.MaybeSignedIn()
	s.Handle("GET /help", anyone, p.help)
	s.Handle("GET "+raiseForm.Path, anyone, p.ask)
	f.HandleForm(s, raiseForm, anyone, s.PerMinute(maxPerMinute, p.raise))
	s.Handle("GET "+sentPath, anyone, p.sent)
	s.Handle("GET "+ownForm.Path, anyone, p.own)
	f.HandleForm(s, ownForm, anyone, s.PerMinute(maxPerMinute, p.comeBack))
	code := p.mailedCode()
	s.Handle("GET "+codeForm.Path, anyone, p.awaiting(code.Ask))
	f.HandleForm(s, codeForm, anyone, code.Answer)
	s.Handle("GET "+minePath, anyone, p.mine)
	f.HandleForm(s, replyForm, anyone, s.PerMinute(maxPerMinute, p.reply))
	s.Handle("GET "+filePath+"/{file}", anyone, p.file)
	f.HandleForm(s, openForm, f.SignedIn(), p.open)
}

func cookie(r *http.Request) string { return web.Cookie(r, frame.TicketCookie) }

func (p *Pages) help(w http.ResponseWriter, r *http.Request) error {
	v := helpView{Links: p.frame.Links(path.PlaceFindRA, path.PlaceCheckDevice, path.PlaceApply), Open: openForm.New(r)}
	if c := frame.User(r); c != nil && c.Account.Kind == account.Individual {
		var err error
		v.Tickets, err = db.Read(r.Context(), p.desk.DB, func(read db.R) ([]ticket.Ticket, error) {
			return ticket.RaisedBy(r.Context(), read, c.Account.ID)
		})
		if err != nil {
			return err
		}
	}
	v.Page = p.frame.Page(w, r, "Accessibility and help")
	return web.Show(w, r, http.StatusOK, helpPage(v))
}

// own reports whether whoever makes the request is logged in with an account of their own.
func own(r *http.Request) bool {
	c := frame.User(r)
	return c != nil && c.Account.Kind == account.Individual && c.Account.Email != ""
}

// ask shows the form, with the reference of the page that people come from.
func (p *Pages) ask(w http.ResponseWriter, r *http.Request) error {
	typed := raiseForm.New(r)
	code := device.Plain(r.URL.Query().Get("reference"))
	if device.IsCode(code) && !typed.HasProblems() {
		typed.Set("reference", device.Show(code))
		typed.Set("category", string(ticket.Devices))
		typed.Set("subject", "What works on my device")
	}
	if quoted := reference.Read(r.URL.Query().Get("reference")); reference.Valid(quoted) && !typed.HasProblems() {
		typed.Set("reference", reference.Show(quoted))
	}
	return p.showAsk(w, r, typed)
}

func (p *Pages) showAsk(w http.ResponseWriter, r *http.Request, typed *form.Rendered) error {
	if subject := strings.TrimSpace(typed.Value("subject")); strings.HasPrefix(ticket.Prefix, subject) {
		typed.Set("subject", ticket.Prefix) // whole, with the blank that what is typed goes on after
	}
	v := askView{Page: p.frame.Page(w, r, raiseForm.Page), Form: typed, Own: own(r)}
	if v.Own {
		v.Name = frame.User(r).Account.Name()
		v.Email = frame.User(r).Account.Email
	}
	v.Page.Error = typed.HasProblems()
	return web.Show(w, r, typed.Status(), askPage(v))
}

// raiseWith raises a ticket with the files that were chosen.
func (p *Pages) raiseWith(r *http.Request, typed ticket.Typed) (raised ticket.Raised, err error) {
	if typed.Files, err = attach.Read(r); err != nil {
		return raised, err
	}
	return p.desk.Raise(r.Context(), p.asker(r), typed)
}

func (p *Pages) raise(w http.ResponseWriter, r *http.Request) error {
	sent := raiseForm.Read(r)
	complete := sent.Complete()
	if !own(r) {
		complete = fills(sent, "name", "Enter your name") && complete
		complete = fills(sent, "email", "Enter your email address") && complete
	}
	if !complete {
		return p.showAsk(w, r, sent)
	}
	typed := typedOf(sent)
	typed.Known = p.frame.Known.Of(r).ID() != ""
	raised, err := p.raiseWith(r, typed)
	if errors.Is(err, fault.TooMany) {
		sent.Explain(err)
		return p.showAsk(w, r, sent)
	}
	if sent.Refuse(err) {
		return p.showAsk(w, r, sent)
	}
	if err != nil {
		return err
	}
	web.SetCookie(w, frame.TicketCookie, raised.Cookie, sittingSeconds)
	return web.SeeOther(w, r, sentPath, "")
}

// fills notes that a field was left empty, and reports whether it was not.
func fills(f *form.Rendered, field, missing string) bool {
	if f.Value(field) == "" {
		f.Add(form.Problem{Field: field, Text: missing})
		return false
	}
	return true
}

// asker gives whoever asks. A browser that somebody logged in on before has room of its own, apart from the building in
// which it stands.
func (p *Pages) asker(r *http.Request) actor.Actor {
	by := web.Actor(r)
	if id := p.frame.Known.Of(r).ID(); id != "" {
		by.Network = "browser " + id
	}
	return by
}

// sent says of a ticket that was just raised what happens next.
func (p *Pages) sent(w http.ResponseWriter, r *http.Request) error {
	if cookie(r) == "" {
		return web.SeeOther(w, r, raiseForm.Path, "")
	}
	t, confirmed, err := p.desk.Begun(r.Context(), web.Actor(r), cookie(r))
	if err != nil {
		return err
	}
	v := sentView{Page: p.frame.Page(w, r, "Your ticket was sent"), Number: t.Show(), To: t.Email, Confirmed: confirmed}
	if !t.Due.IsZero() {
		v.Due = when.DateTime(t.Due)
	}
	return web.Show(w, r, http.StatusOK, sentPage(v))
}

// own shows what somebody's own link leads to. It shows nothing of the ticket, and changes nothing.
func (p *Pages) own(w http.ResponseWriter, r *http.Request) error {
	t, err := p.desk.Own(r.Context(), r.PathValue("id"), r.PathValue("secret"))
	if err != nil {
		return err
	}
	v := ownView{Page: p.frame.Page(w, r, "Your ticket "+t.Show()), Form: ownForm.New(r)}
	return web.Show(w, r, http.StatusOK, ownPage(v))
}

func (p *Pages) comeBack(w http.ResponseWriter, r *http.Request) error {
	begun, err := p.desk.Return(r.Context(), web.Actor(r), r.PathValue("id"), r.PathValue("secret"))
	if err != nil {
		return err
	}
	web.SetCookie(w, frame.TicketCookie, begun, sittingSeconds)
	return web.SeeOther(w, r, codeForm.Path, "")
}

// awaiting shows a page of a ticket that waits for its code.
func (p *Pages) awaiting(h web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if cookie(r) == "" { // nothing was begun here
			return web.SeeOther(w, r, "/help", "")
		}
		if _, _, err := p.desk.Begun(r.Context(), web.Actor(r), cookie(r)); err != nil {
			return err
		}
		return h(w, r)
	}
}

// mailedCode makes the page on which the code is typed that was mailed.
func (p *Pages) mailedCode() codeform.Page {
	return codeform.Page{Form: codeForm, Show: p.showCode,
		SendAgain: func(r *http.Request) error {
			return p.desk.SendCodeAgain(r.Context(), web.Actor(r), cookie(r))
		},
		Use: func(r *http.Request, code string) error {
			return p.desk.Confirm(r.Context(), web.Actor(r), cookie(r), code)
		},
		Done: func(w http.ResponseWriter, r *http.Request) error { return web.SeeOther(w, r, minePath, "") },
	}
}

func (p *Pages) showCode(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	t, _, err := p.desk.Begun(r.Context(), web.Actor(r), cookie(r))
	if err != nil {
		return err
	}
	v := codeView{Page: p.frame.Page(w, r, "Enter the code from the email"), Form: typed, To: t.Email}
	v.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, codePage(v))
}

// mine shows one's own ticket.
func (p *Pages) mine(w http.ResponseWriter, r *http.Request) error {
	if cookie(r) == "" {
		return web.SeeOther(w, r, "/help", "")
	}
	return p.showMine(w, r, replyForm.New(r))
}

func (p *Pages) showMine(w http.ResponseWriter, r *http.Request, reply *form.Rendered) error {
	t, messages, files, err := p.desk.Mine(r.Context(), web.Actor(r), cookie(r))
	if err != nil {
		return err
	}
	v := mineView{Ticket: t, Reply: reply, Rows: rowsOf(t)}
	for _, m := range messages {
		v.Messages = append(v.Messages, messageView{When: when.DateTime(m.Written), By: byText(m, t),
			Lines: page.Paragraphs(m.Text), Files: attach.Links(files[m.ID], filePath)})
	}
	if t.State == ticket.Merged {
		v.Into, err = db.Read(r.Context(), p.desk.DB, func(read db.R) (string, error) {
			into, err := ticket.ByID(r.Context(), read, t.MergedInto)
			return into.Show(), err
		})
		if err != nil {
			return err
		}
	}
	v.Page = p.frame.Page(w, r, "Your ticket "+t.Show())
	v.Page.Error = reply.HasProblems()
	return web.Show(w, r, reply.Status(), minePage(v))
}

func (p *Pages) reply(w http.ResponseWriter, r *http.Request) error {
	sent := replyForm.Read(r)
	isSolved := sent.Value(solved) != ""
	say := p.desk.Reply
	told := "Your message was sent."
	if isSolved {
		say = p.desk.SolvedByPerson
		told = "Thank you. The ticket is solved."
	}
	complete := isSolved || sent.Complete()
	files, err := attach.Read(r)
	if complete && err == nil {
		err = say(r.Context(), web.Actor(r), cookie(r), sent.Value("text"), files...)
	}
	if !complete || sent.Refuse(err) {
		return p.showMine(w, r, sent)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, minePath, told)
}

// file gives a file of one's own ticket.
func (p *Pages) file(w http.ResponseWriter, r *http.Request) error {
	f, err := p.desk.MyFile(r.Context(), web.Actor(r), cookie(r), r.PathValue("file"))
	if err != nil {
		return err
	}
	return attach.Send(w, f)
}

// open opens a ticket that whoever is logged in raised for themselves.
func (p *Pages) open(w http.ResponseWriter, r *http.Request) error {
	begun, err := p.desk.OpenOwn(r.Context(), web.Actor(r), openForm.Read(r).Value("ticket"))
	if err != nil {
		return err
	}
	web.SetCookie(w, frame.TicketCookie, begun, sittingSeconds)
	return web.SeeOther(w, r, minePath, "")
}
