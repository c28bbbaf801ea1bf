package admin

import (
	"context"
	"errors"
	"strings"

	"signpost/internal/app"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration"
	"signpost/internal/command/cli"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// unlock ends locks where nobody of the service desk can come in to do it.
type unlock struct {
	cli.System
	cli.Output
	Number string `arg:"" help:"The 12 digits of the Care Identity." placeholder:"NUMBER"`
	Reason string `required:"" help:"Why: kept in the audit." placeholder:"TEXT"`
}

// Run ends the locks of all the person's authenticators.
func (c *unlock) Run(ctx context.Context, p *cli.Printer) error {
	if strings.TrimSpace(c.Reason) == "" {
		return cli.UsageError("--reason must say why the locks are ended")
	}
	d, err := c.OpenRunning(ctx, app.CareID)
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
	return p.Result(map[string]any{"careIdentity": i.UUID, "unlocked": n}, func() {
		if n == 0 {
			p.Say("No authenticator of %s is locked.", i.DisplayName())
			return
		}
		p.Say("Locks ended: %d. %s is told at each email address that is proved to be theirs.", n, i.DisplayName())
	})
}
