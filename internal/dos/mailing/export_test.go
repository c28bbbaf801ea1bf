package mailing

import "context"

// Batch sends one batch of a mailing, as its job does.
func Batch(ctx context.Context, o Office, id string) error {
	room, err := o.room(ctx)
	if err == nil && room > 0 {
		_, err = o.batch(ctx, id, room)
	}
	return err
}
