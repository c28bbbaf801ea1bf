package job

import "context"

// Look looks once for nodes that died, as a queue does by itself from Start on.
func (q *Queue) Look(ctx context.Context) error { return q.watch(ctx) }
