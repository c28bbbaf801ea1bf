package bind

import (
	"signpost/internal/national/authn"
	"signpost/internal/platform/mail"
)

func codeMail(to, code string) mail.Message {
	return mail.Message{Kind: "authenticator.code", To: to, Subject: "Your code to add an authenticator", Text: "Your code is " + code + "\n\n" +
		"Type it on the page where you are adding an authenticator to your Care Identity.\n\n" +
		"If you are not adding one, do not give the code to anybody and tell your registration authority.\n"}
}

func addedMail(to string, kind authn.Kind) mail.Message {
	return mail.Message{Kind: "authenticator.added", To: to, Subject: "An authenticator was added to your Care Identity", Text: "You can now sign in with: " + kind.Label() + "\n\n" +
		"If you did not add it, contact your registration authority at once.\n"}
}
