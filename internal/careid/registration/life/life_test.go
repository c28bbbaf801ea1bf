package life_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/population"
	"signpost/internal/careid/registration/life"
	"signpost/internal/national/authn"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/worldtest"
)

// trust is a world with a trust, its two managers and its agent.
type trust struct {
	*careidtest.World

	ann, bob, cat string
}

func openTrust(t *testing.T, work bool) *trust {
	t.Helper()
	w := &trust{World: careidtest.Open(t, time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))}
	w.Start(careidtest.Idle, func(ws *job.Workers) {
		job.Work(ws, func(context.Context, access.Ended) error { return nil })
		if work {
			life.Work(ws, w.DB)
			return
		}
		job.Work(ws, func(context.Context, life.ClosingJob) error { return nil })
	})
	holding := func(job string) []population.Position {
		return []population.Position{{Organisation: "ZTR", Role: job}}
	}
	made := w.Make(population.Description{
		Organisations: []population.Organisation{{Code: "ZTR", Name: "Fenmarch Trust", Contact: "ra@ztr.example"}},
		People: []population.Person{
			{GivenName: "Ann", FamilyName: "Manager", Organisation: "ZTR", Positions: holding(rbac.RegistrationManager)},
			{GivenName: "Bob", FamilyName: "Manager", Organisation: "ZTR", Positions: holding(rbac.RegistrationManager)},
			{GivenName: "Cat", FamilyName: "Agent", Organisation: "ZTR", Positions: holding(rbac.RegistrationAgent)},
		},
	})
	w.ann = made[0].UUID
	w.bob = made[1].UUID
	w.cat = made[2].UUID
	return w
}

func by(uuid string) actor.Actor { return actor.Actor{Kind: actor.Person, ID: uuid} }

func left() life.Closure {
	return life.Closure{Reason: "left", Notes: "Went home", Sure: true, Typed: "CLOSE"}
}

// person makes somebody with two positions, two authenticators and a link to add another.
func (w *trust) person(name string) (uuid string) {
	w.Helper()
	uuid = w.Person(population.Person{GivenName: name, FamilyName: "Example", Organisation: "ZTR",
		Positions: []population.Position{population.Directory("ZTR"), {Organisation: "ZTR", Role: "S8000:G8000:R8001"}},
		Authenticators: []population.Authenticator{
			{Kind: authn.SecurityKey, Name: "One"}, {Kind: authn.SecurityKey, Name: "Two"},
		}}).ID
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := authenticator.Invite(ctx, u, uuid, authn.SecurityKey)
		return err
	})
	return uuid
}

// state says what somebody still has, and how often events say that something of it ended.
func (w *trust) state(uuid string) string {
	w.Helper()
	count := func(sql string) int64 { return w.Count(sql, uuid) }
	now := w.Clock.Now().UnixMicro()
	text := string(w.Identity(uuid).Status) + fmt.Sprint(
		count(`SELECT COUNT(*) FROM assignment WHERE uuid = $1 AND ends_at IS NULL`),
		count(`SELECT COUNT(*) FROM authenticator WHERE uuid = $1 AND status <> 'removed'`),
		w.Count(`SELECT COUNT(*) FROM authenticator_invitation WHERE uuid = $1 AND ends_at > $2`, uuid, now))
	for _, kind := range []audit.Kind{"position.ended", "life.closing-step", "identity.moved", "life.closing-begun"} {
		n := w.Count(`SELECT COUNT(*) FROM event WHERE kind = $2 AND subject_id = $1`, uuid, string(kind))
		text += fmt.Sprintf(" %s %d", kind, n)
	}
	removed := w.Count(`SELECT COUNT(*) FROM event e JOIN authenticator a ON a.id = e.subject_id
		WHERE e.kind = 'authenticator.removed' AND a.uuid = $1`, uuid)
	return text + fmt.Sprintf(" removed %d", removed)
}

// Whatever statement of closing fails, and however often, the job goes on where it stopped, to the same end, and each
// thing that ended has one event.
func TestClosingStoppedAnywhereEndsTheSame(t *testing.T) {
	w := openTrust(t, false)
	breaking := dbtest.Breaking(t, w.DB)
	const want = "closed0 0 0 position.ended 2 life.closing-step 5 identity.moved 2 life.closing-begun 1 removed 2"
	asked := life.Ender{Name: "requests", End: func(context.Context, *db.W, string, string) error { return nil }}
	steps := append([]life.Ender{asked}, life.Enders()...)
	stopped := 0
	for n := int64(1); ; n++ {
		uuid := w.person(fmt.Sprint("Person", n))
		w.Must(life.Close(t.Context(), w.DB, by(w.ann), uuid, left()))
		if got := w.Identity(uuid).Status; got != identity.Closing {
			t.Fatalf("meanwhile they are %s", got)
		}
		ctx, mend := breaking(t.Context(), n)
		err := life.Run(ctx, w.DB, life.ClosingJob{UUID: uuid}, steps)
		if !mend() {
			w.Must(err)
			break
		}
		if err == nil {
			t.Errorf("nothing is said of statement %d, which failed", n)
		}
		stopped++
		w.Must(life.Run(t.Context(), w.DB, life.ClosingJob{UUID: uuid}, steps))
		w.Must(life.Run(t.Context(), w.DB, life.ClosingJob{UUID: uuid}, steps))
		if got := w.state(uuid); got != want {
			t.Errorf("stopped at statement %d: %s\nwant %s", n, got, want)
		}
	}
	if stopped < 20 {
		t.Errorf("only %d statements failed: the check would prove nothing", stopped)
	}
}

