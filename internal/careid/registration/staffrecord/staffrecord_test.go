package staffrecord_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/identity/detail"
	"signpost/internal/careid/population"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/deciding"
	"signpost/internal/careid/registration/positions"
	"signpost/internal/careid/registration/staffrecord"
	"signpost/internal/careid/request"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// Somebody new is asked for, made, and gets the position that waited for them; is moved; and leaves on the last day.
func TestFromStarterToLeaver(t *testing.T) {
	w := open(t)
	before := w.Count(`SELECT COUNT(*) FROM identity`)
	outcomes := w.send(
		"1,CreatePerson,ZTR,E7,,Zoë,Example,1990-05-01,AB222222C,,,,,",
		"2,LinkPosition,ZTR,,,,,,,P1,"+w.ward+",,,",
		"3,LinkPosition,ZTR,,,,,,,P2,"+w.clinic+",,,",
		"4,AssignPosition,ZTR,E7,,,,,,P1,,A7,,",
	)
	for i, want := range []staffrecord.State{
		staffrecord.Asked, staffrecord.Asked, staffrecord.Asked, staffrecord.Waiting,
	} {
		if outcomes[i].State != want {
			t.Fatalf("message %d: %+v", i+1, outcomes[i])
		}
	}
	if w.Count(`SELECT COUNT(*) FROM identity`) != before {
		t.Fatal("a Care Identity was made before a registration authority agreed")
	}
	w.Must(staffrecord.Sign(w.Context(), w.DB, w.second, "ZTR", "P1", w.ward))
	w.Must(staffrecord.Sign(w.Context(), w.DB, w.second, "ZTR", "P2", w.clinic))
	w.Must(w.approve(outcomes[0]))
	zoe := w.entry("1").Outcome.UUID
	i := w.Identity(zoe)
	if i.GivenName != "Zoë" || !i.Verified || i.Origin != identity.ByStaffRecord || i.Organisation != "ZTR" {
		t.Errorf("made %+v", i)
	}
	if known := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]string, error) {
		return detail.WithNI(ctx, r, w.Box, "AB222222C")
	}); len(known) != 1 || known[0] != zoe {
		t.Errorf("her National Insurance number finds %v", known)
	}
	if shown := worldtest.Must(db.Write(w.Context(), w.DB, w.manager, func(u *db.W) (detail.NINumber, error) {
		return detail.ShowNI(w.Context(), u, w.Box, zoe)
	}))(t); shown != "AB222222C" {
		t.Errorf("her National Insurance number is shown as %s", shown)
	}
	if got := w.holds(zoe); got != "Ward clerk." || w.entry("4").Outcome.State != staffrecord.Done {
		t.Errorf("she has %q, and the message is %+v", got, w.entry("4").Outcome)
	}

	w.one("5,AssignPosition,ZTR,E7,,,,,,P2,,A7,,")
	if got := w.holds(zoe); got != "Clinic clerk." {
		t.Errorf("after the move she has %q", got)
	}
	w.one("6,EndAssignment,ZTR,E7,,,,,,,,A7,,2026-11-24")
	if got := w.holds(zoe); got != "Clinic clerk." {
		t.Errorf("on her last day she has %q", got)
	}
	w.Clock.Advance(time.Date(2026, 11, 25, 0, 0, 1, 0, clock.London).Sub(w.Clock.Now()))
	if got := w.holds(zoe); got != "" {
		t.Errorf("after her last day she has %q", got)
	}
}

// An end that is told late takes effect at once.
func TestLateLeaverLosesAtOnce(t *testing.T) {
	w := open(t)
	w.linkWard()
	w.send("1,Associate,ZTR,E1,"+w.ann+",Ann,O'Neill,,"+annsNI+",,,,,", "2,AssignPosition,ZTR,E1,,,,,,P1,,A1,,")
	if w.holds(w.ann) != "Ward clerk." {
		t.Fatal("Ann has no position")
	}
	o := w.one("3,EndAssignment,ZTR,,,,,,,,,A1,,2026-11-20")
	if o.State != staffrecord.Done || w.holds(w.ann) != "" {
		t.Errorf("%+v, and she has %q", o, w.holds(w.ann))
	}
	if o := w.one("4,EndAssignment,ZTR,,,,,,,,,A1,,2026-11-20"); o.State != staffrecord.Done {
		t.Errorf("ended twice: %+v", o)
	}
	o = w.one("5,AssignPosition,ZTR,E1,,,,,,P1,,A1,,2027-01-31")
	if o.State != staffrecord.Failed || w.holds(w.ann) != "" {
		t.Errorf("an assignment that ended here: %+v", o)
	}
}

