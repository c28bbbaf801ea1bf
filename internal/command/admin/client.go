package admin

import (
	"context"
	"errors"

	"signpost/internal/app"
	"signpost/internal/careid/provider/client"
	"signpost/internal/command/cli"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// clients are the commands for what no page does to a client: pages would lock out those who have to undo it.
type clients struct {
	Suspend suspendClient `cmd:"" help:"Let nobody log in to a client of CIS2, even one of this system's own sites."`
	Resume  resumeClient  `cmd:"" help:"Let people log in to a suspended client again."`
	Approve approveClient `cmd:"" help:"Let everybody log in to a client on trial, with the settings that its team wants."`
}

// approveClient approves a client, where there is no operator outside its team.
type approveClient struct {
	cli.System
	cli.Output
	ID string `arg:"" help:"The client's id." placeholder:"CLIENT"`
}

// Run approves the client.
func (c *approveClient) Run(ctx context.Context, p *cli.Printer) error {
	d, err := c.OpenRunning(ctx, app.CareID)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	approved, err := approveByCommand(ctx, d, c.ID)
	if err != nil {
		return err
	}
	return p.Result(map[string]any{"client": approved.ID, "approved": true}, func() {
		p.Say("%s is approved: everybody can log in to it. Its team sees it on the client's page; no email is sent.",
			approved.Name)
	})
}

func approveByCommand(ctx context.Context, d *db.DB, id string) (client.Client, error) {
	return db.Write(ctx, d, actor.ForCommand("admin client"), func(w *db.W) (client.Client, error) {
		c, err := findClient(ctx, w, id)
		if err != nil {
			return c, err
		}
		if err := client.ApprovePart(ctx, w, c); err != nil {
			return c, err
		}
		return client.ByID(ctx, w, id)
	})
}

// findClient reads a client that a command names.
func findClient(ctx context.Context, r db.R, id string) (client.Client, error) {
	c, err := client.ByID(ctx, r, id)
	if errors.Is(err, fault.NotFound) {
		return c, fault.SayCure(fault.NotFound, "There is no client with that id.",
			"Give the id as it stands on the client's page under Connections, such as 123456789012.apps.supplier.")
	}
	return c, err
}

// suspendClient suspends a client.
type suspendClient struct{ moveClient }

// Run suspends the client.
func (c *suspendClient) Run(ctx context.Context, p *cli.Printer) error {
	return c.move(ctx, p, client.Suspend)
}

// resumeClient resumes a client.
type resumeClient struct{ moveClient }

// Run resumes the client.
func (c *resumeClient) Run(ctx context.Context, p *cli.Printer) error {
	return c.move(ctx, p, client.Resume)
}

// moveClient are the flags of both.
type moveClient struct {
	cli.System
	cli.Output
	ID string `arg:"" help:"The client's id." placeholder:"CLIENT"`
}

func (c moveClient) move(ctx context.Context, p *cli.Printer, m client.Move) error {
	d, err := c.OpenRunning(ctx, app.CareID)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	moved, err := moveByCommand(ctx, d, c.ID, m)
	if err != nil {
		return err
	}
	return p.Result(map[string]any{"client": moved.ID, "active": moved.Active}, func() {
		if moved.Active {
			p.Say("%s is active: people can log in to it.", moved.Name)
			return
		}
		p.Say("%s is suspended: nobody can log in to it, and it can get no tokens.", moved.Name)
	})
}

func moveByCommand(ctx context.Context, d *db.DB, id string, m client.Move) (client.Client, error) {
	return db.Write(ctx, d, actor.ForCommand("admin client"), func(w *db.W) (client.Client, error) {
		if _, err := findClient(ctx, w, id); err != nil {
			return client.Client{}, err
		}
		if err := client.MovePart(ctx, w, id, m); err != nil {
			return client.Client{}, err
		}
		return client.ByID(ctx, w, id)
	})
}
