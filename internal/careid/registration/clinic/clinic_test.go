package clinic_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/population"
	"signpost/internal/careid/registration/clinic"
	"signpost/internal/careid/registration/deciding"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/request"
	"signpost/internal/national/authn"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/worldtest"
)

// world has a trust whose registration authority serves a pharmacy, and another that it does not serve.
type world struct {
	*careidtest.World

	manager, agent actor.Actor
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{World: careidtest.Open(t, careidtest.Nine)}
	w.Start(careidtest.Idle, func(ws *job.Workers) { clinic.Work(ws, w.DB) })
	w.Make(population.Description{Organisations: []population.Organisation{
		{Code: "ZTR", Name: "Fenmarch Trust", Contact: "ra@ztr.example"},
		{Code: "Z90001", Name: "Oak Tree Pharmacy", RAParent: "ZTR"},
		{Code: "Z90002", Name: "St Anne's Surgery", Contact: "ra@z90002.example"},
	}})
	w.manager = w.of("ZTR", rbac.RegistrationManager)
	w.agent = w.of("ZTR", rbac.RegistrationAgent)
	return w
}

// of makes somebody with a role at an organisation.
func (w *world) of(at, role string, activities ...string) actor.Actor {
	w.Helper()
	return w.Person(population.Person{GivenName: "One", FamilyName: "Officer", Organisation: at,
		Positions: []population.Position{{Organisation: at, Role: role, Activities: activities}}})
}

func (w *world) person(name, at string, bound ...population.Authenticator) string {
	w.Helper()
	return w.Person(population.Person{GivenName: name, FamilyName: "Example", Organisation: at,
		Email: strings.ToLower(name) + "@example.nhs.uk", EmailVerified: true, Authenticators: bound}).ID
}

func (w *world) makes(by actor.Actor, people ...string) (string, error) {
	return clinic.Make(w.Context(), w.DB, by, clinic.New{Name: "Friday", Room: "Room 2", Day: w.Clock.Now().Add(time.Hour),
		People: strings.Join(people, "\n")})
}

func (w *world) made(people ...string) string {
	w.Helper()
	return worldtest.Must(w.makes(w.manager, people...))(w)
}

func (w *world) people(id string) []clinic.Person {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]clinic.Person, error) {
		return clinic.Clinic{ID: id}.People(ctx, r)
	})
}

func (w *world) state(id, uuid string) clinic.State {
	w.Helper()
	for _, p := range w.people(id) {
		if p.UUID == uuid {
			return p.State
		}
	}
	return ""
}

// People are named by numbers and addresses in any mixture; nobody is in it twice.
func TestWhoIsNamed(t *testing.T) {
	w := open(t)
	ann := w.person("Ann", "Z90001")
	bob := w.person("Bob", "ZTR")
	far := w.person("Far", "Z90002")
	spaced := ann[:3] + " " + ann[3:6] + " " + ann[6:9] + " " + ann[9:]
	id := w.made(spaced+"; BOB@example.nhs.uk,"+bob, ann)
	if got := w.people(id); len(got) != 2 || got[0].UUID != ann || got[1].UUID != bob || got[1].Place != 2 {
		t.Errorf("%+v", got)
	}
	if n := worldtest.Must(clinic.Add(w.Context(), w.DB, w.agent, id, ann+"\n"+w.person("Cat", "ZTR")))(w); n != 1 {
		t.Errorf("%d added", n)
	}
	many := make([]string, 61)
	for n := range many {
		many[n] = "80000000" + string(rune('0'+n/36%10)) + string(rune('0'+n/10%10)) + string(rune('0'+n%10)) + "0"
	}
	var y worldtest.Tally
	for name, people := range map[string]string{
		"nobody": " ,;\n", "half a number": "8000000", "a name": "Ann Example", "no address": "ann@", "unknown": "999999999999",
		"an unknown address": "zed@example.nhs.uk", "of another authority": far, "oneself": w.manager.ID,
		"61": strings.Join(many, "\n"),
	} {
		_, err := w.makes(w.manager, people)
		y.Refused(t, name, !errors.Is(err, fault.Invalid))
	}
	_, err := w.makes(w.agent, w.manager.ID)
	y.Refused(t, "somebody above", !errors.Is(err, fault.Invalid))
	for name, by := range map[string]actor.Actor{
		"a sponsor": w.of("Z90001", rbac.AdminClinicalSupport, rbac.ApproveRequests), "nobody's officer": w.of("ZTR", rbac.AdminClinicalSupport),
	} {
		_, err := w.makes(by, ann)
		y.Refused(t, name, !errors.Is(err, fault.Forbidden))
	}
	_, elsewhere := w.makes(w.of("Z90002", rbac.RegistrationAgent), far)
	if elsewhere != nil {
		t.Error(elsewhere)
	}
	y.Report(t, "clinics that were not made")
}

