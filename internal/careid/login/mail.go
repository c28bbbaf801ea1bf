package login

import (
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/login/words"
	"signpost/internal/platform/mail"
)

// UnlockedMail gives the function that writes, in a language, the mail to the owner of an authenticator whose lock was
// ended.
func UnlockedMail(l words.Language) func(to string, a authenticator.Authenticator) mail.Message {
	return func(to string, a authenticator.Authenticator) mail.Message {
		return mail.Message{
			Kind:    "authenticator.unlocked",
			To:      to,
			Subject: l.Say("mail.unlocked_subject"),
			Text:    l.Say("mail.unlocked", "authenticator", l.Named(a.Name, a.Kind)),
		}
	}
}
