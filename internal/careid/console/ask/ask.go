// Package ask serves the pages on which somebody without a login asks a registration authority for something, one
// question a page, and on which they follow what they asked by their own link.
package ask

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/request"
	"signpost/internal/careid/request/asker"
	"signpost/internal/national/path"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mailcode/codeform"
	"signpost/internal/platform/random"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// maxPerMinute limits how often one network address may send a form on one node.
const maxPerMinute = 30

const (
	sittingCookie  = "cim-ask"
	sittingSeconds = 60 * 60
	sentNote       = "ask-sent"
)

// Pages serves the pages.
type Pages struct {
	frame *frame.Frame
	desk  *asker.Desk
}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame, desk *asker.Desk) {
	p := &Pages{frame: f, desk: desk}
	anyone := f.MaybeSignedIn()
	s.Handle("GET "+beginForm.Path, anyone, p.ask)
	f.HandleForm(s, beginForm, anyone, s.PerMinute(maxPerMinute, p.begin))
	for _, one := range questions {
		s.Handle("GET "+one.form.Path, anyone, p.sitting(one.on, p.question(one)))
		f.HandleForm(s, one.form, anyone, s.PerMinute(maxPerMinute, p.answer(one)))
	}
	code := p.mailedCode()
	s.Handle("GET "+codeForm.Path, anyone, p.sitting(asker.Code, code.Ask))
	f.HandleForm(s, codeForm, anyone, code.Answer)
	s.Handle("GET "+checkForm.Path, anyone, p.sitting(asker.Check, p.check))
	f.HandleForm(s, checkForm, anyone, s.PerMinute(maxPerMinute, p.send))
	s.Handle("GET "+sentPath, anyone, p.sent)
	s.Handle("GET "+ownPath, anyone, p.own)
	f.HandleForm(s, withdrawForm, anyone, s.PerMinute(maxPerMinute, p.withdraw))
	f.HandleForm(s, againForm, anyone, s.PerMinute(maxPerMinute, p.again))
}

func cookie(r *http.Request) string { return web.Cookie(r, sittingCookie) }

// ask begins anew, whatever was begun on this browser before.
func (p *Pages) ask(w http.ResponseWriter, r *http.Request) error {
	f := beginForm.New(r)
	if !f.HasProblems() {
		f.Set("organisation", r.URL.Query().Get("ods"))
		if _, is := asker.NeedOf(request.Kind(r.URL.Query().Get("need"))); is {
			f.Set("need", r.URL.Query().Get("need"))
		}
	}
	return p.showBegin(w, r, f)
}

func (p *Pages) showBegin(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	days, err := p.frame.WorkingDays(r)
	if err != nil {
		return err
	}
	v := questionView{Page: p.frame.Page(w, r, beginForm.Page), Form: f, Act: beginForm.Act, First: true, Days: days}
	v.Page.Error = f.HasProblems()
	v.Page.BackHref = path.FindRAPage
	return web.Show(w, r, f.Status(), questionPage(v))
}

func (p *Pages) begin(w http.ResponseWriter, r *http.Request) error {
	f := beginForm.Read(r)
	if !f.Complete() {
		return p.showBegin(w, r, f)
	}
	begun, err := p.desk.Begin(r.Context(), asker.Answers{
		Need: request.Kind(f.Value("need")), Organisation: f.Value("organisation"), Name: f.Value("name"),
		Email: f.Value("email"),
	})
	if f.Refuse(err) {
		return p.showBegin(w, r, f)
	}
	if err != nil {
		return err
	}
	web.SetCookie(w, sittingCookie, begun, sittingSeconds)
	return web.SeeOther(w, r, aboutForm.Path, "")
}

// question is one page of the questions.
type question struct {
	on   asker.Page
	form form.Form
	get  func(f *form.Rendered) asker.Answers
	fill func(f *form.Rendered, a asker.Answers)
}

