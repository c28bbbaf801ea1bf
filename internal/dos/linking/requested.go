package linking

import (
	"context"

	"signpost/internal/dos/account"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// JoinRequested links an account that was made for a request to the Care Identity of whoever asked for it, as a part of
// an Update whose caller has seen that the request was approved. Its control is a code to its address and the approval
// (rule R3).
func (l *Linker) JoinRequested(ctx context.Context, w *db.W, a account.Account, p cis2.Person) error {
	if err := l.mayLink(ctx, w, a, p, ByRequest); err != nil {
		return err
	}
	differ := !SameName(a, p)
	if differ {
		names := Names{Account: a.Name(), CareIdentity: p.Name, Issuer: p.Issuer, Subject: p.Subject}
		event := audit.Event{Kind: NamesDiffer, Subject: account.Ref(a.ID), After: names}
		if err := w.Record(ctx, event); err != nil {
			return err
		}
	}
	c := Ceremony{
		AccountID: a.ID, AccountEmail: a.Email, Issuer: p.Issuer, Subject: p.Subject, Name: p.Name, Email: p.Email,
		EmailVerified: p.EmailVerified, IdentityLevel: p.IdentityLevel, Control: ByRequest, NamesDiffer: differ,
		NeedsCode: true,
	}
	doubts, err := l.doubts(ctx, w, a, c, false)
	if err != nil {
		return err
	}
	for _, kind := range doubts {
		c.Reviewed = kind.Title() + ": an administrator approved the request in spite of it"
	}
	return l.join(ctx, w, a, c)
}
