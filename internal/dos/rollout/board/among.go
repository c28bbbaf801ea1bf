package board

import (
	"context"
	"slices"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/among"
	"signpost/internal/dos/account/tally"
	"signpost/internal/dos/report"
	"signpost/internal/dos/rollout/planning"
	"signpost/internal/dos/wave"
	"signpost/internal/platform/db"
)

// Among narrows a search for accounts to a wave, to those that are so far, or both.
type Among struct {
	Wave     string            // id; empty for any
	Progress planning.Progress // empty for any
}

// Conditions are what a search has to ask.
func (a Among) Conditions() (list among.All) {
	if a.Wave != "" {
		list = append(list, wave.Having(a.Wave))
	}
	if a.Progress != "" {
		list = append(list, soFar(a.Progress).condition)
	}
	return list
}

// Progress gives the condition that accounts are so far as a word says; false where there is no such word.
func Progress(word string) (among.Condition, bool) {
	progress := planning.Progress(word)
	return soFar(progress).condition, slices.Contains(planning.Progresses(), progress)
}

// soFar is that accounts are so far. It is right at this moment, as the board is.
type soFar planning.Progress

func (s soFar) condition(ctx context.Context, r db.R, args *db.Arguments, id string) (string, error) {
	changes, few, err := changesNow(ctx, r)
	switch {
	case err != nil:
		return "", err
	case !few:
		return s.ofEach(ctx, r, args, id)
	}
	counted, err := report.TalliedFacts(ctx, r)
	if err != nil {
		return "", err
	}
	plans := newPlanner()
	facts, err := s.of(plans, counted)
	if err != nil {
		return "", err
	}
	came, left, err := s.changed(plans, changes)
	return report.CountedAs(args, id, facts, came, left), err
}

// of gives those of the facts with which an account is so far.
func (s soFar) of(plans planner, all []string) (facts []string, err error) {
	for _, one := range all {
		is, err := s.has(plans, one)
		if err != nil {
			return nil, err
		}
		if is {
			facts = append(facts, one)
		}
	}
	return facts, nil
}

func (s soFar) has(plans planner, facts string) (bool, error) {
	if facts == "" {
		return false, nil // an account that is not counted
	}
	plan, err := plans.ofText(facts)
	return err == nil && planning.Progress(s).Of(plan), err
}

// changed gives the accounts that are so far and are not counted as that, and those of which it is the other way round.
func (s soFar) changed(plans planner, changes []tally.Change) (came, left []string, err error) {
	for _, c := range changes {
		was, err := s.has(plans, c.Was.Facts)
		if err != nil {
			return nil, nil, err
		}
		is, err := s.has(plans, c.Is.Facts)
		switch {
		case err != nil:
			return nil, nil, err
		case is && !was:
			came = append(came, c.Account)
		case was && !is:
			left = append(left, c.Account)
		}
	}
	return came, left, nil
}

// ofEach says it by a look at each account.
func (s soFar) ofEach(ctx context.Context, r db.R, args *db.Arguments, id string) (string, error) {
	groups, err := report.Groups(ctx, r, report.Selection{Within: account.Reach{Everywhere: true}}, report.ByRegion)
	if err != nil {
		return "", err
	}
	var all []string
	for _, g := range groups {
		all = append(all, g.Text())
	}
	slices.Sort(all)
	facts, err := s.of(newPlanner(), slices.Compact(all))
	return report.KnownAs(args, id, facts), err
}
