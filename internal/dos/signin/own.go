package signin

import (
	"context"
	"slices"

	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/session"
)

// eventSessionsEnded is recorded where somebody ends sessions of their own account on other browsers.
const eventSessionsEnded audit.Kind = "signin.sessions-ended"

// EndedByOwner is the reason of a session that its owner ended from another browser.
const EndedByOwner session.Reason = "by-owner"

// EndOther ends one session of the actor's account, which is not the one that they act in, and reports whether it was
// there to be ended.
func EndOther(ctx context.Context, d *db.DB, by actor.Actor, sessionID string) (bool, error) {
	ended, err := endOthers(ctx, d, by, func(id string) bool { return id == sessionID })
	return ended > 0, err
}

// EndOthers ends all sessions of the actor's account but the one that they act in, and says how many there were.
func EndOthers(ctx context.Context, d *db.DB, by actor.Actor) (int, error) {
	return endOthers(ctx, d, by, func(string) bool { return true })
}

func endOthers(ctx context.Context, d *db.DB, by actor.Actor, wanted func(id string) bool) (int, error) {
	live, err := db.Read(ctx, d, func(r db.R) ([]session.Session[State], error) {
		return Sessions.OfSubject(ctx, r, by.ID)
	})
	live = slices.DeleteFunc(live, func(s session.Session[State]) bool { return s.ID == by.Session || !wanted(s.ID) })
	if err != nil || len(live) == 0 {
		return 0, err
	}
	return len(live), d.Update(ctx, by, func(w *db.W) error {
		for _, s := range live {
			if err := Sessions.EndFor(ctx, w, s.ID, EndedByOwner); err != nil {
				return err
			}
		}
		return w.Record(ctx, audit.Event{Kind: eventSessionsEnded, Subject: account.Ref(by.ID),
			After: map[string]int{"sessions": len(live)}})
	})
}
