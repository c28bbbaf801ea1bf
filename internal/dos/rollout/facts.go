// Package rollout gathers what is known of a person on the way from a password to a Care Identity: what the
// directory knows, what the care identity side says and what the person answered, as the facts that
// path.Next reads.
//
// It does not sign anybody in, and it moves no wave.
package rollout

import (
	"context"
	"errors"
	"fmt"

	"signpost/internal/dos/account"
	"signpost/internal/dos/wave"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Asker answers what the care identity side may say about one person. Package extract has one; where none is
// configured, as with the national service, there is no Asker and the person is asked.
type Asker interface {
	Ask(ctx context.Context, q extract.Question) (extract.Answer, error)
}

// Known is what the directory itself knows of one account.
type Known struct {
	Account account.Account
	Wave    wave.Wave
	Linked  bool
	Subject string // of the link
	Answers map[Question]string
}

// Read reads what the directory itself knows.
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
	k.Answers, err = answersOf(ctx, r, accountID)
	return k, err
}

// Facts joins what the directory knows, what the care identity side says, and, where that says nothing,
// what the person has answered. A care identity side that does not answer leaves facts unknown.
func Facts(ctx context.Context, asker Asker, k Known) (path.Facts, error) {
	f := k.facts()
	if asker == nil {
		return k.answered(f), nil
	}
	answer, err := asker.Ask(ctx, extract.Question{Ref: k.Account.ID, Email: k.Account.EmailKey, Subject: k.Subject})
	if err != nil {
		return k.answered(f), fmt.Errorf("ask about account %s: %w", k.Account.ID, err)
	}
	return said(f, answer), nil
}

// facts are those of the directory itself.
func (k Known) facts() path.Facts {
	f := path.Facts{
		Account: path.Individual, Linked: path.Is(k.Linked), MailProved: path.Is(!k.Account.EmailProved.IsZero()),
		Phase: k.Wave.Phase, Dates: k.Wave.Dates, Username: k.Account.Username,
	}
	if k.Account.Shared {
		f.Account = path.Shared
	}
	return f
}

// said adds what the care identity side says.
func said(f path.Facts, a extract.Answer) path.Facts {
	if a.Authority != nil {
		f.Authority = a.Authority.Organisation
	}
	switch a.Found {
	case extract.None:
		f.Identity = path.NoIdentity
		return f
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
	f.Position = path.Is(a.Position == extract.Yes)
	return withAuthenticator(f, a.Authenticator)
}

// The level that the directory asks for (reference, directory of services §3.4: AAL2_OR_AAL3_ANY).
const leastLevel = 2

func withAuthenticator(f path.Facts, a *extract.Authenticator) path.Facts {
	switch {
	case a == nil:
		return f
	case a.Level == 0:
		f.Authenticator = path.NoAuthenticator
	case a.Level < leastLevel:
		f.Authenticator = path.TooWeak
	default:
		f.Authenticator = path.Sufficient
		f.Approved = path.Is(a.Approved)
		// That it works on this device is shown by the sign-in that linking needs.
		f.Working = path.Yes
	}
	return f
}
