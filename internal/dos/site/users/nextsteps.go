package users

import (
	"context"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/rollout/planning"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

// nextStep is what is next for the holder of an account on the way to their Care Identity, as the board says it.
type nextStep struct {
	Wave, HowFar, Task, Owner string
	Since                     time.Time // zero where it is not known
}

// nextSteps gives what is next for the holders of accounts, by the accounts' ids. Nothing is for programs, and where an
// account is not active.
func nextSteps(ctx context.Context, r db.R, found []account.Found) (map[string]nextStep, error) {
	var list []account.Account
	for _, f := range found {
		if f.Active && f.Kind != account.Machine {
			list = append(list, f.Account)
		}
	}
	people, err := rollout.Counted(ctx, r, list)
	if err != nil {
		return nil, err
	}
	plans := planning.NewPlanner(nil)
	steps := make(map[string]nextStep, len(people))
	for id, p := range people {
		plan := plans.Plan(p.Facts)
		task, owner := plan.Words(p.Facts.Authority)
		steps[id] = nextStep{Wave: p.Wave.Name, HowFar: plan.State.Title(), Task: task, Owner: owner, Since: p.Since}
	}
	return steps, nil
}

// addSteps says in the list what is next for each, where it is about the move.
func (f *foundUsers) addSteps(ctx context.Context, read db.R) error {
	steps, err := nextSteps(ctx, read, f.list.Items)
	if err != nil {
		return err
	}
	f.Head = append(f.Head, "Next", "Who acts", "Like this since")
	for i, one := range f.list.Items {
		next := steps[one.ID]
		since := "–"
		if !next.Since.IsZero() {
			since = when.Ago(next.Since, read.Now())
		}
		f.Rows[i] = append(f.Rows[i], nhsuk.TableCell{Text: next.Task}, nhsuk.TableCell{Text: next.Owner},
			nhsuk.TableCell{Text: since})
	}
	return nil
}

// aboutMove reports whether a search is for people of the move: of a wave, or who are so far.
func aboutMove(f *form.Rendered) bool {
	return f.Value(frame.WaveField)+f.Value(frame.ProgressField) != "" || f.Value("state") == string(account.NotLinked)
}
