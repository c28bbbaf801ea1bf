package job

import "sync"

// run is one run of a job.
type run struct {
	id      int64
	attempt int
}

// ended are the latest runs of which the job is done, in this program.
type ended struct {
	mu   sync.Mutex
	ring [1000]run
	next int
}

func (e *ended) note(r run) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ring[e.next] = r
	e.next = (e.next + 1) % len(e.ring)
}

// all gives the runs that have ended by now.
func (e *ended) all() map[run]bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	known := map[run]bool{}
	for _, r := range e.ring {
		known[r] = true
	}
	return known
}
