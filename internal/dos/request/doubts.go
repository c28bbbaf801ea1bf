package request

import (
	"context"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/review"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
)

// Doubts are why somebody has to look at the Care Identity of a request before it is linked (rule R7).
type Doubts struct {
	Kinds []review.Kind
	Past  []mailbox.PastHolder // who had one of the addresses before
	Own   bool                 // the Care Identity is that of whoever approved the request before
}

// Any reports whether there are any.
func (d Doubts) Any() bool { return len(d.Kinds) > 0 || d.Own }

// DoubtsOf gives the doubts about a request; none where it has no Care Identity.
func DoubtsOf(ctx context.Context, r db.R, post *mail.Post, asked Request) (d Doubts, err error) {
	if !asked.Claims.Given() {
		return d, nil
	}
	a := account.Account{ID: asked.AccountID, Email: asked.Email, EmailKey: asked.EmailKey}
	person := asked.Claims.Person()
	if d.Past, err = linking.RequestPast(ctx, r, post, a, person); err != nil {
		return d, err
	}
	d.Kinds = linking.RequestDoubts(a, person, d.Past, asked.Claims.Several)
	if asked.DecidedBy == "" {
		return d, nil
	}
	approver, err := account.PersonOf(ctx, r, asked.DecidedBy)
	d.Own = asked.isOf(approver)
	return d, err
}

// goesBack reports whether somebody has to look again at an approved request whose Care Identity has come: the names
// differ, there are doubts, it is that of whoever approved, or the two approved each other's requests.
func (q *Requests) goesBack(ctx context.Context, r db.R, asked Request, a account.Account) (bool, error) {
	if !linking.SameName(a, asked.Claims.Person()) {
		return true, nil
	}
	doubts, err := DoubtsOf(ctx, r, q.Post, asked)
	if err != nil || doubts.Any() {
		return true, err
	}
	_, found, err := mutual(ctx, r, asked, asked.DecidedBy)
	return found, err
}
