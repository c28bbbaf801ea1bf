package report

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"signpost/internal/dos/rollout/planning"
	"signpost/internal/dos/rollout/readiness"
	"signpost/internal/national/path"
	"signpost/internal/platform/fault"
)

func itoa(n int) string { return strconv.Itoa(n) }

func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }

// recordVersion is that of the form of readiness.json.
const recordVersion = 1

// Record is a report as programs read it, and as a later one compares itself with it.
type Record struct {
	Version   int       `json:"version"`
	Generated time.Time `json:"generated"`
	Summary   Summary   `json:"summary"`
	Changes   *Changes  `json:"changes,omitempty"`
	People    []Line    `json:"people"`
}

// Line is one account in a record.
type Line struct {
	Username     string          `json:"username"`
	Email        string          `json:"email,omitempty"`
	Organisation string          `json:"organisation,omitempty"`
	Match        readiness.Class `json:"match,omitempty"`
	Found        []string        `json:"care_identities,omitempty"`
	State        string          `json:"state"` // exempt for a machine's account
	Waiting      path.Owner      `json:"waiting_for,omitempty"`
	Steps        []path.What     `json:"steps,omitempty"`
	ReadyBy      string          `json:"ready_by,omitempty"`
}

// exempt is the state of accounts of machines, which do not move.
const exempt = "exempt"

func (w *writer) line(p readiness.Person) Line {
	l := Line{Username: p.Username, Email: p.Email, Organisation: p.Organisation, State: exempt}
	if p.Exempt() {
		return l
	}
	l.Match = p.Class
	l.State = string(p.Plan.State)
	l.Waiting = p.Plan.Owner
	l.ReadyBy = w.readyBy(p)
	for _, one := range w.result.Found(p) {
		l.Found = append(l.Found, one.UUID)
	}
	for _, s := range p.Plan.Steps {
		l.Steps = append(l.Steps, s.What)
	}
	return l
}

// Changes is what is otherwise than in an earlier record.
type Changes struct {
	Since   time.Time `json:"since"`
	Added   int       `json:"added"`   // accounts that were not there
	Gone    int       `json:"gone"`    // accounts that are not there any more
	Forward int       `json:"forward"` // accounts that came nearer to being linked
	Back    int       `json:"back"`    // accounts that are further from it
	Other   int       `json:"other"`   // accounts with other steps in the same state
	lines   []change
}

// change is one account that is otherwise than before. An account that was not there has no state before.
type change struct {
	username, organisation string
	before, now            string
	stepsBefore, steps     []path.What
}

// Before is an earlier record, as far as a later one compares itself with it.
type Before struct {
	generated time.Time
	lines     map[string]Line
}

// ReadBefore reads an earlier record.
func ReadBefore(src io.Reader) (*Before, error) {
	var record Record
	if err := json.NewDecoder(src).Decode(&record); err != nil || record.Version != recordVersion {
		return nil, fault.SayCure(fault.Invalid, "The earlier report cannot be read.",
			"Name the file readiness.json of an earlier report of this program.")
	}
	b := &Before{generated: record.Generated, lines: make(map[string]Line, len(record.People))}
	for _, l := range record.People {
		b.lines[strings.ToLower(l.Username)] = l
	}
	return b, nil
}

// compare says what is otherwise now.
func (b *Before) compare(lines []Line) *Changes {
	c := &Changes{Since: b.generated}
	seen := make(map[string]bool, len(lines))
	for _, l := range lines {
		key := strings.ToLower(l.Username)
		seen[key] = true
		before, was := b.lines[key]
		if was && before.State == l.State && slices.Equal(before.Steps, l.Steps) {
			continue
		}
		c.count(before, l, was)
		c.lines = append(c.lines, change{username: l.Username, organisation: l.Organisation, before: before.State,
			now: l.State, stepsBefore: before.Steps, steps: l.Steps})
	}
	for _, key := range sortedKeys(b.lines) {
		if !seen[key] {
			gone := b.lines[key]
			c.Gone++
			c.lines = append(c.lines, change{username: gone.Username, organisation: gone.Organisation,
				before: gone.State, stepsBefore: gone.Steps})
		}
	}
	return c
}

func (c *Changes) count(before, now Line, was bool) {
	switch {
	case !was:
		c.Added++
	case rank(now) > rank(before):
		c.Forward++
	case rank(now) < rank(before):
		c.Back++
	default:
		c.Other++
	}
}

// rank orders states by how near they are to being linked; in one state fewer steps are nearer.
func rank(l Line) int {
	states := planning.States()
	return 100*(len(states)-slices.Index(states, planning.State(l.State))) - len(l.Steps)
}

func (w *writer) changes(c *Changes) error {
	return w.table("changes.csv", changesHeading, func(row func(...string) error) error {
		for _, one := range c.lines {
			if err := row(one.username, one.organisation, one.before, one.now, join(one.stepsBefore),
				join(one.steps)); err != nil {
				return err
			}
		}
		return nil
	})
}

func join(steps []path.What) string { return strings.Trim(fmt.Sprint(steps), "[]") }

func (w *writer) record(r Record) error {
	return w.write("readiness.json", func(out io.Writer) error { return json.NewEncoder(out).Encode(r) })
}
