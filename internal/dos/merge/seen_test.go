package merge_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// A merge is done, and undone, as it was looked at: a group that came to one of the two since, another name, or a
// password has whoever decides look again.
func TestMergesAreDecidedAsTheyWereSeen(t *testing.T) {
	var y worldtest.Tally
	changes := map[string]func(w *world){
		"a group": func(w *world) {
			w.Update(func(ctx context.Context, u *db.W) error {
				return account.AddGroup(ctx, u, w.old.ID, account.ProviderUser, account.InRegion(w.north))
			})
		},
		"a name": func(w *world) {
			w.Update(func(ctx context.Context, u *db.W) error {
				_, err := u.Exec(ctx, `UPDATE account SET last_name = 'Another' WHERE id = $1`, w.young.ID)
				return errors.Join(err, u.Record(ctx, administrationEvent(w.young)))
			})
		},
	}
	for name, change := range changes {
		for _, undo := range []bool{false, true} {
			w := newWorld(t)
			w.link(w.young, "900")
			id := w.ready(w.young, w.old)
			act := func(shown string) error { return w.office.Do(t.Context(), by(w.ofNorth), id, shown) }
			if undo {
				w.Must(act(w.seen(id)))
				act = func(shown string) error {
					return w.office.Undo(t.Context(), by(w.ofNorth), id, shown, "two people")
				}
			}
			shown := w.seen(id)
			state := w.merge(id).State
			change(w)
			err := act(shown)
			f, _ := fault.From(err)
			refused := f != nil && strings.Contains(f.Message, "has changed since") && w.merge(id).State == state
			y.Refused(t, name, !refused)
			w.Must(act(w.seen(id))) // the twin: who looked again
		}
	}
	y.Report(t, "merges that changed while somebody looked")
}
