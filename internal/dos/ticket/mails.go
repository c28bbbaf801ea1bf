package ticket

import (
	"context"
	"fmt"
	"strings"

	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mail/received"
)

// send mails the person of a ticket. Where the desk takes mail in, they can answer it, and their mail programs show it
// below what they wrote.
func (d Desk) send(ctx context.Context, w *db.W, t Ticket, m mail.Message) error {
	if d.Mail == "" {
		return d.Post.Send(ctx, w, m)
	}
	last, err := db.All(ctx, w, db.Column[string], selectLastMail, t.ID)
	if err != nil {
		return fmt.Errorf("look for the last mail of a ticket: %w", err)
	}
	m.ReplyTo = DeskAddress + "+" + d.token(t) + "@" + d.Mail
	m.Answers = strings.Join(append([]string{d.thread(t)}, last...), " ")
	m.Text = received.AnswerAbove + "\n\n" + m.Text
	return d.Post.Send(ctx, w, m)
}

const selectLastMail = `SELECT message_id FROM ticket_mail WHERE ticket_id = $1 AND message_id <> ''
	ORDER BY came_at DESC, id LIMIT 1`

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
func (d Desk) answerMail(t Ticket, answer written) mail.Message {
	next := "To answer, open your own link. We then send you a code."
	if d.Mail != "" {
		next = "To answer, write back to this email, or open your own link. We then send you a code."
	}
	switch t.State {
	case Waiting:
		next = "The ticket waits for your answer. " + next
	case Solved:
		next = "The service desk takes this to be solved. If it is not, say so. " + next
	}
	if len(answer.Files) > 0 {
		next = "There are files with it, which you get by your own link. " + next
	}
	return mail.Message{
		Kind: "ticket.answered", To: t.Email, Subject: subjectOf(t) + "an answer",
		Text: "The service desk writes about your ticket " + t.Show() + ":\n\n" + mail.Quote(answer.Text) + "\n\n" +
			next + "\n\n" + d.ownLink(t) + "\n",
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

// unmergedMail says that a ticket no longer goes on in another one.
func unmergedMail(t, kept Ticket, link string) mail.Message {
	return mail.Message{
		Kind: "ticket.unmerged", To: t.Email, Subject: subjectOf(t) + "it goes on by itself again",
		Text: "We wrote that your ticket " + t.Show() + " goes on as " + kept.Show() + ". It goes on by itself " +
			"again: we answer it there, and no longer in " + kept.Show() + ".\n\n" +
			"To follow it, open your own link. We then send you a code.\n\n" + link + "\n",
	}
}
