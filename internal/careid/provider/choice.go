package provider

import (
	"context"
	"errors"
	"slices"

	"signpost/internal/careid/authenticator"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/session"
)

// Choose stores which kind of authenticator the person wants to use, and the email address that they typed with the
// choice, if any.
func (p *Provider) Choose(ctx context.Context, f Flow, kind authn.Kind, email string) error {
	if !slices.Contains(f.Offered(), kind) {
		return fault.Keyed("no-such-way", fault.OfField("authenticator", "Select how you want to log in"))
	}
	choice := func(s *State) {
		s.choose(kind)
		s.Email = email
	}
	err := p.change(ctx, f, choice)
	if !errors.Is(err, fault.Conflict) {
		return err
	}
	// The page of the choice asked the browser for an authenticator at the same moment. What the person says counts.
	if f.Flow, err = p.reload(ctx, f); err != nil {
		return err
	}
	if f.Next() != StepChoose {
		return authenticator.ErrOvertaken
	}
	return p.change(ctx, f, choice)
}

// reload reads a sign-in as it is stored now.
func (p *Provider) reload(ctx context.Context, f Flow) (session.Flow[State], error) {
	return db.Glance(ctx, p.o.DB, func(r db.R) (session.Flow[State], error) {
		return p.flows.Load(ctx, r, f.ID, f.secret)
	})
}

// choose stores a choice; an empty one goes back to before it.
func (s *State) choose(kind authn.Kind) {
	s.Chosen = kind
	s.Prompted = ""
	s.Ceremony = nil
	s.Answers.Problem = nil
	s.Refused = ""
}

// ChooseAgain goes back to the choice of authenticator.
func (p *Provider) ChooseAgain(ctx context.Context, f Flow) error {
	if f.State.Proven != nil {
		return nil
	}
	return p.change(ctx, f, func(s *State) { s.choose("") })
}

// Kind gives the kind of authenticator that is asked for now: the one that was chosen, or before that the one for which
// the page of the choice asks the browser.
func (f Flow) Kind() authn.Kind {
	if f.State.Chosen != "" {
		return f.State.Chosen
	}
	return f.State.Prompted
}

// Prompting gives the sign-in as its page of the choice asks the browser for a kind of authenticator, while nothing is
// chosen. It is false where the choice was made, or does not offer the kind.
func (f Flow) Prompting(kind authn.Kind) (Flow, bool) {
	if f.Next() != StepChoose || !slices.Contains(f.Offered(), kind) {
		return f, false
	}
	f.State.Prompted = kind
	return f, true
}

// Answering gives the sign-in as an answer to the page of the choice finds it: whoever answers has chosen.
func (f Flow) Answering() Flow {
	if f.Next() == StepChoose && len(f.State.Ceremony) > 0 {
		f.State.Chosen = f.State.Prompted
	}
	return f
}
