package merge

import (
	"context"
	"errors"
	"fmt"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/when"
)

const tellDesk = "If this is wrong, or you did not expect it, tell the service desk at once. Begin the title of your " +
	"ticket with MFA-DoS.\n"

func named(a account.Account) string { return a.Username + " (" + a.Name() + ")" }

// both names the two accounts.
func (s Sides) both() string { return named(s.Survivor) + " and " + named(s.Closed) }

func proposedMail(to string, s Sides, by string) mail.Message {
	return mail.Message{
		Kind: "merge.proposed", To: to,
		Subject: "Are these two Directory of Services accounts both yours?",
		Text: by + " thinks that the Directory of Services accounts " + s.both() + " are one person's. They want to " +
			"make them one: " + s.Survivor.Username + " stays, " + s.Closed.Username + " is closed.\n\n" +
			"Nothing changes unless you confirm it. Log in to the Directory of Services, with your Care Identity if " +
			"one of the accounts is linked to it, and choose \"Account\". There you can confirm that both are yours, " +
			fmt.Sprintf("or say that they are not. You have %d days.\n\n", int(ConfirmFor.Hours()/24)) +
			"If one of them is not yours, say so there, or tell the service desk. Begin the title of your ticket " +
			"with MFA-DoS.\n",
	}
}

func codeMail(to string, own, other account.Account, code string) mail.Message {
	return mail.Message{
		Kind: "merge.code", To: to,
		Subject: "Your Directory of Services code",
		Text: "Your code is " + code + "\n\n" +
			"It confirms that the Directory of Services accounts " + named(own) + " and " + named(other) + " are " +
			"both yours and may be made one.\n\n" +
			"Type it on the page where you asked for it. It works once, for 15 minutes.\n\n" +
			"If that is not you, do not pass the code on: nothing changes without it. Tell the service desk at once.\n",
	}
}

// tellProposer mails whoever proposed a merge that it can be done.
func (o Office) tellProposer(ctx context.Context, w *db.W, m Merge, s Sides) error {
	proposer, err := account.ByID(ctx, w, m.ProposedBy)
	if errors.Is(err, fault.NotFound) || err == nil && !proposer.Active {
		return nil
	}
	if err != nil {
		return err
	}
	return o.Post.Send(ctx, w, mail.Message{
		Kind: "merge.confirmed", To: proposer.Email,
		Subject: "Two Directory of Services accounts can be merged now",
		Text: "The holder of the Directory of Services accounts " + s.both() + " has shown that both are theirs.\n\n" +
			"You or another DoS user administrator can merge them until " + when.Date(w.Now().Add(MergeFor)) + ": " +
			"log in, choose \"Users\", then \"Merge accounts\".\n",
	})
}

func declinedMail(s Sides, own account.Account) mail.Message {
	return mail.Message{
		Kind:    "merge.declined",
		Subject: "Two Directory of Services accounts are not one person's",
		Text: "Somebody logged in to the Directory of Services account " + named(own) + " says that the accounts " +
			s.both() + " are not both theirs. They are not merged.\n\n" +
			"Find out whose they are. One of them may be used by somebody else than its holder.\n",
	}
}

func withdrawnMail(to string, s Sides) mail.Message {
	return mail.Message{
		Kind: "merge.withdrawn", To: to,
		Subject: "Your Directory of Services accounts are not merged",
		Text: "The Directory of Services accounts " + s.both() + " are not made one after all. Both stay as they " +
			"are. You do not have to do anything.\n",
	}
}

func doneMail(to string, m Merge, s Sides) mail.Message {
	text := "The Directory of Services accounts " + s.both() + " were merged. From now on you use " +
		s.Survivor.Username + ". " + s.Closed.Username + " is closed and opens nothing any more.\n\n"
	if m.Moved.Link != nil {
		text += "The Care Identity that was linked to " + s.Closed.Username + " now opens " + s.Survivor.Username +
			". The old passwords of both no longer work.\n\n"
	}
	return mail.Message{
		Kind: "merge.done", To: to,
		Subject: "Your Directory of Services accounts were merged",
		Text: text + "An administrator can undo this for 30 days. What you could do with " + s.Closed.Username +
			" and miss now, ask your DoS user administrator for.\n\n" + tellDesk,
	}
}

func undoneMail(to string, m Merge, s Sides) mail.Message {
	text := "The Directory of Services accounts " + s.both() + " are two accounts again: the merge was undone. "
	if m.Moved.Link != nil {
		text += "The Care Identity opens " + s.Closed.Username + " again. " + s.Survivor.Username + " is not linked " +
			"and has no password: if you need it, ask your DoS user administrator for a code.\n\n"
	} else {
		text += "The password of " + s.Closed.Username + " does not come back: if you need it, choose \"Forgotten " +
			"password\", or ask your DoS user administrator.\n\n"
	}
	return mail.Message{
		Kind: "merge.undone", To: to,
		Subject: "Your Directory of Services accounts are no longer merged",
		Text:    text + tellDesk,
	}
}
