// Package imports is the command that reads open data and accounts into the directory, and goes back and on with what
// it read.
package imports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/alecthomas/kong"

	"signpost/internal/app"
	"signpost/internal/command/cli"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/directory/importing"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/db"
	"signpost/internal/platform/records"
	"signpost/internal/platform/sheet"
)

// Command is signpost import.
var Command = cli.Command{
	Name:  "import",
	Help:  "Read open data or accounts from a file, and recognise what it is. Changes nothing unless --apply is given.",
	Flags: func() any { return new(flags) },
	Vars:  kong.Vars{"services": strings.Join(importing.Names("services"), " or ")},
}

// flags are the commands that read files into the directory.
type flags struct {
	Any           anyFile        `cmd:"" default:"withargs" name:"file" help:"Any file that can be imported: its format is recognised from its contents."`
	Organisations organisations  `cmd:"" help:"Organisations: a report of the Organisation Data Service, or a list with a heading."`
	Services      services       `cmd:"" help:"Services: ${services}."`
	CareList      careFile       `cmd:"" name:"care-organisations" help:"Organisations where people with a Care Identity work: a report of the Organisation Data Service, a list, or its JSON."`
	Identities    careIdentities `cmd:"" name:"identities" help:"The Care Identities of another system: names, organisations, and what is known of each person."`
	Positions     carePositions  `cmd:"" name:"positions" help:"Who holds which position by another system: the numbers of Care Identities, organisations, job roles and activities."`
	Regions       regions        `cmd:"" help:"Regions: region_number and region_name."`
	Postcodes     postcodes      `cmd:"" help:"Postcode districts and where they are."`
	Holidays      holidays       `cmd:"" help:"Bank holidays that were proclaimed or moved for one year."`
	Accounts      accounts       `cmd:"" help:"The accounts of another system, with what they may do and the hashes of their passwords."`
	StaffRecords  staffRecords   `cmd:"" help:"Staff records of people with a Care Identity: its number, their work email address and when they left."`
	StaffMessages staffMessages  `cmd:"" name:"staff-messages" help:"Messages of staff records: whom they find, make, associate and change, and which positions they link, give and end."`
	Roles         roles          `cmd:"" help:"The national list of job roles, which positions are made of."`
	Activities    activities     `cmd:"" help:"The national list of activities, which stands above which, and with which job roles they come."`
	Answers       answers        `cmd:"" help:"Answers of the care identity side about accounts, where the two sides cannot reach each other."`
	Metadata      metadataFile   `cmd:"" help:"What the FIDO Alliance publishes about models of authenticators: which of them are AAL3."`
	Breached      breachedFile   `cmd:"" help:"Passwords that are known from breaches, which nobody may choose."`
	Undo          undo           `cmd:"" help:"Undo an import: restore the records as they were before it."`
	Resume        resume         `cmd:"" help:"Resume an import that was interrupted."`
	List          list           `cmd:"" help:"List the imports, the newest first."`
}

// rowFlags are the flags of every import of a file that is taken row by row.
type rowFlags struct {
	cli.System
	cli.Output
	Apply   bool   `help:"Save the changes. Without it nothing is changed."`
	Strict  bool   `help:"Refuse the whole file if any row is refused."`
	Refused string `help:"Write the rows that are refused to a CSV file, to be mended and imported." type:"path" placeholder:"FILE"`
	File    string `arg:"" help:"The file to read." type:"path"`
}

// fileFlags are the flags of imports into the directory.
type fileFlags struct {
	rowFlags

	Format string `help:"Which format it has, where that is not recognised." placeholder:"NAME"`
	// ChangeExisting is about accounts alone: other records are always changed as their file says.
	ChangeExisting bool `help:"Change the accounts that are there already where the file says otherwise: names, telephone, organisation, region, and who approved them and why."`
}

type (
	anyFile       struct{ fileFlags }
	organisations struct{ fileFlags }
	services      struct{ fileFlags }
	regions       struct{ fileFlags }
	postcodes     struct{ fileFlags }
	holidays      struct{ fileFlags }
	accounts      struct{ fileFlags }
)

// Run imports a file of any kind.
func (c *anyFile) Run(ctx context.Context, p *cli.Printer) error { return c.run(ctx, p, "") }

// Run imports organisations.
func (c *organisations) Run(ctx context.Context, p *cli.Printer) error {
	return c.run(ctx, p, "organisations")
}

// Run imports services.
func (c *services) Run(ctx context.Context, p *cli.Printer) error {
	return c.run(ctx, p, "services")
}

// Run imports regions.
func (c *regions) Run(ctx context.Context, p *cli.Printer) error {
	return c.run(ctx, p, "regions")
}

// Run imports postcode districts.
func (c *postcodes) Run(ctx context.Context, p *cli.Printer) error {
	return c.run(ctx, p, "postcodes")
}

// Run imports bank holidays.
func (c *holidays) Run(ctx context.Context, p *cli.Printer) error {
	return c.run(ctx, p, "holidays")
}

// Run imports accounts.
func (c *accounts) Run(ctx context.Context, p *cli.Printer) error {
	return c.run(ctx, p, "accounts")
}

