package frame

import (
	"context"
	"errors"

	"signpost/internal/dos/account"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/review"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// WaitingLink is a link of an account that an administrator has to look at before it is made, or has approved.
type WaitingLink struct {
	Since  string // empty where none waits
	Until  string // until when one that was approved can be made; empty where there is none
	Digits string // the last of the number of the Care Identity
	Help   page.Help
	More   bool // there is something else for its holder to do meanwhile
}

// WaitingLinkOf reads which link of an account waits, for whoever is logged in with it.
func WaitingLinkOf(ctx context.Context, r db.R, a account.Account) (v WaitingLink, err error) {
	if a.Kind != account.Individual {
		return v, nil
	}
	cases, err := review.Stopping(ctx, r, a.ID)
	if err != nil {
		return v, err
	}
	for _, one := range cases {
		if !one.Waiting() {
			continue
		}
		v.Since = when.DateTime(one.Opened)
		v.Digits = linking.LastDigits(one.CareIdentity.Subject)
		v.Help = page.Help{Heading: "Who decides",
			Nobody: "Nobody whom we know here can decide. The service desk can help."}
		reviewers, err := account.ReviewersOf(ctx, r, a)
		v.Help.Helpers = HelpersOf(reviewers)
		return v, err
	}
	approved, err := review.CanBeLinked(ctx, r, a.ID)
	if errors.Is(err, fault.NotFound) {
		return v, nil
	}
	v.Until = when.DateTime(approved.GoodUntil)
	v.Digits = linking.LastDigits(approved.CareIdentity.Subject)
	return v, err
}
