package totp

import (
	"net/http"

	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/provider"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// rememberField is ticked by whoever wants the email address to be filled in next time on this device.
const rememberField = "remember"

const (
	forgetName      = "forget"
	rememberSeconds = 180 * 24 * 60 * 60
)

// remembered is what a browser keeps of whoever asked for it. It lets nobody in.
type remembered struct {
	Email string `json:"email"`
}

func (p provePages) rememberedCookie() web.SealedCookie {
	return web.SealedCookie{
		Box: p.forgotten.apps.Box, Name: "app-email", Context: "cis2/app-email", Seconds: rememberSeconds,
	}
}

func rememberBox(l words.Language) form.Field {
	return form.Checkboxes(nhsuk.CheckboxesParams{Name: rememberField, Small: true, Items: []nhsuk.CheckboxItem{
		{Value: "yes", Text: l.Say("password.remember"), Hint: l.Say("password.remember_hint")},
	}})
}

func forgetForm(l words.Language) form.Form { return step.SignInForm(l, forgetName) }

// emailOf gives the address that the browser keeps; empty on one that several people use.
func (p provePages) emailOf(r *http.Request) string {
	var kept remembered
	if p.Provider.UsedBySeveral(r) || !p.rememberedCookie().Read(r, &kept) {
		return ""
	}
	return kept.Email
}

// remember has the browser keep the address of somebody whose password was right, if they ticked that, and forget any
// other.
func (p provePages) remember(w http.ResponseWriter, r *http.Request, typed *form.Rendered) error {
	if typed.Value(rememberField) == "" || p.Provider.UsedBySeveral(r) {
		p.rememberedCookie().Clear(w)
		return nil
	}
	return p.rememberedCookie().Set(w, remembered{Email: typed.Value("email")})
}

// forget has the browser forget the address.
func (p provePages) forget(w http.ResponseWriter, r *http.Request, f provider.Flow) error {
	p.rememberedCookie().Clear(w)
	return web.SeeOther(w, r, step.PathOf(f), p.Frame.Language(r).Say("password.forgotten_email"))
}
