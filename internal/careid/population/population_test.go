package population_test

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/population"
	"signpost/internal/national/authn"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

func pointer(n int) *int { return &n }

// ada describes somebody with one of everything.
func ada() population.Person {
	return population.Person{
		ID: "ada", UUID: "500000000017", Title: "Dr", GivenName: "Ada", MiddleNames: "May", FamilyName: "Example",
		Email: "ada@example.nhs.uk", EmailVerified: true, IdentityLevel: pointer(2), Organisation: "Z90001",
		Registrations: map[string]string{identity.Bodies[0]: "7654321"},
		Authenticators: []population.Authenticator{
			{Kind: authn.SecurityKey, Name: "Blue key"},
			{Kind: authn.WindowsHello, Level: pointer(2), Name: "Hello", Simulated: true},
			{Kind: authn.AuthenticatorApp, Name: "Phone", Password: "correct horse", Secret: "JBSWY3DPEHPK3PXP"},
		},
		Positions: []population.Position{
			population.Directory("Z90001"), {Organisation: "Z90002", Role: "S8000:G8000:R8000", GNC: "G1"},
		},
	}
}

func described() population.Description {
	ben := population.Person{
		GivenName: "Ben", FamilyName: "Example", Status: "suspended", Positions: ada().Positions[:1],
	}
	return population.Description{
		Organisations: []population.Organisation{
			{Code: "Z90001", Name: "Oak Tree Pharmacy", RAParent: "ZTR", Approved: []authn.Kind{authn.SecurityKey}},
		},
		People: []population.Person{ada(), ben},
	}
}

type world struct{ *careidtest.World }

func open(t *testing.T) world {
	t.Helper()
	w := world{careidtest.Open(t, careidtest.Nine)}
	w.Start(careidtest.Idle)
	return w
}

func (w world) make(d population.Description) ([]population.Made, error) {
	m := population.Maker{EmailProof: "seen", StatusReason: "away", Authenticators: w.Apps.Make}
	return db.Write(w.Context(), w.DB, worldtest.By, func(u *db.W) ([]population.Made, error) {
		return m.Make(w.Context(), u, d)
	})
}

func read[T any](w world, fn func(r db.R) (T, error)) T {
	w.Helper()
	v, err := db.Read(w.Context(), w.DB, fn)
	if err != nil {
		w.Fatal(err)
	}
	return v
}

func (w world) authenticators(uuid string) []authenticator.Authenticator {
	w.Helper()
	return read(w, func(r db.R) ([]authenticator.Authenticator, error) {
		return authenticator.OfIdentity(w.Context(), r, uuid)
	})
}

func (w world) positions(uuid string) []access.Assignment {
	w.Helper()
	return read(w, func(r db.R) ([]access.Assignment, error) { return access.OfIdentity(w.Context(), r, uuid) })
}

func TestWhatIsDescribedIsMade(t *testing.T) {
	w := open(t)
	made, err := w.make(described())
	if err != nil || len(made) != 2 {
		t.Fatalf("made %+v, %v", made, err)
	}
	got := w.Identity(made[0].UUID)
	if got.UUID != ada().UUID {
		t.Errorf("Ada's number is %s", got.UUID)
	}
	if got.DisplayName() != "Ada Example" || got.AssuranceLevel != 2 || got.EmailVerified.How != "seen" {
		t.Errorf("Ada is %+v", got)
	}
	ben := w.Identity(made[1].UUID)
	if ben.Status != identity.Suspended || ben.AssuranceLevel != 3 || ben.EmailVerified.Done() {
		t.Errorf("Ben is %+v", ben)
	}
	registrations := read(w, func(r db.R) (map[string]string, error) {
		return identity.Registrations(t.Context(), r, made[0].UUID)
	})
	if registrations[identity.Bodies[0]] != "7654321" {
		t.Errorf("registered with %v", registrations)
	}
	approved := read(w, func(r db.R) (organisation.Decision, error) {
		return organisation.InForce(t.Context(), r, "Z90001")
	})
	if !slices.Equal(approved.Kinds, []authn.Kind{authn.SecurityKey}) {
		t.Errorf("the pharmacy approves %v", approved)
	}
}

func TestAuthenticatorsAreBound(t *testing.T) {
	w := open(t)
	made, err := w.make(described())
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]authenticator.Authenticator{}
	for _, a := range w.authenticators(made[0].UUID) {
		names[a.ID] = a
	}
	for n, want := range ada().Authenticators {
		got := names[made[0].Authenticators[n]]
		same := got.Kind == want.Kind && got.Level == want.Worth() && got.Name == want.Name
		if !same || got.Simulated != want.Simulated {
			t.Errorf("authenticator %d is %+v, want %+v", n+1, got, want)
		}
	}
	typed := url.Values{"email": {w.Identity(made[0].UUID).Email}, "password": {"correct horse"}}
	begun, err := w.Apps.BeginProof(t.Context(), authenticator.Attempt{DB: w.DB, Actor: worldtest.By, Form: typed})
	if err != nil || !strings.Contains(string(begun.State), made[0].Authenticators[2]) {
		t.Errorf("the password opens %s, %v", begun.State, err)
	}
}

