// Package applicant serves the pages on which people apply for a Care Identity who were invited to. They are not logged
// in: the link in their mail and a code that goes to their telephone let them in, to their own application alone.
//
// It does not know who invites nor who decides: package applications serves them.
package applicant

import (
	"errors"
	"net/http"

	"signpost/internal/careid/apply"
	"signpost/internal/careid/apply/document"
	"signpost/internal/careid/console/frame"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mailcode/codeform"
	"signpost/internal/platform/random"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

// Applicant serves the pages.
type Applicant struct {
	frame *frame.Frame
	desk  *apply.Desk
}

// cookieName is that of the cookie of a visit.
const cookieName = "apply"

// maxPerMinute limits how often one network address may send a form on one node: a room of people who apply together
// stays below it, and what drawing pictures costs has an end.
const maxPerMinute = 60

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame, d *apply.Desk) {
	p := &Applicant{frame: f, desk: d}
	anyone := f.MaybeSignedIn()
	s.Handle("GET "+linkForm.Path, anyone, p.link)
	f.HandleForm(s, linkForm, anyone, s.PerMinute(maxPerMinute, p.open))
	s.Handle("GET "+codeForm.Path, anyone, p.code)
	f.HandleForm(s, codeForm, anyone, s.PerMinute(maxPerMinute, p.enter))
	s.Handle("GET "+homePath, anyone, p.home)
	for _, st := range steps {
		s.Handle("GET "+st.form.Path, anyone, p.ask(st))
		f.HandleForm(s, st.form, anyone, s.PerMinute(maxPerMinute, p.save(st)))
	}
	s.Handle("GET "+picturePath, anyone, p.picture)
	s.Handle("GET "+submitForm.StandsOn(), anyone, p.check)
	f.HandleForm(s, submitForm, anyone, p.submit)
	s.Handle("GET "+withdrawForm.Path, anyone, p.askWithdraw)
	f.HandleForm(s, withdrawForm, anyone, p.withdraw)
}

// stranger is whoever has the page before them, as nobody who is logged in: a colleague's session on the same browser
// is no part of an application.
func stranger(r *http.Request) actor.Actor {
	by := web.Actor(r)
	return actor.Actor{Kind: actor.Stranger, Request: by.Request, Network: by.Network, Address: by.Address}
}

func cookie(r *http.Request) string { return web.Cookie(r, cookieName) }

// link says what the link is for. Nothing happens before its button is pressed: programs look at links in mails.
func (p *Applicant) link(w http.ResponseWriter, r *http.Request) error {
	a, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (apply.Application, error) {
		return apply.ByLink(r.Context(), read, r.PathValue("token"))
	})
	if err != nil {
		return err
	}
	f := linkForm.New(r)
	v := linkView{Page: p.frame.Page(w, r, "Apply for your Care Identity"), Form: f, Number: random.Grouped(a.Number),
		Ending: a.MobileEnding(), Begun: a.State != apply.Invited}
	v.Page.Error = f.HasProblems()
	return web.Show(w, r, f.Status(), linkPage(v))
}

func (p *Applicant) open(w http.ResponseWriter, r *http.Request) error {
	made, err := p.desk.Open(r.Context(), stranger(r), r.PathValue("token"))
	if err != nil {
		return err
	}
	web.SetCookie(w, cookieName, made, int(apply.VisitLasts.Seconds()))
	return web.SeeOther(w, r, codeForm.Path, "")
}

func (p *Applicant) code(w http.ResponseWriter, r *http.Request) error {
	return p.showCode(w, r, codeForm.New(r))
}

func (p *Applicant) showCode(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	type waiting struct {
		ending string
		waits  bool
	}
	now, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (n waiting, err error) {
		n.ending, n.waits, err = apply.Waits(r.Context(), read, cookie(r))
		return n, err
	})
	if err != nil {
		return err
	}
	if !now.waits {
		return web.SeeOther(w, r, homePath, "")
	}
	v := codeView{Page: p.frame.Page(w, r, "Enter the code"), Form: f, Ending: now.ending}
	v.Page.Error = f.HasProblems()
	return web.Show(w, r, f.Status(), codePage(v))
}

// enter takes the code, or sends another one.
func (p *Applicant) enter(w http.ResponseWriter, r *http.Request) error {
	f := codeForm.Read(r)
	if codeform.Wanted(f) {
		if err := p.desk.SendAgain(r.Context(), stranger(r), cookie(r)); err != nil {
			return err
		}
		return web.SeeOther(w, r, codeForm.Path, codeform.Text)
	}
	if f.Complete() {
		err := p.desk.EnterCode(r.Context(), stranger(r), cookie(r), f.Value("code"))
		if err == nil {
			return web.SeeOther(w, r, homePath, "")
		}
		if !f.Refuse(err) {
			return err
		}
	}
	return p.showCode(w, r, f)
}

// mine reads the application of whoever has the page before them.
func (p *Applicant) mine(r *http.Request) (apply.Progress, error) {
	return db.Read(r.Context(), p.frame.DB, func(read db.R) (apply.Progress, error) {
		return p.desk.Mine(r.Context(), read, cookie(r))
	})
}

