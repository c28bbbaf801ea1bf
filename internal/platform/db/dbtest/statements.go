package dbtest

import (
	"slices"
	"sync"
	"testing"

	"signpost/internal/platform/db"
)

// counters holds the counter of each database that Reopen opened.
var counters sync.Map

// counter keeps the statements that went to a database while somebody wanted to know.
type counter struct {
	mu         sync.Mutex
	counting   bool
	statements []string
}

func (c *counter) tell(sql string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counting {
		c.statements = append(c.statements, sql)
	}
}

// Statements runs fn and lists the statements that went to the database meanwhile. It is for pages whose number of
// statements must not grow with what is on them.
func Statements(t testing.TB, d *db.DB, fn func()) []string {
	t.Helper()
	found, _ := counters.Load(d)
	c, ok := found.(*counter)
	if !ok {
		t.Fatal("count statements: the database was not opened by dbtest")
	}
	c.count(true)
	defer c.count(false)
	fn()
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.statements)
}

func (c *counter) count(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counting = on
	c.statements = nil
}
