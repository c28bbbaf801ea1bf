package db

import "time"

// WaitForCostly sets how long a costly read waits for its turn.
func (d *DB) WaitForCostly(wait time.Duration) { d.costlyWait = wait }
