package totp

import (
	"net/http"
	"slices"
	"strings"

	"signpost/internal/careid/authenticator/totp"
	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/words"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/qr"
)

// bindPages are the pages on which an app is bound: the person first chooses a password, then the app takes its secret
// and shows a code.
type bindPages struct {
	step.Binder
	apps *totp.Keeper
}

// Mount adds the addresses that the pages post to.
func (p bindPages) Mount(s *web.Site) {
	p.HandleGuess(s, newPasswordForm(words.Language{}), p.password)
	p.HandleGuess(s, appForm(words.Language{}), p.app)
}

func newPasswordForm(l words.Language) form.Form {
	return step.BindingForm(l, "password", frame.Password(l, nhsuk.PasswordInputParams{
		Autocomplete: "new-password", Hint: l.Say("bind.password_hint"),
	}))
}

func appForm(l words.Language) form.Form {
	label := nhsuk.LabelParams{Text: l.Say("bind.app_code"), Size: "m"}
	return step.BindingForm(l, "app", codeField(l, label, l.Say("bind.app_code_hint")))
}

// passwordChosen reports whether the password was chosen, so that the app comes next.
func passwordChosen(f step.BindingFlow) bool { return len(f.State.Ceremony) > 0 }

// Show shows the page of the app once the password was chosen, and that of the password before.
func (p bindPages) Show(w http.ResponseWriter, r *http.Request, f step.BindingFlow, problem error) error {
	l := p.Frame.Language(r)
	if !passwordChosen(f) {
		shown := newPasswordForm(l).New(r)
		shown.Explain(problem)
		return web.Show(w, r, shown.Status(), newPasswordPage(p.View(r, f, l.Say("bind.password_title"), shown)))
	}
	shown := appForm(l).New(r)
	shown.Explain(problem)
	v, err := p.appView(r, f, p.View(r, f, l.Say("bind.app_title"), shown))
	if err != nil {
		return err
	}
	return web.Show(w, r, shown.Status(), appPage(v))
}

type appView struct {
	step.BindingView
	QR     qr.Code
	Secret string // in groups of four, to type
}

func (p bindPages) appView(r *http.Request, f step.BindingFlow, v step.BindingView) (appView, error) {
	secret, err := p.apps.Secret(f.State.Ceremony, f.State.UUID)
	if err != nil {
		return appView{}, err
	}
	owner, err := p.Owner(r.Context(), f)
	if err != nil {
		return appView{}, err
	}
	code, err := qr.Of(totp.URL("Care Identity", owner.Email, secret))
	if err != nil {
		return appView{}, err
	}
	return appView{BindingView: v, QR: code, Secret: grouped(secret)}, nil
}

// grouped gives a secret in groups of four characters.
func grouped(secret string) string {
	var groups []string
	for chunk := range slices.Chunk([]byte(secret), 4) {
		groups = append(groups, string(chunk))
	}
	return strings.Join(groups, " ")
}

func (p bindPages) password(w http.ResponseWriter, r *http.Request, f step.BindingFlow) error {
	if passwordChosen(f) {
		return p.Onward(w, r, f)
	}
	if _, err := p.Begin(r, f, newPasswordForm(p.Frame.Language(r)).Read(r)); err != nil {
		return p.Again(w, r, f, err, p.Show)
	}
	return p.Onward(w, r, f)
}

// app binds the authenticator app if its code is right.
func (p bindPages) app(w http.ResponseWriter, r *http.Request, f step.BindingFlow) error {
	return p.Finish(w, r, f, appForm(p.Frame.Language(r)).Read(r))
}
