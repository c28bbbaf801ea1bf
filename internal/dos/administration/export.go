package administration

import (
	"context"

	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// eventExported is recorded of each file of accounts that somebody takes.
const eventExported audit.Kind = "account.list-exported"

// NoteExport records that somebody takes a file of accounts: by which search, and how many.
func (o Office) NoteExport(ctx context.Context, by actor.Actor, search map[string][]string, count int) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		if err := account.Require(ctx, w, account.ManageUsers); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventExported, Subject: account.Ref(by.ID),
			After: map[string]any{"search": search, "accounts": count}})
	})
}
