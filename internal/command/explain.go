package command

import (
	"context"
	"errors"

	"signpost/internal/app"
	"signpost/internal/command/cli"
	"signpost/internal/dos/account"
	"signpost/internal/dos/explain"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// explainCommand is signpost explain.
var explainCommand = cli.Command{
	Name:  "explain",
	Help:  "Say why somebody can log in or link now, or cannot, by the decisions that are made when they try.",
	Flags: func() any { return new(explainFlags) },
}

type explainFlags struct {
	Login explainLogin `cmd:"" help:"Why an account of the directory can be logged in with, or cannot."`
	Link  explainLink  `cmd:"" help:"Why an account of the directory can be linked to a Care Identity, or cannot."`

	Device explainDevice `cmd:"" help:"What a result code of the page Check this device says."`
}

// explained is the account that is asked about.
type explained struct {
	cli.System
	cli.Output
	User string `arg:"" help:"The username, or the email address of one person's account." placeholder:"USER"`
}

type (
	explainLogin struct{ explained }
	explainLink  struct{ explained }
)

// Run explains logins.
func (c *explainLogin) Run(ctx context.Context, p *cli.Printer) error {
	return c.run(ctx, p, explain.Login)
}

// Run explains links.
func (c *explainLink) Run(ctx context.Context, p *cli.Printer) error {
	return c.run(ctx, p, explain.Link)
}

func (c *explained) run(ctx context.Context, p *cli.Printer,
	about func(context.Context, db.R, account.Account) (explain.Explanation, error)) error {
	d, err := c.OpenRunning(ctx, app.DoS)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	e, err := db.Read(ctx, d, func(r db.R) (explain.Explanation, error) {
		a, err := explain.Find(ctx, r, c.User)
		if errors.Is(err, fault.NotFound) {
			return explain.Explanation{}, fault.SayCure(fault.NotFound, "No account has the username or email address "+
				c.User+".", "Check the spelling: whoever types it is told that username or password is not right.")
		}
		if err != nil {
			return explain.Explanation{}, err
		}
		return about(ctx, r, a)
	})
	if err != nil {
		return err
	}
	return p.Result(e, func() {
		for _, line := range e.Lines() {
			p.Say("%s", line)
		}
	})
}
