package client

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
)

// Registry is where people register clients, change them and approve them. It writes to the people who look after a
// client about what others could misuse.
type Registry struct {
	DB      *db.DB
	Box     *seal.Box
	Post    *mail.Post
	Address string // of the site on which people do it
}

// Sector is the second half of a client's id: who runs the service.
type Sector string

// The sectors (reference, CIS2 Authentication §1).
const (
	National Sector = "national"
	Supplier Sector = "supplier"
)

const maxClients = 100 // of one team

const insertClient = `INSERT INTO provider_client (client_id, team_id, settings, secret_digest, secret_made_at,
	status, version, registered_at, unfolded)
	VALUES ($1, $2, $3, $4, $5, 'active', 1, $6, FALSE) ON CONFLICT (client_id) DO NOTHING`

// Create registers a client of a team under a new id. It is on trial. Only operators register national services. The
// secret, if the client has one, is returned here and never shown again.
func (g Registry) Create(
	ctx context.Context, by actor.Actor, teamID string, sector Sector, c Client,
) (id, secret string, err error) {
	c = c.withDefaults()
	c.ID = newID(sector)
	c.Active = true
	if err := c.checkByPeople(); err != nil {
		return "", "", g.withName(ctx, err, func(r db.R) error { return checkName(ctx, r, teamID, c) })
	}
	settings, err := json.Marshal(c)
	if err != nil {
		return "", "", fmt.Errorf("encode client: %w", err)
	}
	if c.UsesSecret() {
		secret = random.Secret()
	}
	return c.ID, secret, g.DB.Update(ctx, by, func(w *db.W) error {
		if err := mayCreate(ctx, w, teamID, sector); err != nil {
			return err
		}
		if err := checkName(ctx, w, teamID, c); err != nil {
			return err
		}
		_, registered, err := Find(ctx, w, Search{Teams: []string{teamID}}, 0, 1)
		if err != nil {
			return err
		}
		if registered >= maxClients {
			return fault.SayCure(fault.Conflict, fmt.Sprintf("A team can have %d clients.", maxClients),
				"Make another team for more.")
		}
		err = w.Change(ctx, insertClient, c.ID, teamID, string(settings), digestOf(g.Box, c.ID, secret),
			since(secret, w.Now()), w.Now())
		if err != nil {
			return fmt.Errorf("create client: %w", err)
		}
		if err := holdNames(ctx, w, c); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: EventCreated, Subject: Ref(c.ID), After: c})
	})
}

// mayCreate refuses people who are not in the team, and national services of people who are no operators. Callers
// return its error unchanged.
func mayCreate(ctx context.Context, w *db.W, teamID string, sector Sector) error {
	if err := team.Allow(ctx, w, team.Ref(teamID), teamID); err != nil || sector != National {
		return err
	}
	operator, err := team.Has(ctx, w, team.Operators, w.Actor().ID)
	if err != nil || operator {
		return err
	}
	return w.Refuse(ctx, audit.Event{
		Kind: eventNotNational, Subject: team.Ref(teamID), Reason: "the actor is not an operator",
	}, errNotNational)
}

// eventNotNational is recorded when somebody who is no operator would register a national service.
const eventNotNational audit.Kind = "client.not-national"

var errNotNational = fault.SayCure(fault.Forbidden, "Only operators register national services.",
	"Register it as a supplier's, or invite an operator to your team.")

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
