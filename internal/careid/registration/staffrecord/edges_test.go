package staffrecord_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/population"
	"signpost/internal/careid/registration/positions"
	"signpost/internal/careid/registration/staffrecord"
	"signpost/internal/careid/request"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

func (w *world) associated() {
	w.Helper()
	w.one("ann,Associate,ZTR,E1," + w.ann + ",Ann,O'Neill,," + annsNI + ",,,,,")
}

// makesJob changes a position that nobody has so that it gives a job at a registration authority.
func (w *world) makesJob(id string) {
	w.Helper()
	w.Must(positions.Edit(w.Context(), w.DB, w.manager, id, 1, positions.Typed{Name: "Sponsors " + id, Profiles: "R8008 B1300"},
		access.Approval{How: "by email", Participants: "Ada"}))
}

// A position that comes to give a job at a registration authority is not linked, and gives nothing where it was.
func TestAPositionThatBecomesAJobGivesNothing(t *testing.T) {
	w := open(t)
	w.linkWard()
	w.associated()
	w.one("1,LinkPosition,ZTR,,,,,,,P2," + w.clinic + ",,,")
	w.makesJob(w.clinic)
	if err := staffrecord.Sign(w.Context(), w.DB, w.second, "ZTR", "P2", w.clinic); !errors.Is(err, fault.Forbidden) {
		t.Errorf("linked: %v", err)
	}
	w.makesJob(w.ward)
	if o := w.one("2,AssignPosition,ZTR,E1,,,,,,P1,,A1,,"); o.State != staffrecord.Failed || w.holds(w.ann) != "" {
		t.Errorf("given: %+v", o)
	}
}

// Somebody who is associated is not made again, whatever the message says of them; and a change that was sealed for a
// Care Identity that came to nothing changes nobody else's.
func TestOnePersonOneIdentity(t *testing.T) {
	w := open(t)
	w.associated()
	o := w.one("1,CreatePerson,ZTR,E1,,Quite,Another,1970-01-01,AB999999C,,,,,")
	if o.State != staffrecord.Failed || o.UUID != w.ann {
		t.Errorf("made again: %+v", o)
	}
	w.one("2,CreatePerson,ZTR,E2,,Zoë,Example,1990-05-01,AB222222C,,,,,")
	if o := w.one("3,ModifyPerson,ZTR,E2,,Zoe,,,AB222223C,,,,,"); o.State != staffrecord.Waiting {
		t.Errorf("before she is made: %+v", o)
	}
	bo := w.Person(population.Person{GivenName: "Bo", FamilyName: "Two", Organisation: "ZTR"}).ID
	w.knownBy(bo, "AB777777C")
	w.one("4,Associate,ZTR,E2," + bo + ",Bo,Two,,AB777777C,,,,,")
	if o := w.entry("3").Outcome; o.State != staffrecord.Failed || w.Identity(bo).GivenName != "Bo" {
		t.Errorf("after she turned out to be somebody: %+v", o)
	}
}

// An assignment is somebody's, begins and ends when it says, and waits for what is not there yet.
func TestAssignments(t *testing.T) {
	w := open(t)
	w.linkWard()
	w.one("link-2,LinkPosition,ZTR,,,,,,,P2," + w.clinic + ",,,")
	w.Must(staffrecord.Sign(w.Context(), w.DB, w.manager, "ZTR", "P2", w.clinic))
	if o := w.one("1,AssignPosition,ZTR,E1,,,,,,P1,,A1,,"); o.State != staffrecord.Waiting {
		t.Errorf("of somebody who is not associated: %+v", o)
	}
	if o := w.one("2,EndAssignment,ZTR,,,,,,,,,A1,,2026-12-31"); o.State != staffrecord.Waiting {
		t.Errorf("its end: %+v", o)
	}
	w.associated()
	if w.holds(w.ann) != "Ward clerk." || w.entry("2").Outcome.State != staffrecord.Done {
		t.Errorf("she has %q, and its end is %+v", w.holds(w.ann), w.entry("2").Outcome)
	}
	bo := w.Person(population.Person{GivenName: "Bo", FamilyName: "Two", Organisation: "ZTR"}).ID
	w.knownBy(bo, "AB777777C")
	w.one("bo,Associate,ZTR,E2," + bo + ",Bo,Two,,AB777777C,,,,,")
	for _, row := range []string{"3a,AssignPosition,ZTR,E2,,,,,,P1,,A1,,", "3b,AssignPosition,ZTR,E2,,,,,,P2,,A1,,"} {
		if o := w.one(row); o.State != staffrecord.Failed || w.holds(bo) != "" {
			t.Errorf("the assignment of another: %+v", o)
		}
	}
	o := w.one("4,AssignPosition,ZTR,E2,,,,,,P1,,A2,,2026-11-20")
	if o.State != staffrecord.Failed || w.holds(bo) != "" {
		t.Errorf("one that is over: %+v", o)
	}
	w.one("5,AssignPosition,ZTR,E1,,,,,,P2,,A1,2026-12-10,")
	if w.holds(w.ann) != "Ward clerk." {
		t.Errorf("before she moves she has %q", w.holds(w.ann))
	}
	w.Clock.Advance(time.Date(2026, 12, 10, 0, 0, 1, 0, clock.London).Sub(w.Clock.Now()))
	if w.holds(w.ann) != "Clinic clerk." {
		t.Errorf("after she moved she has %q", w.holds(w.ann))
	}
	w.Must(positions.Close(w.Context(), w.DB, w.manager, w.ward,
		positions.Closing{Reason: "Moved", Approver: "Ada", Sure: true, Typed: "CLOSE"}))
	if o := w.one("6,AssignPosition,ZTR,E2,,,,,,P1,,A3,,"); o.State != staffrecord.Waiting || w.holds(bo) != "" {
		t.Errorf("a position that was closed: %+v", o)
	}
}

