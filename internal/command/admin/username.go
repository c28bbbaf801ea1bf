package admin

import (
	"context"
	"errors"
	"strings"

	"signpost/internal/app"
	"signpost/internal/command/cli"
	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// usernames are the commands for usernames of the directory that differ only in capital and small letters.
type usernames struct {
	Clashes listClashes    `cmd:"" help:"List the usernames of the directory that differ only in capital and small letters."`
	Change  changeUsername `cmd:"" help:"Give an account of the directory another username."`
}

// listClashes lists them.
type listClashes struct {
	cli.System
	cli.Output
}

// clash is one account of the list.
type clash struct {
	Username string `json:"username"`
	Name     string `json:"name"`
	Email    string `json:"email"`
}

// Run lists the accounts.
func (c *listClashes) Run(ctx context.Context, p *cli.Printer) error {
	d, err := c.OpenRunning(ctx, app.DoS)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	list, err := db.Read(ctx, d, func(r db.R) ([]account.Account, error) { return account.Clashing(ctx, r) })
	if err != nil {
		return err
	}
	waiting, err := db.Read(ctx, d, func(r db.R) (int64, error) { return account.ToFold(ctx, r) })
	if err != nil {
		return err
	}
	clashes := make([]clash, 0, len(list))
	for _, a := range list {
		clashes = append(clashes, clash{Username: a.Username, Name: a.Name(), Email: a.Email})
	}
	return p.Result(map[string]any{"clashes": clashes, "waiting": waiting}, func() {
		switch {
		case waiting > 0:
			p.Say("This list is not complete yet: usernames from before the upgrade still to be compared: %d. The "+
				"running program does that; look again in a minute.", waiting)
		case len(clashes) == 0:
			p.Say("No usernames differ only in capital and small letters.")
		}
		if len(clashes) == 0 {
			return
		}
		p.Say("These usernames differ only in capital and small letters. Each must be typed exactly as it stands here.")
		for _, one := range clashes {
			p.Say("  %s  %s  %s", one.Username, one.Name, one.Email)
		}
		p.Say("To rename one: %s", c.CommandLine("admin", "username", "change", "USERNAME", "NEW", "--reason", "TEXT"))
	})
}

// changeUsername renames an account.
type changeUsername struct {
	cli.System
	cli.Output
	Username string `arg:"" help:"The username as it stands now, in exactly these letters." placeholder:"USERNAME"`
	New      string `arg:"" help:"The new username." placeholder:"NEW"`
	Reason   string `required:"" help:"Why: kept in the audit." placeholder:"TEXT"`
}

// Run renames the account. Its holder is not told by this command.
func (c *changeUsername) Run(ctx context.Context, p *cli.Printer) error {
	if strings.TrimSpace(c.Reason) == "" {
		return cli.UsageError("--reason must say why the username is changed")
	}
	d, err := c.OpenRunning(ctx, app.DoS)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	renamed, err := db.Write(ctx, d, actor.ForCommand("admin username"), func(w *db.W) (account.Account, error) {
		return c.rename(ctx, w)
	})
	if err != nil {
		return err
	}
	return p.Result(map[string]string{"before": renamed.Username, "username": c.New}, func() {
		p.Say("The username of %s is now %s. No email is sent: tell them.", renamed.Name(), c.New)
	})
}

// rename renames the account, and gives it as it was.
func (c *changeUsername) rename(ctx context.Context, w *db.W) (account.Account, error) {
	a, err := account.ByUsername(ctx, w, c.Username)
	if errors.Is(err, fault.NotFound) {
		return a, errNoUsername
	}
	if err != nil {
		return a, err
	}
	return a, account.Rename(ctx, w, a.ID, c.New, c.Reason)
}

var errNoUsername = fault.SayCure(fault.NotFound, "There is no account with that username.",
	"Give it as it stands in the directory's list of users, in the same capital and small letters.")
