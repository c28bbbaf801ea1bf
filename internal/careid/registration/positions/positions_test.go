package positions_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/population"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/careid/registration/positions"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/worldtest"
)

var approval = access.Approval{How: "by email", Participants: "Ada and Bo"}

func ward() positions.Typed { return positions.Typed{Name: "Ward clerk", Profiles: "R8008 B0166"} }

// trust is a trust with its registration authority, a practice that it serves and one that it does not.
type trust struct {
	*careidtest.World

	manager, second, agent, advanced string
}

func open(t *testing.T) *trust {
	t.Helper()
	w := &trust{World: careidtest.Open(t, time.Date(2026, 12, 3, 9, 0, 0, 0, time.UTC))}
	w.Start(careidtest.Idle, func(ws *job.Workers) {
		job.Work(ws, func(context.Context, access.Ended) error { return nil })
		access.Work(ws, w.DB, identity.Number)
	})
	as := func(name, job string) population.Person {
		return population.Person{GivenName: name, FamilyName: "Example", Organisation: "ZTR",
			Positions: []population.Position{{Organisation: "ZTR", Role: job, Name: job}}}
	}
	made := w.Make(population.Description{
		Organisations: []population.Organisation{
			{Code: "ZTR", Name: "Trust", Contact: "ra@ztr.example"}, {Code: "Z90001", Name: "Practice", RAParent: "ZTR"},
			{Code: "Z90099", Name: "Elsewhere", Contact: "ra@elsewhere.example"},
		},
		People: []population.Person{
			as("Ann", rbac.RegistrationManager), as("Mo", rbac.RegistrationManager), as("Ben", rbac.RegistrationAgent),
			{GivenName: "Ava", FamilyName: "Example", Organisation: "ZTR", Positions: []population.Position{
				{Organisation: "ZTR", Role: rbac.RegistrationAgent, Activities: []string{permission.UsualAdvancedAgent}},
			}},
		},
	})
	w.manager = made[0].UUID
	w.second = made[1].UUID
	w.agent = made[2].UUID
	w.advanced = made[3].UUID
	return w
}

func by(uuid string) actor.Actor { return actor.Actor{Kind: actor.Person, ID: uuid} }

func (w *trust) create(uuid, at string, t positions.Typed) (string, error) {
	return positions.Create(w.Context(), w.DB, by(uuid), at, t, approval)
}

func (w *trust) read(id string) access.Position {
	w.Helper()
	return worldtest.Must(db.Read(w.Context(), w.DB, func(r db.R) (access.Position, error) {
		return access.PositionByID(w.Context(), r, id)
	}))(w)
}

