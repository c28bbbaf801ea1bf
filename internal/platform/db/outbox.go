package db

import "context"

// Job is background work to be done after a commit: plain data with a name. Its fields hold ids, not
// secrets. The package that wants the work declares it; the package that does it, above, registers a
// worker with platform/job.
type Job interface{ Kind() string }

// Outbox puts jobs into the transaction that asks for them. platform/job is the one there is; tx is
// the engine's own transaction.
type Outbox interface {
	Add(ctx context.Context, tx any, job Job) error
}

// SetOutbox says where Enqueue puts jobs. It is called once, before the first Update.
func (d *DB) SetOutbox(o Outbox) { d.outbox = o }
