package bind

import (
	"signpost/internal/careid/login/words"
	"signpost/internal/platform/mail"
)

func codeMail(l words.Language, to, code string) mail.Message {
	return mail.Message{
		Kind: "authenticator.code", To: to,
		Subject: l.Say("mail.code_subject"), Text: l.Say("mail.code", "code", code),
	}
}