// What somebody had by hand the staff record takes over, and whoever is in charge says when it ends.
func TestStaffRecordIsInCharge(t *testing.T) {
	w := open(t)
	w.linkWard()
	worldtest.Must(positions.Give(w.Context(), w.DB, w.manager, w.ann, []string{w.ward}, registration.Dates{}))(t)
	w.send("1,Associate,ZTR,E1,"+w.ann+",Ann,O'Neill,,"+annsNI+",,,,,",
		"2,AssignPosition,ZTR,E1,,,,,,P1,,A1,,2027-01-31")
	if w.holds(w.ann) != "Ward clerk." {
		t.Fatalf("she has %q", w.holds(w.ann))
	}
	held := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]access.Assignment, error) {
		return access.OfIdentity(ctx, r, w.ann)
	})[0]
	if !held.Ends.Equal(time.Date(2027, 2, 1, 0, 0, 0, 0, clock.London)) {
		t.Errorf("it ends at %s", held.Ends)
	}
	change := func(u *db.W) error {
		return registration.DatesPart(w.Context(), u, w.ann, held.ID, registration.Dates{})
	}
	if err := w.DB.Update(w.Context(), w.manager, change); !errors.Is(err, fault.Conflict) {
		t.Errorf("other dates by hand: %v", err)
	}
	closing := positions.Closing{Reason: "Moved", Approver: "Ada", Sure: true, Typed: "CLOSE"}
	if err := positions.Close(w.Context(), w.DB, w.manager, w.ward, closing); !errors.Is(err, fault.Conflict) {
		t.Errorf("closing the position: %v", err)
	}
	w.one("3,EndAssignment,ZTR,,,,,,,,,A1,,2026-11-01")
	w.Must(positions.Close(w.Context(), w.DB, w.manager, w.ward, closing))
}

// A message is done once, whatever was sent before and after an interruption, and a rehearsal leaves nothing.
func TestOnceAndRehearsed(t *testing.T) {
	w := open(t)
	w.linkWard()
	rows := []string{
		"1,Associate,ZTR,E1," + w.ann + ",Ann,O'Neill,," + annsNI + ",,,,,", "2,AssignPosition,ZTR,E1,,,,,,P1,,A1,,",
		"3,EndAssignment,ZTR,,,,,,,,,A1,,2027-03-31",
	}
	tables := func() (n int64) {
		for _, table := range []string{"staff_message", "staff_person", "staff_assignment", "assignment", "event"} {
			n += w.Count(`SELECT COUNT(*) FROM ` + table)
		}
		return n
	}
	before := tables()
	rehearsed := worldtest.Must(w.feed.Rehearse(w.Context(), worldtest.By, w.read(rows...), quiet))(t)
	if after := tables(); after != before {
		t.Fatalf("a rehearsal left %d rows", after-before)
	}
	sent := w.send(rows[:2]...)
	all := w.send(rows...)
	for i, a := range rehearsed {
		if a.Outcome.State != staffrecord.Done || a.Outcome.Text != all[i].Text {
			t.Errorf("message %d: rehearsed %+v, done %+v", i+1, a.Outcome, all[i])
		}
	}
	if fmt.Sprint(sent) != fmt.Sprint(all[:2]) || w.Count(`SELECT COUNT(*) FROM staff_message`) != 4 {
		t.Errorf("sent again: %+v", all)
	}
	if o := w.one("2,AssignPosition,ZTR,E1,,,,,,P1,,A2,,"); o.State != staffrecord.Failed ||
		w.Count(`SELECT COUNT(*) FROM staff_assignment`) != 1 {
		t.Errorf("another message with an id that was: %+v", o)
	}
}

