package admin

import (
	"context"
	"errors"

	"signpost/internal/app"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/team"
	"signpost/internal/command/cli"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// operator makes somebody an operator. Operators let others in by themselves.
type operator struct {
	cli.System
	cli.Output
	Number string `arg:"" help:"The 12 digits of the Care Identity." placeholder:"NUMBER"`
}

// Run makes the person an operator, or leaves one who is one.
func (c *operator) Run(ctx context.Context, p *cli.Printer) error {
	d, err := c.OpenRunning(ctx, app.CareID)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	name, err := makeOperator(ctx, d, c.Number)
	if err != nil {
		return err
	}
	return p.Result(map[string]string{"operator": c.Number}, func() {
		p.Say("%s is an operator, and finds every client under Connections in Care Identity Management.", name)
	})
}

func makeOperator(ctx context.Context, d *db.DB, number string) (string, error) {
	return db.Write(ctx, d, actor.ForCommand("admin operator"), func(w *db.W) (string, error) {
		i, err := identity.ByUUID(ctx, w, identity.ReadNumber(number))
		if errors.Is(err, fault.NotFound) {
			return "", errNoNumber
		}
		if err != nil {
			return "", err
		}
		return i.DisplayName(), team.Join(ctx, w, team.Operators, i.UUID)
	})
}
