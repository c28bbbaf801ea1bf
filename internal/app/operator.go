package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/team"
	"signpost/internal/careid/schema"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// adminCommand does what nobody can be given the right to do from a page yet.
type adminCommand struct {
	Operator adminOperator `cmd:"" help:"Let a Care Identity operate the clients of CIS2: see every team's, suspend them, send their sign-out notices again."`
}

// adminOperator makes somebody an operator. Operators let others in by themselves.
type adminOperator struct {
	where
	Number string `arg:"" help:"The 12 digits of the Care Identity." placeholder:"NUMBER"`
}

// Run makes the person an operator, or leaves one who is one.
func (c *adminOperator) Run(ctx context.Context, out streams) error {
	cfg, err := readConfig(c.Config, c.Data)
	if err != nil {
		return err
	}
	d, err := db.Open(ctx, db.Options{Source: cfg.source(cfg.Databases.CareID, "careid"), Migrations: schema.Files, Clock: clock.System{}})
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	name, err := makeOperator(ctx, d, c.Number)
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(out.out).Encode(map[string]string{"operator": c.Number})
	}
	fmt.Fprintf(out.out, "%s is an operator, and finds every client under Connections in Care Identity Management.\n", name)
	return nil
}

func makeOperator(ctx context.Context, d *db.DB, number string) (name string, err error) {
	err = d.Update(ctx, actor.ForCommand("admin operator"), func(w *db.W) error {
		i, err := identity.ByUUID(ctx, w, number)
		if errors.Is(err, fault.NotFound) {
			return fault.SayCure(fault.NotFound, "There is no Care Identity with that number.", "Give the 12 digits as they stand on the person's profile.")
		}
		if err != nil {
			return err
		}
		name = i.DisplayName()
		return team.Join(ctx, w, team.Operators, i.UUID)
	})
	return name, err
}
