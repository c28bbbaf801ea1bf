package frame

import (
	"context"
	"time"

	"signpost/internal/careid/identity"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

// EmailWaits says of an address that is new here from when it can be used for everything; empty if it can, or if there
// is none.
func EmailWaits(i identity.Identity, now time.Time) string {
	if i.Email == "" || i.EmailUsable(now) {
		return ""
	}
	since := "was changed"
	if !i.EmailSince.After(i.Created) {
		since = "was brought here"
	}
	return "The email address " + since + " less than 72 hours ago. From " + when.DateTime(i.EmailUsableFrom()) +
		" it can be used to add an authenticator, and to link an account without another code."
}

// WithBounce adds to what is said of a person that mail to their address does not arrive, if so, and what to do then.
func WithBounce(
	ctx context.Context, r db.R, rows []nhsuk.SummaryListRow, address, cure string,
) ([]nhsuk.SummaryListRow, error) {
	bounce, err := mail.BounceOf(ctx, r, address)
	if bounce.Since.IsZero() {
		return rows, err
	}
	return append(rows, nhsuk.SummaryListRow{Key: "Email that we send", Value: "Does not arrive since " +
		when.Date(bounce.Since) + ": the mail server of the address says " + bounce.Status + ". " + cure}), err
}
