package bind

import (
	"signpost/internal/careid/login/words"
	"signpost/internal/platform/mail"
)

// codeMail gives the function that writes the mail with a code.
func codeMail(l words.Language, to string) func(code string) mail.Message {
	return func(code string) mail.Message {
		return mail.Message{
			Kind:    "authenticator.code",
			To:      to,
			Subject: l.Say("mail.code_subject"),
			Text:    l.Say("mail.code", "code", code),
		}
	}
}
