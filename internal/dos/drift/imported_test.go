package drift_test

import (
	"context"
	"testing"
	"time"

	"signpost/internal/platform/db"
)

// People who were imported are asked about soon, and not only on the next day; of one import once.
func TestImportedAccountsAreComparedSoon(t *testing.T) {
	w := newWorld(t)
	w.run()
	w.asked = nil
	w.Clock.Advance(time.Hour)
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `INSERT INTO import (id, kind, begun_at, total, written, finished_at)
			VALUES ('1', 'accounts accounts', $1, 1, 1, $1)`, u.Now())
		return err
	})
	w.Clock.Advance(time.Minute)
	if more, err := w.watch.Chunk(t.Context()); more || err != nil || len(w.asked) != 2 {
		t.Errorf("after an import %d are asked about, %v", len(w.asked), err)
	}
	w.asked = nil
	if more, err := w.watch.Chunk(t.Context()); more || err != nil || len(w.asked) != 0 {
		t.Errorf("of one import %d are asked about twice, %v", len(w.asked), err)
	}
}