var questions = []question{
	{on: asker.Opening, form: needForm,
		get:  func(f *form.Rendered) asker.Answers { return asker.Answers{Need: request.Kind(f.Value("need"))} },
		fill: func(f *form.Rendered, a asker.Answers) { f.Set("need", string(a.Need)) }},
	{on: asker.About, form: aboutForm,
		get: func(f *form.Rendered) asker.Answers {
			return asker.Answers{Name: f.Value("name"), Organisation: f.Value("organisation")}
		},
		fill: func(f *form.Rendered, a asker.Answers) {
			f.Set("name", a.Name).Set("organisation", a.Organisation)
		}},
	{on: asker.Details, form: detailsForm,
		get: func(f *form.Rendered) asker.Answers {
			return asker.Answers{Number: f.Value("number"), Text: f.Value("text")}
		},
		fill: func(f *form.Rendered, a asker.Answers) { f.Set("number", a.Number).Set("text", a.Text) }},
	{on: asker.Mailbox, form: emailForm,
		get:  func(f *form.Rendered) asker.Answers { return asker.Answers{Email: f.Value("email")} },
		fill: func(f *form.Rendered, a asker.Answers) { f.Set("email", a.Email) }},
}

// pathOf gives the path of a page.
func pathOf(on asker.Page) string {
	switch on {
	case asker.Opening:
		return needForm.Path
	case asker.About:
		return aboutForm.Path
	case asker.Details:
		return detailsForm.Path
	case asker.Mailbox:
		return emailForm.Path
	case asker.Code:
		return codePath
	case asker.Check:
	}
	return checkPath
}

// sitting lets a page be seen whose turn it is, or was. Others lead to what is to be answered first.
func (p *Pages) sitting(on asker.Page, h web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if cookie(r) == "" { // nothing was begun here
			return web.SeeOther(w, r, beginForm.Path, "")
		}
		s, err := p.desk.Of(r.Context(), cookie(r))
		if err != nil {
			return err
		}
		if missing := s.Missing(); missing < on || on == asker.Code && missing > on {
			return web.SeeOther(w, r, pathOf(missing), "")
		}
		return h(w, r)
	}
}

func (p *Pages) question(q question) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		s, err := p.desk.Of(r.Context(), cookie(r))
		if err != nil {
			return err
		}
		f := q.form.New(r)
		if !f.HasProblems() {
			q.fill(f, s.Answers)
		}
		return p.showQuestion(w, r, q, f, s)
	}
}

func (p *Pages) showQuestion(w http.ResponseWriter, r *http.Request, q question, f *form.Rendered,
	s asker.Sitting) error {
	v := questionView{Page: p.frame.Page(w, r, q.form.Page), Form: f, Act: q.form.Act}
	v.Page.Error = f.HasProblems()
	v.About = q.on == asker.About
	v.Page.BackHref = checkPath
	if s.Missing() != asker.Check {
		v.Page.BackHref = pathOf(max(q.on-1, asker.Opening))
	}
	if q.on == asker.Mailbox && s.IsProved() {
		v.Act = "Continue"
	}
	return web.Show(w, r, f.Status(), questionPage(v))
}

func (p *Pages) answer(q question) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		f := q.form.Read(r)
		s, err := p.desk.Of(r.Context(), cookie(r))
		if err != nil {
			return err
		}
		if !f.Complete() {
			return p.showQuestion(w, r, q, f, s)
		}
		if q.on == asker.Mailbox {
			err = p.desk.AskCode(r.Context(), web.Actor(r), cookie(r), f.Value("email"))
		} else {
			err = p.desk.Save(r.Context(), cookie(r), q.on, q.get(f))
		}
		if errors.Is(err, fault.TooMany) {
			f.Explain(err)
		}
		if f.HasProblems() || f.Refuse(err) {
			return p.showQuestion(w, r, q, f, s)
		}
		if err != nil {
			return err
		}
		if s, err = p.desk.Of(r.Context(), cookie(r)); err != nil {
			return err
		}
		if next := s.Missing(); next > q.on+1 || next == asker.Check {
			return web.SeeOther(w, r, pathOf(next), "")
		}
		return web.SeeOther(w, r, pathOf(q.on+1), "")
	}
}

