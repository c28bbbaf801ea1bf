package linking

import (
	"context"
	"errors"
	"fmt"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/review"
	"signpost/internal/national/extract"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/session"
)

// ambiguous asks the care identity side, before the Update that links, whether several Care Identities have the address
// of the account. The national service answers no questions.
func (l *Linker) ambiguous(ctx context.Context, c Ceremony) (bool, error) {
	if c.Control == BySetUp {
		return false, nil
	}
	return l.Several(ctx, c.AccountID, c.AccountEmail)
}

// Several asks the care identity side whether several Care Identities have an address. The reference says for whom that
// is asked.
func (l *Linker) Several(ctx context.Context, reference, address string) (bool, error) {
	if l.Asker == nil {
		return false, nil
	}
	answer, err := l.Asker.Ask(ctx, extract.Question{Ref: reference, Email: address})
	if err != nil {
		return false, fmt.Errorf("ask who has an address: %w", errors.Join(errNotAsked, err))
	}
	return answer.Found == extract.Several, nil
}

// doubts lists why a person has to look at a link that has all its proofs.
func (l *Linker) doubts(
	ctx context.Context, r db.R, a account.Account, c Ceremony, ambiguous bool,
) (kinds []review.Kind, err error) {
	past, err := review.PastHolders(ctx, r, l.Post, c.link(a), mailbox.KeysOf(a.EmailKey, c.Email))
	if err != nil {
		return nil, err
	}
	return kindsOf(past, ambiguous, a.Email, c.Email), nil
}

// kindsOf gives the kinds of doubts that facts raise.
func kindsOf(past []mailbox.PastHolder, several bool, ours, theirs string) (kinds []review.Kind) {
	if len(past) > 0 {
		kinds = append(kinds, review.Recycled)
	}
	if several {
		kinds = append(kinds, review.Ambiguous)
	}
	if review.Alike(ours, theirs) {
		kinds = append(kinds, review.LookAlike)
	}
	return kinds
}

// link is the link that a ceremony is to make.
func (c Ceremony) link(a account.Account) account.Link {
	return account.Link{
		AccountID: a.ID, Issuer: c.Issuer, Subject: c.Subject, How: c.proofs(), TheirEmail: theirAddress(c),
	}
}

// hold stops a link that a rule gives to a person, until a reviewer has approved it. It opens a case, or finds the one
// that there is. Whoever runs the system vouches for a set-up link, and there is nobody yet who could look at it.
func (l *Linker) hold(
	ctx context.Context, w *db.W, a account.Account, flow *session.Flow[Ceremony], ambiguous bool,
) (held bool, err error) {
	if flow.State.Control == BySetUp {
		return false, nil
	}
	kinds, err := l.doubts(ctx, w, a, flow.State, ambiguous)
	if err != nil {
		return false, err
	}
	facts := flow.State.facts(a)
	facts.Rules = nil // none has decided yet
	found, err := review.Hold(ctx, w, a.ID, kinds, facts)
	if err != nil {
		return false, err
	}
	if found.Pass && len(kinds) == 0 {
		return false, nil
	}
	if found.Pass {
		flow.State.Reviewed = found.Case.DecidedName + " looked at the doubts about it and approved it: " +
			found.Case.Reason
		return false, review.Use(ctx, w, found.Case.ID)
	}
	flow.State.Held = found.Case.ID
	if err := Ceremonies.Save(ctx, w, flow); err != nil {
		return false, fmt.Errorf("hold link: %w", err)
	}
	if found.New {
		if err := l.tellHeld(ctx, w, a, flow.State); err != nil {
			return false, err
		}
	}
	return true, w.Record(ctx, audit.Event{Kind: eventHeld, Subject: account.Ref(a.ID), After: kinds})
}

// tellHeld mails both sides of a link that waits, and those who can decide about it.
func (l *Linker) tellHeld(ctx context.Context, w *db.W, a account.Account, c Ceremony) error {
	if err := l.Post.SendEach(ctx, w, heldMail(a.Email, a), heldMail(theirAddress(c), a)); err != nil {
		return err
	}
	reviewers, err := account.ReviewersOf(ctx, w, a)
	if err != nil {
		return err
	}
	return l.Post.Tell(ctx, w, reviewMail(a), mailbox.Addresses(reviewers))
}

// Held is a link that waits for a person, or was refused by one, as the browser on which it was begun sees it.
type Held struct {
	Case      review.Case
	Account   account.Account
	Reviewers []account.Account
}

// FindHeld gives the link that is held on a browser, or a fault if none is.
func (l *Linker) FindHeld(ctx context.Context, cookie string) (Held, error) {
	return db.Read(ctx, l.DB, func(r db.R) (held Held, err error) {
		flow, err := loadCeremony(ctx, r, cookie)
		if err == nil {
			err = errCeremonyEnded // it is still under way
		}
		if !errors.Is(err, refusals[HeldBack]) {
			return held, err
		}
		if held.Case, err = review.ByID(ctx, r, flow.State.Held); err != nil {
			return held, err
		}
		if held.Account, err = account.ByID(ctx, r, held.Case.AccountID); err != nil {
			return held, err
		}
		held.Reviewers, err = account.ReviewersOf(ctx, r, held.Account)
		return held, err
	})
}

func heldMail(to string, a account.Account) mail.Message {
	return mail.Message{
		Kind:    "link.held",
		To:      to,
		Subject: "A link to a Directory of Services account waits for an administrator",
		Text: "Somebody wants to link the Directory of Services account " + a.Username + " (" + a.Name() +
			") to their Care Identity. Before that, a DoS user administrator looks at it. Nothing is linked yet, " +
			"and we send an email when they have decided.\n\n" +
			"If you did not ask for this, raise a ticket with the service desk. Begin its title with MFA-DoS.\n",
	}
}

func reviewMail(a account.Account) mail.Message {
	return mail.Message{
		Kind:    "link.to-review",
		Subject: "A link to a Care Identity waits for you or another administrator",
		Text: "The link of the Directory of Services account " + a.Username + " (" + a.Name() + ") to a Care " +
			"Identity was stopped by a rule, and somebody has to look at it. Log in to the Directory of Services and " +
			"choose \"Link reviews\". You see what is known of both sides.\n\n" +
			"Until somebody has decided, the person cannot link the account.\n",
	}
}

// PastHoldersOf lists which other accounts had one of the addresses of a case before.
func PastHoldersOf(ctx context.Context, r db.R, post *mail.Post, c review.Case) ([]mailbox.PastHolder, error) {
	address, err := email.Parse(c.Account.Email)
	if err != nil {
		return nil, fmt.Errorf("address of case: %w", err)
	}
	key, _ := address.Canonical()
	link := account.Link{AccountID: c.AccountID, Issuer: c.CareIdentity.Issuer, Subject: c.CareIdentity.Subject}
	return review.PastHolders(ctx, r, post, link, mailbox.KeysOf(key, c.CareIdentity.Email))
}
