package identity_test

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/identity"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job/jobtest"
)

var agent = actor.Actor{Kind: actor.Person, ID: "agent", Name: "RA agent", Session: "one"}

type world struct{ *careidtest.World }

func open(t *testing.T) world {
	t.Helper()
	w := world{careidtest.Open(t, careidtest.Nine)}
	w.Start(careidtest.Idle)
	return w
}

func (w world) add(t *testing.T, n identity.New) (identity.Identity, error) {
	t.Helper()
	return db.Write(t.Context(), w.DB, agent, func(u *db.W) (identity.Identity, error) {
		return identity.Add(t.Context(), u, n)
	})
}

func (w world) create(t *testing.T, address string) identity.Identity {
	t.Helper()
	i, err := w.add(t, identity.New{
		GivenName: "Ada", MiddleNames: "May", FamilyName: "Example", Email: address, Verified: true, AssuranceLevel: 3,
	})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func (w world) read(t *testing.T, uuid string) identity.Identity {
	t.Helper()
	var i identity.Identity
	err := w.DB.View(t.Context(), func(r db.R) (err error) {
		i, err = identity.ByUUID(t.Context(), r, uuid)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// A file may name the number that somebody has, once.
func TestAddWithNumber(t *testing.T) {
	w := open(t)
	named := identity.New{UUID: "500000000017", GivenName: "Ada", FamilyName: "Example"}
	if i, err := w.add(t, named); err != nil ||
		w.read(t, named.UUID).DisplayName() != i.DisplayName() {
		t.Errorf("made %+v, %v", i, err)
	}
	if _, err := w.add(t, named); !errors.Is(err, db.ErrUnique) {
		t.Errorf("made twice: %v", err)
	}
}

func TestNumbersByTheirShape(t *testing.T) {
	for text, want := range map[string]bool{
		"500000000017": true, "555036632103": true,
		"": false, "50000000001": false, "5000000000170": false, " 500000000017": false, "500000000017\n": false,
		"50000000001x": false, "５００００００００017": false,
	} {
		if got := identity.IsNumber(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestNumbersAreReadHowTheyAreTyped(t *testing.T) {
	for typed, want := range map[string]string{
		"500000000017": "500000000017", "5000 0000 0017": "500000000017", " 500-000-000-017": "500000000017",
		"5000\u00a00000\u00a00017 ": "500000000017",
		"":                          "", "5000 0000 001": "5000 0000 001", "ada-b@nhs.net": "ada-b@nhs.net", "Ada Example": "Ada Example",
	} {
		if got := identity.ReadNumber(typed); got != want {
			t.Errorf("%q is read as %q, want %q", typed, got, want)
		}
	}
}

func TestAdd(t *testing.T) {
	w := open(t)
	first := w.create(t, "Ada@Example.NHS.uk")
	second := w.create(t, "ada@example.nhs.uk")
	if !regexp.MustCompile(`^\d{12}$`).MatchString(first.UUID) || first.UUID == second.UUID {
		t.Errorf("numbers %q and %q", first.UUID, second.UUID)
	}
	if got := w.read(t, first.UUID); got.DisplayName() != "Ada Example" || got.Initials() != "M" ||
		got.Status != identity.Active || got.EmailVerified.Done() {
		t.Errorf("read %+v", got)
	}
	err := w.DB.View(t.Context(), func(r db.R) error {
		both, err := identity.ByEmail(t.Context(), r, "ada@example.nhs.uk")
		if len(both) != 2 {
			t.Errorf("found %d by email, want 2", len(both))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]identity.New{
		"no name":   {Email: "x@example.nhs.uk"},
		"bad email": {GivenName: "A", FamilyName: "B", Email: "x"},
		"bad level": {GivenName: "A", FamilyName: "B", AssuranceLevel: 4},
		"bad uuid":  {GivenName: "A", FamilyName: "B", UUID: "17"},
	} {
		if _, err := w.add(t, bad); !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
}

func TestAfter(t *testing.T) {
	all := []identity.Status{identity.Pending, identity.Active, identity.Suspended, identity.Closed}
	want := map[identity.Status]map[identity.Act]identity.Status{
		identity.Pending:   {identity.Activate: identity.Active, identity.Close: identity.Closed},
		identity.Active:    {identity.Suspend: identity.Suspended, identity.Close: identity.Closed},
		identity.Suspended: {identity.Resume: identity.Active, identity.Close: identity.Closed},
		identity.Closed:    {identity.Reopen: identity.Active},
	}
	acts := []identity.Act{identity.Activate, identity.Suspend, identity.Resume, identity.Close, identity.Reopen}
	for _, from := range all {
		for _, act := range acts {
			next, ok := identity.After(from, act)
			if expected, allowed := want[from][act]; ok != allowed || next != expected {
				t.Errorf("%s %s = %q, %v; want %q, %v", from, act, next, ok, expected, allowed)
			}
		}
	}
}

func TestMoveIsRefusedWhereItCannotBe(t *testing.T) {
	w := open(t)
	i := w.create(t, "ada@example.nhs.uk")
	if err := identity.Move(t.Context(), w.DB, agent, i.UUID, identity.Suspend, "left for a year"); err != nil {
		t.Fatal(err)
	}
	err := identity.Move(t.Context(), w.DB, agent, i.UUID, identity.Suspend, "again")
	if !errors.Is(err, fault.Conflict) {
		t.Errorf("second suspension: %v", err)
	}
	if got := w.read(t, i.UUID).Status; got != identity.Suspended {
		t.Errorf("status %s", got)
	}
	if err := identity.Move(t.Context(), w.DB, agent, i.UUID, identity.Resume, "is back"); err != nil {
		t.Error(err)
	}
}

var codeIn = regexp.MustCompile(`code is ([A-Z0-9]{4} [A-Z0-9]{4})`)

func (w world) code(t *testing.T, to string) string {
	t.Helper()
	jobtest.Settle(t, w.Jobs)
	for _, m := range w.Mails.To(to) {
		if found := codeIn.FindStringSubmatch(m.Text); found != nil {
			return found[1]
		}
	}
	t.Fatalf("no code was mailed to %s", to)
	return ""
}

func TestEmailChangesByItsCodeOnly(t *testing.T) {
	w := open(t)
	i := w.create(t, "old@example.nhs.uk")
	ask := func(to string) {
		t.Helper()
		if err := identity.RequestEmail(t.Context(), w.DB, agent, w.Post, i.UUID, to); err != nil {
			t.Fatal(err)
		}
	}
	confirm := func(code string) error {
		return identity.ConfirmEmail(t.Context(), w.DB, agent, w.Post, i.UUID, code)
	}
	ask("new@example.nhs.uk")
	if got := w.read(t, i.UUID).Email; got != "old@example.nhs.uk" {
		t.Errorf("asking changed the address to %s", got)
	}
	stale := w.code(t, "new@example.nhs.uk")
	w.Clock.Advance(time.Minute)
	ask("new@example.nhs.uk")
	fresh := w.code(t, "new@example.nhs.uk")
	for range 4 {
		if err := confirm(stale); !errors.Is(err, fault.Invalid) {
			t.Fatalf("older code: %v", err)
		}
	}
	if err := confirm(" " + fresh[:4] + "-" + fresh[4:]); err != nil {
		t.Fatalf("right code: %v", err)
	}
	if got := w.read(t, i.UUID); got.Email != "new@example.nhs.uk" || !got.EmailVerified.Done() {
		t.Errorf("after the code: %+v", got)
	}
	if err := confirm(fresh); !errors.Is(err, fault.Expired) {
		t.Errorf("second use: %v", err)
	}
	jobtest.Settle(t, w.Jobs)
	if len(w.Mails.To("old@example.nhs.uk")) != 0 {
		t.Error("an address that nobody proved was told")
	}
}

// Nobody can be sent mail without end: a code that was used counts like any other.
func TestFiveEmailCodesAndThenAWait(t *testing.T) {
	w := open(t)
	i := w.create(t, "old@example.nhs.uk")
	ask := func() error {
		w.Clock.Advance(time.Second)
		return identity.RequestEmail(t.Context(), w.DB, agent, w.Post, i.UUID, "new@example.nhs.uk")
	}
	for n := range 5 {
		if err := ask(); err != nil {
			t.Fatalf("code %d: %v", n+1, err)
		}
		err := identity.ConfirmEmail(t.Context(), w.DB, agent, w.Post, i.UUID, w.code(t, "new@example.nhs.uk"))
		if err != nil {
			t.Fatalf("use of code %d: %v", n+1, err)
		}
	}
	if err := ask(); !errors.Is(err, fault.TooMany) {
		t.Errorf("a sixth code: %v", err)
	}
	if to := w.asked(t, i.UUID); to != "" {
		t.Errorf("a code to %s waits after it was used", to)
	}
	w.Clock.Advance(15 * time.Minute)
	if err := ask(); err != nil || w.asked(t, i.UUID) != "new@example.nhs.uk" {
		t.Errorf("once the last has ended: %v", err)
	}
}

// A change of the address is told at it and at those before it that were proved, not at one that somebody only typed.
func TestWhereAChangeOfEmailIsTold(t *testing.T) {
	w := open(t)
	i := w.create(t, "typed@example.nhs.uk")
	for _, to := range []string{"one@example.nhs.uk", "two@example.nhs.uk", "Two@example.nhs.uk"} {
		w.Clock.Advance(time.Minute)
		w.Must(identity.RequestEmail(t.Context(), w.DB, agent, w.Post, i.UUID, to))
		w.Must(identity.ConfirmEmail(t.Context(), w.DB, agent, w.Post, i.UUID, w.code(t, to)))
	}
	jobtest.Settle(t, w.Jobs)
	told := map[string]int{}
	for _, m := range w.Mails.All() {
		if m.Kind == "identity.email-changed" {
			told[strings.ToLower(m.To)]++
		}
	}
	want := map[string]int{"one@example.nhs.uk": 3, "two@example.nhs.uk": 2}
	if !maps.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
}

// asked is the address that waits for its code, or nothing.
func (w world) asked(t *testing.T, uuid string) (to string) {
	t.Helper()
	err := w.DB.View(t.Context(), func(r db.R) (err error) {
		to, err = identity.PendingEmail(t.Context(), r, agent, uuid)
		return err
	})
	if err != nil && !errors.Is(err, fault.NotFound) {
		t.Fatal(err)
	}
	return to
}

func TestEmailCodeEnds(t *testing.T) {
	for name, spoil := range map[string]func(w world, confirm func(string) error){
		"after 15 minutes": func(w world, _ func(string) error) { w.Clock.Advance(15 * time.Minute) },
		"after 5 wrong tries": func(_ world, confirm func(string) error) {
			for i := range 5 {
				_ = confirm(fmt.Sprintf("WRONG22%d", i))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			i := w.create(t, "old@example.nhs.uk")
			err := identity.RequestEmail(t.Context(), w.DB, agent, w.Post, i.UUID, "new@example.nhs.uk")
			if err != nil {
				t.Fatal(err)
			}
			code := w.code(t, "new@example.nhs.uk")
			confirm := func(code string) error {
				return identity.ConfirmEmail(t.Context(), w.DB, agent, w.Post, i.UUID, code)
			}
			spoil(w, confirm)
			if err := confirm(code); !errors.Is(err, fault.Expired) {
				t.Errorf("right code: %v, want expired", err)
			}
			if got := w.read(t, i.UUID).Email; got != "old@example.nhs.uk" {
				t.Errorf("address %s", got)
			}
		})
	}
}

func TestNamesOfTemporaryCards(t *testing.T) {
	for chosen, want := range map[string]string{"Ward 5": "RXKTACWard 5", "1st": "", "A1": "", "": "", " Ém": "RXKTACÉm"} {
		got, err := identity.CardName("rxk", chosen)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", chosen, got, err)
		}
	}
}
