package checkrp

import "fmt"

// Outcome says what was found of a requirement.
type Outcome string

// The outcomes.
const (
	Pass    Outcome = "pass"
	Fail    Outcome = "fail"
	Warn    Outcome = "warning"  // right here, not enough in production
	NotSeen Outcome = "not seen" // cannot be told from outside, or not in the time given
)

// finding is an outcome with what it was found from.
type finding struct {
	outcome         Outcome
	saw             string
	tried, accepted int // bad answers
}

func pass(format string, args ...any) finding {
	return finding{outcome: Pass, saw: fmt.Sprintf(format, args...)}
}

func fail(format string, args ...any) finding {
	return finding{outcome: Fail, saw: fmt.Sprintf(format, args...)}
}

func warn(format string, args ...any) finding {
	return finding{outcome: Warn, saw: fmt.Sprintf(format, args...)}
}

func notSeen(format string, args ...any) finding {
	return finding{outcome: NotSeen, saw: fmt.Sprintf(format, args...)}
}

// Line is one requirement with what was seen of it.
type Line struct {
	ID       string  `json:"id"`
	What     string  `json:"requirement"`
	Outcome  Outcome `json:"outcome"`
	Saw      string  `json:"saw"`
	Tried    int     `json:"tried,omitempty"`    // bad answers that were given
	Accepted int     `json:"accepted,omitempty"` // of them
}

// Report is the whole list.
type Report struct {
	Lines    []Line          `json:"requirements"`
	Outcomes map[Outcome]int `json:"outcomes"`
	Tried    int             `json:"tried"`
	Accepted int             `json:"accepted"`
}

// Failed reports whether a requirement is not met.
func (r Report) Failed() bool { return r.Outcomes[Fail] > 0 }

func (r *run) add(q requirement, f finding) {
	line := Line{ID: q.id, What: q.what, Outcome: f.outcome, Saw: f.saw, Tried: f.tried, Accepted: f.accepted}
	if r.report.Outcomes == nil {
		r.report.Outcomes = map[Outcome]int{}
	}
	r.report.Lines = append(r.report.Lines, line)
	r.report.Outcomes[f.outcome]++
	r.report.Tried += f.tried
	r.report.Accepted += f.accepted
	r.Say(line)
}
