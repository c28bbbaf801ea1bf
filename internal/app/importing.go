package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"signpost/internal/dos/directory"
	"signpost/internal/dos/directory/importing"
	"signpost/internal/dos/schema"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
	"signpost/internal/platform/web"
)

// importCommand reads open data into the directory.
type importCommand struct {
	Organisations importFile   `cmd:"" help:"Organisations from the Organisation Data Service: --format epraccur."`
	Services      importFile   `cmd:"" help:"Services: --format pharmacies or dentists."`
	Postcodes     importFile   `cmd:"" help:"Postcode districts and where they are."`
	Undo          importUndo   `cmd:"" help:"Bring back what was there before an import."`
	Resume        importResume `cmd:"" help:"Go on with an import that was interrupted."`
	List          importList   `cmd:"" help:"List the imports, the newest first."`
}

// where says which directory is meant.
type where struct {
	Config string `help:"TOML file to read the configuration from." type:"path" placeholder:"FILE"`
	Data   string `help:"Folder of embedded databases and keys." default:"./data" type:"path"`
	JSON   bool   `help:"Print the result as JSON."`
}

type importFile struct {
	where
	Format string `help:"What kind of file it is."`
	Apply  bool   `help:"Write what the file says. Without it nothing is changed."`
	Strict bool   `help:"Refuse the whole file if any row is refused."`
	File   string `arg:"" help:"The file to read." type:"path"`
	kind   string
}

