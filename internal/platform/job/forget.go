package job

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/platform/db"
)

// forgetEvery is how often what is over is forgotten.
const forgetEvery = 10 * time.Minute

// Forget registers the periodic job each, which deletes the rows of a bookkeeping table whose ends_at has come.
func Forget[T db.Job](ws *Workers, d *db.DB, each T, table string) {
	Work(ws, func(ctx context.Context, _ T) error {
		err := d.Jot(ctx, func(k *db.K) error {
			_, err := k.Exec(ctx, `DELETE FROM `+table+` WHERE ends_at <= $1`, k.Now())
			return err
		})
		if err != nil {
			return fmt.Errorf("forget what is over in %s: %w", table, err)
		}
		return nil
	})
	Every(ws, forgetEvery, each)
}
