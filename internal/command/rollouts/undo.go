package rollouts

import (
	"context"
	"errors"
	"strings"

	"signpost/internal/command/cli"
	"signpost/internal/dos/administration/moving"
	"signpost/internal/dos/report"
	"signpost/internal/dos/wave"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/when"
)

// rolloutUndo undoes the last start of a wave.
type rolloutUndo struct {
	oneWave
	Apply bool `help:"Undo it. Without this, it is only said for whom it would be undone."`
}

// Run undoes the start, or says for whom it would be undone.
func (c *rolloutUndo) Run(ctx context.Context, p *cli.Printer) error {
	if c.Apply && strings.TrimSpace(c.Reason) == "" {
		return cli.UsageError("--reason must say why the start is undone")
	}
	return inRollout(ctx, c.System, func(o moving.Office) error {
		preview, err := c.preview(ctx, o)
		if err == nil {
			err = preview.Problem
		}
		if err == nil && c.Apply {
			err = o.Undo(ctx, rolloutActor, preview.Start.ID, preview.Seen, c.Reason)
		}
		if err != nil {
			return err
		}
		return c.say(p, preview)
	})
}

// undoPreview is what an undo does, and to how many accounts of people.
type undoPreview struct {
	moving.Preview

	people report.StartCounts
}

func (c *rolloutUndo) preview(ctx context.Context, o moving.Office) (undoPreview, error) {
	return db.Read(ctx, o.DB, func(r db.R) (v undoPreview, err error) {
		of, err := c.find(ctx, r)
		if err != nil {
			return v, err
		}
		s, err := wave.LastStart(ctx, r, of.ID)
		if errors.Is(err, fault.NotFound) {
			err = moving.ErrNoStart
		}
		if err == nil {
			v.Preview, err = o.PreviewOf(ctx, r, s)
		}
		if err == nil {
			v.people, err = report.OfStart(ctx, r, s.ID)
		}
		return v, err
	})
}

func (c *rolloutUndo) say(p *cli.Printer, v undoPreview) error {
	from := v.Start.From.Word()
	var left []string
	for _, a := range v.Left {
		left = append(left, a.Username)
	}
	return p.Result(map[string]any{"wave": v.Wave.Name, "back_to": from, "accounts": v.people.Staying,
		"joined_since": v.people.Joined, "in_another_wave": v.people.Left,
		"in_another_wave_usernames": cli.Listed(left), "applied": c.Apply}, func() {
		p.Say("%s: the start of %s, from %s to %s.", v.Wave.Name, when.DateTime(v.Start.At), from,
			v.Start.To.Word())
		p.Say("  back to %s, accounts: %d", from, v.people.Staying)
		p.Say("  joined since, keep their phase in a wave of their own: %d", v.people.Joined)
		p.Say("  in another wave since, stay there: %d %s", v.people.Left, strings.Join(left, " "))
		p.Say("%s", doneOrNot(c.Apply, "The start is undone."))
	})
}
