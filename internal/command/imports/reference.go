package imports

import (
	"context"
	"fmt"

	"signpost/internal/app"
	"signpost/internal/careid/access"
	"signpost/internal/careid/access/reference"
	"signpost/internal/command/cli"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/sheet"
)

// roles reads the national list of job roles into the care identity side.
type roles struct{ referenceFlags }

// activities reads the national list of activities into the care identity side.
type activities struct{ referenceFlags }

// referenceFlags are the flags of the imports of national lists.
type referenceFlags struct {
	cli.System
	cli.Output
	Apply bool   `help:"Save the list. Without it nothing is changed."`
	File  string `arg:"" help:"The file to read." type:"path"`
}

// referenceResult says what became of a file of job roles or activities.
type referenceResult struct {
	Rows      int                 `json:"rows"`
	Added     int                 `json:"added"`
	Changed   int                 `json:"changed"`
	Unchanged int                 `json:"unchanged"`
	Absent    int                 `json:"absent"`  // known and not in the file
	Renamed   int                 `json:"renamed"` // access profiles of positions whose names changed by it
	Refused   []reference.Refused `json:"refused"`
	Applied   bool                `json:"applied"`
}

// national is a national list that can be imported.
type national[T any] struct {
	name string // of the command
	read func(*sheet.File) (reference.File[T], error)
	plan func(context.Context, db.R, reference.File[T]) (reference.File[T], reference.Plan[T], error)
	save func(context.Context, *db.DB, actor.Actor, reference.File[T]) (reference.Plan[T], error)
}

// Run reads the file and says what it would change, or saves it.
func (c *roles) Run(ctx context.Context, p *cli.Printer) error {
	return national[reference.Role]{
		name: "roles", read: reference.ReadRoles, plan: reference.PlanRoles, save: reference.SaveRoles,
	}.run(ctx, p, c.referenceFlags)
}

// Run reads the file and says what it would change, or saves it.
func (c *activities) Run(ctx context.Context, p *cli.Printer) error {
	return national[reference.Activity]{
		name: "activities", read: reference.ReadActivities, plan: reference.PlanActivities,
		save: reference.SaveActivities,
	}.run(ctx, p, c.referenceFlags)
}

func (n national[T]) run(ctx context.Context, p *cli.Printer, c referenceFlags) error {
	file, err := cli.ReadTable(c.File, n.read)
	if err != nil {
		return err
	}
	d, err := c.OpenExisting(ctx, app.CareID)
	if err == nil && d == nil {
		err = errNobody
	}
	if err != nil {
		return err
	}
	defer func() { _ = cli.CloseIfOpen(d) }()
	result, err := db.Read(ctx, d, func(r db.R) (referenceResult, error) {
		checked, plan, err := n.plan(ctx, r, file)
		return referenceResult{
			Rows: file.Rows, Added: len(plan.Added), Changed: len(plan.Changed), Unchanged: plan.Unchanged,
			Absent: plan.Absent, Refused: cli.Listed(checked.Refused), Applied: c.Apply,
		}, err
	})
	if err != nil {
		return err
	}
	if c.Apply {
		by := actor.ForCommand("import " + n.name)
		if _, err := n.save(ctx, d, by, file); err != nil {
			return err
		}
		if result.Renamed, err = access.Rename(ctx, d, by); err != nil {
			return err
		}
	}
	return c.report(p, n.name, result)
}

func (c referenceFlags) report(p *cli.Printer, name string, r referenceResult) error {
	err := p.Result(r, func() {
		p.Say("%d rows: %d to add, %d to change, %d unchanged, %d refused.", r.Rows, r.Added, r.Changed, r.Unchanged,
			len(r.Refused))
		if r.Absent > 0 {
			p.Say("%d that are known here are not in the file. They stay as they are; to retire one, give it a row "+
				"with yes under retired.", r.Absent)
		}
		for _, one := range r.Refused {
			where := fmt.Sprintf("row %d", one.Row)
			if one.Column != "" {
				where += ", " + one.Column
			}
			p.Say("%s: %s.", where, one.Reason)
		}
		if r.Renamed > 0 {
			p.Say("%d access profiles of positions have other names by it.", r.Renamed)
		}
		if !r.Applied {
			p.Say("Nothing was written. To write it: %s", c.CommandLine("import", name, c.File, "--apply"))
		}
	})
	if err == nil && len(r.Refused) > 0 {
		return cli.ErrRefusedRows
	}
	return err
}
