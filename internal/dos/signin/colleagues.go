package signin

import (
	"context"
	"slices"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
)

// TellColleagues mails the other administrators of an account that its holder, who decides about other people, can come
// in by something new: whoever reads their mailbox, or has their telephone, might. What has happened follows after the
// name of the account. Whoever did it knows already. Other accounts have no such colleagues.
func TellColleagues(ctx context.Context, w *db.W, post *mail.Post, a account.Account, happened string) error {
	grants, err := account.GrantsOf(ctx, w, a.ID)
	if err != nil || !slices.ContainsFunc(grants, needsMore) {
		return err
	}
	colleagues, err := account.AdministratorsOf(ctx, w, a)
	if err != nil {
		return err
	}
	for _, colleague := range colleagues {
		if colleague.ID == w.Actor().ID {
			continue
		}
		if err := post.Send(ctx, w, colleagueMail(colleague.Email, a, happened)); err != nil {
			return err
		}
	}
	return nil
}

func colleagueMail(to string, a account.Account, happened string) mail.Message {
	return mail.Message{
		Kind:    "signin.colleague",
		To:      to,
		Subject: "A new way in to the account of a colleague who manages others",
		Text: "The Directory of Services account " + a.Username + " (" + a.Name() + "), whose holder decides about " +
			"other people's accounts as you do, " + happened + "\n\n" +
			"Ask them whether it was they, by telephone or face to face, as somebody else may read their email. If " +
			"it was not, deactivate the account or undo its link, and tell the service desk at once.\n",
	}
}
