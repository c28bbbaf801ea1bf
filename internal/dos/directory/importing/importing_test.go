package importing_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/directory"
	"signpost/internal/dos/directory/importing"
	"signpost/internal/dos/schema"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/sheet"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

const dirtyPharmacies = `pharmacy_name,address,postcode,opening_hours_monday,opening_hours_tuesday,` +
	`opening_hours_wednesday,opening_hours_thursday,opening_hours_friday,opening_hours_saturday,` +
	`opening_hours_sunday,organisation_data_service_code
Good Pharmacy,"1 High Street, Town",m1 1ae,"09:00-13:00,14:00-18:00",09:00-18:00,09:00-18:00,09:00-18:00,` +
	`08:00-00:00,CLOSED,closed,FA001
Wrong Separator,2 High Street,M1 1AE,09:00-13:00:14:00-18:00,CLOSED,CLOSED,CLOSED,CLOSED,CLOSED,CLOSED,FA002
No Postcode,3 High Street,,CLOSED,CLOSED,CLOSED,CLOSED,CLOSED,CLOSED,CLOSED,FA003
Repeated,1 High Street,M1 1AE,CLOSED,CLOSED,CLOSED,CLOSED,CLOSED,CLOSED,CLOSED,FA001
Elsewhere,4 High Street,ZE1 0AA,CLOSED,CLOSED,CLOSED,CLOSED,CLOSED,CLOSED,CLOSED,FA004
Short row,FA005
`

func format(t *testing.T, kind, name string) importing.Format {
	t.Helper()
	f, err := importing.Find(kind, name)
	if err != nil || len(f) != 1 {
		t.Fatal(f, err)
	}
	return f[0]
}

