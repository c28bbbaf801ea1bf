package asker

import (
	"signpost/internal/careid/request"
	"signpost/internal/platform/job"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/random"
	"signpost/internal/platform/when"
)

// Work registers what tells people of decisions.
func (d *Desk) Work(ws *job.Workers) { job.Work(ws, d.tell) }

// codeMail has nothing that was typed: the address may be somebody else's, and strangers would write to them in our
// name.
func codeMail(to, code string) mail.Message {
	return mail.Message{
		Kind: "ra-ask.code", To: to, Subject: "Your code to ask a registration authority",
		Text: "Your code is " + code + "\n\n" +
			"It confirms your email address for a request to a registration authority. Type it on the page where you " +
			"asked for it. It works once, for 15 minutes.\n\n" +
			"If you did not ask for anything, do not pass the code on: nothing is sent without it.\n",
	}
}

func needText(q request.Request) string {
	need, is := NeedOf(q.Kind())
	if !is {
		return q.Kind().Label()
	}
	return need.Title
}

// receivedMail has the link by which a request is followed.
func receivedMail(q request.Request, link string) mail.Message {
	return mail.Message{
		Kind: "ra-ask.received", To: q.Subject.Email,
		Subject: "Your request " + random.Grouped(q.Number) + " to a registration authority",
		Text: "Your request has the number " + random.Grouped(q.Number) + ".\n\n" +
			"What you need: " + needText(q) + "\n\n" +
			"Your registration authority answers by " + when.LastDay(q.Due) +
			". We write to this address when it has.\n\n" +
			"To see how far your request is, or to withdraw it, open your own link. Whoever has the link can do that " +
			"too, so pass it on to nobody:\n\n" + link + "\n",
	}
}

// decidedMail tells of a decision, if there is one.
func decidedMail(q request.Request, link string) (m mail.Message, is bool) {
	number := random.Grouped(q.Number)
	m = mail.Message{Kind: "ra-ask.decided", To: q.Subject.Email}
	said := ""
	if q.Notes != "" {
		said = "Your registration authority wrote:\n\n" + mail.Quote(q.Notes) + "\n\n"
	}
	switch q.State {
	case request.Completed:
		m.Subject = "Your request " + number + " is completed"
		m.Text = "Your registration authority has completed your request " + number + ".\n\n" + said +
			"What you asked for: " + needText(q) + "\n\nYou see it here for 90 days:\n\n" + link + "\n"
	case request.Rejected:
		m.Subject = "Your request " + number + " was rejected"
		m.Text = "Your registration authority rejected your request " + number + ", with this reason:\n\n" +
			mail.Quote(q.Decision) + "\n\n" + said +
			"You can ask again without filling everything in again: open your own link, change what you wrote and " +
			"send it.\n\n" + link + "\n"
	case request.Ended:
		m.Subject = "Your request " + number + " has ended"
		m.Text = "Nobody decides about your request " + number + " any more.\n\n" + link + "\n"
	case request.Waiting, request.Withdrawn:
		return m, false
	}
	return m, true
}
