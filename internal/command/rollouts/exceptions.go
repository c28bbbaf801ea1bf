package rollouts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"signpost/internal/command/cli"
	"signpost/internal/config"
	"signpost/internal/dos/account"
	"signpost/internal/dos/wave"
	"signpost/internal/dos/wave/exception"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/when"
)

// exceptionsFlags are the commands about exceptions for passwords.
type exceptionsFlags struct {
	List   exceptionsList   `cmd:"" help:"List those that wait for a decision, the oldest first, and those that run."`
	Ask    exceptionsAsk    `cmd:"" help:"Ask that a password works for some days. A DoS user administrator decides."`
	Give   exceptionsGive   `cmd:"" help:"Let a password work for 24 hours."`
	Decide exceptionsDecide `cmd:"" help:"Decide about what somebody else asked for."`
	End    exceptionsEnd    `cmd:"" help:"End an exception that runs."`
}

// inExceptions opens the directory, and has do work with what gives exceptions.
func inExceptions(ctx context.Context, s cli.System, do func(o exception.Office) error) error {
	return inDirectory(ctx, s, func(d *db.DB, box *seal.Box, cfg config.Config) error {
		return do(exception.Office{DB: d, Post: mail.New(d, box, nil, job.NewWorkers()), Home: cfg.Addresses.DoS})
	})
}

// exceptionsList lists exceptions.
type exceptionsList struct {
	cli.System
	cli.Output
	Wave string `help:"Of this wave alone." placeholder:"WAVE"`
}

// shownException is an exception as --json prints it.
type shownException struct {
	Username string     `json:"username"`
	Days     int        `json:"days,omitempty"`
	At       *time.Time `json:"asked_at,omitempty"`
	Ends     *time.Time `json:"ends_at,omitempty"`
	By       string     `json:"by"`
	Reason   string     `json:"reason"`
	Deciders []string   `json:"deciders,omitempty"` // usernames of who can decide
}

type shownExceptions struct {
	Waiting []shownException `json:"waiting"`
	Running []shownException `json:"running"`
}

const maxExceptions = 5_000

// Run lists them.
func (c *exceptionsList) Run(ctx context.Context, p *cli.Printer) error {
	return inExceptions(ctx, c.System, func(o exception.Office) error {
		v, err := db.Read(ctx, o.DB, func(r db.R) (shownExceptions, error) { return c.read(ctx, r) })
		if err != nil {
			return err
		}
		return p.Result(v, func() { sayExceptions(p, v) })
	})
}

func (c *exceptionsList) read(ctx context.Context, r db.R) (v shownExceptions, err error) {
	v = shownExceptions{Waiting: []shownException{}, Running: []shownException{}}
	f := exception.Filter{Within: account.Reach{Everywhere: true}}
	if c.Wave != "" {
		var of wave.Wave
		if of, err = (&oneWave{Wave: c.Wave}).find(ctx, r); err != nil {
			return v, err
		}
		f.Wave = of.ID
	}
	waiting, _, err := exception.ListWaiting(ctx, r, f, 0, maxExceptions)
	if err != nil {
		return v, err
	}
	for _, q := range waiting {
		a, err := account.ByID(ctx, r, q.AccountID)
		if err != nil {
			return v, err
		}
		deciders, err := exception.Deciders(ctx, r, q)
		if err != nil {
			return v, err
		}
		one := shownException{Username: a.Username, Days: q.Days, At: &q.At, By: q.Name, Reason: q.Reason}
		for _, d := range deciders {
			one.Deciders = append(one.Deciders, d.Username)
		}
		v.Waiting = append(v.Waiting, one)
	}
	running, _, err := exception.ListRunning(ctx, r, f, 0, maxExceptions)
	if err != nil {
		return v, err
	}
	for _, x := range running {
		a, err := account.ByID(ctx, r, x.AccountID)
		if err != nil {
			return v, err
		}
		v.Running = append(v.Running, shownException{Username: a.Username, Ends: &x.Ends, By: x.Name, Reason: x.Reason})
	}
	return v, nil
}

