package db_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/fault"
)

// busy has as many costly reads under way as may be at a time, and gives what ends them.
func busy(t *testing.T, d *db.DB) (end func()) {
	t.Helper()
	const places = 2
	leave := make(chan struct{})
	entered := make(chan struct{})
	ended := make(chan error)
	for range places {
		go func() {
			ended <- d.Costly(t.Context(), func(db.R) error {
				entered <- struct{}{}
				<-leave
				return nil
			})
		}()
	}
	for range places {
		<-entered
	}
	return func() {
		close(leave)
		for range places {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	}
}

// While costly reads are under way, others find a connection and another costly one waits, but not for ever.
func TestCostlyReadsLeaveRoomForOthers(t *testing.T) {
	d := open(t)
	nothing := func(db.R) error { return nil }
	end := busy(t, d)
	if err := d.View(t.Context(), nothing); err != nil {
		t.Errorf("a view beside costly ones: %v", err)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if err := d.Costly(gone, nothing); !errors.Is(err, context.Canceled) {
		t.Errorf("somebody who has gone: %v", err)
	}
	d.WaitForCostly(time.Millisecond)
	if err := d.Costly(t.Context(), nothing); !errors.Is(err, fault.Busy) {
		t.Errorf("one more than may be at a time: %v", err)
	}
	end()
	if err := d.Costly(t.Context(), nothing); err != nil {
		t.Errorf("after those before it: %v", err)
	}
}

// counting reads for longer than any test waits. It gives its one row at the end.
const counting = `WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 2000000000)
	SELECT COUNT(*) FROM counted`

// A costly read ends with its asker, within a statement that gives no row and between rows.
func TestCostlyReadsEndWithTheirAsker(t *testing.T) {
	d := open(t)
	for name, sql := range map[string]string{
		"no row yet": counting, "between rows": strings.Replace(counting, "COUNT(*)", "n", 1),
	} {
		ctx, leave := context.WithTimeout(t.Context(), 50*time.Millisecond)
		err := d.Costly(ctx, func(r db.R) error {
			return r.Each(ctx, func(scan func(...any) error) error {
				var n int64
				return scan(&n)
			}, sql)
		})
		leave()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", name, err)
		}
		if n := count(t, d, `SELECT COUNT(*) FROM thing`); n != 0 {
			t.Errorf("%s: %d things after it", name, n)
		}
	}
}

func TestEachArgumentHasItsPlace(t *testing.T) {
	d := open(t)
	var a db.Arguments
	text := `SELECT COUNT(*) FROM (SELECT 1 AS n UNION SELECT 2 UNION SELECT 3 UNION SELECT 4) AS numbers WHERE n > ` +
		a.Add(1) + ` AND n IN (` + db.AddEach(&a, []int{1, 2, 3}) + `) AND n NOT IN (` + db.AddEach(&a, []int{9}) + `)`
	if n := count(t, d, text, a.List()...); n != 2 {
		t.Errorf("%s finds %d, want 2", text, n)
	}
	if n := count(t, d, `SELECT COUNT(*) FROM thing WHERE id IN (`+db.AddEach[string](&a, nil)+`)`); n != 0 {
		t.Errorf("among none are %d", n)
	}
}

func TestStatementsAreCounted(t *testing.T) {
	d := open(t)
	for want := range 3 {
		got := dbtest.Statements(t, d, func() {
			for range want {
				count(t, d, `SELECT COUNT(*) FROM thing`)
			}
		})
		if len(got) != want {
			t.Errorf("%d statements, want %d: %q", len(got), want, got)
		}
	}
}
