package importing_test

import (
	"context"
	"strings"
	"testing"

	"signpost/internal/dos/directory"
	"signpost/internal/dos/directory/importing"
	"signpost/internal/dos/dostest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// importRegions reads a list of regions and writes those that can be taken.
func importRegions(t *testing.T, w *dostest.World, text string) (importing.Reading, importing.Plan, string) {
	w.Helper()
	f, err := importing.Recognise(look(t, text), importing.Formats)
	if err != nil || f.Name != "regions" {
		w.Fatalf("taken for %q: %v", f.Name, err)
	}
	rows := read(t, f, text)
	w.Must(w.DB.View(w.Context(), func(r db.R) error {
		rows, err = importing.Check(w.Context(), r, f, rows)
		return err
	}))
	plan, err := db.Read(w.Context(), w.DB, func(r db.R) (importing.Plan, error) {
		return importing.Compare(w.Context(), r, f, rows.Accepted)
	})
	w.Must(err)
	id, err := importing.Apply(w.Context(), w.DB, f, plan, quiet, quiet)
	w.Must(err)
	return rows, plan, id
}

func regions(w *dostest.World) (names []string) {
	w.Helper()
	list, err := db.Read(w.Context(), w.DB, func(r db.R) ([]directory.Region, error) {
		return directory.Regions(w.Context(), r)
	})
	w.Must(err)
	for _, one := range list {
		names = append(names, one.Name)
	}
	return names
}

// Regions come from a list, with the numbers that accounts name them by, and can be renamed by another and undone.
func TestRegionsAreImported(t *testing.T) {
	w := dostest.Open(t, noon)
	const heading = "Region number;Region name\n"
	rows, plan, _ := importRegions(t, w, heading+"101;London\n102;North East\n102;South\nnone;West\n")
	if plan.Added != 2 || len(rows.Refused) != 2 || !strings.Contains(rows.Refused[1].Reason, `"North East" in row 3`) {
		t.Fatalf("added %d, refused %+v", plan.Added, rows.Refused)
	}
	accounts := checked(w, "username,email,region,groups\nbo,bo@example.nhs.uk,101,DoS lead\n"+
		"cy,cy@example.nhs.uk,north east,DoS lead\n")
	if len(accounts.Accepted) != 2 {
		t.Errorf("accounts of imported regions are refused: %+v", accounts.Refused)
	}
	_, plan, renamed := importRegions(t, w, heading+"101;Greater London\n102;North East\n")
	if plan.Changed != 1 || plan.Unchanged != 1 || strings.Join(regions(w), ", ") != "Greater London, North East" {
		t.Errorf("after another name: %+v, %q", plan, regions(w))
	}
	if _, err := importing.Undo(t.Context(), w.DB, renamed, quiet); err != nil {
		t.Fatal(err)
	}
	if strings.Join(regions(w), ", ") != "London, North East" {
		t.Errorf("after the undo: %q", regions(w))
	}
}

// An undo leaves a region that an account belongs to, and a number that another service has is refused.
func TestRegionsThatAreInUseStay(t *testing.T) {
	w, _, pharmacy := oldDirectory(t)
	rows, _, id := importRegions(t, w, "region_number,region_name\n101,Wessex\n102,Mercia\n"+pharmacy.UID+",Shop\n")
	if len(rows.Refused) != 1 || !strings.Contains(rows.Refused[0].Reason, `the number of "High Street Pharmacy"`) {
		t.Errorf("refused %+v", rows.Refused)
	}
	imported(w, "username,email,region\nbo,bo@example.nhs.uk,Wessex\n")
	undone, err := importing.Undo(t.Context(), w.DB, id, quiet)
	if err != nil || undone.Restored != 1 || len(undone.Untouched) != 1 || undone.Untouched[0] != "regions:101" {
		t.Errorf("undone %+v, %v", undone, err)
	}
}

const pharmacyHeading = "Pharmacy name,Address,Postcode,Organisation data service code,Region number," +
	"Opening hours Monday,Opening hours Tuesday,Opening hours Wednesday,Opening hours Thursday," +
	"Opening hours Friday,Opening hours Saturday,Opening hours Sunday\n"

// pharmacies reads a list of pharmacies, each a code and what stands above it, and looks for that.
func pharmacies(w *dostest.World, rows ...string) (importing.Format, importing.Reading) {
	w.Helper()
	text := pharmacyHeading
	for _, row := range rows {
		code, parent, _ := strings.Cut(row, " ")
		parent, called, renamed := strings.Cut(parent, "=")
		if !renamed {
			called = "Pharmacy " + code
		}
		text += called + ",1 High Street,LS1 4AP," + code + "," + parent + ",,,,,,,\n"
	}
	f, err := importing.Find("services", "pharmacies")
	w.Must(err)
	from := look(w, text)
	reading, err := importing.Read(f[0], from, nil, func(int) {})
	w.Must(err)
	reading, err = db.Read(w.Context(), w.DB, func(r db.R) (importing.Reading, error) {
		return importing.Check(w.Context(), r, f[0], reading)
	})
	w.Must(err)
	return f[0], reading
}

// importPharmacies writes those that can be taken, and gives what changed and the id of the import.
func importPharmacies(w *dostest.World, rows ...string) (importing.Plan, string) {
	w.Helper()
	f, reading := pharmacies(w, rows...)
	if len(reading.Refused) > 0 {
		w.Fatalf("refused: %+v", reading.Refused)
	}
	plan, err := db.Read(w.Context(), w.DB, func(r db.R) (importing.Plan, error) {
		return importing.Compare(w.Context(), r, f, reading.Accepted)
	})
	w.Must(err)
	id, err := importing.Apply(w.Context(), w.DB, f, plan, quiet, quiet)
	w.Must(err)
	return plan, id
}

// above names what stands directly above the service with an ODS code.
func above(w *dostest.World, code string) string {
	w.Helper()
	name, err := db.Read(w.Context(), w.DB, func(r db.R) (string, error) {
		return db.Value[string](w.Context(), r, `SELECT COALESCE((SELECT p.name FROM service p WHERE p.id = s.parent_id),
			'nothing') FROM service s WHERE s.ods_code = $1`, code)
	})
	w.Must(err)
	return name
}

// Imported services stand below the region or service that their row names by number or name, and so within the reach
// of whoever looks after the region. A row that names none leaves its service where it stands.
func TestImportedServicesStandBelowTheirRegion(t *testing.T) {
	w := dostest.Open(t, noon)
	importRegions(t, w, "Region number;Region name\n101;London\n102;North East\n")
	importPharmacies(w, "FA101 101", "FA102 north east", "FA103 ")
	importPharmacies(w, "FA104 FA101")
	for code, want := range map[string]string{"FA101": "London", "FA102": "North East", "FA103": "nothing",
		"FA104": "Pharmacy FA101"} {
		if got := above(w, code); got != want {
			t.Errorf("%s stands below %s, want %s", code, got, want)
		}
	}
	region := worldtest.Read(w.World, func(ctx context.Context, r db.R) (string, error) {
		id, err := db.Value[string](ctx, r, `SELECT id FROM service WHERE ods_code = 'FA104'`)
		if err != nil {
			return "", err
		}
		id, err = directory.RegionOf(ctx, r, id)
		if err != nil {
			return "", err
		}
		return directory.RegionText(ctx, r, id)
	})
	if region != "London" {
		t.Errorf("two below London is in %s", region)
	}
	plan, _ := importPharmacies(w, "FA101 ", "FA102 102")
	if plan.Unchanged != 2 || above(w, "FA101") != "London" {
		t.Errorf("a list without regions changed %d of 2: %s", plan.Changed, above(w, "FA101"))
	}
	_, moved := importPharmacies(w, "FA102 London")
	if above(w, "FA102") != "London" {
		t.Errorf("moved, it stands below %s", above(w, "FA102"))
	}
	_, err := importing.Undo(w.Context(), w.DB, moved, quiet)
	w.Must(err)
	if above(w, "FA102") != "North East" {
		t.Errorf("undone, it stands below %s", above(w, "FA102"))
	}
}

// What cannot stand above a service is refused in its row, with a cure; the other rows are taken.
func TestWhatCannotStandAboveAService(t *testing.T) {
	w := dostest.Open(t, noon)
	importRegions(t, w, "Region number;Region name\n101;London\n")
	importPharmacies(w, "FA101 London", "FA105 ", "FA106 ")
	importPharmacies(w, "FA102 FA101")
	importPharmacies(w, "FA103 FA102")
	_, reading := pharmacies(w, "FA101 FA103", "FA102 Paris", "FA103 FA103", "FA104 101", "FA105 FA106",
		"FA106 FA105", "FA107 FA109")
	want := map[int]string{2: "stands below this service", 3: "no region or service", 4: "Names the service itself",
		6: "round in a circle", 7: "round in a circle", 8: "signpost import regions"}
	var y worldtest.Tally
	for _, row := range reading.Refused {
		y.Refused(t, row.Reason, want[row.Number] == "" || !strings.Contains(row.Reason, want[row.Number]) ||
			row.Field != "parent")
	}
	if len(reading.Refused) != len(want) || len(reading.Accepted) != 1 {
		t.Errorf("accepted %+v, refused %+v", reading.Accepted, reading.Refused)
	}
	y.Report(t, "parents of services")
}

// Services of one file stand below one another in whatever order their rows stand, new ones and those that move; once
// written nothing changes when the file comes again, and an undo takes all away.
func TestParentsStandInTheFileThemselves(t *testing.T) {
	w := dostest.Open(t, noon)
	importRegions(t, w, "Region number;Region name\n101;London\n102;North East\n")
	importPharmacies(w, "FA201 101", "FA202 FA201")
	file := []string{"FA303 FA302", "FA201 FA202", "FA302 pharmacy fa301", "FA301 London", "FA202 North East",
		"FA304 FA303"}
	plan, id := importPharmacies(w, file...)
	if plan.Added != 4 || plan.Changed != 2 {
		t.Errorf("plan %+v", plan)
	}
	for code, want := range map[string]string{"FA301": "London", "FA302": "Pharmacy FA301", "FA303": "Pharmacy FA302",
		"FA304": "Pharmacy FA303", "FA201": "Pharmacy FA202", "FA202": "North East"} {
		if got := above(w, code); got != want {
			t.Errorf("%s stands below %s, want %s", code, got, want)
		}
	}
	if again, _ := importPharmacies(w, file...); again.Unchanged != 6 {
		t.Errorf("the file again: %+v", again)
	}
	undone, err := importing.Undo(w.Context(), w.DB, id, quiet)
	w.Must(err)
	if undone.Restored != 6 || above(w, "FA202") != "Pharmacy FA201" || w.Count(`SELECT COUNT(*) FROM service`) != 4 {
		t.Errorf("undone %+v, %s", undone, above(w, "FA202"))
	}
}

// A service that is there is found by its name of before and by the one that the file gives it.
func TestParentsThatTheFileRenames(t *testing.T) {
	w := dostest.Open(t, noon)
	importPharmacies(w, "FA201 ")
	importPharmacies(w, "FA301 The new one", "FA201 =The new one", "FA302 Pharmacy FA201")
	for _, code := range []string{"FA301", "FA302"} {
		if got := above(w, code); got != "The new one" {
			t.Errorf("%s stands below %s", code, got)
		}
	}
}

// A row below one that is refused is refused with it, unless what it names is in the directory already.
func TestParentsInTheFileThatAreRefused(t *testing.T) {
	w := dostest.Open(t, noon)
	importPharmacies(w, "FA201 ")
	_, reading := pharmacies(w, "FA303 FA302", "FA302 FA301", "FA301 Paris", "FA202 FA201", "FA201 Paris",
		"FA401 FA402", "FA402 FA403", "FA403 FA402")
	want := map[int]string{2: "is in row 3, which is refused", 3: "is in row 4, which is refused", 4: "no region or service",
		6: "no region or service", 7: "in a circle", 8: "in a circle", 9: "in a circle"}
	for _, row := range reading.Refused {
		if want[row.Number] == "" || !strings.Contains(row.Reason, want[row.Number]) {
			t.Errorf("row %d: %s", row.Number, row.Reason)
		}
	}
	if len(reading.Refused) != len(want) || len(reading.Accepted) != 1 {
		t.Errorf("accepted %+v, refused %+v", reading.Accepted, reading.Refused)
	}
}
