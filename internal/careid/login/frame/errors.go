package frame

import (
	"net/http"
	"strings"

	"signpost/internal/careid/login/words"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// HasWords reports whether an error is one that a form can say.
func HasWords(err error) bool {
	f, known := fault.From(err)
	return known && f.Says != ""
}

// textOf is what a form says of a fault, in one piece.
func textOf(l words.Language, f *fault.Fault) string {
	said := l.Fault(f)
	if said.Cure == "" {
		return said.Says
	}
	return strings.TrimSuffix(said.Says, ".") + ". " + said.Cure
}

// Status is that of a page that shows a form: it came back if something is wrong with it.
func Status(shown *form.Rendered) int {
	if shown.Wrong() {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
}

// FormWords are what a form says in a language.
func FormWords(l words.Language) form.Words {
	return form.Words{
		Problem: l.Say("frame.problem"), Error: l.Say("frame.error"),
		Fault: func(f *fault.Fault) string { return textOf(l, f) },
	}
}

// Password asks for a password. p has what is not the same on every page.
func Password(l words.Language, p nhsuk.PasswordInputParams) form.Field {
	p.Name = "password"
	p.Label = nhsuk.LabelParams{Text: l.Say("password.label")}
	p.ShowPasswordText = l.Say("password.show")
	p.HidePasswordText = l.Say("password.hide")
	p.ShowPasswordAriaLabel = l.Say("password.show_label")
	p.HidePasswordAriaLabel = l.Say("password.hide_label")
	p.PasswordShownAnnouncementText = l.Say("password.shown")
	p.PasswordHiddenAnnouncementText = l.Say("password.hidden")
	return form.Password(p)
}
