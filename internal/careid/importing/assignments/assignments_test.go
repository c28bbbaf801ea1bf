package assignments_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/importing"
	"signpost/internal/careid/importing/assignments"
	"signpost/internal/careid/population"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
	"signpost/internal/platform/records"
	"signpost/internal/platform/worldtest"
)

func quiet(int, int) {}

const heading = "uuid,ODS code,job role,activities,position,start date,end date\n"

// The people of the tests: two with nothing, one whose identity is closed, and one with the position of the Directory
// of Services.
const (
	ann  = "555000000017"
	bo   = "555000000025"
	gone = "555000000033"
	held = "555000000041"
)

type world struct{ *careidtest.World }

func open(t *testing.T) world {
	t.Helper()
	w := world{careidtest.Open(t, careidtest.Nine)}
	w.Start(careidtest.Idle, func(ws *job.Workers) {
		job.Work(ws, func(context.Context, access.Ended) error { return nil })
	})
	directory := population.Directory("ZTR")
	directory.Name = "Directory of Services System"
	w.Make(population.Description{
		Organisations: []population.Organisation{{Code: "ZTR", Name: "Fenmarch Trust"}},
		People: []population.Person{
			{UUID: ann, GivenName: "Ann", FamilyName: "One"}, {UUID: bo, GivenName: "Bo", FamilyName: "Two"},
			{UUID: gone, GivenName: "Cy", FamilyName: "Three", Status: string(identity.Closed)},
			{UUID: held, GivenName: "Di", FamilyName: "Four", Positions: []population.Position{directory}},
		},
	})
	return w
}

func (w world) checked(text string) assignments.Reading {
	w.Helper()
	reading := worldtest.Must(assignments.Read(strings.NewReader(text), func(int) {}))(w)
	return worldtest.Must(db.Read(w.Context(), w.DB, func(r db.R) (assignments.Reading, error) {
		return assignments.Check(w.Context(), r, reading)
	}))(w)
}

// brought imports a file of which every row can be taken.
func (w world) brought(text string) (id string) {
	w.Helper()
	reading := w.checked(text)
	if len(reading.Refused) > 0 {
		w.Fatal(reading.Refused)
	}
	wanted := worldtest.Must(reading.Wanted())(w)
	return worldtest.Must(importing.Imports().Apply(w.Context(), w.DB, assignments.Source(),
		records.IntoNothing(wanted), quiet, quiet))(w)
}

// of lists what somebody holds.
func (w world) of(uuid string) []access.Assignment {
	w.Helper()
	return worldtest.Must(db.Read(w.Context(), w.DB, func(r db.R) ([]access.Assignment, error) {
		return access.OfIdentity(w.Context(), r, uuid)
	}))(w)
}

func TestPositionsOfAnotherSystemAreGiven(t *testing.T) {
	w := open(t)
	before := w.Count(`SELECT COUNT(*) FROM position`)
	w.brought(heading +
		ann + ",ztr,R8008,B0166,Directory of Services System,,\n" +
		ann + ",ZTR,R8001,,Ward nurse,2026-01-05,2027-01-05\n" +
		bo + ",ZTR,S8000:G8000:R8001,,Ward nurse,,\n")
	list := w.of(ann)
	if len(list) != 2 || len(w.of(bo)) != 1 {
		t.Fatalf("held: %+v, %+v", list, w.of(bo))
	}
	if n := w.Count(`SELECT COUNT(*) FROM position`); n != before+1 {
		t.Errorf("%d positions were made, want the ward nurse alone", n-before)
	}
	nurse := list[slices.IndexFunc(list, func(a access.Assignment) bool { return a.Has(rbac.Nurse) })]
	dos := list[slices.IndexFunc(list, func(a access.Assignment) bool { return !a.Has(rbac.Nurse) })]
	if !nurse.Starts.Equal(time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)) ||
		!nurse.Ends.Equal(time.Date(2027, 1, 5, 0, 0, 0, 0, time.UTC)) || !dos.Starts.Equal(w.Clock.Now()) {
		t.Errorf("dates: %v to %v, from %v", nurse.Starts, nurse.Ends, dos.Starts)
	}
	if dos.Position.ID != w.of(held)[0].Position.ID || dos.PersonOrgID != nurse.PersonOrgID ||
		dos.Roles[0].ID == nurse.Roles[0].ID || !identity.IsNumber(dos.Roles[0].ID) {
		t.Errorf("%+v and %+v", dos, nurse)
	}
	opens := worldtest.Must(db.Read(w.Context(), w.DB, func(r db.R) (bool, error) {
		list, err := access.RoleProfiles(w.Context(), r, ann, r.Now())
		return access.HoldsDirectoryPosition(list), err
	}))(t)
	if !opens {
		t.Error("the position does not open the Directory of Services")
	}
}

