package mailing

import (
	"context"
	"fmt"

	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// maxTests is how often the writer of one mail gets it as a test.
const maxTests = 20

var (
	errTests = fault.SayCure(fault.TooMany, fmt.Sprintf("You have had %d tests of this mail.", maxTests),
		"Look at it on this page.")
	errNoTest = fault.SayCure(fault.Conflict, "This person does not get the mail now.", "Choose another one.")
	errNoMail = fault.SayCure(fault.Conflict, "Your account has no email address.", "Look at it on this page.")
)

const countTest = `UPDATE mailing SET tests = tests + 1 WHERE id = $1 AND state = 'prepared'`

// Test sends a mail that is prepared to its writer, as one of those would have it who get it, and gives the username of
// that person, of whom nothing is noted.
func (o Office) Test(ctx context.Context, by actor.Actor, id, accountID string) (username string, err error) {
	return db.Write(ctx, o.DB, by, func(w *db.W) (string, error) {
		m, err := mine(ctx, w, id)
		if err != nil {
			return "", err
		}
		if problem := m.mayBegin(w.Now()); problem != nil {
			return "", problem
		}
		if m.Tests >= maxTests {
			return "", errTests
		}
		a, k, err := o.getterOf(ctx, w, m, accountID)
		if err != nil {
			return "", err
		}
		if err := o.sendTest(ctx, w, m, a, k); err != nil {
			return "", err
		}
		if err := w.Change(ctx, countTest, id); err != nil {
			return "", fmt.Errorf("count test of a mailing: %w", err)
		}
		tested := audit.Event{Kind: eventTested, Subject: Ref(id), After: account.Ref(accountID)}
		return a.Username, w.Record(ctx, tested)
	})
}

// getterOf reads somebody whom the writer looks after and who would get the mail.
func (o Office) getterOf(ctx context.Context, r db.R, m Mailing, id string) (a account.Account, k known, err error) {
	within, err := account.ReachNow(ctx, r, m.WrittenBy, account.ManageUsers)
	if err != nil {
		return a, k, err
	}
	found, err := account.ByIDs(ctx, r, []string{id})
	if err != nil {
		return a, k, err
	}
	a, is := found[id]
	if !is || !within.Covers(a) {
		return a, k, errNoTest
	}
	if k, err = o.know(ctx, r, m, []account.Account{a}); err == nil && m.leftOut(a, k) != "" {
		err = errNoTest
	}
	return a, k, err
}

func (o Office) sendTest(ctx context.Context, w *db.W, m Mailing, a account.Account, k known) error {
	writer, err := account.ByID(ctx, w, m.WrittenBy)
	if err != nil {
		return err
	}
	if writer.Email == "" {
		return errNoMail
	}
	message := o.shown(m, a, k)
	message.Kind = "mailing.test"
	message.To = writer.Email
	message.Subject = "Test: " + message.Subject
	message.Text = "This is a test, to you alone. It is what " + a.Name() + " (" + a.Username +
		") would get.\n\n" + message.Text
	return o.Post.Send(ctx, w, message)
}