// However many try, one looks after a person; others may once 15 minutes went by without anything done, and nobody
// again once they are done.
func TestNobodyIsLookedAfterTwice(t *testing.T) {
	w := open(t)
	ann := w.person("Ann", "Z90001")
	id := w.made(ann)
	won := make(chan actor.Actor, 50)
	var wait sync.WaitGroup
	for n := range 50 {
		by := w.manager
		if n%2 == 0 {
			by = w.agent
		}
		wait.Go(func() {
			err := clinic.CheckIn(w.Context(), w.DB, by, id, ann)
			switch {
			case err == nil:
				won <- by
			case !errors.Is(err, fault.Conflict) && !errors.Is(err, fault.Busy):
				t.Error(err)
			}
		})
	}
	wait.Wait()
	close(won)
	by := map[string]bool{}
	for one := range won {
		by[one.ID] = true
	}
	if len(by) != 1 {
		t.Fatalf("%d look after one person", len(by))
	}
	first, second := w.manager, w.agent
	if by[w.agent.ID] {
		first, second = w.agent, w.manager
	}
	acts := map[string]func(ctx context.Context, d *db.DB, by actor.Actor, id, uuid string) error{
		"check in": clinic.CheckIn, "keep": clinic.Keep, "put back": clinic.PutBack, "absent": clinic.MarkAbsent,
		"finish": clinic.Finish,
	}
	var y worldtest.Tally
	for name, act := range acts {
		err := act(w.Context(), w.DB, second, id, ann)
		y.Refused(t, name+" whom somebody else has", !errors.Is(err, clinic.ErrTaken))
	}
	w.Clock.Advance(10 * time.Minute)
	w.Must(clinic.Keep(w.Context(), w.DB, first, id, ann))
	w.Clock.Advance(10 * time.Minute)
	y.Refused(t, "kept again", !errors.Is(clinic.Keep(w.Context(), w.DB, second, id, ann), clinic.ErrTaken))
	w.Clock.Advance(5 * time.Minute)
	w.Must(clinic.Keep(w.Context(), w.DB, second, id, ann))
	y.Refused(t, "was theirs", !errors.Is(clinic.Finish(w.Context(), w.DB, first, id, ann), clinic.ErrTaken))
	w.Must(clinic.Finish(w.Context(), w.DB, second, id, ann))
	for name, act := range acts {
		y.Refused(t, name+" who is done", !errors.Is(act(w.Context(), w.DB, second, id, ann), clinic.ErrTaken))
	}
	y.Report(t, "steps with people of others")
}

