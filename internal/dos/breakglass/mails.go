package breakglass

import (
	"context"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/directory"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/when"
)

const tellDesk = "If this should not be, end them on that page and tell the service desk. Begin the title of your " +
	"ticket with MFA-DoS.\n"

// whereText says where the rights of a use hold.
func whereText(ctx context.Context, r db.R, u Use) (string, error) {
	return directory.ScopeText(ctx, r, u.Scope, account.Account{})
}

// tellAll mails everybody who manages users or opens emergency rights, wherever they do, and some others.
func (o *Office) tellAll(ctx context.Context, w *db.W, m mail.Message, also ...account.Account) error {
	list, err := account.HoldersOf(ctx, w, account.ManageUsers, account.BreakGlass)
	if err != nil {
		return err
	}
	return o.Post.Tell(ctx, w, m, mailbox.Addresses(append(list, also...)))
}

// tellReviewers mails those who can review a use: where nobody else can, whoever opened it.
func (o *Office) tellReviewers(ctx context.Context, w *db.W, u Use, m mail.Message) error {
	list, err := u.reviewers(ctx, w)
	if err == nil && len(list) == 0 && u.Second != "" {
		var second map[string]account.Account
		second, err = account.ByIDs(ctx, w, []string{u.Second})
		for _, a := range second {
			list = append(list, a)
		}
	}
	if err != nil {
		return err
	}
	return o.Post.Tell(ctx, w, m, mailbox.Addresses(list))
}

func about(asker account.Account, u Use, where string) string {
	return "Who: " + asker.Name() + ", username " + asker.Username + ", " + asker.Email + "\nWhere: " + where +
		"\nWhy, in their words:\n\n" + mail.Quote(u.Reason) + "\n"
}

func (o *Office) tellAsked(ctx context.Context, w *db.W, u Use, asker account.Account) error {
	where, err := whereText(ctx, w, u)
	if err != nil {
		return err
	}
	return o.tellAll(ctx, w, mail.Message{
		Kind: "breakglass.asked", Subject: "Somebody needs emergency rights in the Directory of Services now",
		Text: asker.Name() + " asks for emergency rights in the Directory of Services, and somebody has to open them " +
			"with them.\n\n" + about(asker, u, where) + "\nIf you may open emergency rights there, telephone them, " +
			"and open or decline this before " + when.DateTime(u.WaitsUntil) + ":\n\n" + o.Home + Path(u.ID) + "\n",
	})
}

func (o *Office) tellOpened(ctx context.Context, w *db.W, u Use, asker account.Account) error {
	where, err := whereText(ctx, w, u)
	if err != nil {
		return err
	}
	opened := "They opened them alone, in office hours or by a rule of those who run the directory.\n"
	if u.Second != "" {
		opened = "Opened together with: " + w.Actor().Name + "\n"
	}
	m := mail.Message{
		Kind: "breakglass.opened", Subject: "Emergency rights were opened in the Directory of Services",
		Text: "Somebody can change more in the Directory of Services than usual, until " + when.DateTime(u.Ends) +
			".\n\n" + about(asker, u, where) + opened + "\nWhat they do is marked, and somebody else reviews it " +
			"afterwards. How it stands:\n\n" + o.Home + Path(u.ID) + "\n\n" + tellDesk,
	}
	return o.tellAll(ctx, w, m, asker)
}

func declinedMail(asker account.Account, by string) mail.Message {
	return mail.Message{
		Kind: "breakglass.declined", To: asker.Email, Subject: "Your emergency rights were declined",
		Text: by + " declined to open the emergency rights that you asked for in the Directory of Services. Your " +
			"account is as it was.\n\nTelephone them, or ask somebody who may change the service.\n",
	}
}

// tellEnded tells who used the rights, and who can review what was done.
func (o *Office) tellEnded(ctx context.Context, w *db.W, u Use) error {
	asker, err := account.ByID(ctx, w, u.AccountID)
	if err != nil {
		return err
	}
	page := o.Home + Path(u.ID)
	err = o.Post.Send(ctx, w, mail.Message{
		Kind: "breakglass.ended", To: asker.Email, Subject: "Your emergency rights have ended",
		Text: "Your emergency rights in the Directory of Services ended on " + when.DateTime(u.Ends) +
			". Your account can do what it could before.\n\nSomebody else reviews what you did:\n\n" + page + "\n",
	})
	if err != nil {
		return err
	}
	return o.tellReviewers(ctx, w, u, mail.Message{
		Kind: "breakglass.to-review", Subject: "Review what " + asker.Name() + " did with emergency rights",
		Text: "The emergency rights of " + asker.Name() + " (" + asker.Username + ") in the Directory of Services " +
			"ended on " + when.DateTime(u.Ends) + ".\n\nLook at what they did, and say whether it was right:\n\n" +
			page + "\n",
	})
}

func reminderMail(asker account.Account, u Use, page string) mail.Message {
	return mail.Message{
		Kind:    "breakglass.to-review",
		Subject: "Nobody has reviewed what " + asker.Name() + " did with emergency rights",
		Text: "The emergency rights of " + asker.Name() + " (" + asker.Username + ") in the Directory of Services " +
			"ended on " + when.DateTime(u.Ends) +
			", and nobody has reviewed what they did. This mail comes each day until somebody does:\n\n" + page + "\n",
	}
}

// tellReviewed tells who used the rights what was found. If it was not right, all administrators are told, too.
func (o *Office) tellReviewed(ctx context.Context, w *db.W, u Use, right bool, finding string) error {
	asker, err := account.ByID(ctx, w, u.AccountID)
	if err != nil {
		return err
	}
	found := "found it right"
	if !right {
		found = "found it not right"
	}
	m := mail.Message{
		Kind: "breakglass.reviewed", Subject: "Use of emergency rights reviewed: " + found,
		Text: w.Actor().Name + " reviewed what " + asker.Name() + " (" + asker.Username + ") did with emergency " +
			"rights in the Directory of Services, and " + found + ":\n\n" + mail.Quote(finding) + "\n\n" + o.Home +
			Path(u.ID) + "\n",
	}
	if right {
		m.To = asker.Email
		return o.Post.Send(ctx, w, m)
	}
	return o.tellAll(ctx, w, m, asker)
}
