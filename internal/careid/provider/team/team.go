// Package team keeps the teams of suppliers and services that look after clients, with their members and
// invitations. It does not know what a team looks after.
package team

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/naming"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Operators is the team that runs the service. Its members see the clients of every team, may suspend them
// and send their notices again. It exists from the start, without members.
const Operators = "operators"

// Team is a group of people who look after clients together.
type Team struct{ ID, Name string }

// The kinds of events that this package records.
const (
	eventInvited   audit.Kind = "team.invited"
	eventAccepted  audit.Kind = "team.accepted"
	eventDeclined  audit.Kind = "team.declined"
	eventWithdrawn audit.Kind = "team.withdrawn"
	eventMade      audit.Kind = "team.made"
	eventJoined    audit.Kind = "team.joined"
	eventRefused   audit.Kind = "team.refused"
	eventLeft      audit.Kind = "team.left"
)

// Ref names a team in events.
func Ref(id string) audit.Ref { return audit.Ref{Kind: "team", ID: id} }

const (
	insertTeam = `INSERT INTO provider_team (id, name, made_at, unfolded) VALUES ($1, $2, $3, FALSE)
		ON CONFLICT (id) DO NOTHING`
	insertMember = `INSERT INTO provider_team_member (team_id, uuid, since) VALUES ($1, $2, $3)
		ON CONFLICT (team_id, uuid) DO NOTHING`
)

// Add stores a team, as a part of an Update. A team that exists stays as it is.
func Add(ctx context.Context, w *db.W, t Team) error {
	n, err := w.Exec(ctx, insertTeam, t.ID, t.Name, w.Now())
	if err != nil {
		return fmt.Errorf("make team: %w", err)
	}
	if n == 0 {
		return nil
	}
	if err := naming.Put(ctx, w, Ref(t.ID), t.Name); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventMade, Subject: Ref(t.ID), After: t})
}

// Join makes somebody a member, as a part of an Update. It does nothing for somebody who is already one.
func Join(ctx context.Context, w *db.W, id, uuid string) error {
	if id == Operators {
		if err := Add(ctx, w, Team{ID: Operators, Name: naming.Operators}); err != nil {
			return err
		}
	}
	before, err := uuids(ctx, w, id)
	if err != nil {
		return err
	}
	n, err := w.Exec(ctx, insertMember, id, uuid, w.Now())
	if err != nil {
		return fmt.Errorf("join team: %w", err)
	}
	if n == 0 {
		return nil
	}
	return w.Record(ctx, audit.Event{Kind: eventJoined, Subject: Ref(id), Before: before, After: append(before, uuid)})
}

// ByID reads a team, or fault.NotFound.
func ByID(ctx context.Context, r db.R, id string) (Team, error) {
	t, err := db.One(ctx, r, scanTeam, `SELECT id, name FROM provider_team WHERE id = $1`, id)
	if err != nil {
		return t, fmt.Errorf("read team: %w", err)
	}
	return t, nil
}

const (
	selectTeamsOf = `SELECT t.id, t.name FROM provider_team t JOIN provider_team_member m ON m.team_id = t.id
		WHERE m.uuid = $1 ORDER BY t.id LIMIT $2 OFFSET $3`
	countTeamsOf = `SELECT COUNT(*) FROM provider_team_member WHERE uuid = $1`
)

// Of lists the teams of a care identity, the oldest first: at most limit of them after the first skip, and how many
// there are in all.
func Of(ctx context.Context, r db.R, uuid string, skip, limit int) (list []Team, total int, err error) {
	count := db.Ask(db.Column[int], countTeamsOf, uuid)
	teams := db.Ask(scanTeam, selectTeamsOf, uuid, limit, skip)
	if err := db.Together(ctx, r, count, teams); err != nil {
		return nil, 0, fmt.Errorf("list teams: %w", err)
	}
	total, err = count.One()
	return teams.All(), total, err
}

