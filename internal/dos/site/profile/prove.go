package profile

import (
	"context"
	"errors"
	"net/http"

	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/frame"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// passwordForm asks for the password of somebody who logged in by password.
var passwordForm = form.Form{Path: frame.ProvePath, Fields: []form.Field{
	form.Password(nhsuk.PasswordInputParams{
		Name: "password", Label: nhsuk.LabelParams{Text: "Password", Size: "s"},
	}).Required("Enter your password"),
}}

func (p *Profile) mountProof(s *web.Site) {
	s.Handle("GET "+passwordForm.Path, p.frame.SignedIn(), p.prove)
	p.frame.HandleForm(s, passwordForm, p.frame.SignedIn(), p.provePassword)
	p.frame.Returns[portal.ActProve] = p.provenAtCIS2
}

func (p *Profile) prove(w http.ResponseWriter, r *http.Request) error {
	return p.askProof(w, r, http.StatusOK, passwordForm.New(r))
}

func (p *Profile) askProof(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	back := p.frame.Back(r, frame.AccountPage)
	if frame.User(r).Session.State.How != signin.ByPassword {
		return web.SeeOther(w, r, back, "")
	}
	v := proveView{Page: p.frame.Page(w, r, "Confirm that it is you"), Password: typed}
	v.Page.BackHref = back
	v.Page.Error = typed.HasProblems()
	return web.Show(w, r, status, provePage(v))
}

// provePassword begins a new session by the password, in place of the one that there is.
func (p *Profile) provePassword(w http.ResponseWriter, r *http.Request) error {
	typed := passwordForm.Read(r)
	if !typed.Complete() {
		return p.askProof(w, r, http.StatusUnprocessableEntity, typed)
	}
	username := frame.User(r).Account.Username
	begun, err := p.passwords.WithPassword(r.Context(), web.Actor(r), signin.Typed{
		Username: username, Password: typed.Value("password"), Browser: p.frame.Known.Of(r),
	}, p.frame.Cookie(r))
	switch {
	case errors.Is(err, signin.ErrSignInFailed):
		typed.Add(form.Problem{Field: "password", Text: "Enter the password of " + username})
	case errors.Is(err, fault.TooMany):
		typed.Explain(err)
	case err != nil:
		return err
	}
	if typed.HasProblems() {
		return p.askProof(w, r, http.StatusUnprocessableEntity, typed)
	}
	p.frame.SetCookie(w, r, begun.AccountID, begun.Cookie)
	return p.frame.ProvedHere(w, r, frame.AccountPage)
}

// provenAtCIS2 begins a new session of whoever proved themselves, in place of the one that there was.
func (p *Profile) provenAtCIS2(w http.ResponseWriter, r *http.Request, asked portal.Pending, person cis2.Person) error {
	visitor := p.frame.Visitor(r, signin.Visitor{Person: person, Access: asked.Access})
	if c := frame.User(r); c != nil {
		visitor.Role = c.Session.State.Role
	}
	entered, err := p.frame.Enter(w, r, person,
		func(ctx context.Context, u *db.W) (portal.Admission[signin.State], error) {
			return p.frame.Door.Admit(ctx, u, visitor)
		})
	if err != nil {
		return err
	}
	if !entered.Admitted {
		return errOtherIdentity
	}
	return p.frame.ComeBack(w, r, asked, entered.Subject, frame.AccountPage)
}

var errOtherIdentity = fault.SayCure(fault.Forbidden,
	"The Care Identity with which you confirmed that it is you does not open this account. You are logged out.",
	"Log in again with the Care Identity that is linked to the account.")
