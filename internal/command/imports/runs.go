package imports

import (
	"context"

	"signpost/internal/app"
	"signpost/internal/command/cli"
	"signpost/internal/dos/directory/importing"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
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
	d, err := imported(ctx, c.System, c.ID)
	if err != nil {
		return err
	}
	defer func() { _ = cli.CloseIfOpen(d) }()
	show := p.Progress()
	undone, err := importing.Undo(ctx, d, c.ID, show.Of("undone"))
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

// imported opens the directory that has an import.
func imported(ctx context.Context, s cli.System, id string) (*db.DB, error) {
	d, err := s.OpenExisting(ctx, app.DoS)
	if err == nil && d == nil {
		return nil, fault.SayCure(fault.NotFound, "There is no import "+id+", nor a directory in "+s.Data+".",
			"Name the folder or the configuration with which the file was imported: --data or --config.")
	}
	return d, err
}

// resume goes on with an import that was interrupted.
type resume struct {
	cli.System
	cli.Output
	ID string `arg:"" help:"The import's id, as it printed it."`
}

// Run writes what is left of the import.
func (c *resume) Run(ctx context.Context, p *cli.Printer) error {
	d, err := imported(ctx, c.System, c.ID)
	if err != nil {
		return err
	}
	defer func() { _ = cli.CloseIfOpen(d) }()
	show := p.Progress()
	err = importing.Resume(ctx, d, c.ID, show.Of("written"))
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
	d, err := c.OpenExisting(ctx, app.DoS)
	if err != nil {
		return err
	}
	defer func() { _ = cli.CloseIfOpen(d) }()
	var runs []importing.Run
	if d != nil {
		runs, err = db.Read(ctx, d, func(r db.R) ([]importing.Run, error) { return importing.Runs(ctx, r, maxRuns) })
	}
	if err != nil {
		return err
	}
	return p.Result(cli.Listed(runs), func() {
		if d == nil {
			p.Say("There are no imports yet: there is no system in %s.", c.Data)
			p.Say("If it is elsewhere, name the folder or the configuration that it is served with: " +
				"--data or --config.")
			return
		}
		sayRuns(p, runs)
	})
}

func sayRuns(p *cli.Printer, runs []importing.Run) {
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

func standing(run importing.Run) string {
	switch {
	case !run.Undone.IsZero():
		return "undone on " + when.DateTime(run.Undone)
	case run.Finished.IsZero():
		return "interrupted"
	}
	return "finished"
}
