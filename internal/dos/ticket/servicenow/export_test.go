package servicenow

import "context"

// Leave takes the turn to send a ticket and never ends it, as a job does that is killed.
func (c *Connector) Leave(ctx context.Context, ticketID string) error {
	_, err := takeTurn(ctx, c.DB, ticketID)
	return err
}

// ErrBusy is the error of whoever comes in the turn of another.
var ErrBusy = errBusy
