package linking

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/administration"
	"signpost/internal/dos/review"
	"signpost/internal/national/cis2"
	"signpost/internal/national/extract"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/when"
)

// Asker asks the care identity side about one person. Package extract has one.
type Asker interface {
	Ask(ctx context.Context, q extract.Question) (extract.Answer, error)
}

// errNotAsked answers a confirmation while the care identity side cannot be asked. Nothing was used up.
var errNotAsked = fault.SayCure(fault.Unavailable,
	"We cannot find out at the moment whether your Care Identity is still active. Nothing was linked.",
	"Try again in a few minutes. Your code still works until its time is over.")

// standing asks the care identity side, before the Update that links, whether the Care Identity of a ceremony still
// stands: it may have been suspended or closed since it was proved. The national service answers no questions; then
// the proof stands, which is at most 15 minutes old.
func (l *Linker) standing(ctx context.Context, c Ceremony) (bool, error) {
	return l.Stands(ctx, c.AccountID, c.Subject)
}

// Stands asks the care identity side whether the Care Identity of a subject still stands. The reference says for whom
// that is asked.
func (l *Linker) Stands(ctx context.Context, reference, subject string) (bool, error) {
	s, err := l.ask(ctx, reference, subject)
	if err != nil {
		err = errors.Join(errNotAsked, err)
	}
	return s.Active, err
}

// Standing is what the care identity side says of a Care Identity.
type Standing struct {
	Active bool
	Again  time.Time // since when it is active again, after it was suspended or closed; zero if it never was
}

func (l *Linker) ask(ctx context.Context, reference, subject string) (Standing, error) {
	if l.Asker == nil {
		return Standing{Active: true}, nil
	}
	answer, err := l.Asker.Ask(ctx, extract.Question{Ref: reference, Subject: subject})
	if err != nil {
		return Standing{}, fmt.Errorf("ask whether a Care Identity stands: %w", err)
	}
	s := Standing{Active: answer.Found == extract.One && answer.State == extract.Active}
	if answer.ActiveAgain != 0 {
		s.Again = time.UnixMilli(answer.ActiveAgain).UTC()
	}
	return s, nil
}

// problem gives the reason why a link to a Care Identity would open nothing now (attacks L26 and L27), or nil.
func (s Standing) problem(ctx context.Context, r db.R, link account.Link) (problem, failed error) {
	if !s.Active {
		return errMoveEnded, nil
	}
	if !link.Linked.Before(s.Again) {
		return nil, nil
	}
	approved, err := review.ApprovedAgain(ctx, r, link, s.Again)
	return only(!approved, errMoveSuspended), err
}

// eventReactivatedAlone is recorded when a link goes on though its Care Identity was suspended since, as nobody is
// there who could approve it.
const eventReactivatedAlone audit.Kind = "link.reactivated-alone"

// Approved reports whether somebody has approved a link since a time at which its Care Identity became active again
// (attack L27).
func (l *Linker) Approved(ctx context.Context, r db.R, link account.Link, since time.Time) (bool, error) {
	return review.ApprovedAgain(ctx, r, link, since)
}

// Wait has a link wait for somebody to approve it, whose Care Identity was suspended since it was made and is active
// again. The holder and those who can approve it are told, once. Where nobody can, such as for the only administrator,
// it reports false: nobody else could ever let them in.
func (l *Linker) Wait(ctx context.Context, w *db.W, a account.Account, p cis2.Person, since time.Time) (bool, error) {
	reviewers, err := account.ReviewersOf(ctx, w, a)
	if err != nil {
		return false, err
	}
	alone, err := l.alone(ctx, w, a, reviewers)
	if err != nil {
		return false, err
	}
	if alone {
		return false, w.Record(ctx, audit.Event{Kind: eventReactivatedAlone, Subject: account.Ref(a.ID)})
	}
	opened, err := review.Again(ctx, w, a.ID, againFacts(a, p, since))
	if err != nil || !opened {
		return true, err
	}
	theirs := theirAddress(Ceremony{Email: p.Email})
	if err := l.Post.SendEach(ctx, w, againMail(a.Email, a), againMail(theirs, a)); err != nil {
		return true, err
	}
	return true, l.Post.Tell(ctx, w, reviewAgainMail(a), mailbox.Addresses(reviewers))
}

// alone reports whether nobody can approve the link of an account: nobody reviews it, or its holder manages users
// everywhere, and nobody else does who could give as much.
func (l *Linker) alone(ctx context.Context, r db.R, a account.Account, reviewers []account.Account) (bool, error) {
	grants, err := account.GrantsOf(ctx, r, a.ID)
	if err != nil || len(reviewers) == 0 || !grants.Reach(a.Organisation, account.ManageUsers).Everywhere {
		return len(reviewers) == 0, err
	}
	others, err := administration.Administered(ctx, r, a.ID)
	return !others, err
}

// againFacts gives what is known of both sides of a link whose Care Identity is active again.
func againFacts(a account.Account, p cis2.Person, since time.Time) review.Facts {
	return review.Facts{
		Account: review.FactsOf(a),
		CareIdentity: review.IdentityFacts{
			Issuer: p.Issuer, Subject: p.Subject, Name: p.Name, Email: p.Email, Verified: p.EmailVerified,
			Level: p.IdentityLevel,
		},
		Proofs: []string{
			"They proved at CIS2 at that moment that the Care Identity is theirs",
			"The Care Identity is active again since " + when.DateTime(since) + ", after it was suspended or closed",
		},
	}
}

func againMail(to string, a account.Account) mail.Message {
	return mail.Message{
		Kind:    "link.reactivated",
		To:      to,
		Subject: "An administrator has to approve the link of your Directory of Services account again",
		Text: "Somebody logged in with the Care Identity that is linked to the Directory of Services account " +
			a.Username + " (" + a.Name() + "). The Care Identity was suspended or closed since it was linked, and is " +
			"active again. Until a DoS user administrator has approved the link, it does not open the account. We " +
			"send an email when they have decided.\n\n" +
			"If that was not you, tell the service desk at once. Begin the title of your ticket with MFA-DoS.\n",
	}
}

func reviewAgainMail(a account.Account) mail.Message {
	return mail.Message{
		Kind:    "link.to-review",
		Subject: "A link to a Care Identity waits for you or another administrator",
		Text: "The Care Identity that is linked to the Directory of Services account " + a.Username + " (" + a.Name() +
			") was suspended or closed, and is active again. Find out why, log in to the Directory of Services and " +
			"choose \"Link reviews\".\n\nUntil somebody has decided, the person cannot log in.\n",
	}
}

// tellApprovedAgain mails both sides that their link, whose Care Identity was suspended, was approved.
func (l *Linker) tellApprovedAgain(ctx context.Context, w *db.W, a account.Account, c review.Case) error {
	theirs := theirAddress(Ceremony{Email: c.CareIdentity.Email})
	return l.Post.SendEach(ctx, w, approvedAgainMail(a.Email, a, c), approvedAgainMail(theirs, a, c))
}

func approvedAgainMail(to string, a account.Account, c review.Case) mail.Message {
	return mail.Message{
		Kind:    "link.approved-again",
		To:      to,
		Subject: "Your Care Identity opens your Directory of Services account again",
		Text: "The link of the Directory of Services account " + a.Username + " (" + a.Name() + ") to your Care " +
			"Identity was approved by " + c.DecidedName + ". You can log in as before.\n\n" +
			"If you did not expect this, tell the service desk. Begin the title of your ticket with MFA-DoS.\n",
	}
}
