package explain

import (
	"context"
	"errors"

	"signpost/internal/dos/account"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/review"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/when"
)

// reviewFacts says which links of an account wait for a person, or were refused by one not long ago.
func (e *Explanation) reviewFacts(ctx context.Context, r db.R, a account.Account) error {
	cases, err := review.Stopping(ctx, r, a.ID)
	if err != nil {
		return err
	}
	link, err := account.LinkOf(ctx, r, a.ID)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return err
	}
	for _, c := range cases {
		e.fact("Link review", reviewText(c, err == nil && c.IsOf(link)))
	}
	return nil
}

func reviewText(c review.Case, linked bool) string {
	text := "The link to the Care Identity with number ending " + linking.LastDigits(c.CareIdentity.Subject)
	if c.Waiting() {
		return text + " waits for somebody to look at it since " + when.DateTime(c.Opened)
	}
	if linked {
		return text + " is not the holder’s, as " + c.DecidedName + " decided, but is too old to be undone"
	}
	return text + " was refused by " + c.DecidedName + " and cannot be made before " +
		when.DateTime(c.Decided.Add(review.GoodFor))
}
