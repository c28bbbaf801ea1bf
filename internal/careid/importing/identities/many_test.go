package identities_test

import (
	"fmt"
	"testing"
	"time"

	"signpost/internal/careid/importing"
	"signpost/internal/careid/importing/identities"
	"signpost/internal/platform/worldtest"
)

// row is somebody of a large file.
func row(n int) string {
	given := [...]string{"Amelia", "Oliver", "Priya", "Siân", "Zoë", "Mohammed", "Grace", "Noor", "Leo", "Chidi"}
	family := [...]string{"Example", "Sample", "Fictional", "Placeholder", "O'Testing", "Mock-Name", "Dummy", "Instance"}
	return fmt.Sprintf("91%010d,,%s,Jo,%s%d,,%02d/%02d/%d,AB%06d%c,p%d@example.nhs.uk,yes,,ZTR,active,yes,2019-05-01\n",
		n, given[n%len(given)], family[n/7%len(family)], n%5000, 1+n%28, 1+n%12, 1950+n%50, n%1_000_000,
		"ABCD"[n/1_000_000%4], n)
}

// BenchmarkImportOfIdentities reads, checks and writes care identities, with all that an import does. The aim is 20,000
// rows a second.
func BenchmarkImportOfIdentities(b *testing.B) {
	const people = 100_000
	text := many(people)
	for b.Loop() {
		w := newWorld(b)
		begun := time.Now()
		worked := worldtest.ProcessorTime(b)
		reading := w.checked(text)
		if len(reading.Refused) > 0 {
			b.Fatal(reading.Refused[0])
		}
		read := time.Since(begun)
		plan := w.prepared(reading)
		if _, err := importing.Imports().Apply(b.Context(), w.DB, identities.Source(), plan, quiet, quiet); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(people/time.Since(begun).Seconds(), "rows/s")
		b.ReportMetric(people/read.Seconds(), "checked/s")
		b.ReportMetric(people/(worldtest.ProcessorTime(b)-worked).Seconds(), "rows/s-of-processor")
	}
}