// Who seems to be here gets no second Care Identity, and nobody is associated whom a comparison does not match.
func TestNobodyBecomesAnother(t *testing.T) {
	w := open(t)
	other := w.Person(population.Person{GivenName: "Bo", FamilyName: "Two", Organisation: "ZTR"}).ID
	for _, tt := range []struct {
		row  string
		want staffrecord.Class
	}{
		{"1,CreatePerson,ZTR,E1,,Ann,O'Neill,1980-03-31," + annsNI + ",,,,,", staffrecord.Matched},
		{"2,CreatePerson,ZTR,E1,,Ann,Married,1980-03-31," + annsNI + ",,,,,", staffrecord.NameDiffers},
		{"3,CreatePerson,ZTR,E1,,Ann,O'Neill,1980-03-31,AB333333C,,,,,", staffrecord.NIDiffers},
		{"4,Associate,ZTR,E1," + other + ",Ann,O'Neill,," + annsNI + ",,,,,", staffrecord.DifferentHeld},
		{"5,Associate,ZTR,E1,555000000017,Ann,O'Neill,," + annsNI + ",,,,,", staffrecord.NotHere},
		{"6,Associate,ZTR,E1," + w.ann + ",Ann,Other,," + annsNI + ",,,,,", staffrecord.NameDiffers},
	} {
		if o := w.one(tt.row); o.State != staffrecord.Failed || o.Class != tt.want {
			t.Errorf("%s: %+v", tt.row, o)
		}
	}
	w.one("7,Associate,ZTR,E1," + w.ann + ",Ann,O'Neill,," + annsNI + ",,,,,")
	for row, want := range map[string]staffrecord.Class{
		"8,Associate,ZTR,E2," + w.ann + ",Ann,O'Neill,," + annsNI + ",,,,,": staffrecord.AlreadyUsed,
		"9,Associate,ZTR,E1," + other + ",Ann,O'Neill,," + annsNI + ",,,,,": staffrecord.DifferentHeld,
	} {
		if o := w.one(row); o.State != staffrecord.Failed || o.Class != want {
			t.Errorf("%s: %+v", row, o)
		}
	}
	o := w.one("10,SearchPerson,ZTR,,,Ann,O'Neill,,AB 12 34 56 C,,,,,")
	if o.State != staffrecord.Done || o.Class != staffrecord.Matched || o.UUID != w.ann {
		t.Errorf("found %+v", o)
	}
}

// Details that differ are shown old against new, changed by whoever decides, and the last message counts.
func TestModify(t *testing.T) {
	w := open(t)
	w.one("1,Associate,ZTR,E1," + w.ann + ",Ann,O'Neill,," + annsNI + ",,,,,")
	if o := w.one("2,ModifyPerson,ZTR,E1,,Ann,O'Neill,1980-03-31," + annsNI + ",,,,,"); o.State != staffrecord.Done {
		t.Errorf("nothing differs: %+v", o)
	}
	first := w.one("3,ModifyPerson,ZTR,E1,,Anna,,,,,,,,")
	second := w.one("4,ModifyPerson,ZTR,E1,,,Married,1981-03-31,AB444444D,,,,,")
	if q := w.asked(first); q.State == request.Waiting || w.entry("3").Outcome.State != staffrecord.Dropped {
		t.Errorf("the earlier request is %s", q.State)
	}
	q := w.asked(second)
	a := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (staffrecord.Asking, error) {
		a, is, err := staffrecord.AskedBy(ctx, r, q)
		if !is {
			err = errors.New("the request is not known as the staff record's")
		}
		return a, err
	})
	want := "[{Family name O'Neill Married} {Birth date 31 March 1980 31 March 1981} " +
		"{National Insurance number Ends in C Another one, which ends in D}]"
	if got := fmt.Sprint(a.Changes); got != want {
		t.Errorf("changes %s", got)
	}
	w.Must(deciding.LookAt(w.Context(), w.DB, w.agent, q.ID))
	w.Must(deciding.Approve(w.Context(), w.DB, w.agent, q.ID, ""))
	i := w.Identity(w.ann)
	known := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (detail.Details, error) {
		return detail.Of(ctx, r, w.ann)
	})
	if i.GivenName != "Ann" || i.FamilyName != "Married" || known.BirthDate != "1981-03-31" || known.NIEnding != "D" {
		t.Errorf("now %+v, %+v", i, known)
	}
	if o := w.entry("4").Outcome; o.State != staffrecord.Done || w.Count(
		`SELECT COUNT(*) FROM event_detail WHERE after_json LIKE '%AB444444%' OR after_json LIKE '%1981%'`) != 0 {
		t.Errorf("%+v, or an event tells a number", o)
	}
}