// run reads the file and says what it would do, or does it.
func (c *fileFlags) run(ctx context.Context, p *cli.Printer, kind string) error {
	formats, err := importing.Find(kind, c.Format)
	if err != nil {
		return cli.UsageError("--format: " + err.Error())
	}
	if err := c.check(); err != nil {
		return err
	}
	d, err := c.OpenExisting(ctx, app.DoS)
	if err != nil {
		return err
	}
	defer func() { _ = cli.CloseIfOpen(d) }()
	show := p.Progress()
	f, reading, err := c.read(ctx, p, d, formats, show)
	if err != nil {
		return fmt.Errorf("%s: %s", filepath.Base(c.File), cli.Sentence(err))
	}
	reading.ChangeExisting = c.ChangeExisting
	reading, plan, err := planOf(ctx, d, f, reading)
	if err != nil {
		return err
	}
	res := resultOf(c, kind, f, reading, plan)
	if err := c.writeRefused(reading.WriteRefused, &res); err != nil {
		return err
	}
	res.Applied = c.Apply && (!c.Strict || len(reading.Refused) == 0)
	if res.Applied && plan.Added+plan.Changed > 0 {
		if d, err = c.openFor(ctx, d); err != nil {
			return err
		}
		if err := res.apply(show, func() (string, error) {
			return importing.Apply(ctx, d, f, plan, show.Of("prepared"), show.Of("written"))
		}); err != nil {
			return err
		}
	}
	return c.report(p, res)
}

// check refuses flags that do not go together.
func (c *rowFlags) check() error {
	if c.Refused != "" && sameFile(c.Refused, c.File) {
		return cli.UsageError("--refused: name another file than the one that is imported")
	}
	return nil
}

func sameFile(a, b string) bool {
	aboutA, errA := os.Stat(a)
	aboutB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(aboutA, aboutB)
}

// openFor gives the database to write to, which is made where there was none to read.
func (c *fileFlags) openFor(ctx context.Context, d *db.DB) (*db.DB, error) {
	if d != nil {
		return d, nil
	}
	return c.Open(ctx, app.DoS)
}

// read recognises the file, says what it is, and reads it. d is nil where there is no directory yet.
func (c *fileFlags) read(ctx context.Context, p *cli.Printer, d *db.DB, formats []importing.Format,
	show *cli.Progress) (f importing.Format, r importing.Reading, err error) {
	file, err := os.Open(filepath.Clean(c.File))
	if err != nil {
		return f, r, fmt.Errorf("cannot be opened: %w", err)
	}
	defer func() { _ = file.Close() }()
	looked, err := sheet.Look(file, 0)
	if err != nil {
		return f, r, err
	}
	if f, err = importing.Recognise(looked, formats); err != nil {
		return f, r, err
	}
	p.Say("%s: %s.", filepath.Base(c.File), described(f, looked))
	places, err := centres(ctx, d)
	if err != nil {
		return f, r, err
	}
	r, err = importing.Read(f, looked, places, func(rows int) { show.Say("read", rows, 0) })
	show.Done()
	return f, r, err
}

// described says what a file is, and what stands between its columns where it is no comma.
func described(f importing.Format, file *sheet.File) string {
	if separator := file.Separator(); separator != "commas" {
		return f.Title + ", with " + separator + " between the columns"
	}
	return f.Title
}

// centres gives the centres of the postcode districts; none where there is no directory yet.
func centres(ctx context.Context, d *db.DB) (map[string]postcode.Point, error) {
	if d == nil {
		return nil, nil
	}
	return db.Read(ctx, d, func(r db.R) (map[string]postcode.Point, error) { return directory.Centres(ctx, r) })
}

// planned is what becomes of the rows of a file, and what importing them would change.
type planned struct {
	reading importing.Reading
	plan    importing.Plan
}

// planOf says what becomes of the rows of a file, and what importing them would change.
func planOf(ctx context.Context, d *db.DB, f importing.Format, r importing.Reading) (importing.Reading, importing.Plan,
	error) {
	if d == nil {
		r, err := importing.Check(ctx, nil, f, r)
		return r, importing.IntoNothing(r.Accepted), err
	}
	found, err := db.Read(ctx, d, func(read db.R) (found planned, err error) {
		if found.reading, err = importing.Check(ctx, read, f, r); err != nil {
			return found, err
		}
		found.plan, err = importing.Compare(ctx, read, f, found.reading.Accepted)
		return found, err
	})
	return found.reading, found.plan, err
}

// writeRefused writes the refused rows to the file that was named for them. Where there are none, a file of earlier
// ones is removed, as somebody would mend and import them once more.
func (c *rowFlags) writeRefused(write func(io.Writer) error, res *result) error {
	if c.Refused == "" {
		return nil
	}
	if len(res.Refused) == 0 {
		return c.removeRefused(res)
	}
	file, err := os.OpenFile(filepath.Clean(c.Refused), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write the refused rows: %w", err)
	}
	res.refusedFile = c.Refused
	return errors.Join(write(file), file.Close())
}

func (c *rowFlags) removeRefused(res *result) error {
	if !hasRefused(c.Refused) {
		return nil // there is none, or it is somebody's who named another file than they meant
	}
	if err := os.Remove(c.Refused); err != nil {
		return fmt.Errorf("remove the refused rows of before: %w", err)
	}
	res.removed = true
	return nil
}

// hasRefused reports whether there is a file of refused rows.
func hasRefused(path string) bool {
	about, err := os.Stat(path)
	if err != nil || !about.Mode().IsRegular() {
		return false
	}
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }()
	return records.HasRefused(file)
}
