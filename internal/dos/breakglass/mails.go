package breakglass

import (
	"context"
	"slices"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/when"
)

// letter is a mail that goes to several people.
type letter struct{ kind, subject, text string }

func (l letter) to(address string) mail.Message {
	return mail.Message{Kind: l.kind, To: address, Subject: l.subject, Text: l.text}
}

const tellDesk = "If this should not be, end them on that page and tell the service desk. Begin the title of your " +
	"ticket with MFA-DoS.\n"

// whereText says where the rights of a use hold.
func whereText(ctx context.Context, r db.R, u Use) (string, error) {
	return directory.ScopeText(ctx, r, u.Scope, account.Account{})
}

// tellAll mails everybody who manages users or opens emergency rights, wherever they do.
func (o *Office) tellAll(ctx context.Context, w *db.W, l letter) error {
	list, err := account.HoldersOf(ctx, w, account.ManageUsers, account.BreakGlass)
	if err != nil {
		return err
	}
	return o.tell(ctx, w, list, l)
}

func (o *Office) tell(ctx context.Context, w *db.W, list []account.Account, l letter) error {
	for _, a := range list {
		if err := o.Post.Send(ctx, w, l.to(a.Email)); err != nil {
			return err
		}
	}
	return nil
}

// tellReviewers mails those who can review a use: where nobody else can, whoever opened it.
func (o *Office) tellReviewers(ctx context.Context, w *db.W, u Use, l letter) error {
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
	return o.tell(ctx, w, list, l)
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
	return o.tellAll(ctx, w, letter{
		kind: "breakglass.asked", subject: "Somebody needs emergency rights in the Directory of Services now",
		text: asker.Name() + " asks for emergency rights in the Directory of Services, and somebody has to open them " +
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
	l := letter{
		kind: "breakglass.opened", subject: "Emergency rights were opened in the Directory of Services",
		text: "Somebody can change more in the Directory of Services than usual, until " + when.DateTime(u.Ends) +
			".\n\n" + about(asker, u, where) + opened + "\nWhat they do is marked, and somebody else reviews it " +
			"afterwards. How it stands:\n\n" + o.Home + Path(u.ID) + "\n\n" + tellDesk,
	}
	holders, err := account.HoldersOf(ctx, w, account.ManageUsers, account.BreakGlass)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(holders, func(a account.Account) bool { return a.ID == asker.ID }) {
		holders = append(holders, asker)
	}
	return o.tell(ctx, w, holders, l)
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
	return o.tellReviewers(ctx, w, u, letter{
		kind: "breakglass.to-review", subject: "Review what " + asker.Name() + " did with emergency rights",
		text: "The emergency rights of " + asker.Name() + " (" + asker.Username + ") in the Directory of Services " +
			"ended on " + when.DateTime(u.Ends) + ".\n\nLook at what they did, and say whether it was right:\n\n" +
			page + "\n",
	})
}

func reminderMail(asker account.Account, u Use, page string) letter {
	return letter{
		kind:    "breakglass.to-review",
		subject: "Nobody has reviewed what " + asker.Name() + " did with emergency rights",
		text: "The emergency rights of " + asker.Name() + " (" + asker.Username + ") in the Directory of Services " +
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
	l := letter{
		kind: "breakglass.reviewed", subject: "Use of emergency rights reviewed: " + found,
		text: w.Actor().Name + " reviewed what " + asker.Name() + " (" + asker.Username + ") did with emergency " +
			"rights in the Directory of Services, and " + found + ":\n\n" + mail.Quote(finding) + "\n\n" + o.Home +
			Path(u.ID) + "\n",
	}
	if err := o.Post.Send(ctx, w, l.to(asker.Email)); err != nil || right {
		return err
	}
	return o.tellAll(ctx, w, l)
}