// People who hold the same position share it.
func TestPositionsAreHeld(t *testing.T) {
	w := open(t)
	made, err := w.make(described())
	if err != nil {
		t.Fatal(err)
	}
	adas, bens := w.positions(made[0].UUID), w.positions(made[1].UUID)
	if len(adas) != 2 || len(bens) != 1 {
		t.Fatalf("Ada holds %+v, Ben %+v", adas, bens)
	}
	shared := func(a access.Assignment) bool { return a.Position.ID == bens[0].Position.ID }
	if bens[0].Position.Name != rbac.DirectoryPosition || !slices.ContainsFunc(adas, shared) {
		t.Errorf("Ada holds %+v, Ben %+v", adas, bens)
	}
	other := func(a access.Assignment) bool { return a.GNC == "G1" && a.Position.Name == "S8000:G8000:R8000" }
	if !slices.ContainsFunc(adas, other) {
		t.Errorf("Ada holds %+v", adas)
	}
}

func TestEachMistakeIsNamed(t *testing.T) {
	w := open(t)
	for place, spoil := range map[string]func(d *population.Description){
		"organisations[1].code":              func(d *population.Description) { d.Organisations[0].Code = "oak" },
		"organisations[1].approved[1]":       func(d *population.Description) { d.Organisations[0].Approved[0] = "yubikey" },
		"people[2].given_name":               func(d *population.Description) { d.People[1].GivenName = " " },
		"people[2].uuid":                     func(d *population.Description) { d.People[1].UUID = d.People[0].UUID },
		"people[1].email":                    func(d *population.Description) { d.People[0].Email = "ada" },
		"people[2].email_verified":           func(d *population.Description) { d.People[1].EmailVerified = true },
		"people[1].title":                    func(d *population.Description) { d.People[0].Title = "Dr\u200f" },
		"people[1].middle_names":             func(d *population.Description) { d.People[0].MiddleNames = "May\u2066" },
		"people[2].family_name":              func(d *population.Description) { d.People[1].FamilyName = "elpmaxE\u202e" },
		"organisations[1].name":              func(d *population.Description) { d.Organisations[0].Name = "Oak\u0007" },
		"people[1].status":                   func(d *population.Description) { d.People[0].Status = "gone" },
		"people[1].id_assurance_level":       func(d *population.Description) { d.People[0].IdentityLevel = pointer(4) },
		"people[1].registrations.guild":      func(d *population.Description) { d.People[0].Registrations["guild"] = "1" },
		"people[1].authenticators[1].kind":   func(d *population.Description) { d.People[0].Authenticators[0].Kind = "" },
		"people[1].authenticators[2].level":  func(d *population.Description) { d.People[0].Authenticators[1].Level = pointer(9) },
		"people[1].authenticators[3]":        func(d *population.Description) { d.People[0].Authenticators[2].Password = "" },
		"people[1].authenticators[3].secret": func(d *population.Description) { d.People[0].Authenticators[2].Secret = "1" },
		"people[1].positions[2].role":        func(d *population.Description) { d.People[0].Positions[1].Role = "doctor" },
	} {
		d := described()
		spoil(&d)
		var found population.Problems
		if _, err := w.make(d); !errors.As(err, &found) || len(found) != 1 || found[0].Place != place {
			t.Errorf("%s: %v", place, err)
		}
	}
}

// What only the database knows is wrong is told with whom it is about, and nobody is made.
func TestAnErrorNamesWhomItIsAbout(t *testing.T) {
	w := open(t)
	if _, err := w.make(population.Description{People: []population.Person{ada()}}); err != nil {
		t.Fatal(err)
	}
	zoe := population.Person{UUID: "500000000025", GivenName: "Zoe", FamilyName: "Example"}
	_, err := w.make(population.Description{People: []population.Person{zoe, ada()}})
	if !errors.Is(err, db.ErrUnique) || !strings.Contains(err.Error(), "people[2] (Ada Example)") {
		t.Errorf("made twice: %v", err)
	}
	_, err = db.Read(t.Context(), w.DB, func(r db.R) (identity.Identity, error) {
		return identity.ByUUID(t.Context(), r, zoe.UUID)
	})
	if err == nil {
		t.Error("Zoe was made though Ada could not be")
	}
}
