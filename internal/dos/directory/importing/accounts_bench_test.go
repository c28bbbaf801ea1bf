package importing_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"signpost/internal/dos/directory/importing"
	"signpost/internal/dos/schema"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/worldtest"
)

// accountTables are those into which an import of accounts writes what stays, with their columns.
var accountTables = []struct {
	name    string
	columns []string
}{
	{"account", []string{"id", "username", "first_name", "last_name", "email", "email_key", "email_since", "shared",
		"web_service_only", "active", "password_hash", "organisation", "created_at", "unfolded", "username_key",
		"region", "phone", "access_reason", "approved_by", "approved_at", "case_due", "used", "counted_as"}},
	{"account_word", []string{"word", "account_id"}},
	{"account_grant", []string{"account_id", "permission", "scope_kind", "scope_id", "group_name"}},
	{"account_login", []string{"account_id", "at", "noted"}},
}

// BenchmarkImportOfAccounts reads, checks and writes accounts, with all that an import does, and says how fast that is
// beside the engine's own way to load the same rows into the same tables. The aim is half as fast.
func BenchmarkImportOfAccounts(b *testing.B) {
	const rows = 100_000
	text := manyAccounts(rows)
	f, err := importing.Find("accounts", "")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		d := dbtest.Open(b, schema.Files, clocktest.At(noon))
		begun := time.Now()
		worked := worldtest.ProcessorTime(b)
		reading := checkedIn(b, d, f[0], text)
		plan := importing.IntoNothing(reading.Accepted)
		if _, err := importing.Apply(b.Context(), d, f[0], plan, quiet, quiet); err != nil {
			b.Fatal(err)
		}
		imported := cost{time.Since(begun), worldtest.ProcessorTime(b) - worked}
		loaded := loadAgain(b, d)
		b.ReportMetric(rows/imported.clock.Seconds(), "rows/s")
		b.ReportMetric(rows/loaded.clock.Seconds(), "loaded/s")
		b.ReportMetric(loaded.clock.Seconds()/imported.clock.Seconds(), "of-engine")
		b.ReportMetric(loaded.processor.Seconds()/imported.processor.Seconds(), "of-engine-by-processor")
	}
}

func checkedIn(b *testing.B, d *db.DB, f importing.Format, text string) importing.Reading {
	b.Helper()
	reading, err := importing.Read(f, look(b, text), nil, func(int) {})
	if err != nil {
		b.Fatal(err)
	}
	reading, err = db.Read(b.Context(), d, func(r db.R) (importing.Reading, error) {
		return importing.Check(b.Context(), r, f, reading)
	})
	if err != nil || len(reading.Refused) > 0 {
		b.Fatal(err, reading.Refused)
	}
	return reading
}

// cost is how long something took by the clock, and by the processor of this program.
type cost struct{ clock, processor time.Duration }

// loadAgain loads what a database has into another one, by the engine's own way, and says what that cost.
func loadAgain(b *testing.B, from *db.DB) (took cost) {
	b.Helper()
	to := dbtest.Open(b, loadable(b), clocktest.At(noon))
	for _, table := range accountTables {
		var list [][]any
		err := from.View(b.Context(), func(r db.R) error {
			return r.Each(b.Context(), func(scan db.Scanner) error {
				row := make([]any, len(table.columns))
				into := make([]any, len(row))
				for i := range row {
					into[i] = &row[i]
				}
				list = append(list, row)
				return scan(into...)
			}, `SELECT `+strings.Join(table.columns, ", ")+` FROM `+table.name)
		})
		if err != nil {
			b.Fatal(err)
		}
		begun := time.Now()
		worked := worldtest.ProcessorTime(b)
		_, err = to.Load(b.Context(), table.name, table.columns, func(yield func([]any, error) bool) {
			for _, row := range list {
				if !yield(row, nil) {
					return
				}
			}
		})
		if err != nil {
			b.Fatal(err)
		}
		took.clock += time.Since(begun)
		took.processor += worldtest.ProcessorTime(b) - worked
	}
	return took
}

// loadable gives the migrations with one that lets the tables of accounts be loaded.
func loadable(b *testing.B) fs.FS {
	b.Helper()
	files := fstest.MapFS{"209901010000_loadable.sql": {Data: []byte("-- +goose Up\n" +
		"-- bookkeeping: account, account_word, account_grant, account_login\n" +
		"CREATE TABLE loadable (id TEXT PRIMARY KEY);\n")}}
	names, err := fs.Glob(schema.Files, "*.sql")
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(schema.Files, name)
		if err != nil {
			b.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: data}
	}
	return files
}

// manyAccounts makes a file of so many accounts.
func manyAccounts(rows int) string {
	var text strings.Builder
	text.WriteString("username,first name,last name,email,phone,status,organisation,groups,password hash,last login\n")
	for i := range rows {
		fmt.Fprintf(&text, "user%06d,First%d,Last%d,person%d@example%d.nhs.uk,01632 %06d,ACTIVE,FA%d,Provider user,%s,"+
			"2026-05-%02d 14:30\n", i, i%971, i%4999, i, i%37, i, i%900+100, oldHash, i%28+1)
	}
	return text.String()
}
