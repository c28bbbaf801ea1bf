package identities_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/change"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/identity/detail"
	"signpost/internal/careid/importing"
	"signpost/internal/careid/importing/identities"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/schema"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/records"
	"signpost/internal/platform/seal"
)

var noon = time.Date(2026, 12, 3, 12, 0, 0, 0, time.UTC)

func quiet(int, int) {}

// world is a care identity side with one trust.
type world struct {
	*db.DB

	t   testing.TB
	box *seal.Box
}

func newWorld(t testing.TB) *world {
	t.Helper()
	box, err := seal.New(random.Bytes(32))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{dbtest.Open(t, schema.Files, clocktest.At(noon)), t, box}
	w.update(func(u *db.W) error {
		return organisation.Add(t.Context(), u, organisation.Organisation{Code: "ZTR", Name: "Fenmarch Trust"})
	})
	return w
}

func (w *world) update(fn func(u *db.W) error) {
	w.t.Helper()
	if err := w.Update(w.t.Context(), actor.ForCommand("test"), fn); err != nil {
		w.t.Fatal(err)
	}
}

// checked reads a file and holds it against those who are here.
func (w *world) checked(text string) identities.Reading {
	w.t.Helper()
	reading, err := identities.Read(strings.NewReader(text), clocktest.At(noon), func(int) {})
	if err != nil {
		w.t.Fatal(err)
	}
	reading, err = db.Costly(w.t.Context(), w.DB, func(r db.R) (identities.Reading, error) {
		return identities.Check(w.t.Context(), r, w.box, reading)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return reading
}

func (w *world) prepared(reading identities.Reading) records.Plan {
	w.t.Helper()
	wanted, err := reading.Prepared(w.t.Context(), identities.Door{DB: w.DB, Box: w.box})
	if err != nil {
		w.t.Fatal(err)
	}
	return records.IntoNothing(wanted)
}

// brought imports a file of which every row can be taken.
func (w *world) brought(text string) (id string) {
	w.t.Helper()
	reading := w.checked(text)
	if len(reading.Refused) > 0 {
		w.t.Fatal(reading.Refused)
	}
	id, err := importing.Imports().Apply(w.t.Context(), w.DB, identities.Source(), w.prepared(reading), quiet, quiet)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// named finds people by name.
func (w *world) named(text string) []identity.Identity {
	w.t.Helper()
	list, err := db.Read(w.t.Context(), w.DB, func(r db.R) ([]identity.Identity, error) {
		list, _, err := identity.Search(w.t.Context(), r, text, 0, 10)
		return list, err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

const heading = "uuid,title,first name,middle names,surname,known as,date of birth,NI number,email,email verified," +
	"mobile,ODS code,status,verified,created\n"

func TestPeopleOfAnotherSystemAreBroughtHere(t *testing.T) {
	w := newWorld(t)
	w.brought(heading +
		"5550 0000 0017,Dr,Siân,Mary,O'Example,Shan,31/03/1980,AB 12 34 56 C,Sian@example.nhs.uk,yes,07700 900123,ztr,,yes,2019-05-01\n" +
		",,Bo,,Sample,,,,bo@example.nhs.uk,yes,,ZTR,suspended,,\n")
	list := w.named("sian oexample")
	if len(list) != 1 {
		t.Fatalf("by name without accents: %+v", list)
	}
	sian := list[0]
	want := identity.Identity{
		UUID: "555000000017", Kind: identity.Standard, Origin: identity.ByMigration, Title: "Dr", PreferredName: "Shan",
		GivenName: "Siân", MiddleNames: "Mary", FamilyName: "O'Example", Email: "Sian@example.nhs.uk",
		EmailCanonical: sian.EmailCanonical, EmailSince: noon, EmailVerified: identity.Verification{At: noon, How: "import"},
		Status: identity.Active, Verified: true, AssuranceLevel: 3, Organisation: "ZTR",
		Created: time.Date(2019, 4, 30, 23, 0, 0, 0, time.UTC),
	}
	if sian != want {
		t.Errorf("brought here: %+v, want %+v", sian, want)
	}
	if len(w.named("shan")) != 1 || len(w.named("sian@example")) != 1 {
		t.Error("not found by the preferred name, or the address")
	}
	if sian.EmailUsable(noon.Add(71*time.Hour)) || !sian.EmailUsable(noon.Add(72*time.Hour)) {
		t.Error("the address of an import does not wait 72 hours")
	}
	if list := w.named("bo sample"); len(list) != 1 || list[0].Status != identity.Suspended || list[0].Verified ||
		list[0].Kind != identity.Migrated || list[0].EmailUsable(noon.Add(71*time.Hour)) ||
		list[0].AssuranceLevel != 0 || !identity.IsNumber(list[0].UUID) {
		t.Errorf("without a number: %+v", list)
	}
	w.update(func(u *db.W) error {
		n, err := detail.ShowNI(t.Context(), u, w.box, sian.UUID)
		found, errFind := detail.WithNI(t.Context(), u, w.box, "AB123456C")
		d, errOf := detail.Of(t.Context(), u, sian.UUID)
		changed, errSince := change.Since(t.Context(), u, change.Point{At: noon.Add(-time.Hour)}, 5)
		if n != "AB123456C" || !slices.Equal(found, []string{sian.UUID}) ||
			d != (detail.Details{BirthDate: "1980-03-31", Mobile: "+447700900123", NIEnding: "C"}) ||
			len(changed) != 1 || changed[0].Kind != change.All {
			t.Errorf("details %v, %q, found %v, changed %v", d, n, found, changed)
		}
		return errors.Join(err, errFind, errOf, errSince)
	})
}

func TestRowsAreRefusedByName(t *testing.T) {
	w := newWorld(t)
	w.brought(heading + "555000000017,,Siân,,Example,,31/03/1980,AB123456C,sian@example.nhs.uk,yes,,ZTR,,yes,\n")
	reading := w.checked(heading +
		"555000000017,,Sian,,Example,,,,,,,ZTR,,,\n" + // row 2: here as the row says
		"555000000017x,,Ann,,Other,,,,,,,ZTR,,,\n" +
		",,,,Other,,,,,,,ZTR,,,\n" +
		",,Ann,,Other,,,,,,,ZZZ9,,,\n" +
		",,Ann,,Other,,,,,,,ZTR,gone,,\n" +
		",,Ann,,Other,,31/02/1980,,,,,ZTR,,,\n" +
		",,Ann,,Other,,,AB12,,,,ZTR,,,\n" +
		",,Ann,,Other,,,,not an address,,,ZTR,,,\n" +
		",,Ann,,Other,,,,,yes,,ZTR,,,\n" +
		",,Ann,,Other,,,AB123456C,,,,ZTR,,,\n" +
		",,sian,,EXAMPLE,,1980-03-31,,,,,ZTR,,,\n" +
		",,Cy,,Pair,,1 May 1990,,,,,ZTR,,,\n" +
		",,CY,,Pair,,01/05/1990,,,,,ZTR,,,\n" +
		"555000000033,,Di,,Third,,,JG103759A,,,,ZTR,,,\n" +
		"555000000033,,Di,,Third,,,,,,,ZTR,,,\n" +
		",,Eve,,Third,,,JG103759A,,,,ZTR,,,\n" +
		"555000000041,,Sian,,Example,,31/03/1980,,sian@example.nhs.uk,,,ZTR,,,\n")
	var problems []string
	for _, one := range reading.Refused {
		problems = append(problems, one.Field+": "+one.Reason)
	}
	all := strings.Join(problems, "\n")
	for _, want := range []string{
		"uuid: Enter a number of 12 digits", "given_name: Enter the given name", "There is no organisation \"ZZZ9\" here",
		"\"gone\" is not a status", "\"31/02/1980\" is not a day", "ni_number: Enter a National Insurance number",
		"In \"not an address\"", "Enter the address that was confirmed", "Is that of Siân Example, 555000000017",
		"Somebody with these names and this birth date is here: Siân Example, 555000000017",
		"Names and birth date are those of row 13", "uuid: Repeats row 15", "ni_number: Repeats row 15",
	} {
		if strings.Count(all, want) != 1 {
			t.Errorf("not once: %s\n%s", want, all)
		}
	}
	if len(problems) != 13 || reading.Unchanged != 1 || len(reading.People) != 3 || len(reading.Notes) != 2 {
		t.Errorf("%d refused, %d unchanged, %d taken, notes %+v", len(problems), reading.Unchanged,
			len(reading.People), reading.Notes)
	}
	if again := w.checked(heading + "555000000017,,Ann,,Other,,,,,,,ZTR,,,\n"); len(again.Refused) != 1 ||
		!strings.Contains(again.Refused[0].Reason, "Is here as Siân Example") {
		t.Errorf("another person with a number that is here: %+v", again.Refused)
	}
}

func TestAnUndoLeavesThoseToWhomSomethingHappened(t *testing.T) {
	w := newWorld(t)
	id := w.brought(heading + "555000000017,,Ann,,One,,31/03/1980,AB123456C,ann@example.nhs.uk,,,ZTR,,,\n" +
		"555000000025,,Bo,,Two,,,,,,,ZTR,,,\n")
	w.update(func(u *db.W) error {
		return detail.SetCardName(t.Context(), u, "555000000025", "B Two")
	})
	undone, err := importing.Imports().Undo(t.Context(), w.DB, id, quiet)
	if err != nil || undone.Restored != 1 || !slices.Equal(undone.Untouched, []string{"555000000025"}) {
		t.Errorf("undone: %+v, %v", undone, err)
	}
	if len(w.named("ann one")) != 0 || len(w.named("bo two")) != 1 {
		t.Error("the wrong one is there after the undo")
	}
	w.brought(heading + "555000000017,,Ann,,One,,31/03/1980,AB123456C,ann@example.nhs.uk,,,ZTR,,,\n")
}

func TestAnInterruptedImportGoesOn(t *testing.T) {
	w := newWorld(t)
	const people = 4200 // more than one Update writes
	plan := w.prepared(w.checked(many(people)))
	ctx, stop := context.WithCancel(t.Context())
	id, err := importing.Imports().Apply(ctx, w.DB, identities.Source(), plan, quiet, func(int, int) { stop() })
	if err == nil || id == "" {
		t.Fatalf("not interrupted: %s, %v", id, err)
	}
	count := func() int64 {
		n, err := db.Read(t.Context(), w.DB, func(r db.R) (int64, error) {
			return db.Value[int64](t.Context(), r, `SELECT COUNT(*) FROM identity`)
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := count(); n == 0 || n == people {
		t.Fatalf("%d of %d written before the interruption", n, people)
	}
	if err := importing.Imports().Resume(t.Context(), w.DB, id, quiet); err != nil || count() != people {
		t.Fatalf("gone on: %d, %v", count(), err)
	}
	if again := w.checked(many(people)); len(again.People) != 0 {
		t.Errorf("a further run would add %d", len(again.People))
	}
}

func TestNumbersThatWereTakenSinceAreAConflict(t *testing.T) {
	w := newWorld(t)
	text := heading + "555000000017,,Ann,,One,,,,,,,ZTR,,,\n"
	plan := w.prepared(w.checked(text))
	w.brought(text)
	_, err := importing.Imports().Apply(t.Context(), w.DB, identities.Source(), plan, quiet, quiet)
	if !errors.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "555000000017") {
		t.Errorf("taken since: %v", err)
	}
}

// Numbers that people brought with them are not given to others.
func TestANumberThatSomebodyBroughtIsNotGivenAgain(t *testing.T) {
	w := newWorld(t)
	var numbers []string
	take := func() {
		w.update(func(u *db.W) (err error) {
			list, err := identity.Numbers(t.Context(), u, 2)
			numbers = append(numbers, list...)
			return errors.Join(err, u.Record(t.Context(), audit.Event{Kind: "test.numbers"}))
		})
	}
	take()
	var second int
	if _, err := fmt.Sscanf(numbers[1][:9], "%d", &second); err != nil {
		t.Fatal(err)
	}
	next := second + 1
	brought := fmt.Sprintf("%09d%03d", next, 100+next%11)
	w.brought(heading + brought + ",,Ann,,One,,,,,,,ZTR,,,\n")
	take()
	if slices.Contains(numbers, brought) || len(numbers) != 4 || numbers[2] == numbers[3] {
		t.Errorf("%s was brought, given were %v", brought, numbers)
	}
}

// many is a file of so many people.
func many(people int) string {
	var text strings.Builder
	text.WriteString(heading)
	for n := range people {
		text.WriteString(row(n))
	}
	return text.String()
}
