package rehearsal_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"signpost/internal/dos/administration/moving"
	"signpost/internal/dos/rollout/simulation"
	"signpost/internal/dos/wave"
	"signpost/internal/dos/wave/guidance"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

const day = 24 * time.Hour

// guidanceDays is for how many days people are told what a phase means before it begins.
const guidanceDays = 14

var team = actor.ForCommand("rollout")

// move is a wave on its way, with what the programme team does about it next.
type move struct {
	id     string
	number int
	people []*somebody

	script []step
	due    time.Time // of the first step
}

// step is what the programme team does about a wave, some days after the step before.
type step struct {
	after time.Duration
	do    func(r *rollout, m *move)
}

// usual is how a wave goes that nothing happens to.
func usual() []step {
	return []step{
		{0, tell(path.Choose)}, {guidanceDays * day, to(path.Choose)}, {0, tell(path.Require)},
		{guidanceDays * day, to(path.Require)}, {0, tell(path.Closed)}, {30 * day, to(path.Closed)},
	}
}

// insert puts steps after so many of the usual ones.
func insert(at int, steps ...step) []step {
	all := usual()
	return append(append(append([]step{}, all[:at]...), steps...), all[at:]...)
}

// goOn does the steps that are due.
func (r *rollout) goOn(m *move) {
	r.Helper()
	for len(m.script) > 0 && !r.Clock.Now().Before(m.due) {
		do := m.script[0].do
		m.script = m.script[1:]
		do(r, m)
		if len(m.script) > 0 {
			m.due = r.Clock.Now().Add(m.script[0].after)
		}
	}
}

// tell has those of a wave told what a phase means for them who do not know it yet. (That a mail does so, and to whom
// it goes, is tested where mails are.)
func tell(phase path.Phase) func(r *rollout, m *move) {
	return func(r *rollout, m *move) {
		r.Helper()
		const part = 500
		untold := guidance.Missing{Wave: m.id, Phase: phase}
		for told := part; told == part; {
			r.Update(func(ctx context.Context, u *db.W) error {
				of, err := wave.ByID(ctx, u, m.id)
				if err != nil {
					return err
				}
				ids, err := untold.List(ctx, u, part)
				told = len(ids)
				for _, id := range ids {
					err = errors.Join(err, guidance.Give(ctx, u, id, of, guidance.ByMail))
				}
				return err
			})
		}
	}
}

// to moves a wave to a phase, once those are put apart whom the simulation does not see coming in after it.
func to(phase path.Phase) func(r *rollout, m *move) {
	return func(r *rollout, m *move) {
		r.Helper()
		if phase >= path.Require {
			r.putApart(m, phase)
		}
		if err := r.moves(m, phase); err != nil {
			of := worldtest.Read(r.World.World, func(ctx context.Context, rd db.R) (wave.Wave, error) {
				return wave.ByID(ctx, rd, m.id)
			})
			r.Fatalf("wave %d does not go on to %s: %v (paused: %s)", m.number, phase.Word(), err, of.Pause.Reason)
		}
		r.Logf("%s: wave %d is in %s, %d of %d linked", r.Clock.Now().Format("2 January"), m.number, phase.Word(),
			r.linkedOf(m), len(m.people))
	}
}

func (r *rollout) moves(m *move, phase path.Phase) error {
	r.Helper()
	seen := worldtest.Read(r.World.World, func(ctx context.Context, rd db.R) (string, error) {
		return moving.Seen(ctx, rd, m.id)
	})
	return r.moving.Move(r.Context(), team, m.id, moving.Move{To: phase, Reason: "As planned", Seen: seen})
}

