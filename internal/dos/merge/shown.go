package merge

import (
	"context"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
	"signpost/internal/platform/seen"
)

// shown is what whoever does or undoes a merge looks at: the merge itself, and what both accounts have.
type shown struct {
	State       State
	Memberships []account.Membership
	Reason      string
	Proofs      []string
	Lines       []Line
}

func shownOf(ctx context.Context, r db.R, m Merge, s Sides) (shown, error) {
	lines, err := Preview(ctx, r, s, m.Memberships)
	return shown{State: m.State, Memberships: m.Memberships, Reason: m.Reason, Proofs: m.Proofs, Lines: lines}, err
}

// Seen names a merge as its page shows it. The holder, or another administrator, can change the accounts meanwhile.
func Seen(ctx context.Context, r db.R, m Merge, s Sides) (string, error) {
	now, err := shownOf(ctx, r, m, s)
	if err != nil {
		return "", err
	}
	return seen.Of(now)
}

// asSeen refuses whoever acts on a merge that is not as they saw it.
func asSeen(ctx context.Context, r db.R, m Merge, s Sides, name string) error {
	now, err := shownOf(ctx, r, m, s)
	if err != nil {
		return err
	}
	return seen.Check(name, now)
}
