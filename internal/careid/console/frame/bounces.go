package frame

import (
	"context"

	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

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
