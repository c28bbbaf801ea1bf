package importing_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/directory"
	"signpost/internal/dos/directory/importing"
	"signpost/internal/dos/schema"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/sheet"
)

// openData lists the files of SIGNPOST_SHARED_DATA in the order in which they are imported, with the expected counts
// and with rows that were looked up by hand.
var openData = []struct {
	file, kind, format             string
	rows, accepted, refused, notes int
	refuses                        map[int]string // by row: a part of the reason
	holds                          map[string]string
}{
	{
		file: "postcode-outcodes.csv", kind: "postcodes", format: "outcodes", rows: 3003, accepted: 2975, refused: 28,
		refuses: map[int]string{2975: "not a place", 3004: "not a place"}, // WF90 and BS0 at 0, 0
		holds:   map[string]string{"AB10": `{"Latitude":57.13514,"Longitude":-2.11731}`, "JE3": `"Latitude":49.18581`},
	},
	{
		file: "epraccur.csv", kind: "organisations", format: "epraccur", rows: 14303, accepted: 14303, notes: 43,
		holds: map[string]string{
			"A81001": `{"name":"THE DENSHAM SURGERY","status":"A","setting":"4",` +
				`"address":"THE HEALTH CENTRE, LAWSON STREET, STOCKTON-ON-TEES, CLEVELAND",` +
				`"postcode":"TS18 1HU","phone":"01642672351"}`,
		},
	},
	{
		file: "gm_pharmacies.csv", kind: "services", format: "pharmacies", rows: 631, accepted: 630, refused: 1,
		refuses: map[int]string{57: "comma"}, // 09:00-13:00:14:00-18:00
		holds: map[string]string{
			"pharmacies:FM664": `"hours":"` + strings.Repeat("08:30-13:00,14:00-17:30|", 5) + `09:00-12:30||?"`,
			"pharmacies:FFP01": `"hours":"09:00-12:30,13:00-16:30,17:00-21:00|`,
		},
	},
	{
		file: "gm_dentists.csv", kind: "services", format: "dentists", rows: 539, accepted: 524, refused: 15,
		notes: 494,
		refuses: map[int]string{
			171: "Repeats row 122: remove",
			511: "Repeats row 332, which was taken, with other details",
		},
		holds: map[string]string{
			"dentists:smile dental care salford|390 manchester road east, little " +
				"hulton, salford|M38 9WH": `"public_phone":"01617903377","web":"http://www.smile-dentalcare.co.uk"`,
			"dentists:little lever dental practice|100 high street, little " +
				"lever, bolton|BL3 1LR": `"place":{"Latitude":53.561055,"Longitude":-2.368853},"public_phone":"01204574908"}`,
		},
	},
}

// readShared reads a file of the real open data.
func readShared(t *testing.T, folder, name string, f importing.Format,
	places map[string]postcode.Point) importing.Reading {
	t.Helper()
	file, err := os.Open(filepath.Join(folder, name))
	if err != nil {
		t.Fatalf("SIGNPOST_SHARED_DATA is set, but %v", err)
	}
	defer file.Close()
	looked, err := sheet.Look(file, 0)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if is, err := importing.Recognise(looked, importing.Formats); err != nil || is.Name != f.Name {
		t.Errorf("%s was taken for %q, %v", name, is.Name, err)
	}
	reading, err := importing.Read(f, looked, places, func(int) {})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return reading
}