// Managers create positions where their registration authority serves, of codes that are known.
func TestCreate(t *testing.T) {
	w := open(t)
	id := worldtest.Must(w.create(w.manager, "z90001", ward()))(t)
	p := w.read(id)
	if p.Organisation != "Z90001" || p.Profiles[0].RoleCode != "S8001:G8002:R8008" ||
		!access.HoldsDirectoryPosition(p.RoleProfiles()) || p.RoleProfiles()[0].Activities[0] == "B0166" {
		t.Errorf("made %+v", p)
	}
	for _, tt := range []struct {
		name  string
		actor string
		at    string
		spoil func(t *positions.Typed)
		want  error
	}{
		{"honest, with two access profiles", w.manager, "Z90001", func(t *positions.Typed) {
			t.Name = "Nurse"
			t.Profiles = "\r\n r8001, b0360\r\nR8008 D8002:C8006:B0166 P0010:Q0050:T0210\n"
		}, nil},
		{"an agent", w.agent, "Z90001", func(*positions.Typed) {}, fault.Forbidden},
		{"elsewhere", w.manager, "Z90099", func(*positions.Typed) {}, fault.Forbidden},
		{"nowhere", w.manager, "Z77777", func(*positions.Typed) {}, fault.NotFound},
		{"an advanced agent", w.advanced, "Z90001", func(t *positions.Typed) { t.Name = "Porter" }, nil},
		{"an advanced agent a sponsor", w.advanced, "Z90001", func(t *positions.Typed) {
			t.Name = "Sponsor"
			t.Profiles = "R8008 B1300"
		}, nil},
		{"an advanced agent one like themselves", w.advanced, "Z90001", func(t *positions.Typed) {
			t.Name = "Advanced"
			t.Profiles = "R5090 B9801"
		}, fault.Forbidden},
		{"an advanced agent a manager", w.advanced, "Z90001",
			func(t *positions.Typed) { t.Name = "Manager"; t.Profiles = "R8008\nR5080" }, fault.Forbidden},
		{"the same name", w.manager, "Z90001", func(*positions.Typed) {}, fault.Conflict},
		{"no name", w.manager, "Z90001", func(t *positions.Typed) { t.Name = " " }, fault.Invalid},
		{"nothing", w.manager, "Z90001", func(t *positions.Typed) { t.Profiles = "\n" }, fault.Invalid},
		{"no role first", w.manager, "Z90001", func(t *positions.Typed) { t.Profiles = "B0166" }, fault.Invalid},
		{"an unknown role", w.manager, "Z90001", func(t *positions.Typed) { t.Profiles = "R0001" }, fault.Invalid},
		{"an unknown activity", w.manager, "Z90001", func(t *positions.Typed) { t.Profiles = "R8008 B7777" }, fault.Invalid},
		{"what is no code", w.manager, "Z90001", func(t *positions.Typed) { t.Profiles = "R8008 clerk" }, fault.Invalid},
		{"a workgroup of nobody", w.manager, "Z90001",
			func(t *positions.Typed) { t.Profiles = "R8008 " + w.manager }, fault.Invalid},
	} {
		typed := ward()
		tt.spoil(&typed)
		if _, err := w.create(tt.actor, tt.at, typed); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
	}
	_, err := positions.Create(t.Context(), w.DB, by(w.manager), "ZTR", ward(), access.Approval{How: "by email"})
	if !errors.Is(err, fault.Invalid) {
		t.Errorf("nobody took part: %v", err)
	}
}

