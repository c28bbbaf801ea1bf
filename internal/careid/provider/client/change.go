package client

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/careid/provider/naming"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// Changed says that somebody else has changed a client since it was read. Now is the client as it is stored.
type Changed struct{ Now Client }

// Error says so.
func (e *Changed) Error() string { return "the client was changed in the meantime" }

// Unwrap makes it a conflict.
func (e *Changed) Unwrap() error { return fault.Conflict }

const updateClient = `UPDATE provider_client SET settings = $3, waiting = $4, asked_at = $5, not_approved = $6,
	version = version + 1 WHERE client_id = $1 AND version = $2`

// Change stores what the team wants the settings of a client to be, if c.Version is still the stored version. They take
// effect at once, but for those of an approved client that need approval: the approved ones stay in force until then.
// If the client begins to use a secret, it is returned here and never shown again.
func (g Registry) Change(ctx context.Context, by actor.Actor, c Client) (string, error) {
	c = c.withDefaults()
	if err := c.checkByPeople(); err != nil {
		return "", g.withName(ctx, err, func(r db.R) error {
			before, err := ByID(ctx, r, c.ID)
			if err != nil {
				return err
			}
			return checkNewName(ctx, r, before, c)
		})
	}
	fresh := random.Secret()
	return db.Write(ctx, g.DB, by, func(w *db.W) (string, error) {
		before, err := changeable(ctx, w, c.ID)
		if err != nil {
			return "", err
		}
		names := Difference(before.Wanted(), c)
		switch {
		case before.Version != c.Version:
			return "", &Changed{Now: before}
		case len(names) == 0:
			return "", nil
		}
		if err := checkNewName(ctx, w, before, c); err != nil {
			return "", err
		}
		if err := store(ctx, w, before, c); err != nil {
			return "", err
		}
		if err := g.tellOfChange(ctx, w, before, c, names); err != nil {
			return "", err
		}
		return g.switchMethod(ctx, w, before, c, fresh)
	})
}

// store writes new settings of a client: those that hold now, and those that wait.
func store(ctx context.Context, w *db.W, before, wanted Client) error {
	holds, waiting, approval := before.with(wanted, w.Now())
	settings, err := json.Marshal(holds)
	if err != nil {
		return fmt.Errorf("encode client: %w", err)
	}
	err = w.Change(ctx, updateClient, before.ID, before.Version, string(settings), waiting, orNull(approval.Asked),
		approval.Refused)
	if err != nil {
		return fmt.Errorf("change client: %w", err)
	}
	if err := naming.Put(ctx, w, Ref(before.ID), holds.Name, wanted.Name); err != nil {
		return err
	}
	names := Difference(before.Wanted(), wanted)
	err = w.Record(ctx, audit.Event{
		Kind: EventChanged, Subject: Ref(before.ID), Before: before.Wanted().only(names), After: wanted.only(names),
		Reason: waitingReason(names, Difference(holds, wanted)),
	})
	if err != nil || !approval.Asked.Equal(w.Now()) {
		return err
	}
	return recordAsk(ctx, w, before.ID)
}

// waits begins the reason of a change of which a part waits to be approved.
const waits = "waits to be approved: "

// waitingReason names those of the changed settings that wait, for the event of the change; nothing if none does.
func waitingReason(changed, waiting []string) string {
	var names []string
	for _, name := range changed {
		if slices.Contains(waiting, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return waits + strings.Join(names, " ")
}

// WaitedIn gives the settings of a change that waited to be approved when it was made, from the reason of its event.
func WaitedIn(reason string) []string {
	names, some := strings.CutPrefix(reason, waits)
	if !some {
		return nil
	}
	return strings.Fields(names)
}

func orNull(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at
}

// switchMethod makes a client's first secret if it begins to use one, and ends its secrets if it uses them no more.
func (g Registry) switchMethod(ctx context.Context, w *db.W, before, c Client, fresh string) (string, error) {
	if c.UsesSecret() == before.UsesSecret() {
		return "", nil
	}
	secret := ""
	if c.UsesSecret() {
		secret = fresh
	}
	return secret, setSecret(ctx, w, g.Box, c.ID, secret)
}

// changeable reads a client that the actor may change: one of the actor's teams that is not closed. Callers return
// its error unchanged.
func changeable(ctx context.Context, w *db.W, id string) (Client, error) {
	c, err := ByID(ctx, w, id)
	if err != nil {
		return c, err
	}
	if err := team.Allow(ctx, w, Ref(id), c.Team); err != nil {
		return c, err
	}
	if c.Closed {
		return c, errClosed
	}
	return c, nil
}

var errClosed = fault.SayCure(fault.Conflict, "This client was deleted for good.", "Register a new one.")
