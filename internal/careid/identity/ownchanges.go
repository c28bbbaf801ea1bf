package identity

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// maxOwnChanges is how many changes of their address somebody is shown.
const maxOwnChanges = 30

// OwnEmailChanges gives when somebody changed their own email address since a time, the newest first.
func OwnEmailChanges(ctx context.Context, r db.R, uuid string, since time.Time) (list []time.Time, err error) {
	search := audit.Search{Subject: Ref(uuid), Kinds: []audit.Kind{eventEmailChanged}}
	entries, _, err := search.Page(ctx, r, 0, maxOwnChanges)
	if err != nil {
		return nil, fmt.Errorf("list changes of an email address: %w", err)
	}
	for _, e := range entries {
		if e.ActorID == uuid && !e.At.Before(since) {
			list = append(list, e.At)
		}
	}
	return list, nil
}
