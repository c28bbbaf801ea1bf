package rollouts

import (
	"context"

	"signpost/internal/command/cli"
	"signpost/internal/dos/administration/moving"
	"signpost/internal/dos/rollout/mirror"
	"signpost/internal/dos/rollout/simulation"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/when"
)

// shownRail is a guard rail as --json prints it.
type shownRail struct {
	Name  string `json:"name"`
	Count int    `json:"people"`
	Limit int    `json:"limit"`
	Holds bool   `json:"holds"`
	text  string
}

// shownRails reads the guard rails of a wave.
func shownRails(ctx context.Context, r db.R, o moving.Office, of wave.Wave) (shown []shownRail, err error) {
	list, err := o.Rails.Of(ctx, r, of)
	for _, rail := range list {
		shown = append(shown, shownRail{Name: string(rail.Measure.Name), Count: rail.Count, Limit: rail.Allowed(),
			Holds: !rail.Broken(), text: rail.Text()})
	}
	return shown, err
}

// rolloutStatus says where the waves are.
type rolloutStatus struct {
	cli.System
	cli.Output
}

// Run says it.
func (c *rolloutStatus) Run(ctx context.Context, p *cli.Printer) error {
	return inRollout(ctx, c.System, func(o moving.Office) error {
		list, err := shownWaves(ctx, o)
		if err != nil {
			return err
		}
		return p.Result(list, func() { sayStatus(p, list) })
	})
}

func sayStatus(p *cli.Printer, list []shownWave) {
	if len(list) == 0 {
		p.Say("There are no waves yet: make one on the page of waves.")
	}
	for _, w := range list {
		since := ""
		if w.Since != nil {
			since = " since " + when.DateTime(*w.Since)
		}
		p.Say("%s: %s%s; %d of %d accounts are linked", w.Name, w.Phase, since, w.Linked, w.Accounts)
		for _, rail := range w.Rails {
			p.Say("  guard rail: %s", rail.text)
		}
		if w.Stops != "" {
			p.Say("  the next phase cannot begin now: %s", w.Stops)
		}
	}
}

// rolloutSimulate says what would become of everybody if a wave were in another phase.
type rolloutSimulate struct {
	cli.System
	cli.Output
	Wave string `arg:"" optional:"" help:"The name of the wave; all accounts without one." placeholder:"WAVE"`
	To   string `required:"" enum:"prepare,choose,require,closed" help:"The phase: prepare, choose, require or closed." placeholder:"PHASE"`
	Save bool   `help:"Keep the result, so that the page shows later what has changed since."`
}

// Run says it.
func (c *rolloutSimulate) Run(ctx context.Context, p *cli.Printer) error {
	return inRollout(ctx, c.System, func(o moving.Office) error {
		s, err := c.switchOf(ctx, o.DB)
		if err != nil {
			return err
		}
		result, err := simulation.Run(ctx, o.DB, s)
		if err != nil {
			return err
		}
		if c.Save {
			if err := simulation.Save(ctx, o.DB, rolloutActor, result); err != nil {
				return err
			}
		}
		return p.Result(result, func() { saySimulation(p, result) })
	})
}

// switchOf gives what is proposed.
func (c *rolloutSimulate) switchOf(ctx context.Context, d *db.DB) (s simulation.Switch, err error) {
	s.Phase = path.PhaseOf(c.To)
	if c.Wave == "" {
		return s, nil
	}
	named := &oneWave{Wave: c.Wave}
	of, err := db.Read(ctx, d, func(r db.R) (wave.Wave, error) { return named.find(ctx, r) })
	s.Wave = of.ID
	return s, err
}

// maxSaid is how many lines of each kind are said; --json has all.
const maxSaid = 10

