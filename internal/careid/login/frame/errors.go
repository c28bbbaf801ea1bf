package frame

import (
	"strings"

	"signpost/internal/careid/login/words"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// HasWords reports whether a form can show an error to people.
func HasWords(err error) bool {
	f, known := fault.From(err)
	return known && f.Message != ""
}

// textOf gives the text of a fault with its cure, as a form shows it.
func textOf(l words.Language, f *fault.Fault) string {
	text := l.Fault(f)
	if text.Cure == "" {
		return text.Message
	}
	return strings.TrimSuffix(text.Message, ".") + ". " + text.Cure
}

// FormWords gives the words of a form in a language.
func FormWords(l words.Language) form.Words {
	return form.Words{
		Problem: l.Say("frame.problem"),
		Error:   l.Say("frame.error"),
		Quote:   l.Say("frame.reference"),
		Fault:   func(f *fault.Fault) string { return textOf(l, f) },
	}
}

// Password makes the field that asks for a password. p has what differs from page to page.
func Password(l words.Language, p nhsuk.PasswordInputParams) form.Field {
	p.Name = "password"
	if p.Label.Text == "" {
		p.Label = nhsuk.LabelParams{Text: l.Say("password.label")}
	}
	p.ShowPasswordText = l.Say("password.show")
	p.HidePasswordText = l.Say("password.hide")
	p.ShowPasswordAriaLabel = l.Say("password.show_label")
	p.HidePasswordAriaLabel = l.Say("password.hide_label")
	p.PasswordShownAnnouncementText = l.Say("password.shown")
	p.PasswordHiddenAnnouncementText = l.Say("password.hidden")
	return form.Password(p)
}
