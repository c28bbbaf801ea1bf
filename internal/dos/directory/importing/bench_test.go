package importing_test

import (
	"fmt"
	"strings"
	"testing"

	"signpost/internal/dos/schema"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db/dbtest"

	"signpost/internal/dos/directory/importing"
)

// BenchmarkApply imports 5,000 dentists into an empty directory.
func BenchmarkApply(b *testing.B) {
	f := dentists(b)
	const rows = 5000
	text := manyDentists(rows)
	for b.Loop() {
		b.StopTimer()
		d := dbtest.Open(b, schema.Files, clocktest.At(noon))
		b.StartTimer()
		reading, err := importing.Read(f, look(b, text), nil, func(int) {})
		if err != nil || len(reading.Accepted) != rows {
			b.Fatalf("accepted %d, %v", len(reading.Accepted), err)
		}
		if _, err := importing.Apply(b.Context(), d, f, compare(b, d, f, reading.Accepted), quiet, quiet); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
}

// dentists is the format of lists of dentists.
func dentists(b *testing.B) importing.Format {
	b.Helper()
	f, err := importing.Find("services", "dentists")
	if err != nil {
		b.Fatal(err)
	}
	return f[0]
}

// manyDentists makes a file of n valid rows.
func manyDentists(rows int) string {
	var text strings.Builder
	text.WriteString("name,address,postcode,telephone,website,lon,lat\n")
	for i := range rows {
		fmt.Fprintf(&text, "Practice %d,%d High Street,M%d 1AE,161%07d,NA,-2.%d,53.%d\n", i, i, i%9+1, i, i%1000, i%997)
	}
	return text.String()
}
