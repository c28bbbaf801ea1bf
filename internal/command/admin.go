package command

import (
	"context"
	"errors"

	"signpost/internal/app"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

var adminCommand = command{
	name:  "admin",
	help:  "Give the first rights, before anybody has rights to give.",
	flags: func() any { return new(adminFlags) },
}

// adminFlags are the commands that do what nobody can be given the right to do from a page yet.
type adminFlags struct {
	Client   adminClient   `cmd:"" help:"Suspend a client of CIS2, resume it, or approve it."`
	Operator adminOperator `cmd:"" help:"Let a Care Identity operate the clients of CIS2: see every team's, approve and suspend them, send their logout notices again."`
}

// adminOperator makes somebody an operator. Operators let others in by themselves.
type adminOperator struct {
	system
	output
	Number string `arg:"" help:"The 12 digits of the Care Identity." placeholder:"NUMBER"`
}

// Run makes the person an operator, or leaves one who is one.
func (c *adminOperator) Run(ctx context.Context, p *printer) error {
	d, err := c.openRunning(ctx, app.CareID)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	name, err := makeOperator(ctx, d, c.Number)
	if err != nil {
		return err
	}
	return p.result(map[string]string{"operator": c.Number}, func() {
		p.say("%s is an operator, and finds every client under Connections in Care Identity Management.", name)
	})
}

func makeOperator(ctx context.Context, d *db.DB, number string) (string, error) {
	return db.Write(ctx, d, actor.ForCommand("admin operator"), func(w *db.W) (string, error) {
		i, err := identity.ByUUID(ctx, w, identity.ReadNumber(number))
		if errors.Is(err, fault.NotFound) {
			return "", fault.SayCure(fault.NotFound, "There is no Care Identity with that number.",
				"Give the 12 digits as they stand on the person's profile.")
		}
		if err != nil {
			return "", err
		}
		return i.DisplayName(), team.Join(ctx, w, team.Operators, i.UUID)
	})
}
