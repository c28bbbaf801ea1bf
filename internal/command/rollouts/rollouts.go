// Package rollouts has the commands that move waves of accounts from passwords to Care Identity, and say how that goes.
package rollouts

import (
	"context"
	"fmt"
	"strings"
	"time"

	"signpost/internal/app"
	"signpost/internal/command/cli"
	"signpost/internal/config"
	"signpost/internal/dos/account"
	"signpost/internal/dos/administration/moving"
	"signpost/internal/dos/report"
	"signpost/internal/dos/rollout/board"
	"signpost/internal/dos/rollout/planning"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/when"
)

// Command is signpost rollout.
var Command = cli.Command{
	Name:  "rollout",
	Help:  "Move waves of accounts from passwords to Care Identity, as the pages of waves do.",
	Flags: func() any { return new(rolloutFlags) },
}

// rolloutFlags are the commands about waves, in the order in which somebody uses them.
type rolloutFlags struct {
	Plan       rolloutPlan     `cmd:"" help:"List the waves with their dates, and how far the people in each are."`
	Simulate   rolloutSimulate `cmd:"" help:"Say who would be locked out if a wave were in another phase, and what would let them in."`
	Forecast   rolloutForecast `cmd:"" help:"Say when people will be ready, from what was finished in the last weeks."`
	Outcome    rolloutOutcome  `cmd:"" help:"Say what came of the move in a month: logins, tickets, time to ready, lock-outs."`
	Mirror     rolloutMirror   `cmd:"" help:"Say who would have been turned away on the last mirror day of a wave, or set some."`
	Start      rolloutStart    `cmd:"" help:"Move a wave forward to a phase. Says first what would change; --apply moves it."`
	Pause      rolloutPause    `cmd:"" help:"Keep a wave from every further phase, or with --resume end that."`
	Allow      rolloutAllow    `cmd:"" help:"Set for how many days of work a password still opens the directory in Require."`
	Undo       rolloutUndo     `cmd:"" help:"Undo the last start of a wave. Says first for whom; --apply undoes it."`
	Exceptions exceptionsFlags `cmd:"" help:"List exceptions for passwords, ask for one, give it, decide about it or end it."`
	Status     rolloutStatus   `cmd:"" help:"Say in which phase each wave is, since when, and what stops its next phase."`
}

var rolloutActor = actor.ForCommand("rollout")

// oneWave is the flags of a command about one wave.
type oneWave struct {
	cli.System
	cli.Output
	Wave   string `arg:"" help:"The name of the wave, as its page has it." placeholder:"WAVE"`
	Reason string `help:"Why: kept with the wave." placeholder:"TEXT"`
}

// inRollout opens the directory of a system that was started once, and has do work with what moves waves.
func inRollout(ctx context.Context, s cli.System, do func(o moving.Office) error) error {
	return inDirectory(ctx, s, func(d *db.DB, box *seal.Box, cfg config.Config) error {
		return do(app.Moving(d, box, cfg))
	})
}

// inDirectory opens the directory of a system that was started once.
func inDirectory(
	ctx context.Context, s cli.System, do func(d *db.DB, box *seal.Box, cfg config.Config) error,
) error {
	cfg, err := s.Read()
	if err != nil {
		return err
	}
	box, err := app.OpenBox(cfg, false)
	if err != nil {
		return s.MasterKeyProblem(cfg, err)
	}
	d, err := s.OpenRunning(ctx, app.DoS)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	return do(d, box, cfg)
}

// find reads the wave that the command is about.
func (c *oneWave) find(ctx context.Context, r db.R) (wave.Wave, error) {
	list, err := wave.List(ctx, r)
	if err != nil {
		return wave.Wave{}, err
	}
	var names []string
	for _, w := range list {
		if strings.EqualFold(w.Name, strings.TrimSpace(c.Wave)) {
			return w, nil
		}
		names = append(names, w.Name)
	}
	cure := "There are none yet: make one on the page of waves."
	if len(names) > 0 {
		cure = "There are: " + strings.Join(names, "; ") + "."
	}
	return wave.Wave{}, fault.SayCure(fault.NotFound, "No wave is called "+c.Wave+".", cure)
}

