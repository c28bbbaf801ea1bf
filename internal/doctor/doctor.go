// Package doctor looks whether a system can work as it is configured: what the configuration names, what answers
// there, and whether CIS2 takes the directory for who it is. Each thing it looks at gives a line, and each line that
// something is wrong in says what to do.
//
// It changes nothing, sends no mail and signs nobody in. It may run before the first start, and beside a system that
// serves.
package doctor

import (
	"context"
	"fmt"
	"slices"
	"time"

	"signpost/internal/config"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/seal"
)

// Outcome says what came of looking at one thing.
type Outcome string

// The outcomes.
const (
	Well   Outcome = "ok"
	Wait   Outcome = "wait" // cannot be looked at yet; the line says what comes first
	Failed Outcome = "failed"
)

// Line is what came of looking at one thing.
type Line struct {
	Check   string  `json:"check"` // what was looked at: "mail server"
	Outcome Outcome `json:"outcome"`
	Saw     string  `json:"saw"`
	Cure    string  `json:"cure,omitempty"` // what to do; never empty where it failed
}

// Options say what is looked at, and how.
type Options struct {
	Config config.Config
	Sites  []string // that the node runs
	Clock  clock.Clock
	Reach  *fetch.Client     // makes the requests that a node makes
	Cured  func(error) error // says what to do about an error that keeps a node from starting
}

// patience is how long one check may take.
const patience = 30 * time.Second

// Run looks at one thing after the other, and says each line as soon as it is known. It reports whether all is well so
// far.
func Run(ctx context.Context, o Options, say func(Line)) bool {
	x := &examination{Options: o, say: say, well: true, answers: map[string]bool{}}
	for _, check := range checks {
		if ctx.Err() == nil {
			x.one(ctx, check)
		}
	}
	return x.well
}

// checks are the things that are looked at. Later ones use what earlier ones found.
var checks = []func(x *examination, ctx context.Context){
	(*examination).configuration,
	(*examination).folder,
	(*examination).masterKey,
	(*examination).databases,
	(*examination).breachedPasswords,
	(*examination).metadata,
	(*examination).managers,
	(*examination).addresses,
	(*examination).mailServer,
	(*examination).textGateway,
	(*examination).serviceNow,
	(*examination).sites,
	(*examination).smartcards,
	(*examination).upstreams,
	(*examination).cis2,
	(*examination).extract,
}

// examination is one run.
type examination struct {
	Options
	say     func(Line)
	well    bool
	box     *seal.Box       // nil where there is no master key, or none that can be read
	care    bool            // the care identity database is there, and up to date
	running bool            // a node answers at the address for operations
	answers map[string]bool // the sites that answer at their public addresses
}

func (x *examination) one(ctx context.Context, check func(x *examination, ctx context.Context)) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	check(x, ctx)
}

// runs reports whether the node runs a site.
func (x *examination) runs(site string) bool { return slices.Contains(x.Sites, site) }

func (x *examination) ok(check, format string, args ...any) {
	x.say(Line{Check: check, Outcome: Well, Saw: fmt.Sprintf(format, args...)})
}

func (x *examination) wait(check, saw, cure string) {
	x.say(Line{Check: check, Outcome: Wait, Saw: saw, Cure: cure})
}

func (x *examination) fail(check, saw, cure string) {
	x.well = false
	x.say(Line{Check: check, Outcome: Failed, Saw: saw, Cure: cure})
}

// error is fail with an error, for which a cure is chosen if it has none.
func (x *examination) error(check string, err error) {
	f, _ := fault.From(x.Cured(err)) // it always has a cure
	x.fail(check, f.Message, f.Cure)
}