// What was rejected is told to the staff record, with why.
func TestRejected(t *testing.T) {
	w := open(t)
	o := w.one("1,CreatePerson,ZTR,E7,,Zoë,Example,1990-05-01,AB222222C,,,,,")
	w.one("2,ModifyPerson,ZTR,E7,,Zoe,,,AB222222C,,,,,")
	q := w.asked(o)
	w.Must(deciding.LookAt(w.Context(), w.DB, w.manager, q.ID))
	w.Must(deciding.Reject(w.Context(), w.DB, w.manager, q.ID, "Not hired", "Ask the ward"))
	o = w.entry("1").Outcome
	if o.State != staffrecord.Dropped || !strings.Contains(o.Text, "Not hired. Ask the ward") {
		t.Errorf("%+v", o)
	}
}

// Only managers of the organisation's registration authority link positions, and none gives a job there.
func TestWhoLinksPositions(t *testing.T) {
	w := open(t)
	w.one("1,LinkPosition,ZTR,,,,,,,P1," + w.ward + ",,,")
	stranger := w.Person(population.Person{GivenName: "Cy", FamilyName: "Far", Organisation: "Z90099",
		Positions: []population.Position{{Organisation: "Z90099", Role: rbac.RegistrationManager}}})
	for _, by := range []actor.Actor{w.agent, stranger, {Kind: actor.Person, ID: w.ann}} {
		if err := staffrecord.Sign(w.Context(), w.DB, by, "ZTR", "P1", w.ward); !errors.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v", by.ID, err)
		}
	}
	if err := staffrecord.Sign(w.Context(), w.DB, w.manager, "ZTR", "P1", w.clinic); !errors.Is(err, fault.Conflict) {
		t.Errorf("another than the one that they saw: %v", err)
	}
	w.Must(staffrecord.Decline(w.Context(), w.DB, w.manager, "ZTR", "P1", w.ward, "The wrong ward"))
	if o := w.entry("1").Outcome; o.State != staffrecord.Dropped || o.Text != "The wrong ward" {
		t.Errorf("%+v", o)
	}
	job := w.position("Sponsor", "R8008 B1300")
	for _, row := range []string{
		"2,LinkPosition,ZTR,,,,,,,P2," + job + ",,,", "3,LinkPosition,ZTR,,,,,,,P2,nowhere,,,",
		"4,LinkPosition,Z90099,,,,,,,P2," + w.ward + ",,,",
	} {
		if o := w.one(row); o.State != staffrecord.Failed {
			t.Errorf("%s: %+v", row, o)
		}
	}
}

// What failed is put right and tried again, or dropped with a reason, by whoever decides requests there.
func TestErrorQueue(t *testing.T) {
	w := open(t)
	row := "1,Associate,ZTR,E1," + w.ann + ",Ann,Married,," + annsNI + ",,,,,"
	w.send(row, "2,EndAssignment,ZTR,,,,,,,,,A9,,2026-11-01")
	list := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]staffrecord.Entry, error) {
		return staffrecord.In(ctx, r, "ZTR", staffrecord.Failed)
	})
	if len(list) != 2 {
		t.Fatalf("%d failed", len(list))
	}
	w.Must(staffrecord.TryAgain(w.Context(), w.DB, w.manager, "ZTR", "1"))
	if w.entry("1").Outcome.State != staffrecord.Failed {
		t.Error("it did not fail again")
	}
	w.update(func(ctx context.Context, u *db.W) error {
		n := w.Identity(w.ann).Names()
		n.FamilyName = "Married"
		return identity.Rename(ctx, u, w.ann, n, "marriage")
	})
	by := actor.Actor{Kind: actor.Person, ID: w.ann}
	if err := staffrecord.TryAgain(w.Context(), w.DB, by, "ZTR", "1"); !errors.Is(err, fault.Forbidden) {
		t.Errorf("anybody: %v", err)
	}
	w.Must(staffrecord.TryAgain(w.Context(), w.DB, w.manager, "ZTR", "1"))
	if o := w.entry("1").Outcome; o.State != staffrecord.Done || o.UUID != w.ann {
		t.Errorf("after the name was put right: %+v", o)
	}
	if err := staffrecord.TryAgain(w.Context(), w.DB, w.manager, "ZTR", "1"); !errors.Is(err, fault.Conflict) {
		t.Errorf("once more: %v", err)
	}
	w.Must(staffrecord.Drop(w.Context(), w.DB, w.manager, "ZTR", "2", "A test of the staff record"))
	if o := w.entry("2").Outcome; o.State != staffrecord.Dropped || o.Text != "A test of the staff record" {
		t.Errorf("dropped: %+v", o)
	}
}