func read(t *testing.T, f importing.Format, text string) importing.Reading {
	t.Helper()
	places := map[string]postcode.Point{"M1": {Latitude: 53.48, Longitude: -2.23}}
	r, err := importing.Read(f, look(t, text), places, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// look begins to read a file.
func look(t testing.TB, text string) *sheet.File {
	t.Helper()
	file, err := sheet.Look(strings.NewReader(text), 0)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestDirtyRowsAreNamedWithTheirCure(t *testing.T) {
	r := read(t, format(t, "services", "pharmacies"), dirtyPharmacies)
	if len(r.Accepted) != 2 || len(r.Refused) != 4 || r.Rows != 6 {
		t.Fatalf("accepted %d, refused %+v of %d", len(r.Accepted), r.Refused, r.Rows)
	}
	for i, want := range []struct {
		row           int
		field, reason string
	}{{3, "opening_hours_monday", "comma"}, {4, "postcode", "postcode"}, {5, "", "Repeats row 2"}, {7, "", ""}} {
		got := r.Refused[i]
		if got.Number != want.row || got.Field != want.field || !strings.Contains(got.Reason, want.reason) ||
			got.Reason == "" {
			t.Errorf("refused %+v, want %+v", got, want)
		}
	}
	if len(r.Notes) != 1 || r.Notes[0].Number != 6 {
		t.Errorf("notes %+v, want one about the row that could not be placed", r.Notes)
	}
}

// A name that a page would show otherwise than it is written is refused with its row.
func TestNamesWithHiddenCharactersAreRefused(t *testing.T) {
	honest := read(t, format(t, "services", "pharmacies"), dirtyPharmacies)
	first := strings.SplitN(dirtyPharmacies, "\n", 3)
	_, rest, _ := strings.Cut(first[1], ",")
	hidden := read(t, format(t, "services", "pharmacies"), first[0]+"\nOak\u202e Tree,"+rest+"\n")
	if len(honest.Accepted) == 0 || len(hidden.Refused) != 1 || hidden.Refused[0].Field != "pharmacy_name" ||
		!strings.Contains(hidden.Refused[0].Reason, "U+202E") {
		t.Errorf("refused %+v of %q", hidden.Refused, first[1])
	}
}

// A telephone number is read as people and spreadsheets write it. One that cannot be read is left out with a note, and
// the service is kept.
func TestTelephones(t *testing.T) {
	f := format(t, "services", "dentists")
	for _, tt := range []struct{ cell, number, note string }{
		{"0161 496 0000", "01614960000", ""}, {"(0161) 496-0000", "01614960000", ""}, {"NA", "", ""}, {"", "", ""},
		{"+44 161 496 0001", "01614960001", ""}, {"+44 (0)161 496 0002", "01614960002", ""},
		{"+44 (0) 161 496 0002", "01614960002", ""}, {"0044 161 496 0003", "01614960003", ""},
		{"0044 (0)161 496 0003", "01614960003", ""}, {"+441204 64028", "0120464028", ""},
		{"1614960004", "01614960004", "was read as"}, {"1618341e3", "01618341000", "was read as"},
		{"120464028", "0120464028", "was read as"},
		{"161419928", "", "Left out"}, {"161419928.0", "", "Left out"}, {"783378919", "", "Left out"}, {"1.61496E+09", "", "Left out"},
		{"1614960005.0", "01614960005", "a spreadsheet had taken away its first 0"}, {"120464028.00", "0120464028", "was read as"},
		{"1.614960005E9", "01614960005", "was read as"}, {"1.614960005e+09", "01614960005", "was read as"},
		{"1.61496000E+09", "", "Left out"}, {"1.6149600055E+09", "", "Left out"}, {"1614960005.5", "", "Left out"},
		{"01614960005.0", "", "Left out"}, {"01618341e3", "", "Left out"}, {"1614960005.", "", "Left out"},
		{"111", "", "Left out"}, {"111.0", "", "Left out"}, {"call us", "", "Left out"},
		{"0161 496 0006 / 0161 496 0007", "", "Left out"}, {"+33 1 23 45 67 89", "", "Left out"},
		{"+44 +44 161 496 0000", "", "Left out"},
	} {
		r := read(t, f, "name,address,postcode,telephone,website,lon,lat\nA,B,M1 1AE,"+tt.cell+",NA,-2.2,53.4\n")
		if len(r.Accepted) != 1 {
			t.Errorf("%q: the service was refused: %+v", tt.cell, r.Refused)
			continue
		}
		var s directory.Imported
		if err := json.Unmarshal([]byte(r.Accepted[0].Record), &s); err != nil || s.PublicPhone != tt.number {
			t.Errorf("%q was read as %q, %v; want %q", tt.cell, s.PublicPhone, err, tt.number)
		}
		notes := ""
		for _, n := range r.Notes {
			notes += n.Reason
		}
		if tt.note == "" && notes != "" || !strings.Contains(notes, tt.note) ||
			tt.note != "" && !strings.Contains(notes, `"`+tt.cell+`"`) {
			t.Errorf("%q: notes %q, want %q", tt.cell, notes, tt.note)
		}
	}
}

func TestPlacesOutsideTheCountryAreRefused(t *testing.T) {
	f := format(t, "postcodes", "outcodes")
	good := read(t, f, "postcode,latitude,longitude\nM1,53.48,-2.23\nJE2,49.2,-2.1\nZE2,60.3,-1.2\nBT93,54.5,-7.8\n")
	if len(good.Accepted) != 4 {
		t.Fatalf("the honest twin: %+v", good.Refused)
	}
	bad := read(t, f, "postcode,latitude,longitude\nM2,0,0\nM3,-2.2,53.4\nM4,NaN,NaN\nM5,Inf,-2.2\n"+
		"M6,53.4,+Inf\nM7,,\nM8,53.4,x\nM9,40.7,-74\n")
	t.Logf("tried %d, accepted %d", bad.Rows, len(bad.Accepted))
	if bad.Rows != 8 || len(bad.Refused) != 8 {
		t.Errorf("accepted %+v", bad.Accepted)
	}
}

func TestRepeatedRowsSayWhetherTheyDiffer(t *testing.T) {
	r := read(t, format(t, "services", "dentists"), "name,address,postcode,telephone,website,lon,lat\n"+
		"Mill Dental,1 High St,M1 1AE,NA,NA,-2.2,53.4\n"+
		"MILL  Dental,1 High St,m11ae,NA,NA,-2.2,53.4\n"+
		"Mill Dental,1 High St,M1 1AE,1617903377,NA,-2.2,53.4\n"+
		"Mill Dental,1 High St,M1 1AE,NA,NA,-2.2,53.4\n")
	if len(r.Accepted) != 1 || len(r.Refused) != 3 {
		t.Fatalf("accepted %+v, refused %+v", r.Accepted, r.Refused)
	}
	for i, want := range []string{"other details", "other details", "remove one of the two"} {
		if got := r.Refused[i].Reason; !strings.HasPrefix(got, "Repeats row 2") || !strings.Contains(got, want) {
			t.Errorf("row %d: %q, want %q", r.Refused[i].Number, got, want)
		}
	}
}

func TestAnOrganisationIsTakenWithoutAWrongNumber(t *testing.T) {
	row := func(phone string) string {
		return `"D00001","MILL CLINIC","Y63","Q74","1 HIGH STREET","","","","","M1 1AE","20240101","","A","B","","","","` +
			phone + `","","","","0","","","","4",""` + "\n"
	}
	f := format(t, "organisations", "epraccur")
	if r := read(t, f, row("0161 4960000")); len(r.Accepted) != 1 || len(r.Notes) != 0 ||
		!strings.Contains(r.Accepted[0].Record, "01614960000") {
		t.Fatalf("the honest twin: %+v", r)
	}
	r := read(t, f, row("0117 992300"))
	if len(r.Accepted) != 1 || strings.Contains(r.Accepted[0].Record, "phone") || len(r.Notes) != 1 ||
		!strings.Contains(r.Notes[0].Reason, "0117 992300") {
		t.Errorf("a number a digit short: %+v", r)
	}
}

func compare(t testing.TB, d *db.DB, f importing.Format, rows []importing.Accepted) importing.Plan {
	t.Helper()
	var p importing.Plan
	err := d.View(t.Context(), func(r db.R) (err error) {
		p, err = importing.Compare(t.Context(), r, f, rows)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func count(t *testing.T, d *db.DB, sql string) int64 {
	t.Helper()
	var n int64
	err := d.View(t.Context(), func(r db.R) (err error) {
		n, err = db.Value[int64](t.Context(), r, sql)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestImportIsAppliedOnceAndUndone(t *testing.T) {
	d := dbtest.Open(t, schema.Files, clocktest.At(noon))
	f := format(t, "services", "pharmacies")
	first := read(t, f, dirtyPharmacies)
	if p := compare(t, d, f, first.Accepted); p.Added != 2 || p.Changed != 0 || p.Unchanged != 0 {
		t.Fatalf("plan %+v", p)
	}
	if n := count(t, d, `SELECT COUNT(*) FROM service`); n != 0 {
		t.Fatalf("comparing wrote %d services", n)
	}
	one, err := importing.Apply(t.Context(), d, f, compare(t, d, f, first.Accepted), quiet, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if p := compare(t, d, f, first.Accepted); p.Unchanged != 2 || p.Added+p.Changed != 0 {
		t.Errorf("second run would do %+v", p)
	}
	second := read(t, f, strings.Replace(dirtyPharmacies, "Good Pharmacy", "Better Pharmacy", 1))
	two, err := importing.Apply(t.Context(), d, f, compare(t, d, f, second.Accepted), quiet, quiet)
	if err != nil {
		t.Fatal(err)
	}
	u, err := importing.Undo(t.Context(), d, one, func(int, int) {})
	if err != nil || u.Restored != 1 || len(u.Untouched) != 1 || u.Untouched[0] != "pharmacies:FA001" {
		t.Errorf("undo of the older import: %+v, %v; want the changed service kept", u, err)
	}
	if u, err = importing.Undo(t.Context(), d, two, func(int, int) {}); err != nil || u.Restored != 1 {
		t.Errorf("undo of the newer import: %+v, %v", u, err)
	}
	if n := count(t, d, `SELECT COUNT(*) FROM service WHERE name = 'Good Pharmacy'`); n != 1 {
		t.Errorf("the name before the newer import is not back")
	}
	if _, err := importing.Undo(t.Context(), d, two, func(int, int) {}); err == nil {
		t.Error("an import was undone twice")
	}
	if n := count(t, d, `SELECT COUNT(*) FROM event WHERE kind = 'import.finished'`); n != 2 {
		t.Errorf("events %d, want one for each import", n)
	}
}

func TestImportLeavesAloneWhatStaffKeep(t *testing.T) {
	d := dbtest.Open(t, schema.Files, clocktest.At(noon))
	f := format(t, "services", "pharmacies")
	rows := read(t, f, dirtyPharmacies).Accepted
	if _, err := importing.Apply(t.Context(), d, f, compare(t, d, f, rows), quiet, quiet); err != nil {
		t.Fatal(err)
	}
	var id string
	err := d.View(t.Context(), func(r db.R) (err error) {
		id, err = db.Value[string](t.Context(), r, `SELECT id FROM service WHERE source_key = 'pharmacies:FA001'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := directory.SetCapacity(t.Context(), d, actor.ForCommand("test"), id, directory.Red, "full", 0,
		""); err != nil {
		t.Fatal(err)
	}
	if p := compare(t, d, f, rows); p.Unchanged != 2 {
		t.Errorf("a capacity set by staff counts as a change: %+v", p)
	}
}
