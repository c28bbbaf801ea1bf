package bind

import (
	"context"
	"errors"
	"net/http"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/authenticator/totp"
	"signpost/internal/careid/authenticator/webauthn"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/words"
	"signpost/internal/national/authn"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/password"
	"signpost/internal/platform/random"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
)

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	return p.showWith(w, r, flowOf(r), http.StatusOK, nil)
}

func (p *Pages) showWith(w http.ResponseWriter, r *http.Request, f session.Flow[state], status int, wrong []frame.FieldError) error {
	v := p.stepView(p.Frame.Language(r), f, wrong)
	switch next(f.State) {
	case stepCode:
		return web.Show(w, r, status, codePage(v))
	case stepPassword:
		return web.Show(w, r, status, passwordPage(v))
	case stepKey:
		return web.Show(w, r, status, keyPage(v))
	}
	app, err := p.appView(r.Context(), f, v)
	if err != nil {
		return err
	}
	return web.Show(w, r, status, appPage(app))
}

// again shows the page once more with what was wrong, if that is for the person to mend.
func (p *Pages) again(w http.ResponseWriter, r *http.Request, f session.Flow[state], err error) error {
	wrong, ok := frame.ErrorsOf(p.Frame.Language(r), err)
	if !ok || errors.Is(err, fault.Expired) {
		return err
	}
	return p.showWith(w, r, f, http.StatusUnprocessableEntity, wrong)
}

var errCode = words.FieldFault(fault.Invalid, "code", "mailed-code")

// code checks the code that was mailed. Wrong ones count against the invitation, which too many end.
func (p *Pages) code(w http.ResponseWriter, r *http.Request) error {
	f := flowOf(r)
	if next(f.State) != stepCode {
		return over
	}
	if !p.right(f.State, r.PostFormValue("code")) {
		err := p.DB.Update(r.Context(), web.Actor(r), func(dw *db.W) error {
			return dw.Refuse(r.Context(), audit.Event{Kind: authenticator.WrongTry, Subject: audit.Ref{Kind: "invitation", ID: f.State.Invitation}, Reason: "mailed code"}, errCode)
		})
		return p.again(w, r, f, err)
	}
	f.State.CodeRight, f.State.Code = true, nil
	if !f.State.Kind.Needs(authn.WebAuthn) {
		f.State.Secret = p.Apps.Box.Seal([]byte(totp.NewSecret()), secretContext(f))
	}
	if err := p.save(r, f); err != nil {
		return err
	}
	return onward(w, r, f)
}

func secretContext(f session.Flow[state]) string { return "binding-secret/" + f.ID }

func (p *Pages) right(s state, typed string) bool {
	code, err := p.Apps.Box.Open(s.Code, "binding/"+s.Invitation)
	return err == nil && random.SameCode(typed, string(code))
}

func (p *Pages) password(w http.ResponseWriter, r *http.Request) error {
	f := flowOf(r)
	if next(f.State) != stepPassword {
		return over
	}
	whose, err := p.whose(r.Context(), f)
	if err != nil {
		return err
	}
	plain := r.PostFormValue("password")
	if err := password.Acceptable(plain, whose.GivenName, whose.FamilyName, whose.Email); err != nil {
		return p.again(w, r, f, err)
	}
	if f.State.Password, err = p.Apps.Hasher.Hash(r.Context(), plain); err != nil {
		return err
	}
	if err := p.save(r, f); err != nil {
		return err
	}
	return onward(w, r, f)
}

func (p *Pages) whose(ctx context.Context, f session.Flow[state]) (i identity.Identity, err error) {
	err = p.DB.View(ctx, func(r db.R) error {
		i, err = identity.ByUUID(ctx, r, f.State.UUID)
		return err
	})
	return i, err
}

// app binds the authenticator app once it shows a right code.
func (p *Pages) app(w http.ResponseWriter, r *http.Request) error {
	f := flowOf(r)
	if next(f.State) != stepApp {
		return over
	}
	secret, err := p.Apps.Box.Open(f.State.Secret, secretContext(f))
	if err != nil {
		return err
	}
	err = p.finish(r, f, func(ctx context.Context, dw *db.W) error {
		step, ok := totp.Match(string(secret), r.PostFormValue("code"), dw.Now(), 0)
		if !ok {
			return totp.CodeRefused()
		}
		_, err := p.Apps.Bind(ctx, dw, totp.App{UUID: f.State.UUID, Secret: string(secret), PasswordHash: f.State.Password, LastStep: step})
		return err
	})
	return p.finished(w, r, f, err)
}

// options gives the script what the browser's dialog needs, and keeps the challenge.
func (p *Pages) options(w http.ResponseWriter, r *http.Request) error {
	f := flowOf(r)
	if next(f.State) != stepKey {
		return over
	}
	whose, err := p.whose(r.Context(), f)
	if err != nil {
		return err
	}
	ceremony, err := p.Party.BeginBinding(r.Context(), p.DB, web.Actor(r), f.State.UUID, whose.DisplayName(), f.State.Kind)
	if err != nil {
		return err
	}
	f.State.Challenge = &ceremony.Challenge
	if err := p.save(r, f); err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, ceremony.Options)
}

var errNothingMade = words.Fault(fault.Invalid, "nothing-made")

// key binds what the browser made. The challenge goes first, so that no answer is looked at twice.
func (p *Pages) key(w http.ResponseWriter, r *http.Request) error {
	f := flowOf(r)
	if next(f.State) != stepKey {
		return over
	}
	if r.PostFormValue("failed") != "" || f.State.Challenge == nil {
		return p.again(w, r, f, errNothingMade)
	}
	challenge := *f.State.Challenge
	f.State.Challenge = nil
	if err := p.save(r, f); err != nil {
		return err
	}
	f, err := p.load(r)
	if err != nil {
		return err
	}
	made, err := p.Party.FinishBinding(challenge, f.State.Kind, []byte(r.PostFormValue("answer")))
	if err != nil {
		return p.again(w, r, f, err)
	}
	err = p.finish(r, f, func(ctx context.Context, dw *db.W) error {
		_, err := webauthn.Bind(ctx, dw, f.State.UUID, "", made)
		return err
	})
	return p.finished(w, r, f, err)
}

// finish uses the invitation up and binds the authenticator in one Update, and tells its owner.
func (p *Pages) finish(r *http.Request, f session.Flow[state], bind func(ctx context.Context, w *db.W) error) error {
	_, secret := session.Split(web.Cookie(r, cookie))
	return p.DB.Update(r.Context(), web.Actor(r), func(w *db.W) error {
		ctx := r.Context()
		if err := authenticator.Redeem(ctx, w, f.State.Invitation); err != nil {
			return err
		}
		if _, err := flows.Take(ctx, w, f.ID, secret); err != nil {
			return err
		}
		if err := bind(ctx, w); err != nil {
			return err
		}
		whose, err := identity.ByUUID(ctx, w, f.State.UUID)
		if err != nil || whose.Email == "" {
			return err
		}
		return p.Post.Send(ctx, w, addedMail(p.Frame.Language(r), whose.Email, f.State.Kind))
	})
}

func (p *Pages) finished(w http.ResponseWriter, r *http.Request, f session.Flow[state], err error) error {
	if err != nil {
		return p.again(w, r, f, err)
	}
	web.ClearCookie(w, cookie)
	return web.SeeOther(w, r, "/authenticator-added", "")
}

func (p *Pages) added(w http.ResponseWriter, r *http.Request) error {
	return web.Show(w, r, http.StatusOK, addedPage(p.plain(r, "added.title")))
}
