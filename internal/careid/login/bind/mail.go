package bind

import (
	"signpost/internal/careid/login/words"
	"signpost/internal/national/authn"
	"signpost/internal/platform/mail"
)

func codeMail(l words.Language, to, code string) mail.Message {
	return mail.Message{Kind: "authenticator.code", To: to, Subject: l.Say("mail.code_subject"), Text: l.Say("mail.code", "code", code)}
}

func addedMail(l words.Language, to string, kind authn.Kind) mail.Message {
	return mail.Message{Kind: "authenticator.added", To: to, Subject: l.Say("mail.added_subject"), Text: l.Say("mail.added", "kind", l.Label(kind))}
}
