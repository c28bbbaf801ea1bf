package client

import (
	"context"
	"fmt"

	"signpost/internal/platform/db"
)

// Met reports whether somebody has logged in to a client before.
func Met(ctx context.Context, r db.R, id, uuid string) (bool, error) {
	n, err := db.Value[int64](ctx, r, `SELECT COUNT(*) FROM provider_client_met WHERE client_id = $1 AND uuid = $2`,
		id, uuid)
	if err != nil {
		return false, fmt.Errorf("look whether somebody knows a client: %w", err)
	}
	return n > 0, nil
}

const insertMet = `INSERT INTO provider_client_met (client_id, uuid, since) VALUES ($1, $2, $3)
	ON CONFLICT (client_id, uuid) DO NOTHING`

// Meet notes that somebody logs in to a client, as a part of an Update.
func Meet(ctx context.Context, w *db.W, id, uuid string) error {
	if err := w.Soon(ctx, insertMet, id, uuid, w.Now()); err != nil {
		return fmt.Errorf("note that somebody knows a client: %w", err)
	}
	return nil
}
