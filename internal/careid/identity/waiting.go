package identity

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/platform/db"
)

// Waits is what an identity waits for, whoever asked for it or not.
type Waits string

// What identities wait for.
const (
	WaitsForUse    Waits = "use"    // it was made, and is not active yet
	WaitsForProofs Waits = "proofs" // it was brought from elsewhere, and nobody has seen documents
)

// waitingFor are the conditions, each of which has a partial index in the order of the list.
var waitingFor = map[Waits]string{
	WaitsForUse:    `status = 'pending'`,
	WaitsForProofs: `status = 'active' AND kind = 'migrated' AND verified = FALSE`,
}

// WaitingList chooses identities that wait, in the order in which they were made.
type WaitingList struct {
	For           Waits
	Organisations []string  // where they are registered
	NotOf         string    // number of one that is left out
	From, Before  time.Time // when they were made; zero for any time
	AfterMade     time.Time // after the identity made then, of the number below; zero for from the beginning
	AfterUUID     string
}

// List lists them, as many as a limit.
func (l WaitingList) List(ctx context.Context, r db.R, limit int) ([]Identity, error) {
	condition, is := waitingFor[l.For]
	if !is {
		return nil, fmt.Errorf("no identity waits for %q", l.For)
	}
	if len(l.Organisations) == 0 {
		return nil, nil
	}
	var a db.Arguments
	where := ` WHERE ` + condition + ` AND organisation IN (` + db.AddEach(&a, l.Organisations) + `)`
	if l.NotOf != "" {
		where += ` AND uuid <> ` + a.Add(l.NotOf)
	}
	if !l.From.IsZero() {
		where += ` AND created_at >= ` + a.Add(l.From)
	}
	if !l.Before.IsZero() {
		where += ` AND created_at < ` + a.Add(l.Before)
	}
	if !l.AfterMade.IsZero() {
		where += ` AND (created_at, uuid) > (` + a.Add(l.AfterMade) + `, ` + a.Add(l.AfterUUID) + `)`
	}
	const order = ` ORDER BY created_at, uuid`
	query := selectIdentity + ` WHERE uuid IN (SELECT uuid FROM identity` + where + order + ` LIMIT ` + a.Add(limit) +
		`)` + order
	list, err := db.All(ctx, r, scanIdentity, query, a.List()...)
	if err != nil {
		return nil, fmt.Errorf("list identities that wait: %w", err)
	}
	return list, nil
}
