package app

import (
	"database/sql"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/drift"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
)

// keepsOfStrangers are the routes at which a stranger leaves rows each time, and of which tables. All are bounded, by
// network and in all, and TestBytesKeptOfStrangers holds them to bytes.
var keepsOfStrangers = map[string][]string{
	"dos POST /sign-in/care-identity":      {"flow"},
	"dos GET " + startPath:                 {"flow"},
	"dos POST /undo-link":                  {"flow", "mailed_code"},
	"dos POST /forgotten-password":         {"flow", "mailed_code"},
	"cis2 GET " + cis2.Realm + endSession:  {"flow"},
	"cis2 POST " + cis2.Realm + endSession: {"flow"},
	"cim POST /sign-in":                    {"flow"},
	"cim GET " + startPath:                 {"flow"},
}

const endSession = "/connect/endSession"

// Whatever route of a site a stranger asks, with a seal where its forms have one, no row is kept of each request but by
// those that begin something.
func TestRoutesKeepNothingOfStrangers(t *testing.T) {
	d := running(t)
	d.awaitComparison(t)
	addresses := d.system.Config.Addresses
	tried := 0
	for _, s := range []struct {
		name, address string
		site          *web.Site
	}{
		{"dos", addresses.DoS, d.dos.Site}, {"cis2", addresses.CIS2, d.care.Login}, {"cim", addresses.CIM, d.care.Console},
	} {
		sealer := webtest.NewSealer(s.site, s.name, d.system.box, func(*http.Request) string { return "" })
		for _, route := range s.site.Routes() {
			tried++
			d.holdRows(t, s.name, walked(s.address, route, sealer))
		}
	}
	t.Logf("tried %d routes", tried)
	if tried == 0 {
		t.Error("no route was tried")
	}
}

// placeholder is what a path names.
var placeholder = regexp.MustCompile(`\{[^}]*\}`)

// awaitComparison waits until the first comparison of email addresses is over, whose rows are nobody's request.
func (d *Demo) awaitComparison(t *testing.T) {
	t.Helper()
	for begun := time.Now(); time.Since(begun) < time.Minute; time.Sleep(50 * time.Millisecond) {
		run, err := db.Read(t.Context(), d.dos.DB, func(r db.R) (drift.Run, error) {
			return drift.LastRun(t.Context(), r)
		})
		if err == nil && !run.Ended.IsZero() {
			return
		}
	}
	t.Fatal("the first comparison of email addresses does not end")
}

// walked asks a route as a stranger does who fills everything in.
func walked(address string, route web.Route, sealer *webtest.Sealer) strangersRoute {
	method, path, _ := strings.Cut(route.Pattern, " ")
	path = strings.ReplaceAll(path, "{$}", "")
	asked := strangersRoute{name: route.Pattern, address: address + placeholder.ReplaceAllString(path, "x")}
	if method != http.MethodPost {
		return asked
	}
	asked.form = url.Values{"x": {"x"}}
	for _, field := range route.Fields {
		asked.form.Set(field, strings.Repeat("x", 100))
	}
	if route.Sealed {
		asked.sealer = sealer
	}
	return asked
}

// holdRows asks a route some times and fails the test if a table has as many rows more.
func (d *Demo) holdRows(t *testing.T, site string, route strangersRoute) {
	t.Helper()
	const requests = 4
	before := d.rows(t)
	status := 0
	for i := range requests {
		status = d.ask(t, route, i)
	}
	for table, n := range d.rows(t) {
		if n >= before[table]+requests && !slices.Contains(keepsOfStrangers[site+" "+route.name], table) {
			t.Errorf("%s %s: %d requests (%d) left %d rows of %s", site, route.name, requests, status,
				n-before[table], table)
		}
	}
}

// rows counts the rows of each table of both databases, but for those of jobs: others ask for some meanwhile.
func (d *Demo) rows(t *testing.T) map[string]int64 {
	t.Helper()
	list := map[string]int64{}
	for _, side := range []*store{d.care.store, d.dos.store} {
		native, is := side.DB.Native().(*sql.DB)
		if !is {
			t.Fatal("a demo is not on SQLite")
		}
		for _, table := range tablesOf(t, native) {
			var n int64
			if err := native.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM "`+table+`"`).Scan(&n); err != nil {
				t.Fatal(err)
			}
			list[table] += n
		}
	}
	return list
}

func tablesOf(t *testing.T, native *sql.DB) (names []string) {
	t.Helper()
	const notOfJobs = `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'river%'
		AND name NOT IN ('account_count', 'drift')`
	found, err := native.QueryContext(t.Context(), notOfJobs)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = found.Close() }()
	for found.Next() {
		var name string
		if err := found.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return names
}