// mailedCode makes the page on which the code is typed that was mailed.
func (p *Pages) mailedCode() codeform.Page {
	return codeform.Page{Form: codeForm, Show: p.showCode,
		SendAgain: func(r *http.Request) error {
			return p.desk.SendCodeAgain(r.Context(), web.Actor(r), cookie(r))
		},
		Use: func(r *http.Request, code string) error {
			return p.desk.Prove(r.Context(), web.Actor(r), cookie(r), code)
		},
		Done: func(w http.ResponseWriter, r *http.Request) error { return web.SeeOther(w, r, checkPath, "") },
	}
}

func (p *Pages) showCode(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	s, err := p.desk.Of(r.Context(), cookie(r))
	if err != nil {
		return err
	}
	v := codeView{Page: p.frame.Page(w, r, "Enter the code from your work email"), Form: typed, To: s.Email}
	v.Page.Error = typed.HasProblems()
	v.Page.BackHref = emailForm.Path
	return web.Show(w, r, status, codePage(v))
}

// markOf is of answers, to see whether those that are sent are those that were shown.
func markOf(a asker.Answers) (string, error) {
	text, err := json.Marshal(a)
	if err != nil {
		return "", fmt.Errorf("mark answers: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

func (p *Pages) check(w http.ResponseWriter, r *http.Request) error {
	return p.showCheck(w, r, checkForm.New(r))
}

func (p *Pages) showCheck(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	s, err := p.desk.Of(r.Context(), cookie(r))
	if err != nil {
		return err
	}
	mark, err := markOf(s.Answers)
	if err != nil {
		return err
	}
	v := checkView{Page: p.frame.Page(w, r, checkForm.Page), Form: f.Set("shown", mark)}
	if v.Rows, v.Authority, err = p.rows(r, s); err != nil {
		return err
	}
	v.Page.Error = f.HasProblems()
	v.Page.BackHref = detailsForm.Path
	return web.Show(w, r, f.Status(), checkPage(v))
}

func (p *Pages) send(w http.ResponseWriter, r *http.Request) error {
	f := checkForm.Read(r)
	s, err := p.desk.Of(r.Context(), cookie(r))
	if err != nil {
		return err
	}
	if missing := s.Missing(); missing != asker.Check {
		return web.SeeOther(w, r, pathOf(missing), "")
	}
	mark, err := markOf(s.Answers)
	if err != nil {
		return err
	}
	if mark != f.Value("shown") {
		return web.SeeOther(w, r, checkPath, "Your answers have changed since this page was shown. Check them again.")
	}
	done, err := p.desk.Send(r.Context(), web.Actor(r), cookie(r), s.Answers)
	if errors.Is(err, fault.Conflict) || errors.Is(err, fault.TooMany) {
		f.Explain(err)
		return p.showCheck(w, r, f)
	}
	if err != nil {
		return err
	}
	web.ClearCookie(w, sittingCookie)
	note := sentView{Number: random.Grouped(done.Number), Again: done.Again, To: s.Email}
	if err := web.LeaveNote(w, r, sentNote, note); err != nil {
		return err
	}
	return web.SeeOther(w, r, sentPath, "")
}

// sent says once what has just happened. Whoever comes to its address without that begins.
func (p *Pages) sent(w http.ResponseWriter, r *http.Request) error {
	var v sentView
	if !web.TakeNote(w, r, sentNote, &v) {
		return web.SeeOther(w, r, beginForm.Path, "")
	}
	v.Page = p.frame.Page(w, r, "Your request was sent")
	if v.Again {
		v.Page = p.frame.Page(w, r, "You asked for this already")
	}
	return web.Show(w, r, http.StatusOK, sentPage(v))
}
