package imports

import (
	"context"
	"errors"
	"slices"

	"signpost/internal/app"
	care "signpost/internal/careid/importing"
	"signpost/internal/command/cli"
	"signpost/internal/dos/directory/importing"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/records"
	"signpost/internal/platform/when"
)

// undo brings back what was there before an import.
type undo struct {
	cli.System
	cli.Output
	ID string `arg:"" help:"The import's id, as it printed it."`
}

// Run undoes the import.
func (c *undo) Run(ctx context.Context, p *cli.Printer) error {
	d, imports, err := imported(ctx, c.System, c.ID)
	if err != nil {
		return err
	}
	defer func() { _ = cli.CloseIfOpen(d) }()
	show := p.Progress()
	undone, err := imports.Undo(ctx, d, c.ID, show.Of("undone"))
	show.Done()
	if err != nil {
		return err
	}
	undone.Untouched = cli.Listed(undone.Untouched)
	return p.Result(undone, func() {
		for _, key := range undone.Untouched[:min(len(undone.Untouched), maxShown)] {
			p.Say("%s: kept, it was changed since the import", key)
		}
		if more := len(undone.Untouched) - maxShown; more > 0 {
			p.Say("%d more kept: the events of the undo name them all.", more)
		}
		if undone.Restored == 1 {
			p.Say("1 record is as it was before.")
		} else {
			p.Say("%d records are as they were before.", undone.Restored)
		}
	})
}

// side is a database with the imports into it.
type side struct {
	name    app.Side
	imports records.Imports
}

func sides() []side { return []side{{app.DoS, importing.Imports()}, {app.CareID, care.Imports()}} }

// imported opens the side that has an import, and gives the imports there. An import that no side has is looked for in
// the first that there is, which says so.
func imported(ctx context.Context, s cli.System, id string) (found *db.DB, imports records.Imports, err error) {
	for _, one := range sides() {
		d, err := s.OpenExisting(ctx, one.name)
		if err != nil {
			return nil, imports, errors.Join(err, cli.CloseIfOpen(found))
		}
		if d == nil {
			continue
		}
		has, err := db.Read(ctx, d, func(r db.R) (bool, error) { return records.Has(ctx, r, id) })
		if err != nil {
			return nil, imports, errors.Join(err, d.Close(), cli.CloseIfOpen(found))
		}
		if has || found == nil {
			if err := cli.CloseIfOpen(found); err != nil {
				return nil, imports, err
			}
			found = d
			imports = one.imports
			if has {
				return found, imports, nil
			}
			continue
		}
		if err := d.Close(); err != nil {
			return nil, imports, err
		}
	}
	if found == nil {
		return nil, imports, fault.SayCure(fault.NotFound,
			"There is no import "+id+", nor a directory in "+s.Data+".",
			"Name the folder or the configuration with which the file was imported: --data or --config.")
	}
	return found, imports, nil
}

// resume goes on with an import that was interrupted.
type resume struct {
	cli.System
	cli.Output
	ID string `arg:"" help:"The import's id, as it printed it."`
}

// Run writes what is left of the import.
func (c *resume) Run(ctx context.Context, p *cli.Printer) error {
	d, imports, err := imported(ctx, c.System, c.ID)
	if err != nil {
		return err
	}
	defer func() { _ = cli.CloseIfOpen(d) }()
	show := p.Progress()
	err = imports.Resume(ctx, d, c.ID, show.Of("written"))
	show.Done()
	if err != nil {
		return err
	}
	return p.Result(map[string]string{"import_id": c.ID, "state": "finished"}, func() {
		p.Say("Import %s is written.", c.ID)
	})
}

// list lists the imports.
type list struct {
	cli.System
	cli.Output
}

// maxRuns bounds the list.
const maxRuns = 100

// Run prints a line for each import.
func (c *list) Run(ctx context.Context, p *cli.Printer) error {
	var runs []records.Run
	there := false
	for _, one := range sides() {
		list, is, err := c.runsOf(ctx, one)
		if err != nil {
			return err
		}
		there = there || is
		runs = append(runs, list...)
	}
	slices.SortStableFunc(runs, func(a, b records.Run) int { return b.Begun.Compare(a.Begun) })
	return p.Result(cli.Listed(runs), func() {
		if !there {
			p.Say("There are no imports yet: there is no system in %s.", c.Data)
			p.Say("If it is elsewhere, name the folder or the configuration that it is served with: " +
				"--data or --config.")
			return
		}
		sayRuns(p, runs)
	})
}

// runsOf lists the imports into a side, and whether there is such a side.
func (c *list) runsOf(ctx context.Context, one side) (runs []records.Run, there bool, err error) {
	d, err := c.OpenExisting(ctx, one.name)
	if err != nil || d == nil {
		return nil, false, err
	}
	defer func() { _ = d.Close() }()
	runs, err = db.Read(ctx, d, func(r db.R) ([]records.Run, error) { return one.imports.Runs(ctx, r, maxRuns) })
	return runs, true, err
}

func sayRuns(p *cli.Printer, runs []records.Run) {
	if len(runs) == 0 {
		p.Say("There are no imports yet.")
	}
	for _, run := range runs {
		records := "records"
		if run.Total == 1 {
			records = "record"
		}
		p.Say("%s  %s  %s, %d of %d %s, %s",
			run.ID, when.DateTime(run.Begun), run.Title, run.Written, run.Total, records, standing(run))
	}
}

func standing(run records.Run) string {
	switch {
	case !run.Undone.IsZero():
		return "undone on " + when.DateTime(run.Undone)
	case run.Finished.IsZero():
		return "interrupted"
	}
	return "finished"
}
