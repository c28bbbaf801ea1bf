package admin

import (
	"context"
	"errors"
	"strings"

	"signpost/internal/app"
	"signpost/internal/command/cli"
	"signpost/internal/config"
	"signpost/internal/dos/account"
	"signpost/internal/dos/administration"
	"signpost/internal/dos/belonging"
	"signpost/internal/national/ods"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/mail"
)

// accounts are the commands for accounts that no administrator on a page may change, as they manage users everywhere.
type accounts struct {
	Deactivate deactivate `cmd:"" help:"Deactivate an account of the directory, also one that manages users everywhere."`
	TakeGroup  takeGroup  `cmd:"" help:"Take a group away from an account of the directory, also one that manages users everywhere."`

	Organisation setOrganisation `cmd:"" help:"Say to which organisation an account of the directory belongs, where no administrator can confirm it."`
}

// deactivate ends the use of an account.
type deactivate struct {
	cli.System
	cli.Output
	Username string `arg:"" help:"The username of the account." placeholder:"USERNAME"`
	Reason   string `required:"" help:"Why: kept with the account." placeholder:"TEXT"`
}

// Run deactivates the account.
func (c *deactivate) Run(ctx context.Context, p *cli.Printer) error {
	if strings.TrimSpace(c.Reason) == "" {
		return cli.UsageError("--reason must say why the account is deactivated")
	}
	o, a, err := officeOver(ctx, &c.System, c.Username)
	if err != nil {
		return err
	}
	defer func() { _ = o.DB.Close() }()
	if err := o.Deactivate(ctx, actor.ForCommand("admin account"), a.ID, c.Reason); err != nil {
		return err
	}
	return p.Result(map[string]any{"username": a.Username, "active": false}, func() {
		p.Say("The account of %s is deactivated and its sessions have ended. They are told by email.", a.Name())
	})
}

// takeGroup takes a group away.
type takeGroup struct {
	cli.System
	cli.Output
	Username string `arg:"" help:"The username of the account." placeholder:"USERNAME"`
	Group    string `arg:"" help:"The group, as the account's page names it." placeholder:"GROUP"`
}

// Run takes the group away wherever the account has it.
func (c *takeGroup) Run(ctx context.Context, p *cli.Printer) error {
	o, a, err := officeOver(ctx, &c.System, c.Username)
	if err != nil {
		return err
	}
	defer func() { _ = o.DB.Close() }()
	taken := 0
	group, err := account.GroupTitled(c.Group)
	if err == nil {
		taken, err = o.TakeEverywhere(ctx, actor.ForCommand("admin account"), a.ID, group)
	}
	if errors.Is(err, fault.NotFound) {
		return errNotInGroup
	}
	if err != nil {
		return err
	}
	return p.Result(map[string]any{"username": a.Username, "taken": taken}, func() {
		p.Say("The group was taken away from the account of %s. They are told by email.", a.Name())
	})
}

var errNotInGroup = fault.SayCure(fault.NotFound, "The account does not have that group.",
	"Give the group as it stands on the account's page, such as \"DoS user administrator\".")

// setOrganisation says to which organisation an account belongs.
type setOrganisation struct {
	cli.System
	cli.Output
	Username     string `arg:"" help:"The username of the account." placeholder:"USERNAME"`
	Organisation string `arg:"" help:"The ODS code of the organisation." placeholder:"CODE"`
	Reason       string `required:"" help:"How you know: kept with the account." placeholder:"TEXT"`
}

// Run sets the organisation.
func (c *setOrganisation) Run(ctx context.Context, p *cli.Printer) error {
	if strings.TrimSpace(c.Reason) == "" {
		return cli.UsageError("--reason must say how you know where they belong")
	}
	code, err := ods.Parse(c.Organisation)
	if err != nil {
		return cli.UsageError("CODE must be an ODS code of 3 to 12 letters and digits, such as RXK")
	}
	o, a, err := officeOver(ctx, &c.System, c.Username)
	if err != nil {
		return err
	}
	defer func() { _ = o.DB.Close() }()
	claims := belonging.Claims{DB: o.DB, Post: o.Post}
	err = claims.Set(ctx, actor.ForCommand("admin account"), a.ID, string(code), c.Reason)
	if err != nil {
		return err
	}
	return p.Result(map[string]any{"username": a.Username, "organisation": string(code)}, func() {
		p.Say("The account of %s belongs to %s now. They are told by email.", a.Name(), code)
	})
}

// officeOver opens the directory and gives what changes accounts there, with the account of a username. Whoever called
// it closes the database.
func officeOver(ctx context.Context, s *cli.System, username string) (administration.Office, account.Account, error) {
	cfg, err := s.Named()
	if err != nil {
		return administration.Office{}, account.Account{}, err
	}
	d, err := s.OpenRunning(ctx, app.DoS)
	if err != nil {
		return administration.Office{}, account.Account{}, err
	}
	o, a, err := officeIn(ctx, s, cfg, d, username)
	if err != nil {
		return o, a, errors.Join(err, d.Close())
	}
	return o, a, nil
}

func officeIn(ctx context.Context, s *cli.System, cfg config.Config, d *db.DB, username string) (
	o administration.Office, a account.Account, err error) {
	box, err := app.OpenBox(cfg, false)
	if err != nil {
		return o, a, s.MasterKeyProblem(cfg, err)
	}
	a, err = db.Read(ctx, d, func(r db.R) (account.Account, error) { return account.ByUsername(ctx, r, username) })
	if errors.Is(err, fault.NotFound) {
		err = errNoUsername
	}
	return administration.Office{DB: d, Post: mail.New(d, box, nil, job.NewWorkers())}, a, err
}
