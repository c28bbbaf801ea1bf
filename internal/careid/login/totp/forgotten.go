package totp

import (
	"context"
	"errors"
	"net/http"

	"signpost/internal/careid/authenticator/totp"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/telling"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mailcode/codeform"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// forgottenPages are the pages on which somebody sets another password who has forgotten theirs: first the email
// address, then both codes and the password. They belong to a login, to which they lead back.
type forgottenPages struct {
	step.Prover
	apps  *totp.Keeper
	crowd *session.Crowd
}

const (
	resetCookie    = "app-password"
	resetSeconds   = 15 * 60
	forgottenName  = "forgotten"
	newPasswordEnd = "new-password"
)

func (p forgottenPages) mount(s *web.Site) {
	s.Handle("GET "+forgottenForm(words.Language{}).Path, p.UnderWay(), p.ask)
	p.HandleGuess(s, forgottenForm(words.Language{}), p.mail)
	s.Handle("GET "+resetForm(words.Language{}).Path, p.UnderWay(), p.codes)
	p.HandleGuess(s, resetForm(words.Language{}), p.set)
}

func forgottenForm(l words.Language) form.Form {
	f := step.SignInForm(l, forgottenName, emailField(l))
	f.At = f.Path
	return f
}

func resetForm(l words.Language) form.Form {
	mailed := form.Input(nhsuk.InputParams{
		Name: "code", Label: nhsuk.LabelParams{Text: l.Say("forgotten.code"), Size: "s"},
		Hint: l.Say("bind.code_hint"), Width: 10, Code: true,
		Autocomplete: "off", Spellcheck: "false", Autocapitalize: "characters",
	})
	app := form.Input(nhsuk.InputParams{
		Name: "app", Label: nhsuk.LabelParams{Text: l.Say("bind.app_code"), Size: "s"},
		Inputmode: "numeric", Autocomplete: "one-time-code", Width: 10, Code: true, Spellcheck: "false",
	})
	f := step.SignInForm(l, newPasswordEnd, mailed, app, frame.Password(l, nhsuk.PasswordInputParams{
		Label:        nhsuk.LabelParams{Text: l.Say("forgotten.new"), Size: "s"},
		Autocomplete: "new-password", Hint: l.Say("bind.password_hint"),
	}), codeform.Button(l.Say("bind.another")))
	f.At = f.Path
	return f
}

// resets gives what sets the password, with mails in a language.
func (p forgottenPages) resets(l words.Language) *totp.Resets {
	return &totp.Resets{
		Keeper: p.apps, DB: p.DB, Post: p.Post,
		Asking: func(to, code string) mail.Message {
			return mail.Message{Kind: "authenticator.password-code", To: to,
				Subject: l.Say("mail.reset_subject"), Text: l.Say("mail.reset", "code", code)}
		},
		Tell: func(ctx context.Context, w *db.W, owner identity.Identity) error { return p.tell(ctx, w, l, owner) },
	}
}

// tell tells the owner of an app, at every address that is known of them, that it has another password.
func (p forgottenPages) tell(ctx context.Context, w *db.W, l words.Language, owner identity.Identity) error {
	_, err := telling.Everywhere(ctx, w, p.Post, owner.UUID, owner.Email, func(to string) mail.Message {
		return mail.Message{Kind: "authenticator.password-set", To: to,
			Subject: l.Say("mail.password_set_subject"), Text: l.Say("mail.password_set")}
	})
	return err
}

type forgottenView struct {
	step.View
	FindRA string
}

func (p forgottenPages) view(r *http.Request, f provider.Flow, title words.Key, shown *form.Rendered) forgottenView {
	return forgottenView{View: p.View(r, f, p.Frame.Language(r).Say(title), shown), FindRA: p.Frame.FindRA}
}

func (p forgottenPages) ask(w http.ResponseWriter, r *http.Request) error {
	return p.showAsk(w, r, step.FlowOf(r), nil)
}

func (p forgottenPages) showAsk(w http.ResponseWriter, r *http.Request, f provider.Flow, problem error) error {
	shown := forgottenForm(p.Frame.Language(r)).Read(r)
	shown.Explain(problem)
	return web.Show(w, r, shown.Status(), forgottenPage(p.view(r, f, "forgotten.title", shown)))
}

func (p forgottenPages) mail(w http.ResponseWriter, r *http.Request, f provider.Flow) error {
	l := p.Frame.Language(r)
	typed := forgottenForm(l).Read(r)
	cookie, err := p.resets(l).Ask(r.Context(), web.Actor(r), p.crowd, typed.Value("email"), p.Provider.Known().Of(r))
	if err != nil {
		return p.Again(w, r, f, err, p.showAsk)
	}
	web.SetCookie(w, resetCookie, cookie, resetSeconds)
	return web.SeeOther(w, r, step.PathOf(f)+"/"+newPasswordEnd, "")
}

// codes shows where the codes and the password are typed, if that was begun in this browser. Else it leads to where it
// begins.
func (p forgottenPages) codes(w http.ResponseWriter, r *http.Request) error {
	f := step.FlowOf(r)
	_, err := p.resets(p.Frame.Language(r)).Find(r.Context(), web.Cookie(r, resetCookie))
	if errors.Is(err, fault.Expired) {
		return web.SeeOther(w, r, step.PathOf(f)+"/"+forgottenName, "")
	}
	if err != nil {
		return err
	}
	return p.showCodes(w, r, f, nil)
}

func (p forgottenPages) showCodes(w http.ResponseWriter, r *http.Request, f provider.Flow, problem error) error {
	shown := resetForm(p.Frame.Language(r)).New(r)
	shown.Explain(problem)
	v := p.view(r, f, "forgotten.set_title", shown)
	v.Page.Flash = web.Flash(w, r)
	return web.Show(w, r, shown.Status(), resetPage(v))
}

// set sets the password, or sends another code.
func (p forgottenPages) set(w http.ResponseWriter, r *http.Request, f provider.Flow) error {
	l := p.Frame.Language(r)
	typed := resetForm(l).Read(r)
	cookie := web.Cookie(r, resetCookie)
	if codeform.Wanted(typed) {
		if err := p.resets(l).SendAgain(r.Context(), web.Actor(r), cookie); err != nil {
			return p.Again(w, r, f, err, p.showCodes)
		}
		return web.SeeOther(w, r, step.PathOf(f)+"/"+newPasswordEnd, l.Say("bind.sent_again"))
	}
	err := p.resets(l).Set(r.Context(), web.Actor(r), p.Provider.Known().Of(r), cookie, totp.NewPassword{
		Mailed: typed.Value("code"), App: typed.Value("app"), Password: typed.Value("password"),
	})
	if err != nil {
		return p.Again(w, r, f, err, p.showCodes)
	}
	web.ClearCookie(w, resetCookie)
	return web.SeeOther(w, r, step.PathOf(f), l.Say("forgotten.done"))
}