// ByIDs reads several teams, by their ids. Unknown ones are left out.
func ByIDs(ctx context.Context, r db.R, ids []string) (map[string]Team, error) {
	var args db.Arguments
	list, err := db.All(ctx, r, scanTeam, `SELECT id, name FROM provider_team WHERE id IN (`+db.AddEach(&args, ids)+`)`,
		args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read teams: %w", err)
	}
	found := map[string]Team{}
	for _, t := range list {
		found[t.ID] = t
	}
	return found, nil
}

func scanTeam(scan db.Scanner) (t Team, err error) {
	err = scan(&t.ID, &t.Name)
	return t, err
}

// Member is one person of a team.
type Member struct {
	UUID  string
	Name  string
	Since time.Time
}

const selectMembers = `SELECT uuid, since FROM provider_team_member WHERE team_id = $1 ORDER BY since, uuid
	LIMIT $2 OFFSET $3`

// Members lists the people of a team, the longest-standing first: at most limit of them after the first skip, and how
// many there are in all.
func Members(ctx context.Context, r db.R, id string, skip, limit int) (list []Member, total int, err error) {
	count := db.Ask(db.Column[int], `SELECT COUNT(*) FROM provider_team_member WHERE team_id = $1`, id)
	members := db.Ask(func(scan db.Scanner) (m Member, err error) {
		err = scan(&m.UUID, db.At(&m.Since))
		return m, err
	}, selectMembers, id, limit, skip)
	if err := db.Together(ctx, r, count, members); err != nil {
		return nil, 0, fmt.Errorf("list members: %w", err)
	}
	if total, err = count.One(); err != nil {
		return nil, 0, err
	}
	list, err = named(ctx, r, members.All())
	return list, total, err
}

// named gives members with their names.
func named(ctx context.Context, r db.R, list []Member) ([]Member, error) {
	var uuids []string
	for _, m := range list {
		uuids = append(uuids, m.UUID)
	}
	people, err := identity.ByUUIDs(ctx, r, uuids)
	if err != nil {
		return nil, fmt.Errorf("read members: %w", err)
	}
	for n := range list {
		i, known := people[list[n].UUID]
		if !known {
			return nil, fmt.Errorf("read member %s: %w", list[n].UUID, fault.NotFound)
		}
		list[n].Name = i.DisplayName()
	}
	return list, nil
}

func uuids(ctx context.Context, r db.R, id string) ([]string, error) {
	list, err := db.All(ctx, r, db.Column[string], `SELECT uuid FROM provider_team_member WHERE team_id = $1
		ORDER BY since, uuid`, id)
	if err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	return list, nil
}

const countMember = `SELECT COUNT(*) FROM provider_team_member WHERE team_id = $1 AND uuid = $2`

// AskHas makes the query of Has, to be sent together with others.
func AskHas(id, uuid string) *db.Answer[bool] { return db.Ask(scanMember, countMember, id, uuid) }

func scanMember(scan db.Scanner) (bool, error) {
	n, err := db.Column[int64](scan)
	return n == 1, err
}

// Has reports whether a care identity is a member.
func Has(ctx context.Context, r db.R, id, uuid string) (bool, error) {
	member, err := db.One(ctx, r, scanMember, countMember, id, uuid)
	if err != nil {
		return false, fmt.Errorf("look for member: %w", err)
	}
	return member, nil
}

// Allow returns nil if the actor of an Update is a member of one of the teams. Other actors learn only that
// there is nothing here for them, and their attempt is recorded with its subject. Callers return its error
// unchanged.
func Allow(ctx context.Context, w *db.W, subject audit.Ref, teams ...string) error {
	for _, id := range teams {
		member, err := Has(ctx, w, id, w.Actor().ID)
		if err != nil || member && w.Actor().Kind == actor.Person {
			return err
		}
	}
	return w.Refuse(ctx, audit.Event{
		Kind: eventRefused, Subject: subject, Reason: "the actor is not a member of the team",
	}, fault.NotFound)
}
