package access

import (
	"context"
	"fmt"
	"slices"

	"signpost/internal/careid/identity/equipment"
	"signpost/internal/platform/db"
)

// noteHeld keeps from when until when people hold access, after an Update changed it: over all that they hold now or
// are to hold.
func noteHeld(ctx context.Context, w *db.W, uuids ...string) error {
	slices.Sort(uuids)
	for some := range slices.Chunk(slices.Compact(uuids), maxAskedAbout) {
		held := map[string]equipment.Window{}
		for _, uuid := range some {
			held[uuid] = equipment.Window{}
		}
		var a db.Arguments
		where := ` WHERE uuid IN (` + db.AddEach(&a, some) + `) AND (ends_at IS NULL OR ends_at > ` +
			a.Add(w.Now()) + `)`
		err := w.Each(ctx, func(scan db.Scanner) error {
			var uuid string
			var one equipment.Window
			if err := scan(&uuid, db.At(&one.From), db.At(&one.Until)); err != nil {
				return err
			}
			held[uuid] = one
			return nil
		}, `SELECT uuid, MIN(starts_at), CASE WHEN COUNT(*) = COUNT(ends_at) THEN MAX(ends_at) END FROM assignment`+
			where+` GROUP BY uuid`, a.List()...)
		if err != nil {
			return fmt.Errorf("read how long people hold access: %w", err)
		}
		if err := equipment.Hold(ctx, w, held); err != nil {
			return err
		}
	}
	return nil
}