// TestRealFiles imports the whole real files, imports them again, and undoes the imports. make test sets
// SIGNPOST_SHARED_DATA. The other tests test the same things with small files of our own.
func TestRealFiles(t *testing.T) {
	folder := os.Getenv("SIGNPOST_SHARED_DATA")
	if folder == "" {
		t.Log("the real files are read under make test, which sets SIGNPOST_SHARED_DATA; without it the " +
			"other tests stand alone")
		return
	}
	d := dbtest.Open(t, schema.Files, clocktest.At(noon))
	var ids []string
	for _, data := range openData {
		f := format(t, data.kind, data.format)
		r := readShared(t, folder, data.file, f, placesOf(t, d))
		if r.Rows != data.rows || len(r.Accepted) != data.accepted || len(r.Refused) != data.refused ||
			len(r.Notes) != data.notes {
			t.Errorf("%s: %d rows, %d accepted, %d refused, %d notes", data.file, r.Rows, len(r.Accepted),
				len(r.Refused), len(r.Notes))
		}
		for number, text := range data.refuses {
			if !slices.ContainsFunc(r.Refused, func(refused importing.Refused) bool {
				return refused.Number == number && strings.Contains(refused.Reason, text)
			}) {
				t.Errorf("%s: row %d is not refused with %q", data.file, number, text)
			}
		}
		begun := time.Now()
		id, err := importing.Apply(t.Context(), d, f, compare(t, d, f, r.Accepted), quiet, quiet)
		if err != nil {
			t.Fatalf("%s: %v", data.file, err)
		}
		t.Logf("%s: %d accepted, %d refused, %d put right or noted, %.0f rows/s", data.file, len(r.Accepted),
			len(r.Refused), len(r.Notes), float64(len(r.Accepted))/time.Since(begun).Seconds())
		ids = append(ids, id)
		if p := compare(t, d, f, r.Accepted); p.Unchanged != len(r.Accepted) || p.Added+p.Changed != 0 {
			t.Errorf("%s: a second run would do %+v", data.file, p)
		}
		for key, text := range data.holds {
			if !slices.ContainsFunc(r.Accepted, func(a importing.Accepted) bool {
				return a.Key == key && strings.Contains(a.Record, text)
			}) {
				t.Errorf("%s: the record of %s lacks %s", data.file, key, text)
			}
		}
	}
	inTheDirectory(t, d)
	takenBack(t, d, ids)
}

func placesOf(t *testing.T, d *db.DB) (places map[string]postcode.Point) {
	t.Helper()
	err := d.View(t.Context(), func(r db.R) (err error) {
		places, err = directory.Centres(t.Context(), r)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return places
}

// inTheDirectory compares the tables with counts that were made in another way.
func inTheDirectory(t *testing.T, d *db.DB) {
	t.Helper()
	for sql, want := range map[string]int64{
		`SELECT COUNT(*) FROM ods_organisation WHERE status = 'A'`: 11482,
		// closed organisations stay closed
		`SELECT COUNT(*) FROM ods_organisation WHERE status = 'C'`:             2427,
		`SELECT COUNT(*) FROM ods_organisation WHERE setting = '4'`:            8201, // GP practices
		`SELECT COUNT(*) FROM ods_organisation WHERE postcode = ''`:            20,
		`SELECT COUNT(*) FROM service WHERE type_id = 13 AND latitude IS NULL`: 0,
		// the list says nothing of bank holidays
		`SELECT COUNT(*) FROM service WHERE type_id = 13 AND hours NOT LIKE '%|?'`: 0,
		// row 12: to midnight
		`SELECT COUNT(*) FROM service WHERE type_id = 13 AND hours LIKE '08:30-24:00|%'`:       1,
		`SELECT COUNT(*) FROM service WHERE public_phone = '01618341000'`:                      1, // 1618341e3
		`SELECT COUNT(*) FROM service WHERE public_phone <> '' AND public_phone NOT LIKE '0%'`: 0,
		`SELECT COUNT(*) FROM service WHERE latitude IS NULL`:                                  0,
		`SELECT COUNT(*) FROM service WHERE web LIKE '%NA%' AND web NOT LIKE 'http%'`:          0,
		`SELECT COUNT(*) FROM place WHERE latitude = 0 OR longitude = 0 OR outcode IN ('N1C')`: 0,
	} {
		if got := count(t, d, sql); got != want {
			t.Errorf("%s: %d, want %d", sql, got, want)
		}
	}
}

// takenBack undoes the imports, the last one first, and checks that nothing is left of them.
func takenBack(t *testing.T, d *db.DB, ids []string) {
	t.Helper()
	for _, id := range slices.Backward(ids) {
		if u, err := importing.Undo(t.Context(), d, id, quiet); err != nil || len(u.Untouched) != 0 {
			t.Errorf("undo: %d kept, %v", len(u.Untouched), err)
		}
	}
	if n := count(t, d, `SELECT (SELECT COUNT(*) FROM service) + (SELECT COUNT(*) FROM place) + (SELECT COUNT(*)
		FROM ods_organisation)`); n != 0 {
		t.Errorf("%d records are left after everything was undone", n)
	}
}
