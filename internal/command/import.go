package command

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"signpost/internal/app"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/directory/importing"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
)

var importCommand = command{
	name:  "import",
	help:  "Read organisations, services or postcodes from a file. Changes nothing unless --apply is given.",
	flags: func() any { return new(importFlags) },
}

// importFlags are the commands that read open data into the directory.
type importFlags struct {
	Organisations importOrganisations `cmd:"" help:"Organisations from the Organisation Data Service: --format epraccur."`
	Services      importServices      `cmd:"" help:"Services: --format pharmacies or dentists."`
	Postcodes     importPostcodes     `cmd:"" help:"Postcode districts and where they are."`
	Undo          importUndo          `cmd:"" help:"Bring back what was there before an import."`
	Resume        importResume        `cmd:"" help:"Go on with an import that was interrupted."`
	List          importList          `cmd:"" help:"List the imports, the newest first."`
}

// importFile reads a file of one kind.
type importFile struct {
	system
	output
	Format string `help:"What kind of file it is."`
	Apply  bool   `help:"Write what the file says. Without it nothing is changed."`
	Strict bool   `help:"Refuse the whole file if any row is refused."`
	File   string `arg:"" help:"The file to read." type:"path"`
}

type (
	importOrganisations struct{ importFile }
	importServices      struct{ importFile }
	importPostcodes     struct{ importFile }
)

// Run imports organisations.
func (c *importOrganisations) Run(ctx context.Context, p *printer) error {
	return c.run(ctx, p, "organisations")
}

// Run imports services.
func (c *importServices) Run(ctx context.Context, p *printer) error {
	return c.run(ctx, p, "services")
}

// Run imports postcode districts.
func (c *importPostcodes) Run(ctx context.Context, p *printer) error {
	return c.run(ctx, p, "postcodes")
}

// result is what an import did or would do.
type result struct {
	File      string              `json:"file"`
	Rows      int                 `json:"rows"`
	Added     int                 `json:"added"`
	Changed   int                 `json:"changed"`
	Unchanged int                 `json:"unchanged"`
	Refused   []importing.Refused `json:"refused"`
	Notes     []importing.Refused `json:"notes"`
	Applied   bool                `json:"applied"`
	ImportID  string              `json:"import_id,omitempty"`
}

// run reads the file and says what it would do, or does it.
func (c *importFile) run(ctx context.Context, p *printer, kind string) error {
	f, err := importing.Find(kind, c.Format)
	if err != nil {
		return usageError("--format: " + err.Error())
	}
	d, err := c.open(ctx, app.DoS)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	show := p.progress()
	reading, err := c.read(ctx, d, f, show)
	if err != nil {
		return fmt.Errorf("%s: %s", filepath.Base(c.File), sentence(err))
	}
	plan, err := db.Read(ctx, d, func(r db.R) (importing.Plan, error) {
		return importing.Compare(ctx, r, f, reading.Accepted)
	})
	if err != nil {
		return err
	}
	res := result{
		File: filepath.Base(c.File), Rows: reading.Rows, Added: plan.Added, Changed: plan.Changed,
		Unchanged: plan.Unchanged, Refused: listed(reading.Refused), Notes: listed(reading.Notes),
	}
	if c.Apply && (!c.Strict || len(reading.Refused) == 0) {
		if err := res.apply(ctx, d, f, plan, show); err != nil {
			return err
		}
	}
	return c.report(p, res)
}

func (c *importFile) read(ctx context.Context, d *db.DB, f importing.Format,
	show *progress) (importing.Reading, error) {
	file, err := os.Open(filepath.Clean(c.File))
	if err != nil {
		return importing.Reading{}, fmt.Errorf("cannot be opened: %w", err)
	}
	defer func() { _ = file.Close() }()
	places, err := db.Read(ctx, d, func(r db.R) (map[string]postcode.Point, error) { return directory.Centres(ctx, r) })
	if err != nil {
		return importing.Reading{}, err
	}
	reading, err := importing.Read(f, file, places, func(rows int) { show.say("read", rows, 0) })
	show.done()
	return reading, err
}

