package issuing

import (
	"context"
	"time"

	"signpost/internal/careid/authenticator/smartcard"
	"signpost/internal/platform/db"
)

// Ends says until when the card of a care identity is valid that was issued here; the zero time if there is none.
func Ends(ctx context.Context, r db.R, uuid string) (until time.Time, err error) {
	cards, err := smartcard.IssuedTo(ctx, r, uuid)
	for _, c := range cards {
		until = c.Until
	}
	return until, err
}

// EndsOf says until when the certificates of some authenticators are valid, by their ids, whoever issued them. Those
// that are no smartcards are left out.
func EndsOf(ctx context.Context, r db.R, ids []string) (map[string]time.Time, error) {
	return smartcard.EndsOf(ctx, r, ids)
}
