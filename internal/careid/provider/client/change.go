package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
)

// Sector is the second half of a client's id: who runs the service.
type Sector string

// The sectors (reference, CIS2 Authentication §1).
const (
	National Sector = "national"
	Supplier Sector = "supplier"
)

const maxClients = 100 // of one team

const insertClient = `INSERT INTO provider_client (client_id, team_id, settings, secret_digest, secret_made_at,
	status, version, registered_at)
	VALUES ($1, $2, $3, $4, $5, 'active', 1, $6) ON CONFLICT (client_id) DO NOTHING`

// Create registers a client of a team under a new id. The secret, if the client has one, is returned here and
// never shown again.
func Create(
	ctx context.Context, d *db.DB, by actor.Actor, box *seal.Box, teamID string, sector Sector, c Client,
) (id, secret string, err error) {
	c = c.withDefaults()
	c.ID = newID(sector)
	c.Active = true
	if err := c.checkByPeople(); err != nil {
		return "", "", err
	}
	settings, err := json.Marshal(c)
	if err != nil {
		return "", "", fmt.Errorf("encode client: %w", err)
	}
	if c.UsesSecret() {
		secret = random.Secret()
	}
	return c.ID, secret, d.Update(ctx, by, func(w *db.W) error {
		if err := team.Allow(ctx, w, team.Ref(teamID), teamID); err != nil {
			return err
		}
		registered, err := OfTeam(ctx, w, teamID)
		if err != nil {
			return err
		}
		if len(registered) >= maxClients {
			return fault.SayCure(fault.Conflict, fmt.Sprintf("A team can have %d clients.", maxClients),
				"Make another team for more.")
		}
		err = w.Change(ctx, insertClient, c.ID, teamID, string(settings), digestOf(box, c.ID, secret),
			since(secret, w.Now()), w.Now())
		if err != nil {
			return fmt.Errorf("create client: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: EventCreated, Subject: Ref(c.ID), After: c})
	})
}

// newID makes an id of 12 digits and the sector. The first digit differs from that of our own clients.
func newID(s Sector) string {
	if s != National {
		s = Supplier
	}
	return string(rune('2'+random.Below(8))) + random.Digits(11) + ".apps." + string(s)
}

func since(secret string, now time.Time) time.Time {
	if secret == "" {
		return time.Time{}
	}
	return now
}

// Changed says that somebody else has changed a client since it was read. Now is the client as it is stored.
type Changed struct{ Now Client }

// Error says so.
func (e *Changed) Error() string { return "the client was changed in the meantime" }

// Unwrap makes it a conflict.
func (e *Changed) Unwrap() error { return fault.Conflict }

const updateClient = `UPDATE provider_client SET settings = $3, version = version + 1
	WHERE client_id = $1 AND version = $2`

// Change stores new settings of a client, if c.Version is still the stored version. They take effect at once.
// If the client begins to use a secret, it is returned here and never shown again.
func Change(ctx context.Context, d *db.DB, by actor.Actor, box *seal.Box, c Client) (string, error) {
	c = c.withDefaults()
	if err := c.checkByPeople(); err != nil {
		return "", err
	}
	settings, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("encode client: %w", err)
	}
	fresh := random.Secret()
	return db.Write(ctx, d, by, func(w *db.W) (string, error) {
		before, err := changeable(ctx, w, c.ID)
		if err != nil {
			return "", err
		}
		names := Difference(before, c)
		switch {
		case before.Version != c.Version:
			return "", &Changed{Now: before}
		case len(names) == 0:
			return "", nil
		}
		if err := w.Change(ctx, updateClient, c.ID, c.Version, string(settings)); err != nil {
			return "", fmt.Errorf("change client: %w", err)
		}
		secret := ""
		if c.UsesSecret() != before.UsesSecret() {
			if c.UsesSecret() {
				secret = fresh
			}
			if err := setSecret(ctx, w, box, c.ID, secret); err != nil {
				return "", err
			}
		}
		return secret, w.Record(ctx, audit.Event{
			Kind: EventChanged, Subject: Ref(c.ID), Before: before.only(names), After: c.only(names),
		})
	})
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

var errClosed = fault.SayCure(fault.Conflict, "This client was closed for good.", "Register a new one.")

const updateSecret = `UPDATE provider_client SET secret_digest = $2, secret_made_at = $3, old_secret_digest = NULL,
	old_secret_ends_at = NULL WHERE client_id = $1`

// setSecret sets a client's first secret, or removes all of its secrets.
func setSecret(ctx context.Context, w *db.W, box *seal.Box, id, secret string) error {
	if err := w.Change(ctx, updateSecret, id, digestOf(box, id, secret), since(secret, w.Now())); err != nil {
		return fmt.Errorf("set secret: %w", err)
	}
	return nil
}

const rotateSecret = `UPDATE provider_client SET old_secret_digest = secret_digest, old_secret_ends_at = $4,
	secret_digest = $2, secret_made_at = $3, version = version + 1
	WHERE client_id = $1`

// RotateSecret makes a new secret for a client, returned here and never shown again. The secret that it
// replaces still works for the overlap, at most Overlap. A secret before that one ends now.
func RotateSecret(
	ctx context.Context, d *db.DB, by actor.Actor, box *seal.Box, id string, overlap time.Duration,
) (secret string, err error) {
	if overlap < 0 || overlap > Overlap {
		return "", fault.OfField("overlap", "Choose for how long the old secret still works, at most 7 days")
	}
	secret = random.Secret()
	return secret, d.Update(ctx, by, func(w *db.W) error {
		c, err := changeable(ctx, w, id)
		if err != nil {
			return err
		}
		if !c.UsesSecret() {
			return fault.SayCure(fault.Conflict, "This client authenticates with a key and has no secret.",
				"Publish a new key in its key set instead.")
		}
		ends := w.Now().Add(overlap)
		if err := w.Change(ctx, rotateSecret, id, digestOf(box, id, secret), w.Now(), ends); err != nil {
			return fmt.Errorf("rotate secret: %w", err)
		}
		return w.Record(ctx, audit.Event{
			Kind: EventSecretRotated, Subject: Ref(id), Before: secretFacts(c.SecretMade(), time.Time{}),
			After: secretFacts(w.Now(), ends),
		})
	})
}

func secretFacts(made, oldEnds time.Time) map[string]time.Time {
	facts := map[string]time.Time{}
	for name, at := range map[string]time.Time{"made": made, "old secret ends": oldEnds} {
		if !at.IsZero() {
			facts[name] = at
		}
	}
	return facts
}

// EndOldSecret ends the overlap of two secrets at once.
func EndOldSecret(ctx context.Context, d *db.DB, by actor.Actor, id string) error {
	return d.Update(ctx, by, func(w *db.W) error {
		c, err := changeable(ctx, w, id)
		if err != nil || c.OldSecretEnds().IsZero() {
			return err
		}
		if err := w.Change(ctx, `UPDATE provider_client SET old_secret_digest = NULL, old_secret_ends_at = NULL,
			version = version + 1 WHERE client_id = $1`, id); err != nil {
			return fmt.Errorf("end old secret: %w", err)
		}
		return w.Record(ctx, audit.Event{
			Kind: EventSecretEnded, Subject: Ref(id), Before: secretFacts(time.Time{}, c.OldSecretEnds()),
		})
	})
}

// Move is a change of a client's state.
type Move string

// The moves. A client that was closed stays so.
const (
	Suspend Move = "suspend"
	Resume  Move = "resume"
	Close   Move = "close"
)

var moves = map[Move]struct {
	from, to string
	event    audit.Kind
}{
	Suspend: {active, suspended, EventSuspended},
	Resume:  {suspended, active, EventResumed},
	Close:   {suspended, closed, EventClosed},
}

const updateStatus = `UPDATE provider_client SET status = $3, version = version + 1
	WHERE client_id = $1 AND status = $2`

// errOwn keeps operators from locking out everybody who could undo what they do.
var errOwn = fault.SayCure(fault.Conflict,
	"This client is one of the system's own sites. Suspended, it would let nobody in who could resume it.",
	"Ask those who run the system: the command signpost admin client does it.")

// Do moves a client to another state; the change takes effect at once. The client's team may do this, and
// the operators, except that they cannot close a client. The system's own sites stay as they are.
func Do(ctx context.Context, d *db.DB, by actor.Actor, id string, m Move) error {
	return d.Update(ctx, by, func(w *db.W) error {
		c, err := ByID(ctx, w, id)
		if err != nil {
			return err
		}
		teams := []string{c.Team, team.Operators}
		if m == Close {
			teams = teams[:1]
		}
		if err := team.Allow(ctx, w, Ref(id), teams...); err != nil {
			return err
		}
		if c.Own() {
			return errOwn
		}
		return MovePart(ctx, w, id, m)
	})
}

// MovePart moves a client to another state, any client, as a part of an Update. The caller has made sure that the
// actor may.
func MovePart(ctx context.Context, w *db.W, id string, m Move) error {
	step, known := moves[m]
	if !known {
		return fault.Invalid
	}
	err := w.Change(ctx, updateStatus, id, step.from, step.to)
	if errors.Is(err, fault.Conflict) {
		return fault.SayCure(fault.Conflict, "The client is not in the state that this needs.",
			"Look at its page again: somebody may have changed it in the meantime. "+
				"A client has to be suspended before it is closed.")
	}
	if err != nil {
		return fmt.Errorf("%s client: %w", m, err)
	}
	return w.Record(ctx, audit.Event{Kind: step.event, Subject: Ref(id), Before: step.from, After: step.to})
}

// Give assigns a client to a team, as a part of an Update.
func Give(ctx context.Context, w *db.W, id, teamID string) error {
	c, err := ByID(ctx, w, id)
	if err != nil || c.Team == teamID {
		return err
	}
	if err := w.Change(ctx, `UPDATE provider_client SET team_id = $2, version = version + 1
		WHERE client_id = $1`, id, teamID); err != nil {
		return fmt.Errorf("give client to team: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: EventGiven, Subject: Ref(id), Before: c.Team, After: teamID})
}
