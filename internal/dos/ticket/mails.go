package ticket

import "signpost/internal/platform/mail"

// raisedMail has the link by which somebody follows their ticket, and nothing that was typed: the address may be
// somebody else's, and strangers would write to them in our name.
func raisedMail(t Ticket, link string) mail.Message {
	return mail.Message{
		Kind: "ticket.raised", To: t.Email, Subject: subjectOf(t) + "we have your ticket",
		Text: "The service desk of the Directory of Services has a ticket with your email address. Its number is " +
			t.Show() + ".\n\n" +
			"To see how far it is, to add something to it, or to say that it is solved, open your own link. We then " +
			"send you a code, so the link alone shows nobody anything:\n\n" + link + "\n\n" +
			"If you did not raise a ticket, you need do nothing: nobody learns anything from it.\n",
	}
}

// subjectOf begins the subject of every mail about a ticket, so that an answer finds it.
func subjectOf(t Ticket) string { return Prefix + t.Show() + ": " }

func codeMail(t Ticket) func(code string) mail.Message {
	return func(code string) mail.Message {
		return mail.Message{
			Kind: "ticket.code", To: t.Email, Subject: "Your code to open ticket " + t.Show(),
			Text: "Your code is " + code + "\n\n" +
				"It opens your ticket " + t.Show() + " with the service desk of the Directory of Services. Type it " +
				"on the page where you asked for it. It works once, for 15 minutes. Do not pass it on.\n",
		}
	}
}

// answerMail has what the desk writes to the person of a ticket.
func answerMail(t Ticket, answer, link string) mail.Message {
	next := "To answer, open your own link. We then send you a code."
	switch t.State {
	case Waiting:
		next = "The ticket waits for your answer. " + next
	case Solved:
		next = "The service desk takes this to be solved. If it is not, say so: open your own link, and we send you " +
			"a code."
	}
	return mail.Message{
		Kind: "ticket.answered", To: t.Email, Subject: subjectOf(t) + "an answer",
		Text: "The service desk writes about your ticket " + t.Show() + ":\n\n" + mail.Quote(answer) + "\n\n" +
			next + "\n\n" + link + "\n",
	}
}

// mergedMail says in which ticket another one goes on.
func mergedMail(t, kept Ticket, link string) mail.Message {
	return mail.Message{
		Kind: "ticket.merged", To: t.Email, Subject: subjectOf(t) + "it goes on as " + kept.Show(),
		Text: "You have two tickets with the service desk about the same. " + t.Show() + " goes on as " + kept.Show() +
			", with all that was written in it.\n\nTo follow it, open your own link. We then send you a code.\n\n" +
			link + "\n",
	}
}