func sayExceptions(p *cli.Printer, v shownExceptions) {
	p.Say("Asked for, not decided: %d", len(v.Waiting))
	for _, one := range v.Waiting {
		deciders := "nobody can decide"
		if len(one.Deciders) > 0 {
			deciders = "can decide: " + strings.Join(one.Deciders, " ")
		}
		p.Say("  %s: %d days, asked by %s on %s; %s", one.Username, one.Days, one.By, when.DateTime(*one.At), deciders)
	}
	p.Say("Running now: %d", len(v.Running))
	for _, one := range v.Running {
		p.Say("  %s: until %s, given by %s", one.Username, when.DateTime(*one.Ends), one.By)
	}
}

// oneUser is the flags of a command about the exception of one user.
type oneUser struct {
	cli.System
	cli.Output
	Username string `arg:"" help:"The username of the account." placeholder:"USER"`
}

// find reads the account that the command is about.
func (c *oneUser) find(ctx context.Context, r db.R) (account.Account, error) {
	a, err := account.ByUsername(ctx, r, strings.TrimSpace(c.Username))
	if errors.Is(err, fault.NotFound) {
		err = fault.Say(fault.NotFound, "No account has the username "+c.Username+".")
	}
	return a, err
}

// do does something about the exception of the user, and says what was done.
func (c *oneUser) do(
	ctx context.Context, p *cli.Printer, done string, act func(o exception.Office, a account.Account) error,
) error {
	return inExceptions(ctx, c.System, func(o exception.Office) error {
		a, err := db.Read(ctx, o.DB, func(r db.R) (account.Account, error) { return c.find(ctx, r) })
		if err != nil {
			return err
		}
		if err := act(o, a); err != nil {
			return err
		}
		return p.Result(map[string]any{"username": a.Username, "done": done}, func() {
			p.Say("%s: %s", a.Username, done)
		})
	})
}

const needsReason = cli.UsageError("--reason must say why")

// exceptionsAsk asks for an exception.
type exceptionsAsk struct {
	oneUser
	Days   int    `required:"" help:"For how many days." placeholder:"N"`
	Reason string `help:"Why: whoever decides reads it." placeholder:"TEXT"`
}

// Run asks.
func (c *exceptionsAsk) Run(ctx context.Context, p *cli.Printer) error {
	if strings.TrimSpace(c.Reason) == "" {
		return needsReason
	}
	done := fmt.Sprintf("%d days are asked for. A DoS user administrator decides.", c.Days)
	return c.do(ctx, p, done, func(o exception.Office, a account.Account) error {
		return o.Ask(ctx, rolloutActor, a.ID, c.Days, c.Reason)
	})
}

// exceptionsGive gives an exception for a day.
type exceptionsGive struct {
	oneUser
	Reason string `help:"Why: it is sent to the person." placeholder:"TEXT"`
}

// Run gives it.
func (c *exceptionsGive) Run(ctx context.Context, p *cli.Printer) error {
	if strings.TrimSpace(c.Reason) == "" {
		return needsReason
	}
	const done = "the password works for 24 hours. The person is told."
	return c.do(ctx, p, done, func(o exception.Office, a account.Account) error {
		return o.Give(ctx, rolloutActor, a.ID, c.Reason)
	})
}

// exceptionsDecide decides about what was asked for.
type exceptionsDecide struct {
	oneUser
	Decision string `required:"" enum:"approve,refuse" help:"approve or refuse." placeholder:"DECISION"`
	Reason   string `help:"Why: it is sent to the person." placeholder:"TEXT"`
}

// Run decides.
func (c *exceptionsDecide) Run(ctx context.Context, p *cli.Printer) error {
	if strings.TrimSpace(c.Reason) == "" {
		return needsReason
	}
	return c.do(ctx, p, "decided. The person is told.", func(o exception.Office, a account.Account) error {
		q, err := db.Read(ctx, o.DB, func(r db.R) (exception.Request, error) { return exception.Waiting(ctx, r, a.ID) })
		if errors.Is(err, fault.NotFound) {
			return fault.Say(fault.NotFound, "Nobody asks for "+a.Username+".")
		}
		if err != nil {
			return err
		}
		return o.Decide(ctx, rolloutActor, q.ID, c.Decision == "approve", c.Reason)
	})
}

// exceptionsEnd ends an exception.
type exceptionsEnd struct{ oneUser }

// Run ends it.
func (c *exceptionsEnd) Run(ctx context.Context, p *cli.Printer) error {
	const done = "the exception has ended. The person is told."
	return c.do(ctx, p, done, func(o exception.Office, a account.Account) error {
		return o.End(ctx, rolloutActor, a.ID)
	})
}
