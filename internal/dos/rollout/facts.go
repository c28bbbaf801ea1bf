// Package rollout gathers the facts about a person's move from a password to a Care Identity that path.Next needs:
// from the directory, from the care identity side and from the person's own answers.
//
// It does not sign anybody in, and it does not move waves.
package rollout

import (
	"context"
	"errors"
	"fmt"

	"signpost/internal/dos/account"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/wave"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Asker asks the care identity side about one person. Package extract has one. With the national service there is
// none, and the person answers questions instead.
type Asker interface {
	Ask(ctx context.Context, q extract.Question) (extract.Answer, error)
}

// Known holds the facts about one account that the directory itself has.
type Known struct {
	Account account.Account
	Wave    wave.Wave
	Linked  bool
	Days    int                 // of work on which the password still opens the account in Require
	Subject string              // of the link
	Answers map[Question]string // of the account's holder; of a shared account, of one session

	// Requested says, of a shared account, that whoever is there asked for an account of their own, which waits.
	Requested bool
}

// Read reads the facts that the directory itself has. What somebody answered on a shared account is not the team's, so
// Read gives no answers for one; OfSession does.
func Read(ctx context.Context, r db.R, accountID string) (k Known, err error) {
	if k.Account, err = account.ByID(ctx, r, accountID); err != nil {
		return k, err
	}
	if k.Wave, err = wave.Of(ctx, r, accountID); err != nil {
		return k, err
	}
	link, err := account.LinkOf(ctx, r, accountID)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return k, err
	}
	k.Linked = err == nil
	k.Subject = link.Subject
	if k.Days, err = signin.DaysLeft(ctx, r, k.Account, k.Wave); err != nil {
		return k, err
	}
	if k.Account.Kind == account.Shared {
		return k, nil
	}
	k.Answers, err = answersOf(ctx, r, accountID)
	return k, err
}

// Facts combines the directory's own facts with those of the care identity side or, if that side says nothing about the
// person, with the person's answers. If it fails, Facts gives the error with the facts. A shared account's address is a
// team's, so nobody is looked for by it.
func Facts(ctx context.Context, asker Asker, k Known) (path.Facts, error) {
	if asker == nil || k.Account.Kind == account.Shared {
		return k.Alone(), nil
	}
	answer, err := asker.Ask(ctx, k.Question())
	if err != nil {
		return k.Alone(), fmt.Errorf("ask about account %s: %w", k.Account.ID, err)
	}
	return k.With(answer), nil
}

// Question is what to ask the care identity side about the account's holder.
func (k Known) Question() extract.Question {
	return extract.Question{Ref: k.Account.ID, Email: k.Account.EmailKey, Subject: k.Subject}
}

// Alone gives the facts where nobody can be asked: the directory's own, and what the holder said.
func (k Known) Alone() path.Facts { return k.withAnswers(k.ownFacts()) }

// With gives the facts together with an answer of the care identity side.
func (k Known) With(a extract.Answer) path.Facts { return k.withExtract(k.ownFacts(), a) }

// ownFacts gives the facts that the directory itself has.
func (k Known) ownFacts() path.Facts {
	f := path.Facts{
		Account: path.Individual, Linked: path.Is(k.Linked), MailProved: path.Is(!k.Account.EmailProved.IsZero()),
		Phase: k.Wave.Phase, Dates: k.Wave.Worded(), Username: k.Account.Username,
		DaysLeft: k.Days,
	}
	if k.Account.Kind == account.Shared {
		f.Account = path.Shared
		f.Requested = path.Is(k.Requested)
	}
	return f
}

// withExtract adds the facts that the care identity side gave.
func (k Known) withExtract(f path.Facts, a extract.Answer) path.Facts {
	if a.Authority != nil {
		f.Authority = a.Authority.Organisation
		f.Contact = a.Authority.Contact
	}
	switch a.Found {
	case extract.None:
		if k.Linked {
			f.Identity = path.NoIdentity // it was looked for by its number
			return f
		}
		f.Sought = k.Account.Email
		return k.withAnswers(f)
	case extract.Several:
		f.Identity = path.SeveralIdentities
		return f
	}
	f.Identity = path.OneActive
	if a.State != extract.Active {
		f.Identity = path.OneInactive
	}
	f.Email = map[extract.EmailMatch]path.Email{
		extract.EmailEqual: path.EmailAgrees, extract.EmailUnverified: path.EmailUnverified,
		extract.EmailDifferent: path.EmailDifferent,
	}[a.Email]
	f.Position = map[extract.YesNo]path.Known{extract.Yes: path.Yes, extract.No: path.No}[a.Position]
	return withAuthenticator(f, a.Authenticator)
}

// minLevel is the authentication level that the directory requires (reference, directory of services §3.4:
// AAL2_OR_AAL3_ANY).
const minLevel = 2

func withAuthenticator(f path.Facts, a *extract.Authenticator) path.Facts {
	switch {
	case a == nil:
		return f
	case a.Level == 0:
		f.Authenticator = path.NoAuthenticator
	case a.Level < minLevel:
		f.Authenticator = path.TooWeak
	default:
		f.Authenticator = path.Sufficient
		f.Approved = path.Is(a.Approved)
		// The sign-in that linking requires will show whether it works on this device.
		f.Working = path.Yes
	}
	return f
}
