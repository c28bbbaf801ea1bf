package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"signpost/internal/careid/provider/naming"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/name"
	"signpost/internal/platform/searchname/refold"
)

// Roll gives the roll of the teams that look after the clients.
func (g Registry) Roll() team.Roll {
	taken := func(ctx context.Context, r db.R, text string) (bool, error) { return isTaken(ctx, r, text) }
	return team.Roll{DB: g.DB, Post: g.Post, Address: g.Address, Taken: taken, Contacts: contacts}
}

// checkName refuses a name that people could take for that of another client, of another team or of one of this
// system's sites. A client may have the name of its own team.
func checkName(ctx context.Context, r db.R, teamID string, c Client) error {
	if problem := name.PublicProblem(c.Name); problem != "" {
		return nameProblem(problem)
	}
	taken, err := isTaken(ctx, r, c.Name, Ref(c.ID), team.Ref(teamID))
	if err != nil || !taken {
		return err
	}
	return nameProblem("People could take this name for that of another service or team. Enter another")
}

// checkNewName is checkName of a change. A name that stays is let be, though it could not be given today.
func checkNewName(ctx context.Context, r db.R, before, wanted Client) error {
	if before.Wanted().Name == wanted.Name {
		return nil
	}
	return checkName(ctx, r, before.Team, wanted)
}

// withName adds what check finds wrong with the name of a client to what else is, so that all is said at once.
func (g Registry) withName(ctx context.Context, err error, check func(r db.R) error) error {
	problems, listed := errors.AsType[Problems](err)
	named := slices.ContainsFunc(problems, func(f *fault.Fault) bool { return f.Field == "client_name" })
	if !listed || named {
		return err
	}
	err = g.DB.View(ctx, check)
	if ofName, is := errors.AsType[Problems](err); is {
		return append(ofName, problems...)
	}
	if err != nil {
		return err
	}
	return problems
}

func nameProblem(message string) Problems {
	return Problems{{Code: fault.Invalid, Field: "client_name", Message: message}}
}

// isTaken reports whether people could take a name for that of a client, a team or one of this system's sites, other
// than of those who may have it.
func isTaken(ctx context.Context, r db.R, text string, may ...audit.Ref) (bool, error) {
	old, err := oldNames(ctx, r)
	if err != nil {
		return false, err
	}
	for _, n := range old {
		if !slices.Contains(may, n.Holder) && naming.Alike(text, n.Text) {
			return true, nil
		}
	}
	return naming.Taken(ctx, r, text, may...)
}

// holdNames has a client hold its name, and the one that waits for approval; once it is deleted, none.
func holdNames(ctx context.Context, w *db.W, c Client) error {
	if c.Closed {
		return naming.Put(ctx, w, Ref(c.ID))
	}
	return naming.Put(ctx, w, Ref(c.ID), c.Name, c.Wanted().Name)
}

// LooksJob is the job that has clients from before an upgrade hold their names by what these look like.
type LooksJob struct{}

// Kind names the job.
func (LooksJob) Kind() string { return "client.looks" }

// eventLooks is recorded of each chunk of them.
const eventLooks audit.Kind = "client.looks"

func workLooks(ws *job.Workers, d *db.DB) {
	refold.Work(ws, d, LooksJob{}, refold.Table{
		Event: eventLooks,
		Old:   `SELECT client_id, '' FROM provider_client WHERE unfolded ORDER BY client_id LIMIT $1`,
		Put: func(ctx context.Context, w *db.W, row refold.Row) error {
			c, err := ByID(ctx, w, row.ID)
			if err != nil {
				return err
			}
			if err := holdNames(ctx, w, c); err != nil {
				return err
			}
			return w.ChangeSoon(ctx, `UPDATE provider_client SET unfolded = FALSE WHERE client_id = $1`, c.ID)
		},
	})
}

const selectOldNames = `SELECT client_id, settings FROM provider_client WHERE unfolded AND status <> 'closed'
	UNION ALL SELECT client_id, waiting FROM provider_client WHERE unfolded AND status <> 'closed' AND waiting <> ''`

// oldNames lists the names of clients and teams that the job has not come to yet.
func oldNames(ctx context.Context, r db.R) ([]naming.Name, error) {
	clients, err := db.All(ctx, r, func(scan db.Scanner) (n naming.Name, err error) {
		var id, settings string
		if err := scan(&id, &settings); err != nil {
			return n, err
		}
		var c struct {
			Name string `json:"client_name"`
		}
		err = json.Unmarshal([]byte(settings), &c)
		return naming.Name{Holder: Ref(id), Text: c.Name}, err
	}, selectOldNames)
	if err != nil {
		return nil, fmt.Errorf("list names of clients: %w", err)
	}
	teams, err := team.OldNames(ctx, r)
	return append(clients, teams...), err
}