// What is written of access profiles is read as the same.
func TestTextIsReadAsTheSame(t *testing.T) {
	w := open(t)
	id := worldtest.Must(w.create(w.manager, "ZTR", positions.Typed{Name: "Two",
		Profiles: "R8001 B0360 B0370 P0010:Q0050:T0210\nR8008 B0166"}))(t)
	p := w.read(id)
	err := w.DB.View(t.Context(), func(r db.R) error {
		again, err := positions.Read(t.Context(), r, positions.Typed{Name: p.Name,
			Profiles: positions.Text(p.Profiles)}, p)
		if !access.Compare(p.Profiles, again.Profiles).Empty() || len(again.Profiles) != 2 {
			t.Errorf("%q is read as %+v", positions.Text(p.Profiles), again.Profiles)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Nobody gives themselves anything by changing a position that they have.
func TestNobodyChangesTheirOwnPosition(t *testing.T) {
	w := open(t)
	id := worldtest.Must(w.create(w.manager, "ZTR", ward()))(t)
	w.Update(func(ctx context.Context, u *db.W) error {
		return access.Assign(ctx, u, access.Grant{UUID: w.manager, Position: id, Organisation: "ZTR", Starts: u.Now(),
			Number: identity.Number})
	})
	edit := func(uuid, profiles, name string) error {
		return positions.Edit(t.Context(), w.DB, by(uuid), id, w.read(id).Version,
			positions.Typed{Name: name, Profiles: profiles}, approval)
	}
	if err := edit(w.manager, "R8008 B0166 B0360", "Clerk"); !errors.Is(err, fault.Forbidden) {
		t.Errorf("their own: %v", err)
	}
	if err := edit(w.manager, "R8008 B0166", "Clerk"); err != nil {
		t.Errorf("its name alone: %v", err)
	}
	if err := edit(w.agent, "R8008 B0166 B0360", "Clerk"); !errors.Is(err, fault.Forbidden) {
		t.Errorf("by an agent: %v", err)
	}
	if err := edit(w.second, "R8008 B0166 B0360", "Clerk"); err != nil {
		t.Errorf("by another manager: %v", err)
	}
	for _, profiles := range []string{"R8008 B0166 B0360 B1300", "R8008 B0166 B0360\nR5090", "R8008 B0166 B0267"} {
		if err := edit(w.second, profiles, "Clerk"); !errors.Is(err, fault.Conflict) {
			t.Errorf("a job at a registration authority for whoever has it, %q: %v", profiles, err)
		}
	}
	if p := w.read(id); p.Version != 3 || len(p.Profiles[0].Activities) != 2 {
		t.Errorf("it is %+v", p)
	}
}

func TestClose(t *testing.T) {
	w := open(t)
	id := worldtest.Must(w.create(w.manager, "ZTR", ward()))(t)
	honest := positions.Closing{Reason: "not used", Approver: "Ada", Sure: true, Typed: "CLOSE"}
	for name, spoil := range map[string]func(c *positions.Closing){
		"no reason": func(c *positions.Closing) { c.Reason = "" }, "no approver": func(c *positions.Closing) { c.Approver = " " },
		"not ticked":    func(c *positions.Closing) { c.Sure = false },
		"small letters": func(c *positions.Closing) { c.Typed = "close" },
	} {
		c := honest
		spoil(&c)
		if err := positions.Close(t.Context(), w.DB, by(w.manager), id, c); !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := positions.Close(t.Context(), w.DB, by(w.agent), id, honest); !errors.Is(err, fault.Forbidden) {
		t.Errorf("by an agent: %v", err)
	}
	if err := positions.Close(t.Context(), w.DB, by(w.manager), id, honest); err != nil || w.read(id).Closed.IsZero() {
		t.Errorf("honest: %v, %+v", err, w.read(id))
	}
}

// Sponsors are let give open positions of their own organisation that make nobody anything at a registration authority.
func TestSetAssignable(t *testing.T) {
	w := open(t)
	make := func(at, name, profiles string) string {
		t.Helper()
		return worldtest.Must(w.create(w.manager, at, positions.Typed{Name: name, Profiles: profiles}))(t)
	}
	sponsor := make("ZTR", "Sponsor", "R8008 B1300")
	clerk := make("ZTR", "Clerk", "R8008 B0166")
	set := func(of string, list ...string) error {
		return positions.SetAssignable(t.Context(), w.DB, by(w.manager), of, list)
	}
	for name, refused := range map[string]error{
		"of one who is no sponsor": set(clerk, clerk),
		"at another organisation":  set(sponsor, make("Z90001", "There", "R8008 B0166")),
		"a sponsor":                set(sponsor, sponsor),
		"an ID checker":            set(sponsor, make("ZTR", "Checker", "R8008 B0267")),
		"an agent":                 set(sponsor, make("ZTR", "Agents", "R5090")),
		"a manager beside another": set(sponsor, make("ZTR", "Both", "R8008 B0166\nR5080")),
		"what is not there":        set(sponsor, "none"),
	} {
		if !errors.Is(refused, fault.Invalid) && !errors.Is(refused, fault.Conflict) {
			t.Errorf("%s: %v", name, refused)
		}
	}
	if err := set(sponsor, clerk); err != nil {
		t.Fatal(err)
	}
	got := worldtest.Must(db.Read(t.Context(), w.DB, func(r db.R) ([]string, error) {
		return access.Assignable(t.Context(), r, sponsor)
	}))(t)
	if strings.Join(got, " ") != clerk {
		t.Errorf("assignable: %v", got)
	}
}

// Positions that the organisation has made are given together, with one end, or none of them; and nobody gives one to
// themselves, elsewhere, or to somebody above them.
func TestGive(t *testing.T) {
	w := open(t)
	create := func(at, name, profiles string) string {
		t.Helper()
		return worldtest.Must(w.create(w.manager, at, positions.Typed{Name: name, Profiles: profiles}))(t)
	}
	clerk := create("Z90001", "Clerk", "R8008 B0166")
	nurse := create("Z90001", "Nurse", "R8001 B0360\nR8008")
	sponsor := create("Z90001", "Sponsor", "R8008 B1300")
	closed := create("Z90001", "Closed", "R8008")
	worldtest.Must(true, positions.Close(t.Context(), w.DB, by(w.manager), closed,
		positions.Closing{Reason: "x", Approver: "y", Sure: true, Typed: "CLOSE"}))(t)
	cy := w.Person(population.Person{GivenName: "Cy", FamilyName: "Example", Organisation: "Z90001"}).ID
	elsewhere := w.Person(population.Person{GivenName: "Di", FamilyName: "Example", Organisation: "Z90099"}).ID
	var far string // of an organisation that the registration authority does not serve
	w.Update(func(ctx context.Context, u *db.W) (err error) {
		far, err = access.AddPosition(ctx, u,
			access.Position{Organisation: "Z90099", Name: "Far", Profiles: access.One("R8008")})
		return err
	})
	ends := w.Clock.Now().AddDate(0, 1, 0)
	tried := 0
	for _, tt := range []struct {
		name  string
		actor string
		to    string
		ids   []string
		want  error
	}{
		{"nothing", w.manager, cy, nil, fault.Invalid},
		{"a sponsor's, by an agent of their own", w.agent, w.second, []string{sponsor}, fault.Forbidden},
		{"a closed one", w.manager, cy, []string{clerk, closed}, fault.Conflict},
		{"what is not there", w.manager, cy, []string{"none"}, fault.NotFound},
		{"to themselves", w.manager, w.manager, []string{clerk}, fault.Forbidden},
		{"to somebody elsewhere", w.manager, elsewhere, []string{clerk}, fault.Forbidden},
		{"what is of an organisation that is not served", w.manager, cy, []string{far}, fault.Forbidden},
		{"an agent to a manager", w.agent, w.manager, []string{clerk}, fault.Forbidden},
		{"an agent to an agent", w.agent, w.advanced, []string{clerk}, fault.Forbidden},
		{"an agent several", w.agent, cy, []string{clerk, nurse}, fault.Forbidden},
		{"somebody of no registration authority", cy, elsewhere, []string{clerk}, fault.Forbidden},
	} {
		_, err := positions.Give(t.Context(), w.DB, by(tt.actor), tt.to, tt.ids, registration.Dates{Ends: ends})
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		tried++
	}
	held := func(uuid string) []access.Assignment {
		return worldtest.Must(db.Read(t.Context(), w.DB, func(r db.R) ([]access.Assignment, error) {
			return access.OfIdentity(t.Context(), r, uuid)
		}))(t)
	}
	if got := len(held(cy)) + len(held(elsewhere)); got != 0 {
		t.Errorf("tried %d, given %d", tried, got)
	}
	give := func(actor string, ids ...string) error {
		_, err := positions.Give(t.Context(), w.DB, by(actor), cy, ids, registration.Dates{Ends: ends})
		return err
	}
	if err := give(w.manager, clerk, nurse); err != nil {
		t.Fatal(err)
	}
	got := held(cy)
	if len(got) != 2 || len(access.Effective(got, w.Clock.Now())) != 3 || !got[0].Ends.Equal(ends) ||
		!got[1].Ends.Equal(ends) {
		t.Errorf("given %+v", got)
	}
	if err := give(w.agent, clerk); !errors.Is(err, fault.Conflict) {
		t.Errorf("again: %v", err)
	}
	w.Clock.Advance(32 * 24 * time.Hour)
	if n := len(access.Effective(held(cy), w.Clock.Now())); n != 0 {
		t.Errorf("%d role profiles after the end", n)
	}
}
