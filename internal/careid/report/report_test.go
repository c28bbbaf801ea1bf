package report_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/hosting"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/population"
	"signpost/internal/careid/registration/deciding"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/report"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

var nine = time.Date(2026, 12, 3, 9, 0, 0, 0, time.UTC)

// open makes two authorities: the trust ZTR serves two organisations, and ZXX itself alone. The people of each are of
// many sorts, by chance.
func open(t *testing.T) (w *careidtest.World, manager deciding.Reader) {
	t.Helper()
	w = careidtest.Open(t, nine)
	w.Start(careidtest.Idle)
	d := population.Description{Organisations: []population.Organisation{
		{Code: "ZTR", Name: "Fenmarch University Hospitals"},
		{Code: "Z90001", Name: "St Anne's Surgery", RAParent: "ZTR"},
		{Code: "ZXX", Name: "Another Trust"},
	}}
	chance := rand.New(rand.NewPCG(1, 2)) // the same in each run
	places := []string{"ZTR", "Z90001", "ZXX"}
	for n := range 60 {
		p := population.Person{GivenName: fmt.Sprintf("G%d", chance.IntN(5)), FamilyName: fmt.Sprintf("F%d", n%7),
			Organisation: places[chance.IntN(3)], Status: []string{"", "", "suspended"}[chance.IntN(3)]}
		if chance.IntN(2) == 0 {
			p.Email = fmt.Sprintf("p%d@example.nhs.uk", n)
		}
		for range chance.IntN(3) {
			p.Authenticators = append(p.Authenticators, population.Authenticator{Kind: authn.SecurityKey, Name: "Key"})
		}
		for range chance.IntN(3) {
			starts := nine.AddDate(0, chance.IntN(4)-2, 0)
			p.Positions = append(p.Positions, population.Position{Organisation: p.Organisation,
				Role: "S8000:G8000:R8001", Starts: starts, Ends: starts.AddDate(0, 0, 1+chance.IntN(90))})
		}
		d.People = append(d.People, p)
	}
	w.Make(d)
	ada := w.Person(population.Person{GivenName: "Ada", FamilyName: "Example", Organisation: "ZTR",
		Positions: []population.Position{{Organisation: "ZTR", Role: "S0080:G0450:R5080"}}})
	list := worldtest.Read(w.World, func(ctx context.Context, r db.R) (officer.List, error) {
		return officer.OfIdentity(ctx, r, ada.ID)
	})
	return w, deciding.Reader{UUID: ada.ID, List: list}
}

// known is what the world has of a person, read one by one.
type known struct {
	who     identity.Identity
	works   int
	unused  int
	held    []access.Assignment
	forced  int
	bounded int
}

// drawn reads a report as pages of a size.
func drawn(
	t *testing.T, w *careidtest.World, by deciding.Reader, rep report.Report, c report.Chosen, size int,
) (uuids []string) {
	t.Helper()
	var at report.Place
	for range 500 {
		next := worldtest.Read(w.World, func(ctx context.Context, r db.R) (report.Place, error) {
			codes, err := rep.Places(ctx, r, by, "")
			if err != nil {
				return at, err
			}
			list, next, err := rep.Stretch(ctx, r, codes, c, report.ReadPlace(at.String()), size)
			for _, l := range list {
				uuids = append(uuids, l.UUID())
			}
			return next, err
		})
		if at = next; at.Over() {
			slices.Sort(uuids)
			return uuids
		}
	}
	t.Fatalf("%s %v does not end", rep.Name, c)
	return nil
}

