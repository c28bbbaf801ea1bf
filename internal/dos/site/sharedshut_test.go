package site_test

import (
	"context"
	"testing"

	cases "signpost/internal/dos/shared"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
)

// A shared account that its wave has shut is not said to be in use, whatever its deactivation date: the list and the
// case say that the wave has, and since when.
func TestASharedAccountThatItsWaveShutIsNotInUse(t *testing.T) {
	w := newWorld(t)
	team := w.reception()
	mia := w.manager()
	at := cases.CasePath(team.ID)
	for _, where := range []string{"/shared-accounts", at} {
		mia.get(where).mustHave(t, "In use")
		mustLack(t, mia.get(where), "Shut")
	}
	w.Update(func(ctx context.Context, u *db.W) error {
		return wave.Join(ctx, u, team.ID, w.waves[path.Require])
	})
	for _, where := range []string{"/shared-accounts", at} {
		mia.get(where).mustHave(t, "Shut by its wave")
		mustLack(t, mia.get(where), "In use")
	}
	mia.get(at).mustHave(t, "Since 14 November 2026 at 9am, by its wave,")
}
