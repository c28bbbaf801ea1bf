package exports

import (
	"context"
	"io"

	"signpost/internal/app"
	careid "signpost/internal/careid/extract"
	answering "signpost/internal/careid/extract/byfile"
	"signpost/internal/command/cli"
	"signpost/internal/dos/standing/byfile"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/job"
	"signpost/internal/platform/mail"
)

// questions writes what the directory asks the care identity side, where that cannot be reached.
type questions struct {
	cli.System
	toFile
}

// Run writes a question about each account.
func (c *questions) Run(ctx context.Context, p *cli.Printer) error {
	d, err := c.OpenRunning(ctx, app.DoS)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	asked := 0
	err = c.to(p, func(w io.Writer) (err error) {
		asked, err = byfile.Ask(ctx, d, actor.ForCommand("export questions"), w)
		return err
	})
	if err == nil && c.Output != "" {
		p.Say("Written to %s: questions: %d. The file has the email addresses of accounts.", c.Output, asked)
		p.Say("Where Care Identities are kept: signpost export answers %s --output answers.csv", c.Output)
	}
	return err
}

// answers answers the questions of a directory that came in a file.
type answers struct {
	cli.System
	toFile
	File string `arg:"" help:"The file of questions." type:"path"`
}

// Run answers the questions.
func (c *answers) Run(ctx context.Context, p *cli.Printer) error {
	cfg, err := c.Read()
	if err != nil {
		return err
	}
	asked, err := cli.ReadTable(c.File, answering.Read)
	if err != nil {
		return err
	}
	box, err := app.OpenBox(cfg, false)
	if err != nil {
		return c.MasterKeyProblem(cfg, err)
	}
	d, err := c.OpenRunning(ctx, app.CareID)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	e := &careid.Extract{DB: d, Box: box, Post: mail.New(d, box, nil, job.NewWorkers())}
	err = c.to(p, func(w io.Writer) error {
		return answering.Answer(ctx, e, actor.ForCommand("export answers"), asked, w)
	})
	if err == nil && c.Output != "" {
		p.Say("Written to %s: answers: %d.", c.Output, len(asked))
		p.Say("Where the directory is: signpost import answers %s", c.Output)
	}
	return err
}
