package team

import (
	"context"
	"errors"
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

// Invitation invites somebody to a team by care identity number or email address. It does not show whether
// there is such a person: the invited person finds it when they sign in, and then accepts or declines.
type Invitation struct {
	ID   string
	Team Team
	To   string // the number or address as it was typed
	Made time.Time
}

const (
	invitationLife = 14 * 24 * time.Hour
	maxInvitations = 50 // of one team at a time, and told of in a day
	maxAgain       = 3  // times that somebody is invited anew to one team in an hour
)

const insertInvitation = `INSERT INTO provider_team_invitation (id, team_id, shown, meant, made_at)
	VALUES ($1, $2, $3, $4, $5)
	ON CONFLICT (team_id, meant) DO UPDATE SET made_at = $5`

// Invite invites somebody to a team by the number of their care identity, or by an email address.
func (g Roll) Invite(ctx context.Context, by actor.Actor, id, typed string) error {
	typed = identity.ReadNumber(strings.TrimSpace(typed))
	key, err := inviteeKey(typed)
	if err != nil {
		return err
	}
	return g.DB.Update(ctx, by, func(w *db.W) error {
		if err := Allow(ctx, w, Ref(id), id); err != nil {
			return err
		}
		waiting, err := Invitations(ctx, w, id)
		if err != nil {
			return err
		}
		if len(waiting) >= maxInvitations {
			return fault.SayOfField("invite", fault.Conflict,
				fmt.Sprintf("%d invitations wait already. Withdraw one first", maxInvitations))
		}
		if err := g.tellOfInvitation(ctx, w, id, key, typed); err != nil {
			return err
		}
		if _, err := w.Exec(ctx, insertInvitation, random.ID(), id, typed, key, w.Now()); err != nil {
			return fmt.Errorf("invite: %w", err)
		}
		return w.Record(ctx, audit.Event{
			Kind: eventInvited, Subject: Ref(id), After: map[string]string{"invited": typed},
		})
	})
}

const (
	isInvited = `SELECT COUNT(*) FROM provider_team_invitation WHERE team_id = $1 AND meant = $2 AND made_at > $3`
	countTold = `SELECT COUNT(*), COALESCE(SUM(CASE WHEN meant = $2 AND told_at > $4 THEN 1 ELSE 0 END), 0)
		FROM provider_team_told WHERE team_id = $1 AND told_at > $3`
	noteTold = `INSERT INTO provider_team_told (id, team_id, meant, told_at) VALUES ($1, $2, $3, $4)`
)

// tellOfInvitation mails the readers of a team that somebody is invited, unless they are already: an invitation that is
// only renewed is news to nobody. Those that ended count as well, so that nobody fills the readers' mailboxes by
// inviting somebody and withdrawing it.
func (g Roll) tellOfInvitation(ctx context.Context, w *db.W, id, key, typed string) error {
	waits, err := db.Value[int64](ctx, w, isInvited, id, key, w.Now().Add(-invitationLife))
	if err != nil {
		return fmt.Errorf("look for an invitation: %w", err)
	}
	if waits > 0 {
		return nil
	}
	if err := roomToTell(ctx, w, id, key); err != nil {
		return err
	}
	if _, err := w.Exec(ctx, noteTold, random.ID(), id, key, w.Now()); err != nil {
		return fmt.Errorf("note who is told of an invitation: %w", err)
	}
	to, err := g.readers(ctx, w, id)
	if err != nil {
		return err
	}
	return g.write(ctx, w, id, to, "team.invited", typed+" was invited to the team.")
}

// roomToTell refuses more invitations than the readers of a team should be told of.
func roomToTell(ctx context.Context, r db.R, id, key string) error {
	type counts struct{ day, invitee int64 }
	told, err := db.One(ctx, r, func(scan db.Scanner) (c counts, err error) {
		err = scan(&c.day, &c.invitee)
		return c, err
	}, countTold, id, key, r.Now().Add(-toldKept), r.Now().Add(-time.Hour))
	switch {
	case err != nil:
		return fmt.Errorf("count invitations: %w", err)
	case told.invitee >= maxAgain:
		return fault.SayOfField("invite", fault.TooMany,
			fmt.Sprintf("They were invited %d times in the last hour. You can invite them again in an hour", maxAgain))
	case told.day >= maxInvitations:
		return fault.SayOfField("invite", fault.TooMany,
			fmt.Sprintf("Your team invited people %d times in the last day. Invite the others tomorrow",
				maxInvitations))
	}
	return nil
}

// inviteeKey is how an invitation is found again: by number, or by canonical address.
func inviteeKey(typed string) (string, error) {
	if identity.IsNumber(typed) {
		return typed, nil
	}
	address, err := email.Parse(typed)
	if err != nil {
		return "", fault.OfField("invite", "Enter the 12 digits of a Care Identity, or an email address")
	}
	key, plain := address.Canonical()
	if !plain {
		return "", fault.OfField("invite",
			"This email address has letters that look like others. Enter the 12 digits of the Care Identity")
	}
	return key, nil
}

const (
	selectInvitations = `SELECT i.id, t.id, t.name, i.shown, i.made_at FROM provider_team_invitation i
		JOIN provider_team t ON t.id = i.team_id`
	byTeam    = ` WHERE i.team_id = $1 AND i.made_at > $2 ORDER BY i.made_at, i.id`
	byInvitee = ` WHERE (i.meant = $1 OR i.meant = $2) AND i.made_at > $3`
)

// Invitations lists the open invitations of a team.
func Invitations(ctx context.Context, r db.R, id string) ([]Invitation, error) {
	list, err := db.All(ctx, r, scanInvitation, selectInvitations+byTeam, id, r.Now().Add(-invitationLife))
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	return list, nil
}

// For lists the open invitations of a person, the oldest first, at most limit of them. Only a confirmed email address
// counts.
func For(ctx context.Context, r db.R, i identity.Identity, limit int) ([]Invitation, error) {
	list, err := db.All(ctx, r, scanInvitation, selectInvitations+byInvitee+` ORDER BY i.made_at, i.id LIMIT $4`,
		i.UUID, addressOf(i), r.Now().Add(-invitationLife), limit)
	if err != nil {
		return nil, fmt.Errorf("list invitations: %w", err)
	}
	return list, nil
}

// addressOf is the address by which a person may be invited; else the number stands in its place.
func addressOf(i identity.Identity) string {
	if i.EmailVerified.Done() && i.EmailCanonical != "" {
		return i.EmailCanonical
	}
	return i.UUID
}

func scanInvitation(scan db.Scanner) (i Invitation, err error) {
	err = scan(&i.ID, &i.Team.ID, &i.Team.Name, &i.To, db.At(&i.Made))
	return i, err
}

// Accept makes the actor a member of the team that invited them.
func (g Roll) Accept(ctx context.Context, by actor.Actor, invitation string) (Team, error) {
	return db.Write(ctx, g.DB, by, func(w *db.W) (Team, error) {
		i, err := forActor(ctx, w, invitation)
		if err != nil {
			return Team{}, err
		}
		if err := forget(ctx, w, i.ID); err != nil {
			return Team{}, err
		}
		if err := Join(ctx, w, i.Team.ID, by.ID); err != nil {
			return Team{}, err
		}
		to, err := g.readers(ctx, w, i.Team.ID)
		if err != nil {
			return Team{}, err
		}
		if err := g.tell(ctx, w, i.Team.ID, to, "team.joined", by.ID, " has joined the team."); err != nil {
			return Team{}, err
		}
		return i.Team, w.Record(ctx, audit.Event{
			Kind: eventAccepted, Subject: Ref(i.Team.ID), Before: map[string]string{"invited": i.To},
		})
	})
}

// Decline deletes an invitation that the actor does not want.
func Decline(ctx context.Context, d *db.DB, by actor.Actor, invitation string) error {
	return d.Update(ctx, by, func(w *db.W) error {
		i, err := forActor(ctx, w, invitation)
		if err != nil {
			return err
		}
		if err := forget(ctx, w, i.ID); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{
			Kind: eventDeclined, Subject: Ref(i.Team.ID), Before: map[string]string{"invited": i.To},
		})
	})
}

// forActor reads one of the actor's own invitations.
func forActor(ctx context.Context, w *db.W, invitation string) (Invitation, error) {
	person, err := identity.ByUUID(ctx, w, w.Actor().ID)
	if err != nil {
		return Invitation{}, err
	}
	i, err := db.One(ctx, w, scanInvitation, selectInvitations+byInvitee+` AND i.id = $4`,
		person.UUID, addressOf(person), w.Now().Add(-invitationLife), invitation)
	if errors.Is(err, fault.NotFound) {
		return i, fault.SayCure(fault.Expired, "This invitation was answered or withdrawn, or is older than 2 weeks.",
			"If you accepted it, the team is on the page Connections. If not, ask its members to invite you again.")
	}
	if err != nil {
		return i, fmt.Errorf("read invitation: %w", err)
	}
	return i, nil
}

// Withdraw takes back an invitation of a team.
func Withdraw(ctx context.Context, d *db.DB, by actor.Actor, id, invitation string) error {
	return d.Update(ctx, by, func(w *db.W) error {
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
			return w.Record(ctx, audit.Event{
				Kind: eventWithdrawn, Subject: Ref(id), Before: map[string]string{"invited": i.To},
			})
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
