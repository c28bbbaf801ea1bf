package importing_test

import (
	"strings"
	"testing"

	"signpost/internal/dos/directory"
	"signpost/internal/dos/directory/importing"
	"signpost/internal/dos/dostest"
	"signpost/internal/platform/db"
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
