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
	s.Handle("GET "+ownForm.Path, f.MaybeSignedIn(), p.own)
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

func (p *Pages) ownClaim(r *http.Request) (claim cases.Claim, of account.Account, err error) {
	type pair struct {
		claim cases.Claim
		of    account.Account
	}
	found, err := db.Read(r.Context(), p.cases.DB, func(read db.R) (one pair, err error) {
		if one.claim, err = cases.Own(r.Context(), read, r.PathValue("id"), r.PathValue("secret")); err != nil {
			return one, err
		}
		one.of, err = account.ByID(r.Context(), read, one.claim.AccountID)
		return one, err
	})
	return found.claim, found.of, err
}

// own shows somebody who was confirmed their own checklist. It changes nothing.
func (p *Pages) own(w http.ResponseWriter, r *http.Request) error {
	claim, of, err := p.ownClaim(r)
	if err != nil {
		return err
	}
	v := ownView{Name: claim.Name(), Username: of.Username, Form: ownForm.New(r)}
	for _, step := range cases.Steps(of) {
		v.Steps = append(v.Steps, step.Title)
	}
	v.Page = p.frame.Page(w, r, "Your own account")
	return web.Show(w, r, http.StatusOK, ownPage(v))
}

// goOn leads to the request, filled in with what is known.
func (p *Pages) goOn(w http.ResponseWriter, r *http.Request) error {
	claim, of, err := p.ownClaim(r)
	if err != nil {
		return err
	}
	if err := p.cases.Prove(r.Context(), web.Actor(r), claim.ID, r.PathValue("secret")); err != nil {
		return err
	}
	err = web.LeaveNote(w, r, frame.RequestNote, request.Typed{
		FirstName: claim.FirstName, LastName: claim.LastName, Email: claim.Email, Organisation: claim.Organisation,
		Reason: request.SharedReason(of.Username),
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