// putApart looks at everybody before a phase, and puts those into another wave who would not come in, or of whom nobody
// knows.
func (r *rollout) putApart(m *move, phase path.Phase) {
	r.Helper()
	r.compare()
	out := r.wouldBeOut(m, phase)
	if len(out) == 0 {
		return
	}
	into := r.later
	switch {
	case phase == path.Closed:
		into = r.waveIn(fmt.Sprint("Last of wave ", m.number), path.Require)
	case m.id == r.later:
		into = r.waveIn("Later still", path.Choose)
	}
	n, err := r.moving.Pass(r.Context(), team, m.id, into, "They could not come in yet", out)
	r.Must(err)
	r.apart[m.number] += n
	if n != len(out) {
		r.Fatalf("wave %d: %d of %d were put apart", m.number, n, len(out))
	}
	if left := r.wouldBeOut(m, phase); len(left) > 0 {
		r.Fatalf("wave %d: %d would be shut out by %s still", m.number, len(left), phase.Word())
	}
}

// wouldBeOut gives the accounts of a wave that the simulation does not see coming in after a change of phase, or only
// for some days of work.
func (r *rollout) wouldBeOut(m *move, phase path.Phase) (ids []string) {
	r.Helper()
	result, err := simulation.Run(r.Context(), r.DB, simulation.Switch{Wave: m.id, Phase: phase})
	r.Must(err)
	for _, one := range slices.Concat(result.LockedOut, result.RunOut, result.Unsure) {
		ids = append(ids, one.Account)
	}
	return ids
}

// compare asks the care identity side about everybody, as a job does each day.
func (r *rollout) compare() {
	r.Helper()
	r.Clock.Advance(time.Second)
	for more := true; more; {
		var err error
		more, err = r.drift.Chunk(r.Context())
		r.Must(err)
	}
}

// waveIn makes a wave with nobody in it, in a phase.
func (r *rollout) waveIn(called string, phase path.Phase) (id string) {
	r.Helper()
	id, err := r.office.AddWave(r.Context(), team, called, wave.Dates{})
	r.Must(err)
	r.Must(r.moving.SetAllowance(r.Context(), team, id, 3, "Three days of work are enough"))
	if phase > path.Prepare {
		r.Must(r.moves(&move{id: id}, phase))
	}
	return id
}

func (r *rollout) linkedOf(m *move) (n int) {
	for _, s := range m.people {
		if s.linked {
			n++
		}
	}
	return n
}

// undo takes the last start of a wave back.
func undo(r *rollout, m *move) {
	r.Helper()
	p := worldtest.Read(r.World.World, func(ctx context.Context, rd db.R) (moving.Preview, error) {
		s, err := wave.LastStart(ctx, rd, m.id)
		if err != nil {
			return moving.Preview{}, err
		}
		return r.moving.PreviewOf(ctx, rd, s)
	})
	r.Must(p.Problem)
	r.Must(r.moving.Undo(r.Context(), team, p.Start.ID, p.Seen, "The service desk cannot keep up"))
	r.Logf("%s: the start of wave %d is undone", r.Clock.Now().Format("2 January"), m.number)
}

// newDomain gives one organisation of a wave another domain on the care identity side, and not in the directory.
func newDomain(r *rollout, m *move) {
	r.Helper()
	for n, s := range m.people {
		if organisationOf(m.number, n) == organisationOf(m.number, 0) && s.identity != nil {
			r.side.move(s.identity, "merged.nhs.uk")
		}
	}
}

// mistake takes the position of people who have linked, as a registration authority does that ends the wrong positions.
func mistake(r *rollout, m *move) {
	r.Helper()
	for _, s := range m.people {
		if s.linked && len(r.mistaken) < len(m.people)/3 {
			s.identity.position = false
			r.mistaken[s] = true
		}
	}
}

// mended gives these positions back. The wave has paused itself meanwhile, and goes on only when somebody says so.
func mended(r *rollout, m *move) {
	r.Helper()
	for s := range r.mistaken {
		s.identity.position = true
	}
	if err := r.moves(m, path.Require); err == nil {
		r.Error("a wave whose people were refused goes on")
	}
	r.Must(r.moving.Resume(r.Context(), team, m.id, "The registration authority gave the positions back"))
}