// home says how far the application is, and what is to be done next.
func (p *Applicant) home(w http.ResponseWriter, r *http.Request) error {
	now, err := p.mine(r)
	if err != nil {
		return err
	}
	days, err := p.frame.WorkingDays(r)
	if err != nil {
		return err
	}
	v := homeView{Days: days, Page: p.frame.Page(w, r, "Your application"), Number: random.Grouped(now.Number),
		Until: when.DateTime(now.LinkEnds), State: now.State, Refused: refusedText(now)}
	for _, s := range now.Steps() {
		v.Rows = append(v.Rows, rowOf(now, s))
	}
	v.Goes = now.State == apply.Started || now.State == apply.Returned
	v.Next = submitForm.StandsOn()
	v.NextText = "Check your answers"
	if next, missing := now.Next(); missing {
		v.Next = pathOf(next)
		v.NextText = "Continue"
	}
	return web.Show(w, r, http.StatusOK, homePage(v))
}

// refusedText says what is to be corrected, and how.
func refusedText(now apply.Progress) (list []string) {
	for _, item := range document.Items {
		if f, refused := document.Of(item, now.Refusals[item]); refused && now.State == apply.Returned {
			list = append(list, item.Name()+": "+f.Text+". "+f.Cure)
		}
	}
	return list
}

func rowOf(now apply.Progress, s apply.Step) nhsuk.SummaryListRow {
	row := nhsuk.SummaryListRow{Key: titles[s], ValueHTML: nhsuk.Tag(nhsuk.TagParams{
		Text: "To do", Colour: nhsuk.TagAwaited,
	})}
	if now.Done(s) {
		row.ValueHTML = nhsuk.Tag(nhsuk.TagParams{Text: "Done", Colour: nhsuk.TagGood})
	}
	if now.Open(s) {
		text := "Answer"
		if now.Done(s) {
			text = "Change"
		}
		row.Actions = []nhsuk.ActionParams{{Text: text, Href: pathOf(s), VisuallyHiddenText: titles[s]}}
	}
	return row
}

// picture shows the applicant what they sent. No browser keeps it.
func (p *Applicant) picture(w http.ResponseWriter, r *http.Request) error {
	drawn, err := db.Read(r.Context(), p.frame.DB, func(read db.R) ([]byte, error) {
		return p.desk.MyPicture(r.Context(), read, cookie(r), document.Shot(r.PathValue("shot")))
	})
	if err != nil {
		return err
	}
	return frame.SendPicture(w, drawn)
}

// check shows all that is sent.
func (p *Applicant) check(w http.ResponseWriter, r *http.Request) error {
	return p.showCheck(w, r, submitForm.New(r))
}

func (p *Applicant) showCheck(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	now, err := p.mine(r)
	if err != nil {
		return err
	}
	_, missing := now.Next()
	if missing || now.State != apply.Started && now.State != apply.Returned {
		return web.SeeOther(w, r, homePath, "")
	}
	v := checkView{Page: p.frame.Page(w, r, "Check your answers"), Form: f}
	for _, s := range now.Steps() {
		row := rowOf(now, s)
		row.ValueHTML = answerOf(now, s)
		v.Rows = append(v.Rows, row)
	}
	v.Page.BackHref = homePath
	v.Page.Error = f.HasProblems()
	return web.Show(w, r, f.Status(), checkPage(v))
}

func (p *Applicant) submit(w http.ResponseWriter, r *http.Request) error {
	f := submitForm.Read(r)
	if f.Complete() {
		err := p.desk.Submit(r.Context(), stranger(r), cookie(r))
		if err == nil {
			return web.SeeOther(w, r, homePath, "")
		}
		if !refused(err) {
			return err
		}
		f.Explain(err)
	}
	return p.showCheck(w, r, f)
}

func (p *Applicant) askWithdraw(w http.ResponseWriter, r *http.Request) error {
	return p.showWithdraw(w, r, withdrawForm.New(r))
}

func (p *Applicant) showWithdraw(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	if _, err := p.mine(r); err != nil {
		return err
	}
	v := stepView{Page: p.frame.Page(w, r, withdrawForm.Page), Form: f, Button: withdrawForm.Act, Warns: true,
		Guidance: []string{"What you answered and sent is deleted. Whoever invited you is told."}}
	v.Page.BackHref = homePath
	v.Page.Error = f.HasProblems()
	return web.Show(w, r, f.Status(), stepPage(v))
}

func (p *Applicant) withdraw(w http.ResponseWriter, r *http.Request) error {
	f := withdrawForm.Read(r)
	if !f.Complete() {
		return p.showWithdraw(w, r, f)
	}
	if err := p.desk.WithdrawMine(r.Context(), stranger(r), cookie(r)); err != nil {
		return err
	}
	return web.SeeOther(w, r, homePath, "")
}

// refused reports whether an operation refused something that the form is to say.
func refused(err error) bool { return errors.Is(err, fault.Invalid) || errors.Is(err, fault.Conflict) }
