package admin

import (
	"context"
	"errors"
	"strings"

	"signpost/internal/app"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration"
	"signpost/internal/command/cli"
	"signpost/internal/config"
	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/linking"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/mail"
)

// firstLink makes the first person of a site, and the one-time link by which they come in.
type firstLink struct {
	cli.System
	cli.Output
	Site         string `required:"" enum:"dos,cim" help:"dos for the directory's first user administrator, cim for the first registration authority manager." placeholder:"SITE"`
	Email        string `arg:"" help:"Their own work email address." placeholder:"EMAIL"`
	GivenName    string `required:"" help:"Their given name, as it stands on their identity document." placeholder:"NAME"`
	FamilyName   string `required:"" help:"Their family name." placeholder:"NAME"`
	Organisation string `required:"" help:"The ODS code of the organisation that they work for." placeholder:"CODE"`

	OrganisationName string `help:"Its name, where it was not imported into the directory." placeholder:"NAME"`
	Directory        bool   `help:"Give a registration authority manager also the position that opens the Directory of Services."`
}

// Run makes the person and prints the link. Nothing is mailed: whoever runs the command hands the link over.
func (c *firstLink) Run(ctx context.Context, p *cli.Printer) error {
	cfg, err := c.Named()
	if err != nil {
		return err
	}
	if c.Site == "dos" {
		return c.administrator(ctx, cfg, p)
	}
	return c.manager(ctx, cfg, p)
}

// by is who the events name.
func (c *firstLink) by() actor.Actor { return actor.ForCommand("admin first-link") }

// administrator makes the directory's first user administrator.
func (c *firstLink) administrator(ctx context.Context, cfg config.Config, p *cli.Printer) error {
	if c.Directory {
		return cli.UsageError("--directory goes with --site cim: a registration authority gives positions")
	}
	if err := cfg.ForServing("dos"); err != nil {
		return cli.Incomplete(err)
	}
	d, err := c.OpenRunning(ctx, app.DoS)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	linker, err := c.linker(cfg, d)
	if err != nil {
		return err
	}
	made, err := linker.MakeFirstAdministrator(ctx, c.by(), account.New{
		FirstName: c.GivenName, LastName: c.FamilyName, Email: c.Email, Organisation: c.Organisation,
	})
	if err != nil {
		return namingFlag(err)
	}
	link := cfg.Addresses.DoS + made.Path
	return p.Result(map[string]string{"username": made.Account.Username, "link": link}, func() {
		p.Say("%s (%s) is the first user administrator of the Directory of Services.", made.Account.Name(),
			made.Account.Username)
		p.Say("Hand this link over, to nobody else:")
		p.Say("  %s", link)
		p.Say("It works once, for 7 days. They need their Care Identity, with the position that opens the directory, "+
			"and the mailbox of %s: a code is sent there.", made.Account.Email)
	})
}

func (c *firstLink) linker(cfg config.Config, d *db.DB) (*linking.Linker, error) {
	box, err := app.OpenBox(cfg, false)
	if err != nil {
		return nil, c.MasterKeyProblem(cfg, err)
	}
	return &linking.Linker{DB: d, Post: mail.New(d, box, nil, job.NewWorkers())}, nil
}

// manager makes the first registration authority manager of an organisation.
func (c *firstLink) manager(ctx context.Context, cfg config.Config, p *cli.Printer) error {
	if err := cfg.ForServing("cis2", "cim"); err != nil {
		return cli.Incomplete(err)
	}
	d, err := c.OpenRunning(ctx, app.CareID)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	kinds, err := app.Kinds(cfg)
	if err != nil {
		return err
	}
	named, err := c.named(ctx)
	if err != nil {
		return err
	}
	made, err := registration.FirstManager(ctx, d, c.by(), registration.First{
		GivenName: c.GivenName, FamilyName: c.FamilyName, Email: c.Email, Organisation: named, Directory: c.Directory,
		Kinds: kinds,
	})
	if err != nil {
		return namingFlag(err)
	}
	link := cfg.Addresses.CIS2 + made.BindPath
	person := made.Identity
	return p.Result(map[string]string{"careIdentity": person.UUID, "link": link}, func() {
		p.Say("%s, Care Identity %s, is a registration authority manager of %s.", person.DisplayName(), person.UUID,
			made.Organisation)
		p.Say("Hand this link over, to nobody else:")
		p.Say("  %s", link)
		p.Say("It works once, for 24 hours. They add their authenticator with it, and need the mailbox of %s: a code "+
			"is sent there. Then they log in at %s. Have them choose what can be of level AAL3, such as a security "+
			"key.", person.Email, cfg.Addresses.CIM)
	})
}

// named gives the name of the organisation: the one that was given, or the one that was imported into the directory.
func (c *firstLink) named(ctx context.Context) (organisation.Organisation, error) {
	o := organisation.Organisation{Code: c.Organisation, Name: c.OrganisationName}
	if o.Name != "" {
		return o, nil
	}
	d, err := c.OpenExisting(ctx, app.DoS)
	if err != nil || d == nil {
		return o, err
	}
	defer func() { _ = d.Close() }()
	code := strings.ToUpper(strings.TrimSpace(c.Organisation))
	o.Name, err = db.Read(ctx, d, func(r db.R) (string, error) { return directory.OrganisationName(ctx, r, code) })
	return o, err
}

// namingFlag tells a fault of a field to whoever typed a flag.
func namingFlag(err error) error {
	f, known := fault.From(err)
	if !known || f.Field == "" || errors.Is(err, fault.NotFound) {
		return err
	}
	return cli.UsageError(f.Message)
}
