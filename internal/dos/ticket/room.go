package ticket

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// How many tickets are taken within a day. A stranger's browser on which somebody logged in before counts for itself,
// and not with the network in which it stands.
const (
	maxOfNetwork   = 20
	maxOfStrangers = 500  // from all networks
	maxWithKnown   = 1000 // of them, where somebody has logged in on the browser: strangers do not keep them out
	maxOfAccount   = 50
	maxByMail      = 250 // of strangers' mails, which keep nobody out who uses the form
	// maxOfAddress bounds how many mails strangers send to an address by raising tickets in its name. Beyond it each
	// network has one, so that nobody keeps the reader of the address out.
	maxOfAddress = 5
)

var errRoom = fault.SayCure(fault.TooMany, "Too many tickets were raised today from here, or for this email address.",
	"Telephone the service desk, or write to it by email. If you have raised a ticket, open the link in our email.")

// roomProblem refuses a ticket where too many were raised within a day, without an event, as strangers may try for
// ever. It gives what a stranger's is counted by.
func (d Desk) roomProblem(ctx context.Context, w *db.W, t Ticket, known bool) (network string, err error) {
	since := w.Now().Add(-24 * time.Hour)
	if w.Actor().Kind == actor.Person {
		n, err := db.Value[int64](ctx, w, `SELECT COUNT(*) FROM ticket WHERE raised_by = $1 AND raised_by <> ''
			AND created_at > $2`, t.RaisedBy, since)
		if err == nil && n >= maxOfAccount {
			err = errRoom
		}
		return "", err
	}
	network = hex.EncodeToString(d.Post.Digest("network of tickets\n" + w.Actor().Network)[:16])
	room, err := db.One(ctx, w, scanRoom, countStrangers, network, t.EmailKey, since)
	if err != nil {
		return "", fmt.Errorf("count tickets of strangers: %w", err)
	}
	limit := int64(maxOfStrangers)
	if known {
		limit = maxWithKnown
	}
	taken := room.byForm
	if t.Way == ByMail {
		taken = room.byMail
		limit = maxByMail
	}
	if taken >= limit || room.network >= maxOfNetwork ||
		room.address >= maxOfAddress && room.addressHere > 0 {
		return "", errRoom
	}
	return network, nil
}

// room counts the tickets that strangers raised within a day.
type room struct{ byForm, byMail, network, address, addressHere int64 }

const countStrangers = `SELECT CAST(COALESCE(SUM(CASE WHEN way = 'mail' THEN 0 ELSE 1 END), 0) AS BIGINT),
	CAST(COALESCE(SUM(CASE WHEN way = 'mail' THEN 1 ELSE 0 END), 0) AS BIGINT),
	CAST(COALESCE(SUM(CASE WHEN network = $1 THEN 1 ELSE 0 END), 0) AS BIGINT),
	CAST(COALESCE(SUM(CASE WHEN email_key = $2 THEN 1 ELSE 0 END), 0) AS BIGINT),
	CAST(COALESCE(SUM(CASE WHEN email_key = $2 AND network = $1 THEN 1 ELSE 0 END), 0) AS BIGINT)
	FROM ticket WHERE network <> '' AND created_at > $3`

func scanRoom(scan db.Scanner) (r room, err error) {
	err = scan(&r.byForm, &r.byMail, &r.network, &r.address, &r.addressHere)
	return r, err
}
