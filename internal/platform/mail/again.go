package mail

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// How many mails of one kind go to one address within a time, where somebody can have a mail sent again by a button.
const (
	maxAgain    = 3
	againWithin = time.Hour
)

// ErrAgain is why SendAgain sends nothing.
var ErrAgain = fault.SayCure(fault.TooMany,
	fmt.Sprintf("This email was sent %d times in the last hour, as often as it can be.", maxAgain),
	"The one that was sent last still works. Ask whoever should have it to look among their unwanted mail, and "+
		"whether the address is right. You can send it again in an hour.")

const countLately = `SELECT COUNT(*) FROM mail WHERE recipient = $1 AND kind = $2 AND queued_at > $3`

// SendAgain is Send for a message that may be one of several of its kind to the same address: it refuses one too many,
// so that nobody fills a mailbox by a button. Codes have limits of their own, in package mailcode.
func (p *Post) SendAgain(ctx context.Context, w *db.W, m Message) error {
	n, err := db.Value[int64](ctx, w, countLately, m.To, m.Kind, w.Now().Add(-againWithin))
	if err != nil {
		return fmt.Errorf("count mails %s: %w", m.Kind, err)
	}
	if n >= maxAgain {
		return ErrAgain
	}
	return p.Send(ctx, w, m)
}
