// Package simulation says what would become of every account if a wave were in another phase: who would be locked out,
// why, what the cheapest cure is, and where everybody who can edit would be gone.
//
// It looks at all accounts, not at past logins, and reads tables of the directory alone (package standing has what the
// care identity side said last). It enforces nothing: whoever logs in is judged anew.
package simulation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/report"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/rollout/planning"
	"signpost/internal/dos/standing"
	"signpost/internal/dos/wave"
	"signpost/internal/dos/wave/allowance"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/when"
)

// Switch is what is proposed: that a wave is in a phase.
type Switch struct {
	Wave  string     `json:"wave,omitempty"` // id; empty for all that move, those in no wave too
	Phase path.Phase `json:"phase"`
}

// Result is what a simulation found.
type Result struct {
	Switch    Switch          `json:"switch"`
	At        time.Time       `json:"at"`
	Accounts  int             `json:"accounts"` // that move
	Machines  int             `json:"machines"` // that do not
	Told      int             `json:"told"`     // of whom the care identity side has said something
	Untold    int             `json:"untold"`   // who are asked about, and of whom it has not
	Now       map[Outcome]int `json:"now"`
	After     map[Outcome]int `json:"after"`
	LockedOut []Person        `json:"locked_out"`       // by the switch, or already
	RunOut    []Person        `json:"run_out"`          // Limited, and locked out or not known after these days
	Unsure    []Person        `json:"unsure"`           // of whom nobody knows
	Fixes     []Fix           `json:"fixes"`            // of both; what concerns most people first
	Later     int             `json:"locked_out_later"` // once their days of work are used up
	Places    []Place         `json:"places"`           // where most are locked out first
	Covers    []Cover         `json:"covers"`           // where too few would be left who can edit
}

// Person is somebody who would be locked out, now or after some days, or of whom nobody knows.
type Person struct {
	Account      string    `json:"account"` // id
	Organisation string    `json:"organisation,omitempty"`
	Already      bool      `json:"already"` // they are locked out now
	AtNight      bool      `json:"at_night"`
	Since        time.Time `json:"since,omitzero"` // when the care identity side first said what it says
	Fix          int       `json:"fix"`            // its place among the fixes
}

// Fix is what would let some people in who have the same things missing.
type Fix struct {
	Key       string            `json:"key"` // stays the same from one simulation to the next
	Bars      []Bar             `json:"bars"`
	Authority extract.Authority `json:"authority,omitzero"` // who has to do it, where that is a registration authority
	Days      int               `json:"days"`               // working days, if each owner takes the usual time
	People    int               `json:"people"`
	Already   int               `json:"already"` // of them are locked out now
	Of        Outcome           `json:"of"`      // what becomes of these people: LockedOut, Limited or Unsure
}

// urgent orders the outcomes of those for whom something is to be done.
var urgent = []Outcome{LockedOut, Limited, Unsure}

// compare puts those who are locked out first and those of whom nobody knows last, and what concerns most people before
// other things.
func (f Fix) compare(other Fix) int {
	switch {
	case f.Of != other.Of:
		return slices.Index(urgent, f.Of) - slices.Index(urgent, other.Of)
	case f.People != other.People:
		return other.People - f.People
	}
	return strings.Compare(f.Key, other.Key)
}

// Place is an organisation of which people would be locked out.
type Place struct {
	Organisation string `json:"organisation"` // ODS code; empty for accounts without one
	Accounts     int    `json:"accounts"`
	LockedOut    int    `json:"locked_out"`
}

// Cover is a place that people can edit now, and at most one who is known to come in after the switch.
type Cover struct {
	Scope account.Scope `json:"scope"`
	Home  string        `json:"organisation,omitempty"` // of those who can edit at their own organisation
	Now   int           `json:"now"`
	After int           `json:"after"`

	Unsure int `json:"unsure"` // of whom nobody knows whether they come in
}

// Headline says what matters most, and of how many nobody knows.
func (r *Result) Headline() string {
	unknown := len(r.Unsure)
	switch {
	case r.Accounts == 0:
		return "There are no accounts in this wave."
	case unknown == r.Accounts:
		return fmt.Sprintf("Nobody knows how many of %d would be locked out: nothing is known about them yet.",
			r.Accounts)
	case unknown > 0:
		return fmt.Sprintf("%s Not known: %d more.", r.lockedOut(), unknown)
	}
	return r.lockedOut()
}