// Each report with each option has exactly the lines that a plain look at everybody finds, in whatever pages it is
// read; nobody of another authority is in any.
func TestReportsAreWhatAPlainCountFinds(t *testing.T) {
	w, ada := open(t)
	var world []known
	w.View(func(ctx context.Context, r db.R) error {
		for _, code := range []string{"ZTR", "Z90001"} {
			people, _, err := identity.AtOrganisation(ctx, r, code, "", 0, 1000)
			if err != nil {
				return err
			}
			for _, who := range people {
				k := known{who: who}
				bound, err := authenticator.OfIdentity(ctx, r, who.UUID)
				if err != nil {
					return err
				}
				for _, a := range bound {
					k.bounded++
					k.works++
					if a.Used.IsZero() {
						k.unused++
					}
				}
				if k.held, err = access.OfIdentity(ctx, r, who.UUID); err != nil {
					return err
				}
				for _, a := range k.held {
					if a.InForce(nine) {
						k.forced++
					}
				}
				world = append(world, k)
			}
		}
		return nil
	})
	one := func(is func(k known) bool) func(k known) int {
		return func(k known) int {
			if is(k) {
				return 1
			}
			return 0
		}
	}
	ends := func(days int) func(k known) int {
		return func(k known) (n int) {
			for _, a := range k.held {
				if !a.Ends.IsZero() && a.Ends.After(nine) && !a.Ends.After(nine.AddDate(0, 0, days)) {
					n++
				}
			}
			return n
		}
	}
	cases := 0
	for _, tt := range []struct {
		report, filter, option string
		lines                  func(k known) int
	}{
		{"users", "", "", one(func(known) bool { return true })},
		{"users", "user", "suspended", one(func(k known) bool { return k.who.Status == identity.Suspended })},
		{"users", "user", "active", one(func(k known) bool { return k.who.Status == identity.Active })},
		{"users", "has", "none", one(func(k known) bool { return k.works == 0 })},
		{"users", "has", "one", one(func(k known) bool { return k.works == 1 })},
		{"users", "has", "more", one(func(k known) bool { return k.works > 1 })},
		{"users", "has", "unused", one(func(k known) bool { return k.works > 0 && k.unused == k.works })},
		{"users", "email", "yes", one(func(k known) bool { return k.who.Email != "" })},
		{"users", "email", "no", one(func(k known) bool { return k.who.Email == "" })},
		{"users", "position", "yes", one(func(k known) bool { return k.forced > 0 })},
		{"users", "position", "no", one(func(k known) bool { return k.forced == 0 })},
		{"authenticators", "", "", func(k known) int { return k.bounded }},
		{"authenticators", "used", "no", func(k known) int { return k.unused }},
		{"authenticators", "used", "yes", func(k known) int { return k.bounded - k.unused }},
		{"smartcards", "", "", func(known) int { return 0 }},
		{"positions", "", "", func(k known) int { return len(k.held) }},
		{"positions", "state", "in force", func(k known) int { return k.forced }},
		{"positions", "ends", "7", ends(7)}, {"positions", "ends", "60", ends(60)},
		{"positions", "ends", "ended", func(k known) (n int) {
			for _, a := range k.held {
				if !a.Ends.IsZero() && !a.Ends.After(nine) {
					n++
				}
			}
			return n
		}},
	} {
		rep, err := report.Named(tt.report)
		if err != nil {
			t.Fatal(err)
		}
		c := rep.Clean(report.Chosen{tt.filter: tt.option})
		if (tt.filter != "") != (len(c) == 1) {
			t.Errorf("%s has no %s %q", tt.report, tt.filter, tt.option)
		}
		var want []string
		for _, k := range world {
			for range tt.lines(k) {
				want = append(want, k.who.UUID)
			}
		}
		slices.Sort(want)
		for _, size := range []int{3, 50} {
			if got := drawn(t, w, ada, rep, c, size); !slices.Equal(got, want) {
				t.Errorf("%s %v by %d: %d lines, want %d", tt.report, c, size, len(got), len(want))
			}
		}
		cases++
	}
	t.Logf("%d reports held to a plain count of %d people", cases, len(world))
	if len(world) < 30 {
		t.Errorf("%d people: the check would prove nothing", len(world))
	}
}

// Of another organisation nothing is told: neither its people nor, by going on after one of them, where they stand.
func TestReportsOfOtherAuthoritiesAreRefused(t *testing.T) {
	w, ada := open(t)
	rep := report.All()[0]
	w.View(func(ctx context.Context, r db.R) error {
		if codes, err := rep.Places(ctx, r, ada, "Z90001"); err != nil || len(codes) != 1 {
			t.Errorf("one of hers: %v, %v", codes, err)
		}
		if codes, err := rep.Places(ctx, r, ada, "ZXX"); err == nil {
			t.Errorf("another's: %v", codes)
		}
		theirs, _, err := identity.AtOrganisation(ctx, r, "ZXX", "", 0, 1)
		if err != nil {
			return err
		}
		after := report.Place{Organisation: "ZTR", UUID: theirs[0].UUID}
		if list, _, err := rep.Stretch(ctx, r, []string{"ZTR"}, nil, after, 50); err == nil {
			t.Errorf("after somebody of another authority: %d lines", len(list))
		}
		return nil
	})
}

// Of an authority that serves more organisations than one report has, each can still be named.
func TestAnOrganisationBeyondThoseThatOneReportHas(t *testing.T) {
	w, manager := open(t)
	var d population.Description
	for n := range hosting.MaxServed {
		d.Organisations = append(d.Organisations, population.Organisation{
			Code: fmt.Sprintf("Y%05d", n), Name: "Practice", RAParent: "ZTR",
		})
	}
	w.Make(d)
	last := d.Organisations[len(d.Organisations)-1].Code
	rep := worldtest.Must(report.Named("users"))(t)
	places := func(only string) ([]string, error) {
		return db.Read(w.Context(), w.DB, func(r db.R) ([]string, error) {
			return rep.Places(w.Context(), r, manager, only)
		})
	}
	all := worldtest.Must(places(""))(t)
	if len(all) != hosting.MaxServed || slices.Contains(all, last) {
		t.Errorf("%d organisations are looked through", len(all))
	}
	if one, err := places(last); err != nil || len(one) != 1 {
		t.Errorf("the last one: %v %v", one, err)
	}
	if _, err := places("ZXX"); err == nil {
		t.Error("one of another authority is taken")
	}
}
