package login

import (
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/login/words"
	"signpost/internal/platform/mail"
)

// NoticeMail gives the function that writes the mail to somebody whose authenticators were changed, in the language of
// the notice.
func NoticeMail(
	catalogue *words.Catalogue,
) func(to string, n authenticator.Notice, a authenticator.Authenticator) mail.Message {
	return func(to string, n authenticator.Notice, a authenticator.Authenticator) mail.Message {
		l := catalogue.Match(n.Language)
		subject, text := l.Notice(n.Change, a.Name, a.Kind)
		return mail.Message{Kind: "authenticator." + string(n.Change), To: to, Subject: subject, Text: text}
	}
}
