package client_test

import (
	"context"
	"errors"
	"testing"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

func TestOnlyTheTeamMay(t *testing.T) {
	for name, act := range map[string]func(w *world, by actor.Actor, c client.Client) error{
		"create": func(w *world, by actor.Actor, _ client.Client) error {
			another := app()
			another.Name = "Handover"
			_, _, err := w.Registry().Create(w.Context(), by, w.team, client.Supplier, another)
			return err
		},
		"change": func(w *world, by actor.Actor, c client.Client) error {
			c.Name = "Changed"
			_, err := w.Registry().Change(w.Context(), by, c)
			return err
		},
		"rotate": func(w *world, by actor.Actor, c client.Client) error {
			_, err := w.Registry().RotateSecret(w.Context(), by, c.ID, 0)
			return err
		},
		"end old secret": func(w *world, by actor.Actor, c client.Client) error {
			return w.Registry().EndOldSecret(w.Context(), by, c.ID)
		},
		"suspend": func(w *world, by actor.Actor, c client.Client) error {
			return client.Do(w.Context(), w.DB, by, c.ID, client.Suspend)
		},
	} {
		w := open(t)
		id, _ := w.create(app())
		before := w.read(id)
		events := len(w.events(client.Ref(id))) + len(w.events(team.Ref(w.team)))
		if err := act(w, w.ben, before); !errors.Is(err, fault.NotFound) {
			t.Errorf("%s by somebody else: %v", name, err)
		}
		if after := w.read(id); after.Version != before.Version {
			t.Errorf("%s by somebody else changed the client", name)
		}
		if now := len(w.events(client.Ref(id))) + len(w.events(team.Ref(w.team))); now != events+1 {
			t.Errorf("%s by somebody else: %d events more, want the refusal", name, now-events)
		}
		if err := act(w, w.ada, before); err != nil {
			t.Errorf("%s by a member: %v", name, err)
		}
	}
}

func TestOperatorsMaySuspendAndNotEdit(t *testing.T) {
	w := open(t)
	id, _ := w.create(app())
	err := w.DB.Update(t.Context(), actor.ForCommand("test"), func(u *db.W) error {
		return team.Join(t.Context(), u, team.Operators, w.ben.ID)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Do(t.Context(), w.DB, w.ben, id, client.Suspend); err != nil {
		t.Errorf("suspend by an operator: %v", err)
	}
	if err := client.Do(t.Context(), w.DB, w.ben, id, client.Close); !errors.Is(err, fault.NotFound) {
		t.Errorf("close by an operator: %v", err)
	}
	if _, err := w.Registry().RotateSecret(t.Context(), w.ben, id, 0); !errors.Is(err, fault.NotFound) {
		t.Errorf("rotate by an operator: %v", err)
	}
}

// Nobody suspends a site of this system by a page: no operator could log in to resume it.
func TestOwnSitesAreNotSuspendedByPages(t *testing.T) {
	w := open(t)
	own := app()
	own.ID = "100000000001.apps.national"
	own.Active = true
	register := func(ctx context.Context, u *db.W) error {
		if err := team.Join(ctx, u, team.Operators, w.ben.ID); err != nil {
			return err
		}
		return client.Register(ctx, u, w.Box, own, "a secret from a file")
	}
	w.update(register)
	if err := client.Do(t.Context(), w.DB, w.ben, own.ID, client.Suspend); !errors.Is(err, fault.Conflict) {
		t.Errorf("suspended by an operator: %v", err)
	}
	w.update(func(ctx context.Context, u *db.W) error { return client.MovePart(ctx, u, own.ID, client.Suspend) })
	w.update(register)
	if w.read(own.ID).Active {
		t.Error("the next start resumed what was suspended on purpose")
	}
}
