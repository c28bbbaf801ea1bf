package command

import (
	"context"

	"signpost/internal/app"
	"signpost/internal/dos/directory/importing"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/when"
)

// importUndo brings back what was there before an import.
type importUndo struct {
	system
	output
	ID string `arg:"" help:"The import's id, as it printed it."`
}

// Run undoes the import.
func (c *importUndo) Run(ctx context.Context, p *printer) error {
	d, err := c.imported(ctx, c.ID)
	if err != nil {
		return err
	}
	defer func() { _ = closeIfOpen(d) }()
	show := p.progress()
	undone, err := importing.Undo(ctx, d, c.ID, show.of("undone"))
	show.done()
	if err != nil {
		return err
	}
	undone.Untouched = listed(undone.Untouched)
	return p.result(undone, func() {
		for _, key := range undone.Untouched[:min(len(undone.Untouched), maxShown)] {
			p.say("%s: kept, it was changed since the import", key)
		}
		if more := len(undone.Untouched) - maxShown; more > 0 {
			p.say("%d more kept: the events of the undo name them all.", more)
		}
		if undone.Restored == 1 {
			p.say("1 record is as it was before.")
		} else {
			p.say("%d records are as they were before.", undone.Restored)
		}
	})
}

// imported opens the directory that has an import.
func (s system) imported(ctx context.Context, id string) (*db.DB, error) {
	d, err := s.openExisting(ctx, app.DoS)
	if err == nil && d == nil {
		return nil, fault.SayCure(fault.NotFound, "There is no import "+id+", nor a directory in "+s.Data+".",
			"Name the folder or the configuration with which the file was imported: --data or --config.")
	}
	return d, err
}

// importResume goes on with an import that was interrupted.
type importResume struct {
	system
	output
	ID string `arg:"" help:"The import's id, as it printed it."`
}

// Run writes what is left of the import.
func (c *importResume) Run(ctx context.Context, p *printer) error {
	d, err := c.imported(ctx, c.ID)
	if err != nil {
		return err
	}
	defer func() { _ = closeIfOpen(d) }()
	show := p.progress()
	err = importing.Resume(ctx, d, c.ID, show.of("written"))
	show.done()
	if err != nil {
		return err
	}
	return p.result(map[string]string{"import_id": c.ID, "state": "finished"}, func() {
		p.say("Import %s is written.", c.ID)
	})
}

// importList lists the imports.
type importList struct {
	system
	output
}

// maxRuns bounds the list.
const maxRuns = 100

// Run prints a line for each import.
func (c *importList) Run(ctx context.Context, p *printer) error {
	d, err := c.openExisting(ctx, app.DoS)
	if err != nil {
		return err
	}
	defer func() { _ = closeIfOpen(d) }()
	var runs []importing.Run
	if d != nil {
		runs, err = db.Read(ctx, d, func(r db.R) ([]importing.Run, error) { return importing.Runs(ctx, r, maxRuns) })
	}
	if err != nil {
		return err
	}
	return p.result(listed(runs), func() { sayRuns(p, runs) })
}

func sayRuns(p *printer, runs []importing.Run) {
	if len(runs) == 0 {
		p.say("There are no imports yet.")
	}
	for _, run := range runs {
		records := "records"
		if run.Total == 1 {
			records = "record"
		}
		p.say("%s  %s  %s, %d of %d %s, %s",
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