func (r *Result) lockedOut() string {
	out, already := len(r.LockedOut), r.Already()
	switch {
	case out == 0 && len(r.Unsure) > 0:
		return fmt.Sprintf("Of %d, nobody is known to be locked out.", r.Accounts)
	case out == 0:
		return fmt.Sprintf("Nobody of %d would be locked out.", r.Accounts)
	case out == already:
		return fmt.Sprintf("The change would lock nobody out. Already locked out: %d of %d.", already, r.Accounts)
	case already == 0:
		return fmt.Sprintf("%d of %d would be locked out.", out, r.Accounts)
	}
	return fmt.Sprintf("%d of %d would be locked out, of whom %d already now.", out, r.Accounts, already)
}

// Run reads all accounts and says what would become of them.
func Run(ctx context.Context, d *db.DB, s Switch) (*Result, error) {
	type world struct {
		members []report.Member
		grants  []report.Grant
		settled string // wave of those that never had a password, which no switch moves
		now     time.Time
	}
	read, err := db.Costly(ctx, d, func(r db.R) (w world, err error) {
		w.now = r.Now()
		if w.members, err = report.Members(ctx, r); err != nil {
			return w, err
		}
		if w.settled, err = wave.WithoutPassword(ctx, r); err != nil {
			return w, err
		}
		w.grants, err = report.Grants(ctx, r, string(account.EditService))
		return w, err
	})
	if err != nil {
		return nil, err
	}
	run := newRun(s, read.now)
	run.settled = read.settled
	for _, m := range read.members {
		run.add(m)
	}
	return run.result(read.grants), nil
}

// run is one simulation while it goes through the accounts.
type run struct {
	*Result

	plans  *planning.Planner
	fixes  map[string]int
	places map[string]*Place
	enters map[string]both // of accounts that can log in now
	homes  map[string]string

	settled string // wave of those that never had a password; a name that no wave has where there is none
}

// both says what becomes of somebody now, and after the switch.
type both struct{ now, after Outcome }

// comesIn reports whether somebody is known to come in.
func (o Outcome) comesIn() bool { return o == Enters || o == Limited || o == Links }

func newRun(s Switch, now time.Time) *run {
	return &run{
		Result: &Result{Switch: s, At: now, Now: map[Outcome]int{}, After: map[Outcome]int{}},
		plans:  planning.NewPlanner(nil), fixes: map[string]int{}, places: map[string]*Place{},
		enters: map[string]both{}, homes: map[string]string{},
	}
}

func (r *run) add(m report.Member) {
	meant := r.Switch.Wave == m.Wave || r.Switch.Wave == "" && m.Wave != r.settled
	switch {
	case m.Machine && meant:
		r.Machines++
		return
	case m.Machine:
		return
	}
	facts := factsOf(m, r.At)
	before := Judge(facts, r.plans)
	after := before
	if meant {
		after = r.judge(facts, r.Switch.Phase)
		r.count(m, before, after)
	}
	r.enters[m.ID] = both{before.Outcome, after.Outcome}
	r.homes[m.ID] = m.Organisation
}

// count counts an account that the switch is about.
func (r *run) count(m report.Member, before, after Judgement) {
	r.Accounts++
	r.Now[before.Outcome]++
	r.After[after.Outcome]++
	if after.Then == LockedOut {
		r.Later++
	}
	place := r.places[m.Organisation]
	if place == nil {
		place = &Place{Organisation: m.Organisation}
		r.places[m.Organisation] = place
	}
	place.Accounts++
	r.countTold(m)
	switch after.Outcome {
	case LockedOut:
		place.LockedOut++
		r.LockedOut = append(r.LockedOut, r.person(m, before.Outcome == LockedOut, after))
	case Limited:
		if len(after.Bars) > 0 {
			r.RunOut = append(r.RunOut, r.person(m, false, after))
		}
	case Unsure:
		r.Unsure = append(r.Unsure, r.person(m, false, after))
	}
}

// countTold counts those of whom the care identity side has said something; about a team nobody asks.
func (r *run) countTold(m report.Member) {
	switch {
	case m.Shared:
	case m.Said != "":
		r.Told++
	default:
		r.Untold++
	}
}

func (r *run) judge(f Facts, phase path.Phase) Judgement {
	if f.Path.Phase != phase {
		f.Worked = 1 // the days begin anew
	}
	f.Path.Phase = phase
	return Judge(f, r.plans)
}