// What a rule refuses fails that message alone, and the file goes on behind it.
func TestARefusalStopsNoOther(t *testing.T) {
	w := open(t)
	w.linkWard()
	w.associated()
	outcomes := w.send("1,AssignPosition,ZTR,E1,,,,,,P1,,A1,2027-03-01,",
		"2,AssignPosition,ZTR,E1,,,,,,P1,,A1,,2027-01-31", "3,AssignPosition,ZTR,E1,,,,,,P1,,A1,,2027-12-31")
	if outcomes[0].State != staffrecord.Done || outcomes[2].State != staffrecord.Done {
		t.Errorf("honest twins: %+v", outcomes)
	}
	if o := outcomes[1]; o.State != staffrecord.Failed || o.Text == "" {
		t.Errorf("an end before the beginning: %+v", o)
	}
}

// Of several messages about one position of the staff record the last counts.
func TestTheLastLinkCounts(t *testing.T) {
	w := open(t)
	w.one("1,LinkPosition,ZTR,,,,,,,P1," + w.ward + ",,,")
	w.one("2,LinkPosition,ZTR,,,,,,,P1," + w.clinic + ",,,")
	if o := w.entry("1").Outcome; o.State != staffrecord.Dropped {
		t.Errorf("the earlier one: %+v", o)
	}
	w.Must(staffrecord.Sign(w.Context(), w.DB, w.manager, "ZTR", "P1", w.clinic))
	if o := w.entry("2").Outcome; o.State != staffrecord.Done || w.entry("1").Outcome.State != staffrecord.Dropped {
		t.Errorf("the last one: %+v", o)
	}
	w.one("3,LinkPosition,ZTR,,,,,,,P1," + w.ward + ",,,")
	w.one("4,LinkPosition,ZTR,,,,,,,P1," + w.clinic + ",,,") // as it is
	if err := staffrecord.Sign(w.Context(), w.DB, w.manager, "ZTR", "P1", w.ward); !errors.Is(err, fault.Conflict) {
		t.Errorf("what was taken back: %v", err)
	}
}

// A change after one whose request ended by itself is asked for, and nobody gets the National Insurance number of
// another.
func TestChangesAfterAnEnd(t *testing.T) {
	w := open(t)
	w.associated()
	w.one("1,ModifyPerson,ZTR,E1,,,Married,,,,,,,")
	w.update(func(ctx context.Context, u *db.W) error { return request.EndAbout(ctx, u, w.ann, "a test") })
	if o := w.one("2,ModifyPerson,ZTR,E1,,,Wedded,,,,,,,"); o.State != staffrecord.Asked {
		t.Errorf("after it ended: %+v", o)
	}
	later := w.one("3,ModifyPerson,ZTR,E1,,,,,AB777777C,,,,,")
	if later.State != staffrecord.Asked {
		t.Fatalf("honest twin: %+v", later)
	}
	w.knownBy(w.Person(population.Person{GivenName: "Bo", FamilyName: "Two", Organisation: "ZTR"}).ID, "AB777777C")
	if err := w.approve(later); !errors.Is(err, fault.Conflict) {
		t.Errorf("the number of another, approved: %v", err)
	}
	if o := w.one("4,ModifyPerson,ZTR,E1,,,,,AB777777C,,,,,"); o.State != staffrecord.Failed {
		t.Errorf("the number of another: %+v", o)
	}
}
