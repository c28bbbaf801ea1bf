package totp

import (
	"cmp"
	"net/http"

	"signpost/internal/careid/authenticator/totp"
	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/provider"
	"signpost/internal/platform/email"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// provePages are the pages on which an app is proved: first the email address and the password, then the code.
type provePages struct {
	step.Prover
	forgotten forgottenPages
}

// Mount adds the addresses that the pages post to.
func (p provePages) Mount(s *web.Site) {
	p.HandleGuess(s, passwordForm(words.Language{}), p.password)
	p.HandleGuess(s, codeForm(words.Language{}), p.code)
	p.forgotten.mount(s)
	p.HandleGuess(s, forgetForm(words.Language{}), p.forget)
}

func passwordForm(l words.Language) form.Form {
	return step.SignInForm(l, "password", emailField(l), frame.Password(l, nhsuk.PasswordInputParams{
		Hint: l.Say("password.hint"),
	}), rememberBox(l))
}

type emailView struct {
	step.View
	Own    bool           // the device, as far as it is known
	Forget *form.Rendered // the address that the browser keeps; nil if it keeps none
}

func codeForm(l words.Language) form.Form {
	label := nhsuk.LabelParams{Text: l.Say("code.title"), Size: "l", IsPageHeading: true}
	return step.SignInForm(l, "code", codeField(l, label, l.Say("code.hint")))
}

// passwordRight reports whether the password was right, so that the code comes next.
func passwordRight(f provider.Flow) bool { return len(f.State.Ceremony) > 0 }

// Show shows the page of the code once the password was right, and that of the password before.
func (p provePages) Show(w http.ResponseWriter, r *http.Request, f provider.Flow, problem error) error {
	l := p.Frame.Language(r)
	if passwordRight(f) {
		shown := codeForm(l).New(r)
		shown.Explain(problem)
		return web.Show(w, r, shown.Status(), codePage(p.View(r, f, l.Say("code.title"), shown)))
	}
	shown := passwordForm(l).Read(r)
	shown.Explain(problem)
	if !shown.HasProblems() {
		p.fillIn(shown, r, f)
	}
	v := emailView{View: p.View(r, f, l.Say("password.title"), shown), Own: !p.Provider.UsedBySeveral(r)}
	if p.emailOf(r) != "" {
		v.Forget = forgetForm(l).New(r)
	}
	v.Page.Flash = web.Flash(w, r)
	return web.Show(w, r, shown.Status(), emailPage(v))
}

// fillIn fills in the address that the service hints at, or that the browser keeps.
func (p provePages) fillIn(shown *form.Rendered, r *http.Request, f provider.Flow) {
	kept := p.emailOf(r)
	if kept != "" {
		shown.Set(rememberField, "yes")
	}
	shown.Set("email", cmp.Or(hintedEmail(f), kept))
}

func emailField(l words.Language) form.Field {
	return form.Input(nhsuk.InputParams{
		Name:         "email",
		Type:         "email",
		Label:        nhsuk.LabelParams{Text: l.Say("password.email")},
		Hint:         l.Say("password.email_hint"),
		Autocomplete: "username",
		Spellcheck:   "false",
	})
}

// codeField asks for the 6 digits that the app shows, which are sent with the last of them.
func codeField(l words.Language, label nhsuk.LabelParams, hint string) form.Field {
	return form.Input(nhsuk.InputParams{
		Attributes:   form.SentWhole(totp.Digits, l.Say("code.sent")),
		Name:         "code",
		Label:        label,
		Hint:         hint,
		Inputmode:    "numeric",
		Autocomplete: "one-time-code",
		Width:        10,
		Code:         true,
		Spellcheck:   "false",
	})
}

// hintedEmail gives the address that was typed with the choice, or else the one that the service named as a hint.
func hintedEmail(f provider.Flow) string {
	if f.State.Email != "" {
		return f.State.Email
	}
	if _, err := email.Parse(f.State.Request.LoginHint); err != nil {
		return ""
	}
	return f.State.Request.LoginHint
}

func (p provePages) password(w http.ResponseWriter, r *http.Request, f provider.Flow) error {
	if passwordRight(f) {
		return web.Redirect{To: step.PathOf(f)}
	}
	typed := passwordForm(p.Frame.Language(r)).Read(r)
	if _, err := p.Begin(r, f, typed); err != nil {
		return p.Again(w, r, f, err, p.Show)
	}
	if err := p.remember(w, r, typed); err != nil {
		return err
	}
	return web.SeeOther(w, r, step.PathOf(f), "")
}

func (p provePages) code(w http.ResponseWriter, r *http.Request, f provider.Flow) error {
	return p.Finish(w, r, f, codeForm(p.Frame.Language(r)).Read(r))
}
