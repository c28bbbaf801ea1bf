package registration_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"signpost/internal/careid/access"
	"signpost/internal/careid/hosting"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/population"
	"signpost/internal/careid/registration"
	"signpost/internal/national/authn"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

func (w *trust) recodes(by actor.Actor, from, to string) error {
	_, err := registration.RecodeOrganisation(w.Context(), w.DB, by, from, to)
	return err
}

// profiles are the role profiles of a person, without the code of their organisation.
func (w *trust) profiles(uuid, code string) (list []access.RoleProfile) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) (err error) {
		list, err = access.RoleProfiles(ctx, r, uuid, r.Now())
		return err
	})
	for i := range list {
		if list[i].OrgCode != code {
			w.Errorf("a role profile of %s is at %s, want %s", uuid, list[i].OrgCode, code)
		}
		list[i].OrgCode = ""
	}
	return list
}

// naming lists the columns of the database in which a code stands.
func (w *trust) naming(code string) (list []string) {
	w.Helper()
	for name, sql := range map[string]string{
		"organisation": `organisation WHERE code = $1`, "policy": `organisation_policy WHERE code = $1`,
		"word": `organisation_word WHERE code = $1`, "below": `ra_hosting WHERE host = $1`,
		"hosted": `ra_hosting WHERE code = $1`,
		"person": `identity WHERE organisation = $1`, "position": `position WHERE organisation = $1`,
		"number": `person_organisation WHERE organisation = $1`,
	} {
		if w.Count(`SELECT COUNT(*) FROM `+sql, code) > 0 {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// Everything that names an organisation follows it to its right code, and comes back with it: its people with their
// roles and numbers, what it has approved, the organisations below it, and who serves it. It is found as before.
func TestEverythingFollowsACode(t *testing.T) {
	w := openTrust(t)
	made := w.Make(population.Description{
		Organisations: []population.Organisation{
			{Code: "Z90077", Name: "Walk-in Clinic", RAParent: "ZTR", Approved: []authn.Kind{authn.SecurityKey}},
			{Code: "Z90078", Name: "Branch", RAParent: "Z90077"},
		},
		People: []population.Person{{GivenName: "Eli", FamilyName: "Nurse", Organisation: "Z90077",
			Positions: []population.Position{{Organisation: "Z90077", Role: rbac.Nurse}}}},
	})
	eli := made[0].UUID
	all := []string{"below", "hosted", "number", "organisation", "person", "policy", "position", "word"}
	if before := w.naming("Z90077"); !slices.Equal(before, all) {
		t.Fatalf("what names it before: %v", before)
	}
	profiles := w.profiles(eli, "Z90077")
	if len(profiles) == 0 {
		t.Fatal("Eli has no role")
	}
	for _, tt := range [][2]string{{"Z90077", "Z90066"}, {"Z90066", "Z90077"}} {
		w.Must(w.recodes(by(w.manager), tt[0], " "+tt[1]+" "))
		if left := w.naming(tt[0]); len(left) > 0 {
			t.Errorf("%s still stands in %v", tt[0], left)
		}
		if now := w.naming(tt[1]); !slices.Equal(now, all) {
			t.Errorf("%s stands in %v", tt[1], now)
		}
		if now := w.profiles(eli, tt[1]); !slices.EqualFunc(now, profiles, func(a, b access.RoleProfile) bool {
			return a.RoleID == b.RoleID && a.PersonOrgID == b.PersonOrgID
		}) {
			t.Errorf("roles were %+v, are %+v", profiles, now)
		}
		w.View(func(ctx context.Context, r db.R) error {
			o, err := organisation.ByCode(ctx, r, tt[1])
			if want := (organisation.Organisation{Code: tt[1], Name: "Walk-in Clinic", RAParent: "ZTR"}); o != want {
				t.Errorf("it is %+v", o)
			}
			found, _, failed := organisation.Find(ctx, r, "walk clinic")
			if len(found) != 1 || found[0].Code != tt[1] {
				t.Errorf("found as %v", found)
			}
			serves, broken := hosting.Serves(ctx, r, "ZTR", "Z90078")
			if !serves {
				t.Error("nobody serves the branch any more")
			}
			return errors.Join(err, failed, broken)
		})
	}
	events := w.Events("organisation.recoded")
	if len(events) != 2 || events[1].Subject != organisation.Ref("Z90066") || events[1].ActorID != w.manager ||
		string(events[1].Before) != `{"code":"Z90077"}` ||
		string(events[1].After) != `{"code":"Z90066","people":1,"positions":1}` {
		t.Errorf("recorded as %+v", events)
	}
}

// A manager mends the code of their own organisation, and goes on as its manager.
func TestAManagersOwnOrganisationIsMended(t *testing.T) {
	w := openTrust(t)
	w.Must(w.recodes(by(w.manager), "ZTR", "ZTS"))
	_, err := registration.Make(t.Context(), w.DB, by(w.manager), bea()) // at the pharmacy that it serves
	w.Must(err)
}

func TestCodesThatAreNotMended(t *testing.T) {
	w := openTrust(t)
	w.Make(population.Description{
		Organisations: []population.Organisation{{Code: "Z90010", Name: "Listed Practice", RAParent: "ZTR", Role: "RO177"}},
		People:        []population.Person{{GivenName: "Flo", FamilyName: "Unlisted", Organisation: "Z90099"}},
	})
	w.Update(func(ctx context.Context, u *db.W) error {
		position := access.Position{Organisation: "Z90098", Name: "Nurse", Profiles: access.One(rbac.Nurse)}
		_, err := access.AddPosition(ctx, u, position)
		return err
	})
	var y worldtest.Tally
	for name, tt := range map[string]struct {
		by       actor.Actor
		from, to string
		code     fault.Code
		field    string
	}{
		"by an agent":         {by(w.agent), "Z90001", "Z90077", fault.Forbidden, ""},
		"by a user":           {by(w.cy), "Z90001", "Z90077", fault.Forbidden, ""},
		"by a program":        {actor.Actor{Kind: actor.Machine, ID: w.manager}, "Z90001", "Z90077", fault.Forbidden, ""},
		"of others’":          {by(w.manager), "Z90002", "Z90077", fault.Forbidden, ""},
		"of none":             {by(w.manager), "Z90055", "Z90077", fault.Forbidden, ""},
		"from a list":         {by(w.manager), "Z90010", "Z90077", fault.Forbidden, ""},
		"to none":             {by(w.manager), "Z90001", "", fault.Invalid, "code"},
		"to a short one":      {by(w.manager), "Z90001", "Z9", fault.Invalid, "code"},
		"to a Cyrillic А":     {by(w.manager), "Z90001", "А20047", fault.Invalid, "code"},
		"to the same":         {by(w.manager), "Z90001", "z90001", fault.Invalid, "code"},
		"to one’s own":        {by(w.manager), "Z90001", "ztr", fault.Conflict, "code"},
		"to others’":          {by(w.manager), "Z90001", "Z90002", fault.Conflict, "code"},
		"where people are":    {by(w.manager), "Z90001", "Z90099", fault.Conflict, "code"},
		"where positions are": {by(w.manager), "Z90001", "Z90098", fault.Conflict, "code"},
	} {
		err := w.recodes(tt.by, tt.from, tt.to)
		y.Refused(t, name, err == nil)
		said, _ := fault.From(err)
		if !errors.Is(err, tt.code) || said.Field != tt.field {
			t.Errorf("%s: %v at %q, want %v at %q", name, err, said.Field, tt.code, tt.field)
		}
	}
	refused := len(w.Events("registration.refused"))
	if done := len(w.Events("organisation.recoded")); refused != 6 || done != 0 {
		t.Errorf("%d of 6 refusals were recorded, and %d changes", refused, done)
	}
	w.Must(w.recodes(by(w.manager), "Z90001", "Z90077")) // the honest twin
	y.Report(t, "codes of organisations")
}

// Of many who change two codes to the same at one moment one does, and nobody is left at a code that is no more.
func TestTwoCodesBecomeOneNever(t *testing.T) {
	w := openTrust(t)
	w.Make(population.Description{
		Organisations: []population.Organisation{{Code: "Z90003", Name: "Second Pharmacy", RAParent: "ZTR"}},
		People:        []population.Person{{GivenName: "Gil", FamilyName: "Second", Organisation: "Z90003"}},
	})
	var all sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		from := []string{"Z90001", "Z90003"}[i%2]
		all.Go(func() { errs[i] = w.recodes(by(w.manager), from, "Z90077") })
	}
	all.Wait()
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
		}
	}
	lost := w.Count(`SELECT COUNT(*) FROM identity WHERE organisation NOT IN (SELECT code FROM organisation)`)
	if n := w.Count(`SELECT COUNT(*) FROM identity WHERE organisation = 'Z90077'`); done != 1 || n != 1 || lost != 0 {
		t.Errorf("%d of 8 did it; %d people are there, %d nowhere", done, n, lost)
	}
}
