// Package rehearsal_test plays a whole rollout through, with the people, the registration authorities and the programme
// team of it, and counts afterwards who was locked out.
package rehearsal_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"signpost/internal/dos/administration"
	"signpost/internal/dos/administration/moving"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/drift"
	"signpost/internal/dos/guardrail"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/outcome"
	"signpost/internal/dos/signin"
	"signpost/internal/national/path"
	"signpost/internal/platform/worldtest"
)

// rollout is a directory whose people move in five waves.
type rollout struct {
	*dostest.World

	side   *side
	desk   *signin.PasswordSignIn
	door   *signin.Door
	linker *linking.Linker
	office administration.Office
	moving moving.Office
	drift  drift.Watch
	counts outcome.Watch
	patrol guardrail.Patrol
	random *rand.Rand

	waves []*move
	later string // the wave of those who are not ready when theirs goes on

	came     int
	shutOut  []*somebody // each time that somebody could not come in
	mistaken map[*somebody]bool
	apart    map[int]int // how many were put apart, by the number of their wave
}

const waves = 5

// settled is after how long the addresses of new accounts count.
const settled = 14 * day

// people is how many there are in each wave; PROVE=1 moves the 10,000 that the figures are about.
func people() int {
	if os.Getenv("PROVE") != "" {
		return 2_000
	}
	return 60
}

func newRollout(t *testing.T) *rollout {
	t.Helper()
	r := &rollout{World: dostest.Open(t, time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)), side: newSide(),
		random: rand.New(rand.NewPCG(20261130, 5)), mistaken: map[*somebody]bool{}, apart: map[int]int{}}
	r.desk = &signin.PasswordSignIn{DB: r.DB, Hasher: r.Passwords, Box: r.Box}
	r.linker = &linking.Linker{DB: r.DB, Post: r.Post, Passwords: r.desk, Asker: r.side}
	r.door = &signin.Door{DB: r.DB, Box: r.Box, Asker: r.side, Links: r.linker}
	r.office = administration.Office{DB: r.DB}
	r.moving = moving.Office{DB: r.DB, Box: r.Box, Policy: moving.Policy{GuidanceDays: guidanceDays}}
	r.drift = drift.Watch{DB: r.DB, Asker: r.side}
	r.counts = outcome.Watch{DB: r.DB}
	r.patrol = guardrail.Patrol{DB: r.DB, Post: r.Post, Home: "https://dos.example"}
	r.DeliverByHand()
	r.later = r.waveIn("Later", path.Choose)
	for n := range waves {
		m := &move{id: r.waveIn(fmt.Sprint("Wave ", n), path.Prepare), number: n, script: usual(),
			due: r.Clock.Now().Add(settled + time.Duration(n)*7*day)}
		r.waves = append(r.waves, m)
		r.populate(n, people())
	}
	r.Clock.Advance(settled)
	return r
}

// A rollout of five waves, in which a registration authority does no work for weeks, the domain of an organisation
// changes, a wave is undone and another pauses itself, locks nobody out who can come in now. That is counted by plain
// SQL over the events of logins, by the people themselves, and as the product counts it.
func TestARolloutInFiveWavesLocksNobodyOut(t *testing.T) {
	r := newRollout(t)
	r.side.authorities["RA1"].away = true
	r.waves[1].script = insert(5, step{day, func(r *rollout, _ *move) { r.side.authorities["RA1"].away = false }})
	r.waves[2].script = insert(2, step{4 * day, newDomain})
	r.waves[3].script = insert(4, step{2 * day, undo}, step{7 * day, to(path.Require)})
	r.waves[4].script = insert(2, step{10 * day, mistake}, step{5 * day, mended})
	r.waves = append(r.waves, &move{id: r.later, number: waves, due: r.Clock.Now().Add(100 * day),
		script: []step{{0, tell(path.Require)}, {guidanceDays * day, to(path.Require)}}})
	began := time.Now()
	days := 0
	for r.goesOn() {
		r.workday()
		days++
	}
	r.Logf("%d people, %d days of work, %d logins in %s", waves*people(), days, r.came, time.Since(began))
	for _, m := range r.waves {
		for _, s := range m.people {
			r.comes(s) // once more, whoever they are
		}
	}
	r.count()
}

