package team

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"signpost/internal/careid/identity"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	names "signpost/internal/platform/name"
	"signpost/internal/platform/random"
)

// Roll is where people make teams, and where who belongs to them changes. It writes to the members, and to those who
// answer questions about what a team looks after, whenever that changes.
type Roll struct {
	DB      *db.DB
	Post    *mail.Post
	Address string // of the site on which people do it

	// Taken reports whether people could take a name for that of another team or of what teams look after, and Contacts
	// lists the addresses for questions about what a team looks after.
	Taken    func(ctx context.Context, r db.R, name string) (bool, error)
	Contacts func(ctx context.Context, r db.R, id string) ([]string, error)
}

const (
	maxNameBytes = 100
	maxTeams     = 20 // of one person
)

// Make makes a team whose first member is the actor.
func (g Roll) Make(ctx context.Context, by actor.Actor, name string) (id string, err error) {
	name = strings.Join(strings.Fields(name), " ")
	id = random.ID()
	if name == "" || len(name) > maxNameBytes {
		return "", fault.OfField("name", fmt.Sprintf("Enter a name for the team, of %d characters or fewer",
			maxNameBytes))
	}
	if problem := names.PublicProblem(name); problem != "" {
		return "", fault.OfField("name", problem)
	}
	err = g.DB.Update(ctx, by, func(w *db.W) error {
		_, teams, err := Of(ctx, w, by.ID, 0, 1)
		if err != nil {
			return err
		}
		if teams >= maxTeams {
			return fault.SayOfField("name", fault.Conflict,
				fmt.Sprintf("You are in %d teams already. Leave one before you make another", maxTeams))
		}
		if err := g.checkName(ctx, w, name); err != nil {
			return err
		}
		if err := Add(ctx, w, Team{ID: id, Name: name}); err != nil {
			return err
		}
		return Join(ctx, w, id, by.ID)
	})
	return id, err
}

// checkName refuses a name that people could take for that of another team, or of what teams look after.
func (g Roll) checkName(ctx context.Context, r db.R, name string) error {
	taken, err := g.Taken(ctx, r, name)
	if err != nil || !taken {
		return err
	}
	return fault.SayOfField("name", fault.Conflict,
		"People could take this name for that of another team or service. Enter another")
}

// Remove takes somebody out of a team. Members may remove each other and themselves. The last one has to stay.
func (g Roll) Remove(ctx context.Context, by actor.Actor, id, uuid string) error {
	return g.DB.Update(ctx, by, func(w *db.W) error {
		if err := Allow(ctx, w, Ref(id), id); err != nil {
			return err
		}
		before, err := uuids(ctx, w, id)
		if err != nil {
			return err
		}
		told, err := g.readers(ctx, w, id)
		if err != nil {
			return err
		}
		if len(before) == 1 {
			return w.Refuse(ctx, audit.Event{
				Kind: eventRefused, Subject: Ref(id), Reason: "one member has to stay",
			}, errLast)
		}
		n, err := w.Exec(ctx, `DELETE FROM provider_team_member WHERE team_id = $1 AND uuid = $2`, id, uuid)
		if err != nil {
			return fmt.Errorf("leave team: %w", err)
		}
		if n == 0 {
			return fault.NotFound
		}
		after, err := uuids(ctx, w, id)
		if err != nil {
			return err
		}
		if err := g.tell(ctx, w, id, told, "team.left", uuid, " is no longer in the team."); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventLeft, Subject: Ref(id), Before: before, After: after})
	})
}

var errLast = fault.SayCure(fault.Conflict, "A team must keep at least one member.",
	"Invite somebody and wait until they have joined, then leave.")

// Addresses lists the email addresses of a team's members.
func Addresses(ctx context.Context, r db.R, id string) ([]string, error) {
	list, err := uuids(ctx, r, id)
	if err != nil {
		return nil, err
	}
	var addresses []string
	for _, uuid := range list {
		i, err := identity.ByUUID(ctx, r, uuid)
		if err != nil {
			return nil, fmt.Errorf("address of a member of team %s: %w", id, err)
		}
		addresses = append(addresses, i.Email)
	}
	return addresses, nil
}

// readers lists whom a change of a team's members is told, as the team is now.
func (g Roll) readers(ctx context.Context, r db.R, id string) ([]string, error) {
	members, err := Addresses(ctx, r, id)
	if err != nil {
		return nil, err
	}
	contacts, err := g.Contacts(ctx, r, id)
	return append(members, contacts...), err
}

// tell mails that something happened to a member, as a part of an Update, to each address once.
func (g Roll) tell(ctx context.Context, w *db.W, id string, to []string, kind, uuid, happened string) error {
	who, err := identity.ByUUID(ctx, w, uuid)
	if err != nil {
		return err
	}
	return g.write(ctx, w, id, to, kind, who.DisplayName()+", Care Identity "+uuid+","+happened)
}

// write mails a text about a team to each address once, as a part of an Update.
func (g Roll) write(ctx context.Context, w *db.W, id string, to []string, kind, text string) error {
	t, err := ByID(ctx, w, id)
	if err != nil {
		return err
	}
	text += fmt.Sprintf("\n\nThe team: %s\nWho did it: %s\nIts page: %s\n\n"+
		"If you did not expect this, look at the team's page, and tell the operators of the service.\n",
		t.Name, w.Actor().Name, g.Address+path.ConnectionsPage+"/teams/"+url.PathEscape(id))
	return g.Post.Tell(ctx, w, mail.Message{Kind: kind, Subject: "Members of " + t.Name, Text: text}, to)
}
