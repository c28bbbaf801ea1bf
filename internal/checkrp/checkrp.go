// Package checkrp holds a relying party against what CIS2 asks of one. It plays the provider, honest and
// hostile in turn, and the browser, and watches what the relying party lets happen: who is signed in
// afterwards, what was asked of the provider, which sessions a logout token ended. It knows the relying
// party only from outside, over HTTP; what cannot be seen from there it says it has not seen.
//
// The requirements are those of the technical conformance list, of the relying party plans of the OpenID
// Foundation and of RFC 9207, in our own words.
package checkrp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/platform/clock"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/relying/issuer"
)

// Timer tells the time and lets some of it pass.
type Timer interface {
	clock.Clock
	// Wait returns when d has passed, or with an error if ctx ends first.
	Wait(ctx context.Context, d time.Duration) error
}

// Options say which relying party is held to the list and how it is reached.
type Options struct {
	Issuer *issuer.Issuer // the provider, which is listening and knows the client
	Client issuer.Client

	// where sign-in begins: an address that leads to the provider, or a page with a Care Identity button
	Start        string
	SignedInURL  string // a page for those who are signed in only
	SignedInText string // that stands on it

	BackchannelLogout string // may be empty: then sign-out is not seen

	Person      issuer.Person // whom the relying party lets in
	MinIdentity int           // below which identity level it lets nobody in
	// Patience is the longest while that the run may wait for one thing. What takes longer is not seen.
	Patience time.Duration
	// Ready is how long the relying party may take to be set up: until then, sign-in that fails is tried again.
	Ready time.Duration

	Fetch *fetch.Client
	Timer Timer
	Say   func(Line) // is told each line as it is known; may be nil
}

// ErrOptions is a run that cannot be made as it was asked for.
var ErrOptions = errors.New("cannot check")

// maxIdentity is the highest level to which an identity is checked.
const maxIdentity = 3

func (o Options) check() error {
	switch {
	case o.Start == "":
		return fmt.Errorf("%w: say where sign-in begins", ErrOptions)
	case o.SignedInURL == "" || o.SignedInText == "":
		return fmt.Errorf("%w: say which page shows that somebody is signed in, and by what words", ErrOptions)
	case o.Person.Subject == "":
		return fmt.Errorf("%w: the person has no subject", ErrOptions)
	case o.MinIdentity < 0 || o.MinIdentity > maxIdentity:
		return fmt.Errorf("%w: the minimum identity level must be from 0 to %d", ErrOptions, maxIdentity)
	case o.Issuer == nil || o.Fetch == nil || o.Timer == nil:
		return fmt.Errorf("%w: an issuer, a fetch client and a timer are needed", ErrOptions)
	}
	return nil
}

// requirement is one line of the list.
type requirement struct {
	id, what string
	check    func(r *run) finding
}

// Run goes through the list. The first requirement is the honest sign-in: without it nothing else is tried.
// The error says that the run itself could not be made; what the relying party does wrong is in the report.
func Run(ctx context.Context, o Options) (Report, error) {
	if err := o.check(); err != nil {
		return Report{}, err
	}
	if o.Say == nil {
		o.Say = func(Line) {}
	}
	other, err := jwt.Generate(jwt.RS256)
	if err != nil {
		return Report{}, fmt.Errorf("check: %w", err)
	}
	r := &run{Options: o, ctx: ctx, other: other}
	if err := r.becomeReady(); err != nil {
		return Report{}, err
	}
	for n, q := range list() {
		found := q.check(r)
		if ctx.Err() != nil {
			return r.report, fmt.Errorf("check stopped: %w", ctx.Err())
		}
		r.add(q, found)
		if n == 0 && found.outcome != Pass {
			return r.report, nil
		}
	}
	return r.report, nil
}

// list is every requirement, in the order in which they are tried: what leaves the relying party waiting
// comes last.
func list() []requirement {
	var all []requirement
	for _, part := range [][]requirement{
		requests(), surface(), idTokens(), levels(), callbacks(), people(), logouts(), keys(), sessions(), discovery(),
	} {
		all = append(all, part...)
	}
	return all
}

// becomeReady waits until somebody can sign in honestly, no longer than Ready.
func (r *run) becomeReady() error {
	for until := r.Timer.Now().Add(r.Ready); r.Timer.Now().Before(until); {
		if a, err := r.signIn(nil); err == nil && a.in {
			return nil
		}
		if err := r.Timer.Wait(r.ctx, readyEvery); err != nil {
			return fmt.Errorf("wait for the relying party: %w", err)
		}
	}
	return nil
}

const readyEvery = 2 * time.Second
