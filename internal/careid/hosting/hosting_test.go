package hosting_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/hosting"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/population"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

var nine = time.Date(2026, 12, 3, 9, 0, 0, 0, time.UTC)

const (
	manager = "S0080:G0450:R5080"
	agent   = "S0080:G0450:R5090"
)

// open makes a trust whose authority is said how to reach, a board below it with an agent of its own from a day on, and
// practices below that.
func open(t *testing.T) *careidtest.World {
	t.Helper()
	w := careidtest.Open(t, nine)
	w.Make(population.Description{
		Organisations: []population.Organisation{
			{Code: "ZTR", Name: "Fenmarch University Hospitals", Contact: "ra@ztr.example"},
			{Code: "ZIB", Name: "Fenmarch Board", RAParent: "ZTR"},
			{Code: "Z90001", Name: "St Anne's Surgery", RAParent: "ZIB"},
			{Code: "Z90002", Name: "Nobody's Surgery"},
			{Code: "Z90003", Name: "Round One", RAParent: "Z90004"},
			{Code: "Z90004", Name: "Round Two", RAParent: "Z90003"},
		},
		People: []population.Person{{GivenName: "Bea", FamilyName: "Example", Organisation: "ZIB",
			Positions: []population.Position{{Organisation: "ZIB", Name: "Agent", Role: agent,
				Starts: nine.AddDate(0, 0, 1), Ends: nine.AddDate(0, 0, 2)}}}},
	})
	return w
}

func (c checks) authority(code, want string) {
	c.w.Helper()
	c.w.View(func(ctx context.Context, r db.R) error {
		o, err := hosting.RegistrationAuthority(ctx, r, code)
		if o.Code != want || (want == "") != errors.Is(err, fault.NotFound) {
			c.w.Errorf("%s: the authority of %s is %q, %v; want %q", c.when, code, o.Code, err, want)
		}
		serves, err := hosting.Serves(ctx, r, "ZTR", code)
		below := strings.Contains(" ZTR ZIB Z90001 ", " "+code+" ") || code == "Z90002" && want != ""
		if serves != below {
			c.w.Errorf("%s: the trust serves %s: %t, %v", c.when, code, serves, err)
		}
		return err
	})
}

type checks struct {
	w    *careidtest.World
	when string
}

// An organisation has a registration authority of its own while an agent or a manager works there, to the second.
func TestTheAuthorityIsFoundByWalkingUpToOneWithPeople(t *testing.T) {
	w := open(t)
	before := checks{w, "before the agent starts"}
	for code, want := range map[string]string{
		"ZTR": "ZTR", "ZIB": "ZTR", "Z90001": "ZTR", "Z90002": "", "Z90003": "", "NONE1": "",
	} {
		before.authority(code, want)
	}
	w.Clock.Advance(24 * time.Hour)
	checks{w, "while the agent works"}.authority("Z90001", "ZIB")
	w.Clock.Advance(24 * time.Hour)
	after := checks{w, "after the agent has left"}
	after.authority("Z90001", "ZTR")
	after.authority("ZIB", "ZTR")
	w.View(func(ctx context.Context, r db.R) error {
		served, err := hosting.Served(ctx, r, "ZTR")
		if len(served) != 3 {
			t.Errorf("the trust serves %v, want itself, the board and the practice", served)
		}
		return err
	})
}

// Nobody parts from the authority above by saying how they are reached.
func TestSayingHowOneIsReachedPartsNobody(t *testing.T) {
	w := open(t)
	w.Update(func(ctx context.Context, u *db.W) error {
		return hosting.SetReach(ctx, u, hosting.Reach{Code: "ZIB", Email: "ra@zib.example"})
	})
	checks{w, "once it is said how the board is reached"}.authority("Z90001", "ZTR")
}

// A closed position makes no authority, and one of another job neither.
func TestOtherPositionsMakeNoAuthority(t *testing.T) {
	w := open(t)
	w.Make(population.Description{People: []population.Person{{GivenName: "Cy", FamilyName: "Example",
		Organisation: "Z90001", Positions: []population.Position{{Organisation: "Z90001", Name: "Nurse",
			Role: "S8000:G8000:R8001", Starts: nine.AddDate(0, -1, 0)}}}}})
	checks{w, "with a nurse"}.authority("Z90001", "ZTR")
	w.Make(population.Description{People: []population.Person{{GivenName: "Di", FamilyName: "Example",
		Organisation: "Z90001", Positions: []population.Position{{Organisation: "Z90001", Name: "Manager",
			Role: manager, Starts: nine.AddDate(0, -1, 0)}}}}})
	w.View(func(ctx context.Context, r db.R) error {
		staffed := access.AskStaffed([]string{"Z90001", "ZTR"}, r.Now())
		if err := db.Together(ctx, r, staffed); err != nil {
			return err
		}
		if got := staffed.All(); len(got) != 1 || got[0] != "Z90001" {
			t.Errorf("with a manager: %v", got)
		}
		return nil
	})
}

// A host is kept with who said so and why, and what was before stays in sight.
func TestHosting(t *testing.T) {
	w := open(t)
	by := actor.ForCommand("test")
	host := func(code, host string) error {
		return w.DB.Update(t.Context(), by, func(u *db.W) error {
			return organisation.Host(t.Context(), u, code, host, "signed RA08")
		})
	}
	for _, tt := range []struct {
		name, code, host, field string
	}{
		{"itself", "Z90002", "Z90002", "host"}, {"a circle of three", "ZTR", "Z90001", "host"},
		{"into a circle", "Z90002", "Z90003", "host"}, {"hosted already", "Z90001", "ZTR", ""},
	} {
		err := host(tt.code, tt.host)
		if f, is := fault.From(err); !is || f.Field != tt.field {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if err := host("Z90002", "ZIB"); err != nil {
		t.Fatal(err)
	}
	checks{w, "once hosted"}.authority("Z90002", "ZTR")
	w.Clock.Advance(time.Hour)
	err := w.DB.Update(t.Context(), by, func(u *db.W) error {
		return organisation.EndHosting(t.Context(), u, "Z90002", "moved")
	})
	if err != nil {
		t.Fatal(err)
	}
	checks{w, "once ended"}.authority("Z90002", "")
	if err := host("Z90002", "ZTR"); err != nil {
		t.Fatal(err)
	}
	w.View(func(ctx context.Context, r db.R) error {
		list, err := organisation.Hostings(ctx, r, "Z90002")
		if len(list) != 2 || list[0].Host != "ZTR" || !list[0].To.IsZero() || list[1].Host != "ZIB" ||
			!list[1].To.Equal(nine.Add(time.Hour)) || list[1].EndReason != "moved" || list[1].Reason != "signed RA08" {
			t.Errorf("%+v", list)
		}
		return err
	})
	if n := len(w.Events("organisation.hosted")) + len(w.Events("organisation.unhosted")); n != 3 {
		t.Errorf("%d events of hosting, want 3", n)
	}
}