// Reopening brings back the identity alone, and closing it again ends what was given meanwhile.
func TestReopeningBringsBackTheIdentityAlone(t *testing.T) {
	w := openTrust(t, true)
	uuid := w.person("Dee")
	for range 2 {
		w.Must(life.Close(t.Context(), w.DB, by(w.cat), uuid, left()))
		w.Settle()
		if got := w.state(uuid)[:len("closed0 0 0")]; got != "closed0 0 0" {
			t.Errorf("closed: %s", got)
		}
		w.Must(life.Move(t.Context(), w.DB, by(w.cat), uuid, identity.Reopen, "came back"))
		if got := w.state(uuid)[:len("active0 0 0")]; got != "active0 0 0" {
			t.Errorf("reopened: %s", got)
		}
		w.Update(func(ctx context.Context, u *db.W) error {
			_, err := authenticator.Bind(ctx, u, authenticator.New{UUID: uuid, Kind: authn.SecurityKey, Level: authn.AAL3})
			return err
		})
	}
	if n := len(w.Events("identity.note-added")); n != 2 {
		t.Errorf("%d notes tell of it", n)
	}
}

// What is typed to close an identity is all needed.
func TestClosingIsConfirmed(t *testing.T) {
	w := openTrust(t, false)
	uuid := w.person("Dee")
	for name, spoil := range map[string]func(c *life.Closure){
		"no reason": func(c *life.Closure) { c.Reason = "" }, "one that there is not": func(c *life.Closure) { c.Reason = "x" },
		"no notes": func(c *life.Closure) { c.Notes = " " }, "not sure": func(c *life.Closure) { c.Sure = false },
		"in small letters": func(c *life.Closure) { c.Typed = "close" }, "nothing typed": func(c *life.Closure) { c.Typed = "" },
	} {
		c := left()
		spoil(&c)
		if err := life.Close(t.Context(), w.DB, by(w.ann), uuid, c); !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.Must(life.Close(t.Context(), w.DB, by(w.ann), uuid, left()))
	if err := life.Close(t.Context(), w.DB, by(w.ann), uuid, left()); !errors.Is(err, fault.Conflict) {
		t.Errorf("closed twice: %v", err)
	}
}

// The last registration authority manager of an organisation who can work is refused before anything ends: another who
// is suspended, or is being closed, does not count.
func TestTheLastManagerIsNotClosed(t *testing.T) {
	w := openTrust(t, false)
	managing := func(name, at, of string) population.Person {
		return population.Person{GivenName: name, FamilyName: "Manager", Organisation: at,
			Positions: []population.Position{{Organisation: of, Role: rbac.RegistrationManager}}}
	}
	made := w.Make(population.Description{
		Organisations: []population.Organisation{
			{Code: "ZUP", Name: "Upper", Contact: "ra@zup.example"}, {Code: "Z90009", Name: "Lower", RAParent: "ZUP"},
		},
		People: []population.Person{managing("Hal", "ZUP", "ZUP"), managing("Bo", "Z90009", "ZSO"),
			managing("Xi", "Z90009", "ZSO"), managing("Zoe", "Z90009", "ZSO")},
	})
	hal := by(made[0].UUID)
	w.Must(life.Close(t.Context(), w.DB, hal, made[1].UUID, left()))
	w.Must(life.Move(t.Context(), w.DB, hal, made[2].UUID, identity.Suspend, "away"))
	err := life.Close(t.Context(), w.DB, hal, made[3].UUID, left())
	if !errors.Is(err, fault.Conflict) || w.Identity(made[3].UUID).Status != identity.Active {
		t.Errorf("the last manager: %v", err)
	}
	if n := len(w.Events("position.end-refused")); n != 1 {
		t.Errorf("%d events say so", n)
	}
}

// Every state × act × role: an identity moves if and only if the act is possible and the role may do it.
func TestEveryMove(t *testing.T) {
	w := openTrust(t, false)
	var tally worldtest.Tally
	moved := 0
	for _, status := range identity.Statuses() {
		for _, act := range identity.Acts() {
			next, possible := identity.After(status, act)
			_, byPeople := life.Right(act)
			for _, role := range []string{manager, agent, system} {
				uuid := w.Person(population.Person{GivenName: "Dee", FamilyName: "Example", Organisation: "ZTR"}).ID
				w.Update(func(ctx context.Context, u *db.W) error {
					_, err := u.Exec(ctx, `UPDATE identity SET status = $2 WHERE uuid = $1`, uuid, string(status))
					return errors.Join(err, u.Record(ctx, audit.Event{Kind: "test.prepared"}))
				})
				err := w.moves(role, uuid, act)
				now := w.Identity(uuid).Status
				if possible && byPeople == (role != system) {
					moved++
					if err != nil || now != next {
						t.Errorf("%s, %s by the %s: %v, %s", status, act, role, err, now)
					}
					continue
				}
				if role == system && possible {
					continue // whoever runs the system may do what a registration authority may
				}
				tally.Refused(t, fmt.Sprintf("%s, %s by the %s", status, act, role), err == nil || now != status)
			}
		}
	}
	const want = 18 // 7 by managers, 7 by agents, and the end of closing from 4 states
	if moved != want {
		t.Errorf("%d moves were possible, want %d", moved, want)
	}
}

// Who moves an identity.
const manager, agent, system = "manager", "agent", "system"

func (w *trust) moves(role, uuid string, act identity.Act) error {
	who := map[string]string{manager: w.ann, agent: w.cat}[role]
	switch {
	case role == system:
		return identity.Move(w.Context(), w.DB, worldtest.By, uuid, act, "asked")
	case act == identity.BeginClosing:
		return life.Close(w.Context(), w.DB, by(who), uuid, left())
	}
	return life.Move(w.Context(), w.DB, by(who), uuid, act, "asked")
}
