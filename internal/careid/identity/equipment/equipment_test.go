package equipment_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/population"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
	"signpost/internal/platform/worldtest"
)

// state is what is kept of somebody, or worked out anew.
type state struct {
	Authenticators    int
	From, Until, Lost time.Time
	Since             time.Time
}

// world has people to whom anything may happen, and when each lost their last authenticator.
type world struct {
	*careidtest.World

	people []string
	lost   map[string]time.Time
	random *rand.Rand
}

func (w *world) kept(uuid string) state {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (s state, err error) {
		list, err := db.All(ctx, r, func(scan db.Scanner) (s state, err error) {
			err = scan(&s.Authenticators, db.At(&s.From), db.At(&s.Until), db.At(&s.Lost), db.At(&s.Since))
			return s, err
		}, `SELECT authenticators, held_from, held_until, lost_at, since FROM identity_equipment WHERE uuid = $1`, uuid)
		if len(list) == 1 {
			s = list[0]
		}
		return s, err
	})
}

// anew works out what is to be kept from what somebody has.
func (w *world) anew(uuid string) state {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (s state, err error) {
		bound, err := authenticator.OfIdentity(ctx, r, uuid)
		if err != nil {
			return s, err
		}
		for _, a := range bound {
			if a.Status == authenticator.Active {
				s.Authenticators++
			}
		}
		held, err := access.OfIdentity(ctx, r, uuid)
		endless := false
		for _, a := range held {
			if !a.Ends.IsZero() && !a.Ends.After(r.Now()) {
				continue
			}
			if s.From.IsZero() || a.Starts.Before(s.From) {
				s.From = a.Starts
			}
			if a.Ends.After(s.Until) {
				s.Until = a.Ends
			}
			endless = endless || a.Ends.IsZero()
		}
		if endless {
			s.Until = time.Time{}
		}
		s.Lost = w.lost[uuid]
		if s.Since = s.From; !s.From.IsZero() && s.Lost.After(s.From) {
			s.Since = s.Lost
		}
		return s, err
	})
}

// act does something at random to somebody, and says what.
func (w *world) act(uuid string) (did string) {
	w.Helper()
	before := w.anew(uuid).Authenticators
	w.Update(func(ctx context.Context, u *db.W) (err error) {
		switch did, err = w.do(ctx, u, uuid); {
		case err != nil:
			return fmt.Errorf("%s: %w", did, err)
		default:
			return nil
		}
	})
	if before > 0 && w.anew(uuid).Authenticators == 0 {
		w.lost[uuid] = w.Clock.Now()
	}
	return did
}

func (w *world) do(ctx context.Context, u *db.W, uuid string) (did string, err error) {
	bound, err := authenticator.OfIdentity(ctx, u, uuid)
	if err != nil {
		return "read", err
	}
	held, err := access.OfIdentity(ctx, u, uuid)
	if err != nil {
		return "read", err
	}
	day := func() time.Time { return u.Now().Add(time.Duration(1+w.random.IntN(20)) * 24 * time.Hour) }
	switch n := w.random.IntN(8); {
	case n == 0:
		_, err = authenticator.Bind(ctx, u, authenticator.New{UUID: uuid, Kind: authn.SecurityKey,
			Level: authn.AAL2, Simulated: true})
		return "bind", err
	case n <= 3 && len(bound) > 0:
		a := bound[w.random.IntN(len(bound))]
		switch {
		case n == 1:
			return "remove", authenticator.Remove(ctx, u, a.ID, "x")
		case a.Status == authenticator.Active:
			return "suspend", authenticator.SuspendPart(ctx, u, a.ID, "x")
		}
		return "restore", authenticator.RestorePart(ctx, u, a.ID, "x")
	case n <= 6 && len(held) > 0:
		a := held[w.random.IntN(len(held))]
		switch {
		case a.Over(u.Now()):
			return "nothing", nil
		case n == 4:
			return "end", access.End(ctx, u, uuid, a.ID, "x")
		case n == 5:
			return "dates", access.SetDates(ctx, u, uuid, a.ID, a.Starts, day().Add(21*24*time.Hour))
		}
		return "end all", access.EndAll(ctx, u, uuid, "x")
	}
	one := access.Imported{UUID: uuid, Organisation: "ZTR", Name: fmt.Sprint("P", w.random.IntN(99)),
		Profile: access.One("S8000:G8000:R8001")[0], Starts: day()}
	if w.random.IntN(2) == 0 {
		one.Ends = one.Starts.Add(30 * 24 * time.Hour)
	}
	_, err = access.AddImported(ctx, u, []access.Imported{one}, identity.Numbers)
	return "import", err
}

// What is kept of people is what would be worked out anew, whatever happens to them in whichever order.
func TestWhatIsKeptIsWhatIsWorkedOut(t *testing.T) {
	w := &world{World: careidtest.Open(t, careidtest.Nine), lost: map[string]time.Time{},
		random: rand.New(rand.NewPCG(2026, 12))} // the same acts each time
	w.Start(careidtest.Idle, func(ws *job.Workers) {
		job.Work(ws, func(context.Context, access.Ended) error { return nil })
	})
	w.Make(population.Description{Organisations: []population.Organisation{{Code: "ZTR", Name: "Fenmarch Trust"}}})
	for n := range 4 {
		w.people = append(w.people, w.Person(population.Person{GivenName: fmt.Sprint("P", n), FamilyName: "Example",
			Organisation: "ZTR", Positions: []population.Position{{Organisation: "ZTR", Role: "R8001"}}}).ID)
	}
	did := map[string]int{}
	bare := 0
	for range 240 {
		uuid := w.people[w.random.IntN(len(w.people))]
		last := w.act(uuid)
		did[last]++
		kept, anew := w.kept(uuid), w.anew(uuid)
		if kept.Authenticators == 0 && !kept.Since.IsZero() {
			bare++
		}
		if kept != anew {
			t.Fatalf("after %s: kept %+v, worked out %+v", last, kept, anew)
		}
		w.Clock.Advance(7 * time.Hour)
	}
	for _, act := range []string{"bind", "remove", "suspend", "restore", "end", "dates", "end all", "import"} {
		if did[act] < 3 {
			t.Errorf("%s was done %d times", act, did[act])
		}
	}
	if bare < 20 {
		t.Errorf("only %d times somebody was without an authenticator", bare)
	}
	t.Logf("%v, %d times without an authenticator", did, bare)
}
