package request

import (
	"context"
	"fmt"
	"slices"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// mutualWithin is the time in which two people who approve each other's requests are flagged.
const mutualWithin = 24 * time.Hour

const selectDecidedBy = selectRequest + ` WHERE decided_at > $1 AND account_id <> '' AND decided_by IN (`

// flag reports whether whoever asks approved a request of whoever approves now, within a day, and tells the
// administrators if so (attack L28).
func (q *Requests) flag(ctx context.Context, w *db.W, asked Request) (bool, error) {
	mutual, err := mutual(ctx, w, asked)
	if err != nil || !mutual {
		return false, err
	}
	administrators, err := account.Administrators(ctx, w)
	if err != nil {
		return false, err
	}
	for _, a := range administrators {
		if err := q.Post.Send(ctx, w, flaggedMail(a, asked, w.Actor().Name)); err != nil {
			return false, err
		}
	}
	return true, w.Record(ctx, audit.Event{Kind: eventFlagged, Subject: Ref(asked.ID)})
}

func mutual(ctx context.Context, w *db.W, asked Request) (bool, error) {
	var known []string
	if asked.AskedBy != "" {
		known = append(known, asked.AskedBy)
	}
	theirs := account.Identity{Issuer: asked.Claims.Issuer, Subject: asked.Claims.Subject}
	asker, err := account.PersonBehind(ctx, w, theirs, known...)
	if err != nil || len(asker.Accounts) == 0 {
		return false, err
	}
	var args db.Arguments
	args.Add(w.Now().Add(-mutualWithin))
	list, err := db.All(ctx, w, scanRequest, selectDecidedBy+db.AddEach(&args, asker.Accounts)+`)`, args.List()...)
	if err != nil {
		return false, fmt.Errorf("read what an asker decided: %w", err)
	}
	me, err := account.PersonOf(ctx, w, w.Actor().ID)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(list, func(other Request) bool {
		return slices.Contains(me.Accounts, other.AccountID) || slices.Contains(me.Accounts, other.AskedBy)
	}), nil
}
