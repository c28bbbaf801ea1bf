// Package reminders serves the page on which somebody stops reminders by the link in one, without logging in.
package reminders

import (
	"net/http"

	"signpost/internal/dos/mailing/reminder"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/page"
)

const (
	title        = "Reminders of the move to your Care Identity"
	askTitle     = "Stop reminders?"
	stoppedTitle = "Reminders are stopped"

	linkPath   = reminder.Path + "{account}/{secret}"
	wantField  = "want"
	wantsAgain = "again"

	maxPerMinute = 20 // of one network
)

var reminderForm = form.Form{Path: linkPath, Page: title, Act: "Stop reminders",
	Fields: []form.Field{form.Hidden(wantField)}}

// What a mail program posts (RFC 8058).
const (
	programField = "List-Unsubscribe"
	programSays  = "One-Click"
)

var programForm = form.Form{Path: linkPath + reminder.OneClick, Fields: []form.Field{form.Hidden(programField)}}

// Pages serves the page.
type Pages struct {
	frame *frame.Frame
	desk  reminder.Desk
}

// Mount adds the page to the site, with where mail programs post.
func Mount(s *web.Site, f *frame.Frame, d reminder.Desk) {
	p := &Pages{frame: f, desk: d}
	s.Handle("GET "+linkPath, f.MaybeSignedIn(), p.show)
	f.HandleForm(s, reminderForm, f.MaybeSignedIn(), s.PerMinute(maxPerMinute, p.set))
	s.Handle("GET "+programForm.Path, f.MaybeSignedIn(), p.show)
	s.HandleCalls("POST "+programForm.Path, web.Anyone, s.PerMinute(maxPerMinute, p.oneClick))
}

type view struct {
	Page    page.Params
	Stopped bool
	Form    *form.Rendered
}

// show asks, and changes nothing.
func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	stopped, err := p.desk.Look(r.Context(), r.PathValue("account"), r.PathValue("secret"))
	if err != nil {
		return err
	}
	v := view{Stopped: stopped, Form: reminderForm.New(r).About("the account that the email was for")}
	if stopped {
		v.Form.Act = "Send me reminders again"
		v.Form.Set(wantField, wantsAgain)
	}
	v.Page = p.frame.Page(w, r, askTitle)
	if stopped {
		v.Page.Title = stoppedTitle
	}
	return web.Show(w, r, http.StatusOK, reminderPage(v))
}

// set stops reminders, or begins them again.
func (p *Pages) set(w http.ResponseWriter, r *http.Request) error {
	account := r.PathValue("account")
	secret := r.PathValue("secret")
	change := p.desk.Stop
	done := ""
	if reminderForm.Read(r).Value(wantField) == wantsAgain {
		change = p.desk.Again
		done = "You get reminders again."
	}
	if err := change(r.Context(), web.Actor(r), account, secret); err != nil {
		return err
	}
	return web.SeeOther(w, r, reminder.Path+account+"/"+secret, done)
}

var errNotOneClick = fault.Say(fault.Invalid, "This address is for mail programs.")

// oneClick stops reminders for a mail program, whose user pressed its own button (RFC 8058). It posts the one or the
// other kind of form.
func (p *Pages) oneClick(w http.ResponseWriter, r *http.Request) error {
	if programForm.Read(r).Value(programField) != programSays {
		return errNotOneClick
	}
	err := p.desk.Stop(r.Context(), web.Actor(r), r.PathValue("account"), r.PathValue("secret"))
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