// shownWave is a wave as --json prints it.
type shownWave struct {
	ID       string                 `json:"id"`
	Name     string                 `json:"name"`
	Phase    string                 `json:"phase"`
	Since    *time.Time             `json:"since,omitempty"`
	Accounts int                    `json:"accounts"`
	Linked   int                    `json:"linked"`
	Shared   int                    `json:"shared"`
	States   map[planning.State]int `json:"states"`
	Choose   *time.Time             `json:"choose_at,omitempty"`
	Require  *time.Time             `json:"require_at,omitempty"`
	Close    *time.Time             `json:"close_at,omitempty"`
	Paused   *time.Time             `json:"paused_at,omitempty"`
	Stops    string                 `json:"stops_next_phase,omitempty"`
	Rails    []shownRail            `json:"guard_rails,omitempty"`

	GuidanceDays  int      `json:"guidance_days"`
	Untold        int      `json:"lacking_guidance"`
	UntoldAccount []string `json:"lacking_guidance_usernames,omitempty"` // the first of them
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// shownWaves reads all waves, with how far the people in each are.
func shownWaves(ctx context.Context, o moving.Office) ([]shownWave, error) {
	return db.Read(ctx, o.DB, func(r db.R) ([]shownWave, error) {
		list, err := wave.List(ctx, r)
		if err != nil {
			return nil, err
		}
		counts, err := report.Waves(ctx, r)
		if err != nil {
			return nil, err
		}
		shown := []shownWave{}
		for _, w := range list {
			all := report.Selection{Within: account.Reach{Everywhere: true}, Wave: w.ID}
			b, err := board.Read(ctx, r, all, report.ByRegion)
			if err != nil {
				return nil, err
			}
			c := counts[w.ID]
			one := shownWave{ID: w.ID, Name: w.Name, Phase: w.Phase.Word(), Since: timeOrNil(w.Since),
				Accounts: c.Accounts, Linked: c.Linked, Shared: c.Shared, States: b.States,
				Choose: timeOrNil(w.Dates.Choose), Require: timeOrNil(w.Dates.Require),
				Close: timeOrNil(w.Dates.Close), Paused: timeOrNil(w.Pause.At)}
			stops, err := o.Stops(ctx, r, w)
			if err != nil {
				return nil, err
			}
			one.Stops = stops.Text()
			if one.Rails, err = shownRails(ctx, r, o, w); err != nil {
				return nil, err
			}
			if err := one.lacking(ctx, r, o, w); err != nil {
				return nil, err
			}
			shown = append(shown, one)
		}
		return shown, nil
	})
}

// lacking adds who lacks guidance for the next phase, and names the first of them.
func (s *shownWave) lacking(ctx context.Context, r db.R, o moving.Office, w wave.Wave) (err error) {
	const maxNamed = 20
	s.GuidanceDays = o.Policy.Days(w)
	if s.Untold, err = o.Untold(ctx, r, w, w.Phase+1); err != nil || s.Untold == 0 {
		return err
	}
	s.UntoldAccount, err = o.UntoldNames(ctx, r, w, maxNamed)
	return err
}

// rolloutPlan lists the waves.
type rolloutPlan struct {
	cli.System
	cli.Output
}

// Run lists them.
func (c *rolloutPlan) Run(ctx context.Context, p *cli.Printer) error {
	return inRollout(ctx, c.System, func(o moving.Office) error {
		list, err := shownWaves(ctx, o)
		if err != nil {
			return err
		}
		return p.Result(list, func() { sayPlan(p, list) })
	})
}

func sayPlan(p *cli.Printer, list []shownWave) {
	if len(list) == 0 {
		p.Say("There are no waves yet: make one on the page of waves.")
	}
	for _, w := range list {
		p.Say("%s: %s, accounts %d, linked %d", w.Name, w.Phase, w.Accounts, w.Linked)
		p.Say("  ready to link %d, perhaps ready %d, somebody has to act first %d", w.States[planning.Ready],
			w.States[planning.Unsure], w.States[planning.Blocked])
		if w.Untold > 0 {
			p.Say("  lack guidance of %d days for the next phase: %d, such as %s", w.GuidanceDays, w.Untold,
				strings.Join(w.UntoldAccount, " "))
		}
		for _, d := range []struct {
			phase string
			at    *time.Time
		}{{"choose", w.Choose}, {"require", w.Require}, {"closed", w.Close}} {
			if d.at != nil {
				p.Say("  %s on %s", d.phase, when.Date(*d.at))
			}
		}
	}
}

// rolloutStart moves a wave forward.
type rolloutStart struct {
	oneWave
	To    string `required:"" enum:"choose,require,closed" help:"The phase: choose, require or closed." placeholder:"PHASE"`
	Early bool   `help:"Move it before the day that people were told."`
	Apply bool   `help:"Move it. Without this, it is only said what would change."`
}

// Run moves the wave, or says what would change.
func (c *rolloutStart) Run(ctx context.Context, p *cli.Printer) error {
	if c.Apply && strings.TrimSpace(c.Reason) == "" {
		return cli.UsageError("--reason must say why the wave is moved")
	}
	return inRollout(ctx, c.System, func(o moving.Office) error { return c.start(ctx, p, o) })
}

// startable is a wave as it is before a start.
type startable struct {
	of     wave.Wave
	counts report.WaveCounts
	seen   string
}

func (c *rolloutStart) look(ctx context.Context, r db.R) (v startable, err error) {
	if v.of, err = c.find(ctx, r); err != nil {
		return v, err
	}
	all, err := report.Waves(ctx, r)
	if err != nil {
		return v, err
	}
	v.counts = all[v.of.ID]
	v.seen, err = moving.Seen(ctx, r, v.of.ID)
	return v, err
}

func (c *rolloutStart) start(ctx context.Context, p *cli.Printer, o moving.Office) error {
	v, err := db.Read(ctx, o.DB, func(r db.R) (startable, error) { return c.look(ctx, r) })
	if err != nil {
		return err
	}
	of, counts := v.of, v.counts
	if path.PhaseOf(c.To) <= of.Phase {
		return fault.SayCure(fault.Conflict, fmt.Sprintf("The wave is in the phase %s already.", of.Phase.Word()),
			"A start moves forward. Undo the last start, or move the wave back on its page.")
	}
	if c.Apply {
		err = o.Move(ctx, rolloutActor, of.ID, moving.Move{To: path.PhaseOf(c.To), Reason: c.Reason,
			Early: c.Early, Seen: v.seen})
	}
	if err != nil {
		return err
	}
	waiting := counts.Accounts - counts.Linked
	return p.Result(map[string]any{"wave": of.Name, "from": of.Phase.Word(), "to": c.To,
		"accounts": counts.Accounts, "not_linked": waiting, "applied": c.Apply}, func() {
		p.Say("%s: from %s to %s, accounts %d, of which not linked %d.", of.Name, of.Phase.Word(), c.To,
			counts.Accounts, waiting)
		p.Say("%s", doneOrNot(c.Apply, "The wave is moved. This can be undone for 30 days."))
	})
}

// doneOrNot says what was done, or that nothing was.
func doneOrNot(applied bool, done string) string {
	if applied {
		return done
	}
	return "Nothing was changed. Give --apply and --reason to do it."
}

// rolloutPause pauses a wave.
type rolloutPause struct {
	oneWave
	Resume bool `help:"End the pause."`
}

// Run pauses the wave, or ends its pause.
func (c *rolloutPause) Run(ctx context.Context, p *cli.Printer) error {
	if strings.TrimSpace(c.Reason) == "" {
		return cli.UsageError("--reason must say why")
	}
	return inRollout(ctx, c.System, func(o moving.Office) error {
		of, err := db.Read(ctx, o.DB, func(r db.R) (wave.Wave, error) { return c.find(ctx, r) })
		if err != nil {
			return err
		}
		do, done := o.Pause, "%s is paused: no further phase begins until it is resumed."
		if c.Resume {
			do, done = o.Resume, "%s is not paused any more."
		}
		if err := do(ctx, rolloutActor, of.ID, c.Reason); err != nil {
			return err
		}
		return p.Result(map[string]any{"wave": of.Name, "paused": !c.Resume}, func() { p.Say(done, of.Name) })
	})
}

// rolloutAllow sets days of work.
type rolloutAllow struct {
	oneWave
	Days int `required:"" help:"For how many days that somebody works; 0 for none." placeholder:"N"`
}

// Run sets them.
func (c *rolloutAllow) Run(ctx context.Context, p *cli.Printer) error {
	if strings.TrimSpace(c.Reason) == "" {
		return cli.UsageError("--reason must say why")
	}
	return inRollout(ctx, c.System, func(o moving.Office) error {
		of, err := db.Read(ctx, o.DB, func(r db.R) (wave.Wave, error) { return c.find(ctx, r) })
		if err != nil {
			return err
		}
		if err := o.SetAllowance(ctx, rolloutActor, of.ID, c.Days, c.Reason); err != nil {
			return err
		}
		return p.Result(map[string]any{"wave": of.Name, "before": of.Allowance, "days": c.Days}, func() {
			p.Say("%s: passwords open the directory on %d days of work in Require. Before it were %d.", of.Name, c.Days,
				of.Allowance)
		})
	})
}