func (r *rollout) goesOn() bool {
	for _, m := range r.waves {
		if len(m.script) > 0 {
			return true
		}
	}
	return false
}

// workday is a day from nine to five, and the night after it; at the end of a week the weekend too.
func (r *rollout) workday() {
	r.Helper()
	began := r.Clock.Now()
	for _, a := range r.side.authorities {
		a.day()
	}
	for _, m := range r.waves {
		r.goOn(m)
	}
	r.aDay()
	r.Clock.Advance(time.Hour)
	r.Must(r.counts.Count(r.Context()))
	r.Must(r.patrol.Look(r.Context()))
	next := began.Truncate(day).Add(day + 9*time.Hour)
	for next.Weekday() == time.Saturday || next.Weekday() == time.Sunday {
		next = next.Add(day)
	}
	r.Clock.Advance(next.Sub(r.Clock.Now()))
}

// What plain SQL counts. It knows tables alone, and nothing of the code that decides.
const (
	// turnedAway are people whose right password was refused, and who did not come in within half an hour.
	turnedAway = `SELECT COUNT(DISTINCT o.subject_id) FROM event o WHERE o.kind = 'signin.password-over'
		AND NOT EXISTS (SELECT 1 FROM event i WHERE i.kind = 'signin.in' AND i.subject_kind = o.subject_kind
			AND i.subject_id = o.subject_id AND i.at >= o.at AND i.at <= o.at + 1800000)`
	// refusedIn are people whose Care Identity did not let them in.
	refusedIn = `SELECT COUNT(DISTINCT subject_id) FROM event WHERE kind = 'signin.not-in'`
	// stuck are people who are not linked, and whose password opens nothing and links nothing.
	stuck = `SELECT COUNT(*) FROM account a JOIN wave_member m ON m.account_id = a.id JOIN wave v ON v.id = m.wave_id
		WHERE a.active AND v.phase = $1 AND NOT EXISTS (SELECT 1 FROM account_link l WHERE l.account_id = a.id)`
	linkedWithPassword = `SELECT COUNT(*) FROM account a JOIN account_link l ON l.account_id = a.id
		WHERE a.password_hash <> ''`
	linked      = `SELECT COUNT(*) FROM account_link`
	undone      = `SELECT COUNT(*) FROM wave_start WHERE undone_at IS NOT NULL`
	pausedAlone = `SELECT COUNT(*) FROM event WHERE kind = 'guardrail.tripped'`
)

func (r *rollout) count() {
	r.Helper()
	own, mistaken := 0, map[*somebody]bool{}
	for _, s := range r.shutOut {
		if r.mistaken[s] {
			mistaken[s] = true
			continue
		}
		own++
		r.Errorf("%s was locked out", s.account.Username)
	}
	var all int
	for _, m := range r.waves {
		all += r.linkedOf(m)
	}
	var y worldtest.Tally
	for name, tt := range map[string]struct{ got, want int64 }{
		"wrong lock-outs, by the events":        {r.Count(turnedAway), 0},
		"wrong lock-outs, by the people":        {int64(own), 0},
		"people with no way in":                 {r.Count(stuck, int(path.Closed)), 0},
		"refused by the mistake of an RA alone": {r.Count(refusedIn), int64(len(mistaken))},
		"linked people with a password":         {r.Count(linkedWithPassword), 0},
		"linked, as they believe":               {r.Count(linked), int64(all)},
		"starts that were undone":               {r.Count(undone), 1},
		"waves that paused themselves":          {r.Count(pausedAlone), 1},
	} {
		y.Refused(r, name, tt.got != tt.want)
		if tt.got != tt.want {
			r.Errorf("%s: %d, want %d", name, tt.got, tt.want)
		}
	}
	if all < waves*people()*8/10 || len(mistaken) == 0 || r.apart[1] == 0 || r.apart[2] == 0 {
		r.Errorf("the rehearsal proves nothing: %d linked, %d refused by mistake, put apart %v", all, len(mistaken),
			r.apart)
	}
	r.Logf("%d of %d linked, %d refused by a mistake for a day, put apart by wave: %v", all, waves*people(),
		len(mistaken), r.apart)
	y.Report(r, "a rollout in five waves")
}
