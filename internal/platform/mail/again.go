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

const selectLately = `SELECT queued_at FROM mail WHERE recipient = $1 AND kind = $2 AND queued_at > $3
	ORDER BY queued_at DESC LIMIT $4`

// SendAgain is Send for a message that may be one of several of its kind to the same address: it refuses one too many,
// so that nobody fills a mailbox by a button. Codes have limits of their own, in package mailcode.
func (p *Post) SendAgain(ctx context.Context, w *db.W, m Message) error {
	from, err := AgainFrom(ctx, w, m)
	if err != nil {
		return err
	}
	if w.Now().Before(from) {
		return ErrAgain
	}
	return p.Send(ctx, w, m)
}

// AgainFrom tells from when on SendAgain would send a message; the zero time if it would now. Of the message it takes
// the kind and the address, in whatever capital and small letters it is written.
func AgainFrom(ctx context.Context, r db.R, m Message) (time.Time, error) {
	lately, err := db.All(ctx, r, scanTime, selectLately, keyOf(m.To), m.Kind, r.Now().Add(-againWithin), maxAgain)
	if err != nil {
		return time.Time{}, fmt.Errorf("read when mails %s were sent: %w", m.Kind, err)
	}
	if len(lately) < maxAgain {
		return time.Time{}, nil
	}
	return lately[maxAgain-1].Add(againWithin), nil
}

func scanTime(scan db.Scanner) (at time.Time, err error) {
	err = scan(db.At(&at))
	return at, err
}
