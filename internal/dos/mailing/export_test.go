package mailing

import "context"

// Batch sends one batch of a mailing, as its job does.
func Batch(ctx context.Context, o Office, id string) error {
	_, err := o.batch(ctx, id)
	return err
}