func (r *result) apply(ctx context.Context, d *db.DB, f importing.Format, plan importing.Plan,
	show *progress) (err error) {
	r.Applied = true
	if plan.Added+plan.Changed == 0 {
		return nil
	}
	r.ImportID, err = importing.Apply(ctx, d, f, plan, func(done, total int) { show.say("written", done, total) })
	show.done()
	if err != nil && r.ImportID != "" {
		return fmt.Errorf("the import was interrupted and what it wrote is kept; "+
			"go on with: signpost import resume %s: %w", r.ImportID, err)
	}
	return err
}

func (c *importFile) report(p *printer, r result) error {
	if err := p.result(r, func() { r.say(p, c.Strict) }); err != nil {
		return err
	}
	if c.Strict && len(r.Refused) > 0 {
		return fmt.Errorf("nothing was written: %d rows were refused and --strict was given", len(r.Refused))
	}
	if len(r.Refused) > 0 {
		return errRefusedRows
	}
	return nil
}

func (r result) say(p *printer, strict bool) {
	for _, n := range r.Notes {
		p.say("row %d: taken. %s", n.Number, n.Reason)
	}
	for _, n := range r.Refused {
		at := fmt.Sprintf("row %d", n.Number)
		if n.Field != "" {
			at += ", column " + n.Field
		}
		p.say("%s: refused. %s", at, n.Reason)
	}
	p.say("%s: %d rows: %d to add, %d to change, %d unchanged, %d refused.",
		r.File, r.Rows, r.Added, r.Changed, r.Unchanged, len(r.Refused))
	switch {
	case !r.Applied && !strict:
		p.say("Nothing was written. Give --apply to write it.")
	case r.Applied && r.ImportID == "":
		p.say("Nothing had to be written: everything is as the file says.")
	case r.Applied:
		p.say("Written as import %s. To undo it: signpost import undo %s", r.ImportID, r.ImportID)
	}
}

// importUndo brings back what was there before an import.
type importUndo struct {
	system
	output
	ID string `arg:"" help:"The import's id, as it printed it."`
}

// Run undoes the import.
func (c *importUndo) Run(ctx context.Context, p *printer) error {
	d, err := c.open(ctx, app.DoS)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	show := p.progress()
	undone, err := importing.Undo(ctx, d, c.ID, func(done, total int) { show.say("undone", done, total) })
	show.done()
	if err != nil {
		return err
	}
	undone.Kept = listed(undone.Kept)
	return p.result(undone, func() {
		for _, key := range undone.Kept {
			p.say("%s: kept, it was changed since the import", key)
		}
		p.say("%d records are as they were before.", undone.Restored)
	})
}

// importResume goes on with an import that was interrupted.
type importResume struct {
	system
	output
	ID string `arg:"" help:"The import's id, as it printed it."`
}

// Run writes what is left of the import.
func (c *importResume) Run(ctx context.Context, p *printer) error {
	d, err := c.open(ctx, app.DoS)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	show := p.progress()
	err = importing.Resume(ctx, d, c.ID, func(done, total int) { show.say("written", done, total) })
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
	d, err := c.open(ctx, app.DoS)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	runs, err := db.Read(ctx, d, func(r db.R) ([]importing.Run, error) { return importing.Runs(ctx, r, maxRuns) })
	if err != nil {
		return err
	}
	return p.result(listed(runs), func() { sayRuns(p, runs) })
}

func sayRuns(p *printer, runs []importing.Run) {
	if len(runs) == 0 {
		p.say("Nothing was imported yet.")
	}
	for _, run := range runs {
		p.say("%s  %s  %s, %d of %d records, %s",
			run.ID, web.DateTime(run.Begun), run.Title, run.Written, run.Total, standing(run))
	}
}

func standing(run importing.Run) string {
	switch {
	case !run.Undone.IsZero():
		return "undone"
	case run.Finished.IsZero():
		return "interrupted"
	}
	return "finished"
}
