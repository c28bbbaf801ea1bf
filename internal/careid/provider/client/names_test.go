package client_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/naming"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
)

// free reports whether a client or a team may be given a name.
func (w *world) free(name string) bool {
	w.Helper()
	taken, err := db.Read(w.Context(), w.DB, func(r db.R) (bool, error) { return naming.Taken(w.Context(), r, name) })
	w.Must(err)
	return !taken
}

// A client holds the name that is in force and the one that waits, and no other.
func TestAClientHoldsTheNamesThatItHas(t *testing.T) {
	w := open(t)
	olive := w.operator("Olive")
	id := w.approved(olive).ID
	step := func(happened string, rota, handover bool) {
		t.Helper()
		if w.free("R0ta") != rota || w.free("Hand over") != handover {
			t.Errorf("%s: Rota is free %v, Handover %v", happened, !rota, !handover)
		}
	}
	rename := func() {
		c := w.read(id).Wanted()
		c.Name = "Handover"
		w.change(c)
	}
	step("approved", false, true)
	rename()
	step("renamed", false, false)
	w.Must(w.Registry().Withdraw(t.Context(), w.ada, id))
	step("withdrawn", false, true)
	rename()
	w.Must(w.Registry().Approve(t.Context(), olive, id, w.read(id).Version))
	step("approved under the other name", true, false)
	for _, m := range []client.Move{client.Suspend, client.Close} {
		w.Must(client.Do(t.Context(), w.DB, w.ada, id, m))
	}
	step("deleted", true, true)
}

// readsNames finds a statement that reads names, but for those from before an upgrade and those that look like one.
var readsNames = regexp.MustCompile(`(?s)SELECT [^$]*\b(?:settings|name|holder)\b[^$]* FROM provider_(?:client|team|look)\b(.*)`)

var byIndex = regexp.MustCompile(`WHERE (?:unfolded|word IN|team_id IN|client_id =|id =)`)

// What a new name is compared with is found by an index, however many names there are.
func TestComparingNamesDoesNotGrow(t *testing.T) {
	w := open(t)
	asked := map[int]int{}
	have := 0
	for _, n := range []int{1, 300} {
		w.update(func(ctx context.Context, u *db.W) error {
			for ; have < n; have++ {
				c := app()
				c.ID = fmt.Sprintf("%012d.apps.supplier", have)
				c.Name = fmt.Sprintf("Client %d", have)
				if err := client.Register(ctx, u, w.Box, c, "a secret of a client that is long enough"); err != nil {
					return err
				}
			}
			return nil
		})
		c := app()
		c.Name = fmt.Sprintf("Rota beside %d others", n)
		statements := dbtest.Statements(t, w.DB, func() { w.create(c) })
		asked[n] = len(statements)
		for _, sql := range statements {
			found := readsNames.FindStringSubmatch(sql)
			if found != nil && !byIndex.MatchString(found[1]) {
				t.Errorf("this reads every name: %s", sql)
			}
		}
	}
	if asked[1] != asked[300] {
		t.Errorf("statements grow with the number of clients: %v", asked)
	}
	const old = `SELECT (SELECT COUNT(*) FROM provider_client WHERE unfolded) +
		(SELECT COUNT(*) FROM provider_team WHERE unfolded)`
	n, err := db.Read(t.Context(), w.DB, func(r db.R) (int, error) { return db.Value[int](t.Context(), r, old) })
	if err != nil || n != 0 {
		t.Errorf("%d names are compared one by one: %v", n, err)
	}
}

// Of several who register names that look alike at once, one gets theirs.
func TestOneOfSeveralNamesAtOnceIsGiven(t *testing.T) {
	w := open(t)
	var all sync.WaitGroup
	var given atomic.Int64
	for _, name := range []string{"Handover", "HANDOVER", "Hand-over", "Hand0ver", "H\u00e1ndover", "hand over"} {
		c := app()
		c.Name = name
		all.Go(func() {
			_, _, err := w.Registry().Create(t.Context(), w.ada, w.team, client.Supplier, c)
			var problems client.Problems
			if err == nil {
				given.Add(1)
			} else if !errors.As(err, &problems) {
				t.Errorf("%q: %v", name, err)
			}
		})
	}
	all.Wait()
	if n := given.Load(); n != 1 {
		t.Errorf("%d of 6 names that look alike were given", n)
	}
}
