package command

import (
	"context"
	"errors"
	"strings"

	"signpost/internal/app"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/team"
	"signpost/internal/careid/registration"
	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

var adminCommand = command{
	name:  "admin",
	help:  "Give the first rights, before anybody has rights to give.",
	flags: func() any { return new(adminFlags) },
}

// adminFlags are the commands that do what nobody can be given the right to do from a page yet.
type adminFlags struct {
	Client   adminClient   `cmd:"" help:"Suspend a client of CIS2, resume it, or approve it."`
	Operator adminOperator `cmd:"" help:"Let a Care Identity operate the clients of CIS2: see every team's, approve and suspend them, send their logout notices again."`
	Unlock   adminUnlock   `cmd:"" help:"End the locks of a Care Identity's authenticators, after too many wrong attempts."`
	Username adminUsername `cmd:"" help:"Usernames of the directory that differ only in capital and small letters."`
}

// adminOperator makes somebody an operator. Operators let others in by themselves.
type adminOperator struct {
	system
	output
	Number string `arg:"" help:"The 12 digits of the Care Identity." placeholder:"NUMBER"`
}

// Run makes the person an operator, or leaves one who is one.
func (c *adminOperator) Run(ctx context.Context, p *printer) error {
	d, err := c.openRunning(ctx, app.CareID)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	name, err := makeOperator(ctx, d, c.Number)
	if err != nil {
		return err
	}
	return p.result(map[string]string{"operator": c.Number}, func() {
		p.say("%s is an operator, and finds every client under Connections in Care Identity Management.", name)
	})
}

var errNoNumber = fault.SayCure(fault.NotFound, "There is no Care Identity with that number.",
	"Give the 12 digits as they stand on the person's profile.")

func makeOperator(ctx context.Context, d *db.DB, number string) (string, error) {
	return db.Write(ctx, d, actor.ForCommand("admin operator"), func(w *db.W) (string, error) {
		i, err := identity.ByUUID(ctx, w, identity.ReadNumber(number))
		if errors.Is(err, fault.NotFound) {
			return "", errNoNumber
		}
		if err != nil {
			return "", err
		}
		return i.DisplayName(), team.Join(ctx, w, team.Operators, i.UUID)
	})
}

// adminUnlock ends locks where nobody of the service desk can come in to do it.
type adminUnlock struct {
	system
	output
	Number string `arg:"" help:"The 12 digits of the Care Identity." placeholder:"NUMBER"`
	Reason string `required:"" help:"Why: kept in the audit." placeholder:"TEXT"`
}

// Run ends the locks of all the person's authenticators.
func (c *adminUnlock) Run(ctx context.Context, p *printer) error {
	if strings.TrimSpace(c.Reason) == "" {
		return usageError("--reason must say why the locks are ended")
	}
	d, err := c.openRunning(ctx, app.CareID)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	i, err := db.Read(ctx, d, func(r db.R) (identity.Identity, error) {
		return identity.ByUUID(ctx, r, identity.ReadNumber(c.Number))
	})
	if errors.Is(err, fault.NotFound) {
		return errNoNumber
	}
	if err != nil {
		return err
	}
	n, err := registration.EndLocks(ctx, d, actor.ForCommand("admin unlock"), i.UUID, c.Reason)
	if err != nil {
		return err
	}
	return p.result(map[string]any{"careIdentity": i.UUID, "unlocked": n}, func() {
		if n == 0 {
			p.say("No authenticator of %s is locked.", i.DisplayName())
			return
		}
		p.say("Locks ended: %d. %s is told by email.", n, i.DisplayName())
	})
}

// adminUsername are the commands for usernames of the directory that differ only in capital and small letters.
type adminUsername struct {
	Clashes usernameClashes `cmd:"" help:"List the usernames of the directory that differ only in capital and small letters."`
	Change  usernameChange  `cmd:"" help:"Give an account of the directory another username."`
}

// usernameClashes lists them.
type usernameClashes struct {
	system
	output
}

// clash is one account of the list.
type clash struct {
	Username string `json:"username"`
	Name     string `json:"name"`
	Email    string `json:"email"`
}

// Run lists the accounts.
func (c *usernameClashes) Run(ctx context.Context, p *printer) error {
	d, err := c.openRunning(ctx, app.DoS)
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
	return p.result(map[string]any{"clashes": clashes, "waiting": waiting}, func() {
		switch {
		case waiting > 0:
			p.say("This list is not complete yet: usernames from before the upgrade still to be compared: %d. The "+
				"running program does that; look again in a minute.", waiting)
		case len(clashes) == 0:
			p.say("No usernames differ only in capital and small letters.")
		}
		if len(clashes) == 0 {
			return
		}
		p.say("These usernames differ only in capital and small letters. Each must be typed exactly as it stands here.")
		for _, one := range clashes {
			p.say("  %s  %s  %s", one.Username, one.Name, one.Email)
		}
		p.say("To rename one: %s", c.commandLine("admin", "username", "change", "USERNAME", "NEW", "--reason", "TEXT"))
	})
}

// usernameChange renames an account.
type usernameChange struct {
	system
	output
	Username string `arg:"" help:"The username as it stands now, in exactly these letters." placeholder:"USERNAME"`
	New      string `arg:"" help:"The new username." placeholder:"NEW"`
	Reason   string `required:"" help:"Why: kept in the audit." placeholder:"TEXT"`
}

// Run renames the account. Its holder is not told by this command.
func (c *usernameChange) Run(ctx context.Context, p *printer) error {
	if strings.TrimSpace(c.Reason) == "" {
		return usageError("--reason must say why the username is changed")
	}
	d, err := c.openRunning(ctx, app.DoS)
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
	return p.result(map[string]string{"before": renamed.Username, "username": c.New}, func() {
		p.say("The username of %s is now %s. No email is sent: tell them.", renamed.Name(), c.New)
	})
}

// rename renames the account, and gives it as it was.
func (c *usernameChange) rename(ctx context.Context, w *db.W) (account.Account, error) {
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
