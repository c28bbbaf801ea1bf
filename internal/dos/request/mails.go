package request

import (
	"signpost/internal/dos/account"
	"signpost/internal/platform/mail"
)

// codeMail has the code of a sitting. Where the address has an account its owner is told, on no page.
func codeMail(asked Request, owner account.Account, code string) mail.Message {
	text := "Your code is " + code + "\n\n" +
		"It confirms your email address for the request for a Directory of Services account in the name of " +
		asked.Name() + ". Type it on the page where you asked for it. It works once, for 15 minutes.\n\n"
	if owner.ID != "" {
		text += "There is an account with this address already: its username is " + owner.Username + ". If it is " +
			"yours, you need no other. Log in to it from the first page of the Directory of Services, or ask your " +
			"DoS user administrator for help.\n\n"
	}
	return mail.Message{
		Kind: "request.code", To: asked.Email, Subject: "Your code to request a Directory of Services account",
		Text: text + "If you did not ask for an account, do not pass the code on: nothing is sent without it.\n",
	}
}

// receivedMail has the link by which the asker comes back.
func receivedMail(asked Request, link string) mail.Message {
	return mail.Message{
		Kind: "request.received", To: asked.Email,
		Subject: "We received your request for a Directory of Services account",
		Text: "Dear " + asked.Name() + ",\n\n" +
			"A DoS user administrator looks at your request and decides. We write to this address when they have " +
			"decided, or if they have a question.\n\n" +
			"To see how far it is, to log in with your Care Identity for it, or to withdraw it, open your own link. " +
			"We then send you a code, so the link alone shows nobody anything:\n\n" + link + "\n\n" +
			"If you have no Care Identity yet, your request says what to do next. You do not have to wait with that " +
			"until it is decided.\n",
	}
}
