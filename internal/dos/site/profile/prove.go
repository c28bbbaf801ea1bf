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

// provePath is where somebody proves who they are once more, before they change what an intruder would change first.
const provePath = "/account/prove"

// actProve is the act of a sign-in at CIS2 that does so.
const actProve = "dos.prove"

// proved is said once they have.
const proved = "Thank you. You can change your account details for 5 minutes."

var (
	// passwordForm asks for the password of somebody who logged in by password.
	passwordForm = form.Form{Path: provePath, Fields: []form.Field{
		form.Password(nhsuk.PasswordInputParams{
			Name: "password", Label: nhsuk.LabelParams{Text: "Password", Size: "s"},
		}).Required("Enter your password"),
	}}
	// careIdentityForm sends somebody who logged in with their Care Identity to prove themselves there.
	careIdentityForm = form.Form{Path: provePath + "/care-identity", At: provePath}
)

func (p *Profile) mountProof(s *web.Site) {
	s.Handle("GET "+provePath, p.frame.SignedIn(), p.prove)
	p.frame.HandleForm(s, passwordForm, p.frame.SignedIn(), p.provePassword)
	p.frame.HandleForm(s, careIdentityForm, p.frame.SignedIn(), p.proveCareIdentity)
	p.frame.Returns[actProve] = p.provenAtCIS2
}

// fresh reports whether the user proved themselves within the last 5 minutes.
func (p *Profile) fresh(r *http.Request) bool {
	return frame.User(r).Session.State.Fresh(p.passwords.DB.Now())
}

func (p *Profile) prove(w http.ResponseWriter, r *http.Request) error {
	return p.askProof(w, r, http.StatusOK, passwordForm.New(r))
}

func (p *Profile) askProof(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	v := proveView{
		Page: p.frame.Page(w, r, "Confirm that it is you"), Password: typed, CareIdentity: careIdentityForm.New(r),
		ByPassword: frame.User(r).Session.State.How == signin.ByPassword,
	}
	v.Page.BackHref = "/account"
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
		Network: web.Actor(r).Network,
	}, p.frame.Cookie(r))
	switch {
	case errors.Is(err, signin.ErrSignInFailed):
		typed.Add(form.Problem{Field: "password", Text: "Enter the password of " + username})
	case errors.Is(err, fault.TooMany):
		typed.Explain(err)
	case typed.Busy(err):
		return p.askProof(w, r, typed.Status(), typed)
	case err != nil:
		return err
	}
	if typed.HasProblems() {
		return p.askProof(w, r, http.StatusUnprocessableEntity, typed)
	}
	p.frame.SetCookie(w, r, begun.AccountID, begun.Cookie)
	return web.SeeOther(w, r, "/account", proved)
}

func (p *Profile) proveCareIdentity(w http.ResponseWriter, r *http.Request) error {
	user := frame.User(r)
	return p.frame.Start(w, r, portal.ProveNow(actProve, user.Account.ID, user.Session.ID))
}

// provenAtCIS2 begins a new session of whoever proved themselves, in place of the one that there was.
func (p *Profile) provenAtCIS2(w http.ResponseWriter, r *http.Request, asked portal.Pending, person cis2.Person) error {
	accountID, err := p.frame.Enter(w, r, person,
		func(ctx context.Context, u *db.W) (portal.Admission[signin.State], error) {
			_, admission, err := signin.Admit(ctx, u, person)
			return admission, err
		})
	switch {
	case err != nil:
		return err
	case accountID == asked.Subject:
		return web.SeeOther(w, r, "/account", proved)
	case accountID != "": // it is somebody else
		return web.SeeOther(w, r, "/", "")
	}
	return errOtherIdentity
}

var errOtherIdentity = fault.SayCure(fault.Forbidden,
	"The Care Identity with which you confirmed that it is you does not open this account. You are logged out.",
	"Log in again with the Care Identity that is linked to the account.")
