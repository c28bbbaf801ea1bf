package request

import (
	"signpost/internal/dos/account"
	"signpost/internal/platform/mail"
)

// codeMail has the code of a sitting, and nothing that was typed: the address may be somebody else's, and strangers
// would write to them in our name. Where the address has an account its owner is told, on no page.
func codeMail(asked Request, owner account.Account, code string) mail.Message {
	text := "Your code is " + code + "\n\n" +
		"It confirms your email address for a request for a Directory of Services account. Type it on the page where " +
		"you asked for it. It works once, for 15 minutes.\n\n"
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

// approvedMail tells of an account that is linked already.
func approvedMail(asked Request, a account.Account, home string) mail.Message {
	return mail.Message{
		Kind: "request.approved", To: asked.Email, Subject: "Your Directory of Services account is ready",
		Text: "Dear " + asked.Name() + ",\n\n" +
			"Your request was approved. Your account is " + a.Username + ", and your Care Identity opens it. It has " +
			"no password.\n\n" +
			"Log in with your Care Identity: " + home + "\n",
	}
}

// setUpMail tells of an account that waits for its Care Identity. Its subject is the one that the notice to DoS users
// names.
func setUpMail(asked Request, a account.Account, link string) mail.Message {
	return mail.Message{
		Kind: "request.approved", To: asked.Email,
		Subject: "Action required: Complete the setup of your Directory of Services (DoS) account",
		Text: "Dear " + asked.Name() + ",\n\n" +
			"Your request was approved. Your account is " + a.Username + ". To use it, link it to your Care " +
			"Identity: open your own link, type the code that we send you then, and log in with your Care " +
			"Identity.\n\n" +
			link + "\n\n" +
			"If you have no Care Identity that works, ask the registration authority of your organisation for " +
			"one. The account waits for it, and has no password.\n",
	}
}

func rejectedMail(asked Request, reason, home string) mail.Message {
	return mail.Message{
		Kind: "request.rejected", To: asked.Email,
		Subject: "Your request for a Directory of Services account was rejected",
		Text: "Dear " + asked.Name() + ",\n\n" +
			"A DoS user administrator rejected your request, with this reason:\n\n" + mail.Quote(reason) + "\n\n" +
			nextTry(asked, home) + "\n",
	}
}

// nextTry says what an asker can do after a rejection.
func nextTry(asked Request, home string) string {
	if asked.AccountID != "" {
		return "The account that was made for it was deactivated. If something has changed, ask your DoS user " +
			"administrator to activate it again."
	}
	return "If something has changed, you can send another request: " + home + "/request-account"
}

func questionMail(asked Request, question, link string) mail.Message {
	return mail.Message{
		Kind: "request.question", To: asked.Email,
		Subject: "A question about your request for a Directory of Services account",
		Text: "Dear " + asked.Name() + ",\n\n" +
			"A DoS user administrator asks:\n\n" + mail.Quote(question) + "\n\n" +
			"To answer, open your own link. It takes the place of the one in our last email. We then send you a " +
			"code.\n\n" + link + "\n\n" +
			"Your request waits for your answer, unless an administrator decides without it.\n",
	}
}

// flaggedMail tells administrators of two people who approved each other. It names the accounts that decided, as the
// names of requests are what somebody typed.
func flaggedMail(asked Request, approver string, former decided) mail.Message {
	return mail.Message{
		Kind: "request.flagged", Subject: "Two people approved each other's requests within a day",
		Text: approver + " approved the request for a Directory of Services account of " + asked.withAddress() +
			". Within the day before, " + former.by.Name() + " (" + former.by.Username + ") approved that of " +
			former.request.withAddress() + ".\n\n" +
			"By their accounts, their Care Identities or their names, each asked for what the other approved. Look " +
			"at these accounts, and deactivate them if you do not know why they were made.\n",
	}
}

func (q Request) withAddress() string { return q.Name() + " (" + q.Email + ")" }