// person adds somebody to those who have the same fix.
func (r *run) person(m report.Member, already bool, j Judgement) Person {
	fix := Fix{Bars: j.Bars, Days: j.Days, Of: j.Outcome}
	if j.Outcome == Limited {
		fix.Key = "later."
	}
	for _, b := range j.Bars {
		fix.Key += string(b.What) + "."
		if b.Owner == path.RegistrationAuthority {
			fix.Authority = extract.Authority{Code: m.Authority, Organisation: m.AuthorityAs}
		}
	}
	fix.Key += fix.Authority.Code
	at, there := r.fixes[fix.Key]
	if !there {
		at = len(r.Fixes)
		r.fixes[fix.Key] = at
		r.Fixes = append(r.Fixes, fix)
	}
	r.Fixes[at].People++
	if already {
		r.Fixes[at].Already++
	}
	return Person{Account: m.ID, Organisation: m.Organisation, Already: already, AtNight: atNight(m.LastLogin),
		Since: m.Since, Fix: at}
}

// atNight reports whether somebody last logged in between 20:00 and 08:00 or on a weekend, when few can help. Of a
// login of which only the day is known, the time is not.
func atNight(at time.Time) bool {
	if at.IsZero() {
		return false
	}
	local := at.In(clock.London)
	if when.DayOnly(at) {
		return local.Weekday() == time.Saturday || local.Weekday() == time.Sunday
	}
	return local.Hour() >= 20 || local.Hour() < 8 || local.Weekday() == time.Saturday || local.Weekday() == time.Sunday
}

func factsOf(m report.Member, now time.Time) Facts {
	noted := rollout.Noted{Shared: m.Shared, Linked: m.Linked, Proved: m.Proved, Phase: path.Phase(m.Phase),
		Said: standing.Said(m.Said), Answers: m.Answers}
	f := Facts{Path: noted.Facts(), Password: m.Password, ByMail: m.ByMail, Waits: m.Waits,
		Retired: !m.Retires.IsZero() && !now.Before(m.Retires), Code: now.Before(m.CodeUntil),
		Homeless: m.Organisation == "", Allowance: m.Allowance, Worked: m.Worked,
		Excepted: m.Excepted}
	if m.LastWorked != allowance.Day(now) {
		f.Worked++
	}
	if address, err := email.Parse(m.EmailKey); err == nil {
		f.TeamAddress = email.RoleMailbox(address)
	}
	return f
}

// result puts what was found in the order in which people read it.
func (r *run) result(grants []report.Grant) *Result {
	order := make([]int, len(r.Fixes))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return r.Fixes[a].compare(r.Fixes[b]) })
	sorted := make([]Fix, len(order))
	place := make([]int, len(order))
	for to, from := range order {
		sorted[to] = r.Fixes[from]
		place[from] = to
	}
	r.Fixes = sorted
	for _, people := range [][]Person{r.LockedOut, r.RunOut, r.Unsure} {
		for i := range people {
			people[i].Fix = place[people[i].Fix]
		}
	}
	for _, p := range r.places {
		if p.LockedOut > 0 {
			r.Places = append(r.Places, *p)
		}
	}
	slices.SortFunc(r.Places, func(a, b Place) int {
		if a.LockedOut != b.LockedOut {
			return b.LockedOut - a.LockedOut
		}
		return strings.Compare(a.Organisation, b.Organisation)
	})
	r.cover(grants)
	return r.Result
}

// maxLeft is how many who can edit a place may be left for it to be told of.
const maxLeft = 1

// cover finds the places that would lose those who can edit them.
func (r *run) cover(grants []report.Grant) {
	covers := map[Cover]*Cover{}
	for _, g := range grants {
		one, moves := r.enters[g.Account]
		if !moves {
			continue
		}
		at := Cover{Scope: account.Scope{Kind: account.ScopeKind(g.Kind), ID: g.ID}}
		if at.Scope.Kind == account.KindOwnOrganisation {
			at.Home = r.homes[g.Account]
			if at.Home == "" { // which reaches nothing
				continue
			}
		}
		found := covers[at]
		if found == nil {
			covered := at
			found = &covered
			covers[at] = found
		}
		if one.now.comesIn() {
			found.Now++
		}
		switch {
		case one.after.comesIn():
			found.After++
		case one.after == Unsure:
			found.Unsure++
		}
	}
	for _, c := range covers {
		if c.After < c.Now && c.After <= maxLeft {
			r.Covers = append(r.Covers, *c)
		}
	}
	slices.SortFunc(r.Covers, func(a, b Cover) int {
		if a.After != b.After {
			return a.After - b.After
		}
		if a.Now != b.Now {
			return b.Now - a.Now
		}
		return strings.Compare(a.Home+string(a.Scope.Kind)+a.Scope.ID, b.Home+string(b.Scope.Kind)+b.Scope.ID)
	})
}