// AfterApply notes which kind of file the subcommand reads.
func (c *importCommand) AfterApply() error {
	c.Organisations.kind, c.Services.kind, c.Postcodes.kind = "organisations", "services", "postcodes"
	return nil
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

// open opens the directory's database. Jobs are committed but not run.
func (w where) open(ctx context.Context) (*db.DB, error) {
	cfg, err := readConfig(w.Config, w.Data)
	if err != nil {
		return nil, err
	}
	if err := cfg.folder(); err != nil {
		return nil, err
	}
	d, err := db.Open(ctx, db.Options{Source: cfg.source(cfg.Databases.DoS, "dos"), Migrations: schema.Files, Clock: clock.System{}})
	if err != nil {
		return nil, err
	}
	_, err = job.Open(ctx, d, job.NewWorkers(), slog.New(slog.DiscardHandler))
	return d, err
}

// Run reads the file and says what it would do, or does it.
func (c *importFile) Run(ctx context.Context, out streams) error {
	f, err := importing.Find(c.kind, c.Format)
	if err != nil {
		return usageError("--format: " + err.Error())
	}
	d, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	show := newProgress(out.err)
	reading, err := c.read(ctx, d, f, show)
	if err != nil {
		return fmt.Errorf("%s: %s", filepath.Base(c.File), sentence(err))
	}
	var plan importing.Plan
	err = d.View(ctx, func(r db.R) error {
		plan, err = importing.Compare(ctx, r, f, reading.Accepted)
		return err
	})
	if err != nil {
		return err
	}
	res := result{File: filepath.Base(c.File), Rows: reading.Rows, Added: plan.Added, Changed: plan.Changed, Unchanged: plan.Unchanged, Refused: reading.Refused, Notes: reading.Notes}
	if c.Apply && (!c.Strict || len(reading.Refused) == 0) {
		if err := res.apply(ctx, d, f, plan, show); err != nil {
			return err
		}
	}
	return c.report(out.out, res)
}

func (c *importFile) read(ctx context.Context, d *db.DB, f importing.Format, show *progress) (importing.Reading, error) {
	file, err := os.Open(filepath.Clean(c.File))
	if err != nil {
		return importing.Reading{}, fmt.Errorf("cannot be opened: %w", err)
	}
	defer func() { _ = file.Close() }()
	var places map[string]postcode.Point
	err = d.View(ctx, func(r db.R) (err error) {
		places, err = directory.Places(ctx, r)
		return err
	})
	if err != nil {
		return importing.Reading{}, err
	}
	reading, err := importing.Read(f, file, places, func(rows int) { show.say("read", rows, 0) })
	show.done()
	return reading, err
}

func (r *result) apply(ctx context.Context, d *db.DB, f importing.Format, plan importing.Plan, show *progress) (err error) {
	r.Applied = true
	if plan.Added+plan.Changed == 0 {
		return nil
	}
	r.ImportID, err = importing.Apply(ctx, d, f, plan, func(done, total int) { show.say("written", done, total) })
	show.done()
	if err != nil && r.ImportID != "" {
		return fmt.Errorf("the import was interrupted and what it wrote is kept; go on with: signpost import resume %s: %w", r.ImportID, err)
	}
	return err
}

func (c *importFile) report(out io.Writer, r result) error {
	if c.JSON {
		r.Refused, r.Notes = listed(r.Refused), listed(r.Notes)
		if err := json.NewEncoder(out).Encode(r); err != nil {
			return err
		}
	} else {
		r.print(out, c.Strict)
	}
	if c.Strict && len(r.Refused) > 0 {
		return fmt.Errorf("nothing was written: %d rows were refused and --strict was given", len(r.Refused))
	}
	if len(r.Refused) > 0 {
		return errRefusedRows
	}
	return nil
}

// listed is a list that JSON writes as one, also where it is empty.
func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func (r result) print(out io.Writer, strict bool) {
	for _, n := range r.Notes {
		fmt.Fprintf(out, "row %d: taken. %s\n", n.Number, n.Says)
	}
	for _, n := range r.Refused {
		at := fmt.Sprintf("row %d", n.Number)
		if n.Field != "" {
			at += ", column " + n.Field
		}
		fmt.Fprintf(out, "%s: refused. %s\n", at, n.Says)
	}
	fmt.Fprintf(out, "%s: %d rows: %d to add, %d to change, %d unchanged, %d refused.\n", r.File, r.Rows, r.Added, r.Changed, r.Unchanged, len(r.Refused))
	switch {
	case !r.Applied && !strict:
		fmt.Fprintln(out, "Nothing was written. Give --apply to write it.")
	case r.Applied && r.ImportID == "":
		fmt.Fprintln(out, "Nothing had to be written: everything is as the file says.")
	case r.Applied:
		fmt.Fprintf(out, "Written as import %s. To undo it: signpost import undo %s\n", r.ImportID, r.ImportID)
	}
}

// importUndo brings back what was there before an import.
type importUndo struct {
	where
	ID string `arg:"" help:"The import's id, as it printed it."`
}

// Run undoes the import.
func (c *importUndo) Run(ctx context.Context, out streams) error {
	d, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	show := newProgress(out.err)
	undone, err := importing.Undo(ctx, d, c.ID, func(done, total int) { show.say("undone", done, total) })
	show.done()
	if err != nil {
		return err
	}
	if c.JSON {
		undone.Kept = listed(undone.Kept)
		return json.NewEncoder(out.out).Encode(undone)
	}
	for _, key := range undone.Kept {
		fmt.Fprintf(out.out, "%s: kept, it was changed since the import\n", key)
	}
	fmt.Fprintf(out.out, "%d records are as they were before.\n", undone.Restored)
	return nil
}

// importResume goes on with an import that was interrupted.
type importResume struct {
	where
	ID string `arg:"" help:"The import's id, as it printed it."`
}

// Run writes what is left of the import.
func (c *importResume) Run(ctx context.Context, out streams) error {
	d, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	show := newProgress(out.err)
	err = importing.Resume(ctx, d, c.ID, func(done, total int) { show.say("written", done, total) })
	show.done()
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(out.out).Encode(map[string]string{"import_id": c.ID, "state": "finished"})
	}
	fmt.Fprintf(out.out, "Import %s is written.\n", c.ID)
	return nil
}

// importList lists the imports.
type importList struct{ where }

// mostRuns bounds the list.
const mostRuns = 100

// Run prints a line for each import.
func (c *importList) Run(ctx context.Context, out streams) error {
	d, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	var runs []importing.Run
	err = d.View(ctx, func(r db.R) (err error) {
		runs, err = importing.Runs(ctx, r, mostRuns)
		return err
	})
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(out.out).Encode(listed(runs))
	}
	if len(runs) == 0 {
		fmt.Fprintln(out.out, "Nothing was imported yet.")
	}
	for _, run := range runs {
		fmt.Fprintf(out.out, "%s  %s  %s, %d of %d records, %s\n", run.ID, web.DateTime(run.Begun), run.Title, run.Written, run.Total, standing(run))
	}
	return nil
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