// Somebody who did not come may still come, and an ended clinic is over.
func TestTheCourseOfAClinic(t *testing.T) {
	w := open(t)
	ann, bob := w.person("Ann", "Z90001"), w.person("Bob", "Z90001")
	id := w.made(ann, bob)
	next := func(by actor.Actor) string { return clinic.Next(w.people(id), by.ID, w.Clock.Now()) }
	if next(w.manager) != ann {
		t.Error("the first is not next")
	}
	w.Must(clinic.MarkAbsent(w.Context(), w.DB, w.manager, id, ann))
	if next(w.manager) != bob || w.state(id, ann) != clinic.Absent {
		t.Error("who did not come is next")
	}
	w.Must(clinic.CheckIn(w.Context(), w.DB, w.manager, id, bob))
	if next(w.manager) != bob || next(w.agent) != "" {
		t.Errorf("next: %q, and for another %q", next(w.manager), next(w.agent))
	}
	w.Must(clinic.PutBack(w.Context(), w.DB, w.manager, id, bob))
	if next(w.agent) != bob {
		t.Error("who was put back is nobody's")
	}
	w.Clock.Advance(time.Minute)
	w.Must(clinic.CheckIn(w.Context(), w.DB, w.agent, id, ann))
	if next(w.agent) != ann || next(w.manager) != bob {
		t.Error("whom one looks after is not first")
	}
	w.Must(clinic.End(w.Context(), w.DB, w.manager, id))
	var y worldtest.Tally
	over := func(name string, err error) { y.Refused(t, name, !errors.Is(err, fault.Conflict)) }
	over("finish", clinic.Finish(w.Context(), w.DB, w.agent, id, ann))
	over("end", clinic.End(w.Context(), w.DB, w.manager, id))
	_, err := clinic.Add(w.Context(), w.DB, w.manager, id, w.person("Cat", "ZTR"))
	over("add", err)
	stranger := w.of("Z90002", rbac.RegistrationManager)
	other := w.made(ann)
	y.Refused(t, "of another authority", !errors.Is(clinic.CheckIn(w.Context(), w.DB, stranger, other, ann),
		fault.Forbidden))
	y.Report(t, "steps of ended clinics, and of others'")
	for kind, want := range map[string]int{"clinic.made": 2, "clinic.absent": 1, "clinic.checked-in": 2,
		"clinic.put-back": 1, "clinic.ended": 1} {
		if n := w.Count(`SELECT COUNT(*) FROM event WHERE kind = $1`, kind); int(n) != want {
			t.Errorf("%d %s", n, kind)
		}
	}
}

// What is left is worked out from the person as they are now.
func TestWhatIsLeft(t *testing.T) {
	w := open(t)
	key := population.Authenticator{Kind: authn.SecurityKey, Name: "Key"}
	ann, bob := w.person("Ann", "Z90001"), w.person("Bob", "Z90001", key)
	sponsor := w.of("Z90001", rbac.AdminClinicalSupport, rbac.ApproveRequests)
	asks := func(by actor.Actor, uuid string) {
		w.Must(w.DB.Update(w.Context(), by, func(u *db.W) error {
			_, err := request.Open(w.Context(), u, request.New{Subject: request.Subject{UUID: uuid},
				Organisation: "Z90001", What: request.Grant{Template: "directory"}, Reason: "works there"})
			return err
		}))
	}
	asks(sponsor, ann)
	asks(w.manager, bob)
	type found struct {
		texts string
		gives bool
	}
	look := func(uuid string) found {
		return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (f found, err error) {
			i, err := identity.ByUUID(ctx, r, uuid)
			if err != nil {
				return f, err
			}
			jobs, err := officer.OfIdentity(ctx, r, w.manager.ID)
			if err != nil {
				return f, err
			}
			left, err := clinic.LeftFor(ctx, r, map[string]identity.Identity{uuid: i})
			if err != nil {
				return f, err
			}
			f.texts = strings.Join(left[uuid].Texts(), ", ")
			_, f.gives, err = left[uuid].ToGive(ctx, r, deciding.Reader{UUID: w.manager.ID, List: jobs})
			return f, err
		})
	}
	label := request.GrantPosition.Label()
	if got := look(ann); got != (found{"Add an authenticator, " + label, true}) {
		t.Errorf("Ann: %+v", got)
	}
	if got := look(bob); got != (found{label, false}) {
		t.Errorf("Bob, for whom the manager asked: %+v", got)
	}
	w.Update(func(ctx context.Context, u *db.W) error {
		return u.Change(ctx, `UPDATE identity SET status = 'pending', verified = FALSE WHERE uuid = $1`, bob)
	})
	if got := look(bob).texts; got != "Make the Care Identity active, See their documents, "+label {
		t.Errorf("Bob: %q", got)
	}
}
