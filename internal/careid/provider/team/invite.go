package team

import (
	"context"
	"fmt"
	"strings"
	"time"

	"signpost/internal/careid/identity"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// Invitation is a place in a team that waits for somebody, named by care identity number or email
// address. Nobody learns from it whether there is such a person: whoever is meant finds it when they
// sign in, and joins or does not.
type Invitation struct {
	ID   string
	Team Team
	To   string // as it was typed
	Made time.Time
}

const (
	invitationLife  = 14 * 24 * time.Hour
	mostInvitations = 50 // of one team at a time
)

const insertInvitation = `INSERT INTO provider_team_invitation (id, team_id, shown, meant, made_at) VALUES ($1, $2, $3, $4, $5)
	ON CONFLICT (team_id, meant) DO UPDATE SET made_at = $5`

// Invite invites somebody by the number of their care identity, or by an email address.
func Invite(ctx context.Context, d *db.DB, who actor.Actor, id, typed string) error {
	typed = strings.TrimSpace(typed)
	meant, err := meantBy(typed)
	if err != nil {
		return err
	}
	return d.Update(ctx, who, func(w *db.W) error {
		if err := Allow(ctx, w, Ref(id), id); err != nil {
			return err
		}
		waiting, err := Invitations(ctx, w, id)
		if err != nil {
			return err
		}
		if len(waiting) >= mostInvitations {
			return fault.OfField("invite", fmt.Sprintf("%d invitations wait already. Withdraw one first", mostInvitations))
		}
		if _, err := w.Exec(ctx, insertInvitation, random.ID(), id, typed, meant, w.Now()); err != nil {
			return fmt.Errorf("invite: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: eventInvited, Subject: Ref(id), After: map[string]string{"invited": typed}})
	})
}

// meantBy is how an invitation is found again: by number, or by canonical address.
func meantBy(typed string) (string, error) {
	if identity.IsNumber(typed) {
		return typed, nil
	}
	address, err := email.Parse(typed)
	if err != nil {
		return "", fault.OfField("invite", "Enter the 12 digits of a Care Identity, or an email address")
	}
	key, plain := address.Canonical()
	if !plain {
		return "", fault.OfField("invite", "This email address has letters that look like others. Enter the 12 digits of the Care Identity")
	}
	return key, nil
}

const (
	selectInvitations = `SELECT i.id, t.id, t.name, i.shown, i.made_at FROM provider_team_invitation i JOIN provider_team t ON t.id = i.team_id`
	byTeam            = ` WHERE i.team_id = $1 AND i.made_at > $2 ORDER BY i.made_at, i.id`
	byMeant           = ` WHERE (i.meant = $1 OR i.meant = $2) AND i.made_at > $3 ORDER BY i.made_at, i.id`
)

// Invitations lists those of a team that wait.
func Invitations(ctx context.Context, r db.R, id string) ([]Invitation, error) {
	list, err := db.All(ctx, r, scanInvitation, selectInvitations+byTeam, id, r.Now().Add(-invitationLife))
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	return list, nil
}

// For lists the invitations that wait for a person. Only an address that was verified as the person's
// counts.
func For(ctx context.Context, r db.R, i identity.Identity) ([]Invitation, error) {
	address := i.UUID
	if i.EmailVerified.Done() && i.EmailCanonical != "" {
		address = i.EmailCanonical
	}
	list, err := db.All(ctx, r, scanInvitation, selectInvitations+byMeant, i.UUID, address, r.Now().Add(-invitationLife))
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	return list, nil
}

func scanInvitation(scan db.Scanner) (i Invitation, err error) {
	err = scan(&i.ID, &i.Team.ID, &i.Team.Name, &i.To, db.At(&i.Made))
	return i, err
}

// Accept makes the person a member of the team that invited them.
func Accept(ctx context.Context, d *db.DB, who actor.Actor, invitation string) (t Team, err error) {
	err = d.Update(ctx, who, func(w *db.W) error {
		i, err := forActor(ctx, w, invitation)
		if err != nil {
			return err
		}
		t = i.Team
		if err := forget(ctx, w, i.ID); err != nil {
			return err
		}
		if err := Join(ctx, w, i.Team.ID, who.ID); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventAccepted, Subject: Ref(i.Team.ID), Before: map[string]string{"invited": i.To}})
	})
	return t, err
}

// Decline takes back an invitation that the person does not want.
func Decline(ctx context.Context, d *db.DB, who actor.Actor, invitation string) error {
	return d.Update(ctx, who, func(w *db.W) error {
		i, err := forActor(ctx, w, invitation)
		if err != nil {
			return err
		}
		if err := forget(ctx, w, i.ID); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventDeclined, Subject: Ref(i.Team.ID), Before: map[string]string{"invited": i.To}})
	})
}

// forActor reads an invitation that is for the actor.
func forActor(ctx context.Context, w *db.W, invitation string) (Invitation, error) {
	whose, err := identity.ByUUID(ctx, w, w.Actor().ID)
	if err != nil {
		return Invitation{}, err
	}
	list, err := For(ctx, w, whose)
	if err != nil {
		return Invitation{}, err
	}
	for _, i := range list {
		if i.ID == invitation {
			return i, nil
		}
	}
	return Invitation{}, fault.SayCure(fault.NotFound, "The invitation is not there any more.", "Ask the team to invite you again.")
}

// Withdraw takes back an invitation of a team.
func Withdraw(ctx context.Context, d *db.DB, who actor.Actor, id, invitation string) error {
	return d.Update(ctx, who, func(w *db.W) error {
		if err := Allow(ctx, w, Ref(id), id); err != nil {
			return err
		}
		waiting, err := Invitations(ctx, w, id)
		if err != nil {
			return err
		}
		for _, i := range waiting {
			if i.ID != invitation {
				continue
			}
			if err := forget(ctx, w, i.ID); err != nil {
				return err
			}
			return w.Record(ctx, audit.Event{Kind: eventWithdrawn, Subject: Ref(id), Before: map[string]string{"invited": i.To}})
		}
		return fault.NotFound
	})
}

func forget(ctx context.Context, w *db.W, invitation string) error {
	if err := w.Change(ctx, `DELETE FROM provider_team_invitation WHERE id = $1`, invitation); err != nil {
		return fmt.Errorf("forget invitation: %w", err)
	}
	return nil
}