func TestRowsAreRefusedByName(t *testing.T) {
	w := open(t)
	reading := w.checked(heading +
		held + ",ZTR,R8008,B0166,Directory of Services System,,\n" + // row 2: held already
		"12,ZTR,R8008,,,,\n" +
		"555000000099,ZTR,R8008,,,,\n" +
		gone + ",ZTR,R8008,,,,\n" +
		ann + ",ZZZ9,R8008,,,,\n" +
		ann + ",ZTR,,,,,\n" +
		ann + ",ZTR,R0000,,,,\n" +
		ann + ",ZTR,R8008,B9999,,,\n" +
		ann + ",ZTR,R5080,,,,\n" +
		ann + ",ZTR,R8008,B1300,,,\n" +
		ann + ",ZTR,R8008,P0010:Q0050:T0210,,,\n" +
		ann + ",ZTR,R8008,,,2026-05-02,2026-05-01\n" +
		ann + ",ZTR,R8008,,,,2020-05-01\n" +
		ann + ",ZTR,R8008,,,soon,\n" +
		bo + ",ZTR,R8001,B0166 B0016,,,\n" + // row 16
		bo + ",ztr,R8001,B0016 B0166,,2026-01-05,\n")
	var all []string
	for _, one := range reading.Refused {
		all = append(all, fmt.Sprintf("%d %s: %s", one.Number, one.Field, one.Reason))
	}
	for i, want := range []string{
		"3 uuid: \"12\" is not the number", "4 uuid: There is no Care Identity 555000000099",
		"5 uuid: The Care Identity is closed",
		"6 organisation: There is no organisation \"ZZZ9\"", "7 role: There is nothing", "8 role: No job role that can be given",
		"9 role: No activity that can be given", "10 role: Gives a job at a registration authority",
		"11 role: Gives a job at a registration authority", "12 activities: Enter codes of activities alone",
		"13 ends: The end date must be after", "14 ends: Is over", "15 starts: \"soon\" is not a date",
		"17 uuid: Repeats row 16",
	} {
		if i >= len(all) || !strings.HasPrefix(all[i], want) {
			t.Errorf("no %q in\n%s", want, strings.Join(all, "\n"))
		}
	}
	if len(all) != 14 || reading.Unchanged != 1 || len(reading.Held) != 1 {
		t.Errorf("%d refused, %d unchanged, %d taken", len(all), reading.Unchanged, len(reading.Held))
	}
}

func TestAnUndoEndsWhatItGave(t *testing.T) {
	w := open(t)
	id := w.brought(heading + ann + ",ZTR,R8001,,Ward nurse,,\n" + bo + ",ZTR,R8001,,Ward nurse,,\n")
	changed := w.of(bo)[0]
	w.Update(func(ctx context.Context, u *db.W) error {
		return access.SetDates(ctx, u, bo, changed.ID, changed.Starts, w.Clock.Now().Add(time.Hour))
	})
	undone := worldtest.Must(importing.Imports().Undo(t.Context(), w.DB, id, quiet))(t)
	if undone.Restored != 1 || !slices.Equal(undone.Untouched, []string{changed.ID}) {
		t.Errorf("undone: %+v", undone)
	}
	w.Clock.Advance(time.Second)
	if a := w.of(ann)[0]; !a.Over(w.Clock.Now()) {
		t.Errorf("after the undo Ann holds %+v", a)
	}
	if a := w.of(bo)[0]; a.Over(w.Clock.Now()) {
		t.Error("what was changed since was ended")
	}
}
