package shared

import (
	"errors"
	"net/http"

	"signpost/internal/dos/account"
	"signpost/internal/dos/request"
	cases "signpost/internal/dos/shared"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/when"
)

// Pages serves the pages.
type Pages struct {
	frame *frame.Frame
	cases *cases.Cases
}

// maxPerMinute limits how often one network address may follow own links on one node.
const maxPerMinute = 60

// ownForm goes on from somebody's own link to their request.
var ownForm = form.Form{Path: cases.OwnPath + "{id}/{secret}"}

// denyForm says that a claim with one's address was not one's own.
var denyForm = form.Form{Path: cases.DenyPath + "{id}/{secret}"}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame, c *cases.Cases) {
	p := &Pages{frame: f, cases: c}
	team := p.team()
	s.Handle("GET "+whoForm.Path, team, p.askWho)
	whoForm.Handle(s, team, p.who)
	skipForm.Handle(s, team, p.skip)
	s.Handle("GET "+ownForm.Path, f.MaybeSignedIn(), p.showOwn)
	f.HandleForm(s, ownForm, f.MaybeSignedIn(), s.PerMinute(maxPerMinute, p.goOn))

	s.Handle("GET "+denyForm.Path, f.MaybeSignedIn(), p.toDeny)
	f.HandleForm(s, denyForm, f.MaybeSignedIn(), s.PerMinute(maxPerMinute, p.deny))

	may := f.May(account.ManageUsers)
	s.Handle("GET "+listPath, may, p.list)
	s.Handle("GET "+casePath, may, p.show)
	for _, one := range []struct {
		form   form.Form
		handle web.Handler
	}{
		{beginForm, p.begin}, {dateForm, p.setDate}, {confirmForm, p.confirm}, {rejectForm, p.reject},
		{rejectAllForm, p.rejectAll}, {mergeForm, p.merge}, {stateForm, f.Freshly(stateForm, p.move)},
	} {
		f.HandleForm(s, one.form, may, one.handle)
	}
}

// own is the claim of whoever comes by their own link.
type own struct {
	cases.Claim
	Of    account.Account
	Asked bool // they have an account of their own, or a request for one
}

func (p *Pages) readOwn(r *http.Request) (own, error) {
	return db.Read(r.Context(), p.cases.DB, func(read db.R) (o own, err error) {
		if o.Claim, err = cases.Own(r.Context(), read, r.PathValue("id"), r.PathValue("secret")); err != nil {
			return o, err
		}
		if o.Asked, err = o.HasAsked(r.Context(), read); err != nil {
			return o, err
		}
		o.Of, err = account.ByID(r.Context(), read, o.AccountID)
		return o, err
	})
}

// showOwn shows somebody who was confirmed their own checklist. It changes nothing.
func (p *Pages) showOwn(w http.ResponseWriter, r *http.Request) error {
	o, err := p.readOwn(r)
	if err != nil {
		return err
	}
	v := ownView{Name: o.Name(), Username: o.Of.Username, Asked: o.Asked, Form: ownForm.New(r)}
	for _, step := range cases.Steps(o.Of) {
		v.Steps = append(v.Steps, step.Title)
	}
	v.Page = p.frame.Page(w, r, "Your own account")
	return web.Show(w, r, http.StatusOK, ownPage(v))
}

// goOn leads to the request, filled in with what is known; where there is one, to the first page.
func (p *Pages) goOn(w http.ResponseWriter, r *http.Request) error {
	o, err := p.readOwn(r)
	if err != nil {
		return err
	}
	if err := p.cases.Prove(r.Context(), web.Actor(r), o.ID, r.PathValue("secret")); err != nil {
		return err
	}
	if o.Asked {
		return web.SeeOther(w, r, "/", "")
	}
	err = web.LeaveNote(w, r, frame.RequestNote, request.Typed{
		FirstName: o.FirstName, LastName: o.LastName, Email: o.Email, Organisation: o.Organisation,
		Reason: request.SharedReason(o.Of.Username),
	})
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.RequestPath, "")
}

// toDeny asks whoever reads an address whether a claim with it was not theirs, and says so once they have answered. It
// changes nothing.
func (p *Pages) toDeny(w http.ResponseWriter, r *http.Request) error {
	v, err := db.Read(r.Context(), p.cases.DB, func(read db.R) (v denyView, err error) {
		claim, err := cases.ToDeny(r.Context(), read, r.PathValue("id"), r.PathValue("secret"))
		if err != nil {
			return v, err
		}
		v.Email = claim.Email
		if !claim.Denied.IsZero() {
			v.Denied = when.DateTime(claim.Denied)
		}
		of, err := account.ByID(r.Context(), read, claim.AccountID)
		v.Username = of.Username
		return v, err
	})
	if err != nil {
		return err
	}
	title := "Was this not you?"
	if v.Denied != "" {
		title = "You told us that this was not you"
	}
	v.Form = denyForm.New(r)
	v.Page = p.frame.Page(w, r, title)
	return web.Show(w, r, http.StatusOK, denyPage(v))
}

func (p *Pages) deny(w http.ResponseWriter, r *http.Request) error {
	err := p.cases.Deny(r.Context(), web.Actor(r), r.PathValue("id"), r.PathValue("secret"))
	if err != nil && !errors.Is(err, cases.ErrDenied) {
		return err
	}
	return web.SeeOther(w, r, r.URL.EscapedPath(), "")
}
