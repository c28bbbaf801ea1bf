package client

import (
	"context"
	"encoding/json"
	"fmt"

	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
)

// siteNames are the names by which people know this system itself, whatever it runs.
var siteNames = []string{
	"Directory of Services", "Care Identity", "Care Identity Management", "Care Identity Service",
	"Care Identity Authentication", "CIS2", "CIS2 Authentication", "NHS CIS2 Authentication", "NHS Care Identity",
	"NHS login", "NHS", "NHS England",
}

// fewestLetters is how many letters a name of ours has that is looked for in longer names: "NHS" is in many.
const fewestLetters = 4

// OursIn gives the name of this system that people could read in the name of a client or a team; empty if there is
// none. Such a name may be right, but an operator should look at it.
func OursIn(text string) string {
	wanted := name.LikenessOf(text)
	longest := ""
	for _, site := range siteNames {
		if len(site) >= fewestLetters && len(site) > len(longest) && wanted.Holds(name.LikenessOf(site)) {
			longest = site
		}
	}
	return longest
}

// takenName is a name that a client, a team or a site has, and the team that it belongs to.
type takenName struct {
	clientID string
	team     string
	name     string
}

const selectNames = `SELECT client_id, team_id, settings FROM provider_client WHERE status <> 'closed'
	UNION ALL SELECT client_id, team_id, waiting FROM provider_client WHERE status <> 'closed' AND waiting <> ''`

// clientNames lists the names of all clients, those that wait too.
func clientNames(ctx context.Context, r db.R) ([]takenName, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (n takenName, err error) {
		var settings string
		if err := scan(&n.clientID, &n.team, &settings); err != nil {
			return n, err
		}
		var c struct {
			Name string `json:"client_name"`
		}
		err = json.Unmarshal([]byte(settings), &c)
		n.name = c.Name
		return n, err
	}, selectNames)
	if err != nil {
		return nil, fmt.Errorf("list names of clients: %w", err)
	}
	return list, nil
}

// Roll gives the roll of the teams that look after the clients.
func (g Registry) Roll() team.Roll {
	return team.Roll{DB: g.DB, Post: g.Post, Address: g.Address, Taken: namesTaken, Contacts: contacts}
}

// namesTaken lists the names that nobody may give to a team: those of this system's sites and of clients.
func namesTaken(ctx context.Context, r db.R) ([]string, error) {
	list, err := clientNames(ctx, r)
	names := append([]string{}, siteNames...)
	for _, n := range list {
		names = append(names, n.name)
	}
	return names, err
}

// checkName refuses a name that people could take for that of another client, of another team or of one of this
// system's sites. A client may have the name of its own team.
func checkName(ctx context.Context, r db.R, teamID string, c Client) error {
	if problem := name.PublicProblem(c.Name); problem != "" {
		return nameProblem(problem)
	}
	list, err := clientNames(ctx, r)
	if err != nil {
		return err
	}
	teams, err := team.All(ctx, r)
	if err != nil {
		return err
	}
	for _, t := range teams {
		list = append(list, takenName{team: t.ID, name: t.Name})
	}
	for _, site := range siteNames {
		list = append(list, takenName{name: site})
	}
	wanted := name.LikenessOf(c.Name)
	for _, n := range list {
		own := n.clientID == c.ID || n.clientID == "" && n.team == teamID
		if !own && wanted.Like(name.LikenessOf(n.name)) {
			return nameProblem("People could take this name for that of another service or team. Enter another")
		}
	}
	return nil
}

func nameProblem(message string) Problems {
	return Problems{{Code: fault.Invalid, Field: "client_name", Message: message}}
}