func saySimulation(p *cli.Printer, r *simulation.Result) {
	p.Say("%s", r.Headline())
	p.Say("The care identity side has said something about %d of %d people.", r.Told, r.Told+r.Untold)
	for _, o := range simulation.Outcomes() {
		p.Say("  %-26s %7d now, %7d after", o.Title(), r.Now[o], r.After[o])
	}
	sayFixes(p, r, simulation.LockedOut, "What would let most of them in:")
	sayFixes(p, r, simulation.Limited, "What those need whose password opens it for some days of work only:")
	sayFixes(p, r, simulation.Unsure, "What has to be found out first:")
	left := 0
	for _, c := range r.Covers {
		if c.After == 0 {
			left++
		}
	}
	if left > 0 {
		p.Say("Places where nobody would be left who can edit services: %d. The page names them, and --json.", left)
	}
}

// sayFixes says what would let people in of whom one thing becomes, or what has to be found out about them.
func sayFixes(p *cli.Printer, r *simulation.Result, of simulation.Outcome, heading string) {
	said := 0
	for _, f := range r.Fixes {
		if f.Of != of {
			continue
		}
		if said == 0 {
			p.Say("%s", heading)
		}
		if said++; said <= maxSaid {
			sayFix(p, f)
		}
	}
	if more := said - maxSaid; more > 0 {
		p.Say("  %d more: --json lists them all.", more)
	}
}

func sayFix(p *cli.Printer, f simulation.Fix) {
	by := ""
	if f.Authority.Organisation != "" {
		by = " (" + f.Authority.Organisation + ")"
	}
	p.Say("  people %d, working days %d%s:", f.People, f.Days, by)
	for _, b := range f.Bars {
		p.Say("    %s", b.Task)
	}
}

// rolloutMirror says what the last mirror days of a wave showed, or sets some.
type rolloutMirror struct {
	cli.System
	cli.Output
	Wave string `arg:"" help:"The name of the wave, as its page has it." placeholder:"WAVE"`
	From string `help:"Set mirror days from this day on, such as 31 March 2027." placeholder:"DAY"`
	Days int    `default:"1" help:"For how many days."`
}

// Run says it, or sets them.
func (c *rolloutMirror) Run(ctx context.Context, p *cli.Printer) error {
	return inRollout(ctx, c.System, func(o moving.Office) error {
		of, err := db.Read(ctx, o.DB, func(r db.R) (wave.Wave, error) { return (&oneWave{Wave: c.Wave}).find(ctx, r) })
		switch {
		case err != nil:
			return err
		case c.From != "":
			return c.set(ctx, p, o.DB, of)
		}
		return c.say(ctx, p, o.DB, of)
	})
}

func (c *rolloutMirror) set(ctx context.Context, p *cli.Printer, d *db.DB, of wave.Wave) error {
	from, is := when.ParseDate(c.From)
	if !is {
		return cli.UsageError("--from must be a day, such as 31 March 2027")
	}
	if _, err := (mirror.Office{DB: d}).Set(ctx, rolloutActor, of.ID, from, c.Days); err != nil {
		return err
	}
	return p.Result(map[string]any{"wave": of.Name, "from": from, "days": c.Days}, func() {
		p.Say("Mirror days of %s are set. Nobody is turned away by them.", of.Name)
	})
}

func (c *rolloutMirror) say(ctx context.Context, p *cli.Printer, d *db.DB, of wave.Wave) error {
	list, err := db.Read(ctx, d, func(r db.R) ([]mirror.Mirror, error) { return mirror.List(ctx, r, of.ID) })
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return fault.SayCure(fault.NotFound, of.Name+" has had no mirror days.", "Set some with --from.")
	}
	found, err := mirror.Read(ctx, d, list[0].ID)
	if err != nil {
		return err
	}
	return p.Result(found, func() {
		p.Say("%s, %s, as in %s: %s", of.Name, found.Mirror.Days(), found.Mirror.Phase.Word(), found.Text())
		for _, o := range simulation.Outcomes() {
			p.Say("  %-26s %7d now", o.Title(), found.Now[o])
		}
		for _, place := range found.Places[:min(len(found.Places), maxSaid)] {
			p.Say("  %-10s %7d, of whom %d lack something", place.Organisation, place.People, place.LockedOut)
		}
	})
}
