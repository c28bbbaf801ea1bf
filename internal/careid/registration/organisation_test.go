package registration_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

func clinic() registration.Workplace {
	return registration.Workplace{
		Code: " z90077", Name: "Fenmarch  Walk-in Clinic ", Postcode: "fm1 2ab", Parent: "Z90001",
	}
}

func (w *trust) add(by actor.Actor, p registration.Workplace) (string, error) {
	return registration.AddOrganisation(w.Context(), w.DB, by, p)
}

// A manager adds an organisation that their registration authority then serves, with what the one above it approved,
// and makes people there.
func TestAManagerAddsAnOrganisation(t *testing.T) {
	w := openTrust(t)
	above := organisation.Organisation{Code: "Z90005", Name: "Fenmarch Hub", RAParent: "ZTR"}
	w.Update(func(ctx context.Context, u *db.W) error {
		return organisation.Add(ctx, u, above, authn.SecurityKey)
	})
	wanted := clinic()
	wanted.Parent = above.Code
	code, err := w.add(by(w.manager), wanted)
	w.Must(err)
	added := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (organisation.Organisation, error) {
		return organisation.ByCode(ctx, r, code)
	})
	want := organisation.Organisation{Code: "Z90077", Name: "Fenmarch Walk-in Clinic", Postcode: "FM1 2AB",
		RAParent: above.Code}
	if added != want {
		t.Errorf("added %+v, want %+v", added, want)
	}
	approved := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (organisation.Decision, error) {
		return organisation.InForce(ctx, r, code)
	})
	if !slices.Equal(approved.Kinds, []authn.Kind{authn.SecurityKey}) {
		t.Errorf("it has approved %v", approved)
	}
	events := w.Events("organisation.added")
	if e := events[0]; e.Subject != organisation.Ref(code) || e.ActorID != w.manager {
		t.Errorf("recorded as %+v", e)
	}
	person := bea()
	person.Organisation = code
	_, err = registration.Make(t.Context(), w.DB, by(w.agent), person)
	w.Must(err)
}

func TestOrganisationsThatAreNotAdded(t *testing.T) {
	w := openTrust(t)
	before := w.Count(`SELECT COUNT(*) FROM organisation`)
	var tally worldtest.Tally
	add := func(name string, by actor.Actor, what registration.Workplace, want fault.Code, field string) {
		t.Helper()
		_, err := w.add(by, what)
		tally.Refused(t, name, err == nil)
		said, _ := fault.From(err)
		if !errors.Is(err, want) || said.Field != field {
			t.Errorf("%s: %v at %q, want %v at %q", name, err, said.Field, want, field)
		}
	}
	add("by an agent", by(w.agent), clinic(), fault.Forbidden, "")
	add("by a user", by(w.cy), clinic(), fault.Forbidden, "")
	add("by a program", actor.Actor{Kind: actor.Machine, ID: w.manager}, clinic(), fault.Forbidden, "")
	for name, tt := range map[string]struct {
		change func(p *registration.Workplace)
		code   fault.Code
		field  string
	}{
		"below others’":   {func(p *registration.Workplace) { p.Parent = "Z90002" }, fault.Forbidden, ""},
		"below itself":    {func(p *registration.Workplace) { p.Parent = p.Code }, fault.Invalid, "parent"},
		"below nothing":   {func(p *registration.Workplace) { p.Parent = "" }, fault.Invalid, "parent"},
		"there already":   {func(p *registration.Workplace) { p.Code = "z90001" }, fault.Conflict, "code"},
		"there elsewhere": {func(p *registration.Workplace) { p.Code = "Z90002" }, fault.Conflict, "code"},
		"no code":         {func(p *registration.Workplace) { p.Code = "" }, fault.Invalid, "code"},
		"a Cyrillic А":    {func(p *registration.Workplace) { p.Code = "А20047" }, fault.Invalid, "code"},
		"a long code":     {func(p *registration.Workplace) { p.Code = "A123456789012" }, fault.Invalid, "code"},
		"no name":         {func(p *registration.Workplace) { p.Name = " " }, fault.Invalid, "name"},
		"a hidden name":   {func(p *registration.Workplace) { p.Name = "Clinic\u202e" }, fault.Invalid, "name"},
		"a long name": {func(p *registration.Workplace) { p.Name = strings.Repeat("x", 201) }, fault.Invalid,
			"name"},
		"half a postcode": {func(p *registration.Workplace) { p.Postcode = "FM1" }, fault.Invalid, "postcode"},
	} {
		changed := clinic()
		tt.change(&changed)
		add(name, by(w.manager), changed, tt.code, tt.field)
	}
	if n := w.Count(`SELECT COUNT(*) FROM organisation`); n != before {
		t.Errorf("%d organisations more", n-before)
	}
	if n := len(w.Events("registration.refused")); n != 4 {
		t.Errorf("%d of 4 refusals were recorded", n)
	}
	_, err := w.add(by(w.manager), clinic()) // the honest twin
	w.Must(err)
	tally.Report(t, "organisations")
}

// An organisation that the registration authority would not serve, as too many stand between, is not added.
func TestOrganisationsStandNearTheirAuthority(t *testing.T) {
	w := openTrust(t)
	parent := "ZTR"
	for i := range 20 {
		deep := registration.Workplace{Code: fmt.Sprintf("ZD%02d", i), Name: "Deep", Parent: parent}
		code, err := w.add(by(w.manager), deep)
		if err != nil {
			if said, _ := fault.From(err); said.Field != "parent" {
				t.Errorf("the %dth: %v", i, err)
			}
			if n := w.Count(`SELECT COUNT(*) FROM organisation WHERE code = $1`, deep.Code); n != 0 {
				t.Error("one that nobody serves is there")
			}
			return
		}
		parent = code
	}
	t.Error("20 stand one below the other")
}

// Of many who add the same organisation at one moment one does.
func TestOneOrganisationOfACode(t *testing.T) {
	w := openTrust(t)
	var all sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		all.Go(func() { _, errs[i] = w.add(by(w.manager), clinic()) })
	}
	all.Wait()
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
		} else if !errors.Is(err, fault.Conflict) {
			t.Errorf("in a race: %v", err)
		}
	}
	if done != 1 {
		t.Errorf("%d of 8 added it", done)
	}
}
