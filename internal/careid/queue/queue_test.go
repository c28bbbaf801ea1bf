package queue_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"signpost/internal/careid/apply"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/population"
	"signpost/internal/careid/queue"
	"signpost/internal/careid/registration/deciding"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/request"
	"signpost/internal/national/authn"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/worldtest"
)

// world has a trust whose registration authority serves a pharmacy, and another that it does not serve.
type world struct{ *careidtest.World }

func open(t *testing.T) *world {
	t.Helper()
	w := &world{careidtest.Open(t, careidtest.Nine)}
	w.Start(careidtest.Idle)
	w.Make(population.Description{Organisations: []population.Organisation{
		{Code: "ZTR", Name: "Fenmarch Trust", Contact: "ra@ztr.example"},
		{Code: "Z90001", Name: "Oak Tree Pharmacy", RAParent: "ZTR"},
		{Code: "Z90002", Name: "St Anne's Surgery", Contact: "ra@z90002.example"},
	}})
	return w
}

// of makes somebody with a role at an organisation.
func (w *world) of(at, role string, activities ...string) actor.Actor {
	w.Helper()
	return w.Person(population.Person{GivenName: "One", FamilyName: "Officer", Organisation: at,
		Authenticators: []population.Authenticator{{Kind: authn.SecurityKey, Name: "Key"}},
		Positions:      []population.Position{{Organisation: at, Role: role, Activities: activities}}})
}

func (w *world) person(name, at string) string {
	w.Helper()
	return w.Person(population.Person{GivenName: name, FamilyName: "Example", Organisation: at}).ID
}

// pending makes somebody whose identity is not active yet.
func (w *world) pending(name string) {
	w.Helper()
	uuid := w.person(name, "Z90001")
	w.Update(func(ctx context.Context, u *db.W) error {
		return u.Change(ctx, `UPDATE identity SET status = 'pending' WHERE uuid = $1`, uuid)
	})
}

// migrated makes somebody whose documents nobody has seen.
func (w *world) migrated(name string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := identity.Add(ctx, u, identity.New{GivenName: name, FamilyName: "Example", Organisation: "Z90001"})
		return err
	})
}

// asks makes a request about somebody.
func (w *world) asks(by actor.Actor, uuid, at string, what request.What) {
	w.Helper()
	w.Must(w.DB.Update(w.Context(), by, func(u *db.W) error {
		_, err := request.Open(w.Context(), u, request.New{
			Subject: request.Subject{UUID: uuid}, Organisation: at, What: what, Reason: "asked",
		})
		return err
	}))
}

func (w *world) reader(by actor.Actor) deciding.Reader {
	w.Helper()
	jobs := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (officer.List, error) {
		return officer.OfIdentity(ctx, r, by.ID)
	})
	return deciding.Reader{UUID: by.ID, List: jobs}
}

// walk reads the whole queue, so many items at a time.
func (w *world) walk(by actor.Actor, f queue.Filter, limit int) (list []queue.Item) {
	w.Helper()
	reader := w.reader(by)
	at := queue.Place{}
	for range 100 {
		type stretch struct {
			items []queue.Item
			next  queue.Place
		}
		got := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (s stretch, err error) {
			s.items, s.next, err = queue.List(ctx, r, reader, f, at, limit)
			return s, err
		})
		list = append(list, got.items...)
		if got.next.Over() {
			return list
		}
		at = queue.ReadPlace(got.next.String())
	}
	w.Fatal("the queue has no end")
	return nil
}

// names are those of the items, with their kinds.
func (w *world) names(list []queue.Item) (names []string) {
	w.Helper()
	for _, i := range list {
		name := i.Name
		if i.UUID != "" {
			name = w.Identity(i.UUID).GivenName
		}
		if i.Late {
			name += " late"
		}
		names = append(names, name+" "+string(i.Kind))
	}
	return names
}

// fill makes people who wait, the first of them a week before the others.
func (w *world) fill(sponsor actor.Actor) {
	w.Helper()
	ask := func(name string, what request.What) { w.asks(sponsor, w.person(name, "Z90001"), "Z90001", what) }
	ask("Ann", request.Details{InWords: "x"})
	ask("Bob", request.Grant{Template: "directory"})
	w.pending("Cat")
	w.migrated("Dan")
	w.Clock.Advance(9 * 24 * time.Hour)
	ask("Eve", request.Details{InWords: "x"})
	ask("Fay", request.Grant{Template: "directory"})
	w.Clock.Advance(time.Minute)
	ask("Gus", request.Binding{})
	w.Clock.Advance(time.Minute)
	ask("Hal", request.Ask(request.Reactivate))
	ask("Ivy", request.Ask(request.CloseIdentity))
	w.pending("Jon")
}

var inOrder = []string{
	"Bob late position", "Cat late new-identity", "Ann late details", "Ivy end-access", "Gus authenticator",
	"Hal usable-again", "Fay position", "Jon new-identity", "Eve details", "Dan verify",
}

// What is late is first, of that what risks most, and then what is due first; what has no day is last. Read by pieces
// of any size it is the same.
func TestTheOrderOfTheQueue(t *testing.T) {
	w := open(t)
	sponsor := w.of("Z90001", rbac.AdminClinicalSupport, rbac.ApproveRequests)
	manager := w.of("ZTR", rbac.RegistrationManager)
	w.fill(sponsor)
	for _, limit := range []int{1, 2, 3, 4, 7, 50} {
		if got := w.names(w.walk(manager, queue.Filter{}, limit)); !slices.Equal(got, inOrder) {
			t.Errorf("by %d: %q", limit, got)
		}
	}
	for _, i := range w.walk(manager, queue.Filter{}, 50) {
		if i.Reason == "" || i.Since.IsZero() || i.Due.IsZero() != (i.Kind == queue.Verify) {
			t.Errorf("%+v", i)
		}
	}
}

// Filters leave what they choose, in the same order.
func TestFiltersOfTheQueue(t *testing.T) {
	w := open(t)
	manager := w.of("ZTR", rbac.RegistrationManager)
	w.fill(w.of("Z90001", rbac.AdminClinicalSupport, rbac.ApproveRequests))
	w.asks(w.of("ZTR", rbac.AdminClinicalSupport, rbac.ApproveRequests), w.person("Kay", "ZTR"), "ZTR",
		request.Grant{Template: "directory"})
	tried := 0
	for _, tt := range []struct {
		filter queue.Filter
		want   []string
	}{
		{queue.Filter{Kind: queue.Position}, []string{"Bob late position", "Fay position", "Kay position"}},
		{queue.Filter{Organisation: "ZTR"}, []string{"Kay position"}},
		{queue.Filter{Organisation: "Z90002"}, nil},
		{queue.Filter{Late: true}, inOrder[:3]},
		{queue.Filter{Kind: queue.NewIdentity, Late: true}, inOrder[1:2]},
		{queue.Filter{Kind: queue.Verify}, inOrder[9:]},
		{queue.Filter{Kind: queue.Verify, Late: true}, nil},
	} {
		tried++
		if got := w.names(w.walk(manager, tt.filter, 2)); !slices.Equal(got, tt.want) {
			t.Errorf("%+v: %q", tt.filter, got)
		}
	}
	if tried < 7 {
		t.Errorf("%d tried", tried)
	}
}

// Nobody sees what they may not do: of other organisations, about their peers, what they asked for or is about them.
func TestWhoSeesWhatOfTheQueue(t *testing.T) {
	w := open(t)
	sponsor := w.of("Z90001", rbac.AdminClinicalSupport, rbac.ApproveRequests)
	agent := w.of("ZTR", rbac.RegistrationAgent)
	manager := w.of("ZTR", rbac.RegistrationManager)
	w.fill(sponsor)
	w.asks(manager, w.of("ZTR", rbac.RegistrationAgent).ID, "ZTR", request.Details{InWords: "peer"})
	w.asks(sponsor, agent.ID, "ZTR", request.Details{InWords: "self"})
	var y worldtest.Tally
	see := func(by actor.Actor) []string { return w.names(w.walk(by, queue.Filter{}, 3)) }
	for name, who := range map[string]actor.Actor{
		"an agent of elsewhere": w.of("Z90002", rbac.RegistrationAgent), "a sponsor": sponsor,
		"somebody without a job": w.of("Z90001", rbac.AdminClinicalSupport),
	} {
		got := see(who)
		y.Refused(t, fmt.Sprintf("%s sees %q", name, got), len(got) > 0)
	}
	y.Report(t, "queues of those who look after nobody")
	checker := w.of("Z90001", rbac.AdminClinicalSupport, rbac.CheckIdentity)
	want := []string{"Cat late new-identity", "Jon new-identity", "Dan verify"}
	if got := see(checker); !slices.Equal(got, want) {
		t.Errorf("an ID checker sees %q", got)
	}
	// An agent gives no authenticators unless the rules say so, and decides nothing about agents.
	want = slices.DeleteFunc(slices.Clone(inOrder), func(name string) bool { return name == "Gus authenticator" })
	if got := see(agent); !slices.Equal(got, want) {
		t.Errorf("an agent sees %q", got)
	}
	if got := see(manager); len(got) != len(inOrder)+1 { // one of the two about agents is the manager's own
		t.Errorf("a manager sees %q", got)
	}
}

// bare makes somebody who holds a position and has no authenticator.
func (w *world) bare(name, at, role string) string {
	w.Helper()
	return w.Person(population.Person{GivenName: name, FamilyName: "Example", Organisation: at,
		Positions: []population.Position{{Organisation: at, Role: role}}}).ID
}

// Whoever holds access and has no authenticator comes after what was asked for, late or not, to those who may give one.
func TestWhoHasNoAuthenticator(t *testing.T) {
	w := open(t)
	sponsor := w.of("Z90001", rbac.AdminClinicalSupport, rbac.ApproveRequests)
	manager := w.of("ZTR", rbac.RegistrationManager)
	agent := w.of("ZTR", rbac.RegistrationAgent)
	w.bare("Kit", "Z90001", rbac.AdminClinicalSupport)
	w.bare("Boss", "ZTR", rbac.RegistrationManager)
	w.bare("Far", "Z90002", rbac.AdminClinicalSupport)
	gone := w.bare("Gone", "Z90001", rbac.AdminClinicalSupport)
	w.fill(sponsor)
	w.bare("Lou", "Z90001", rbac.AdminClinicalSupport)
	w.Update(func(ctx context.Context, u *db.W) error {
		return u.Change(ctx, `UPDATE identity SET status = 'suspended' WHERE uuid = $1`, gone)
	})
	want := slices.Concat(inOrder[:9], []string{"Boss late no-authenticator", "Kit late no-authenticator",
		"Lou no-authenticator"}, inOrder[9:])
	for _, limit := range []int{1, 2, 50} {
		got := w.names(w.walk(manager, queue.Filter{}, limit))
		if at := slices.Index(got, "Kit late no-authenticator"); at == 9 { // of one moment, by their numbers
			got[9], got[10] = got[10], got[9]
		}
		if !slices.Equal(got, want) {
			t.Errorf("by %d: %q", limit, got)
		}
	}
	one := w.walk(manager, queue.Filter{Kind: queue.Bare, Organisation: "Z90001"}, 1)
	if got := w.names(one); !slices.Equal(got, []string{"Kit late no-authenticator", "Lou no-authenticator"}) {
		t.Errorf("by kind: %q", got)
	}
	if one[0].Due.IsZero() || one[0].Reason == "" {
		t.Errorf("%+v", one[0])
	}
	if got := w.walk(agent, queue.Filter{Kind: queue.Bare}, 5); len(got) > 0 {
		t.Errorf("an agent, who gives none, sees %q", w.names(got))
	}
	if got := w.walk(manager, queue.Filter{Kind: queue.Position}, 5); got[0].Reason !=
		"They lack access that they work with, and have no authenticator" {
		t.Errorf("a position for somebody without an authenticator: %q", got[0].Reason)
	}
}

// submitted makes an application of somebody's invitation that waits for a checker since now.
func (w *world) submitted(inviter actor.Actor, name string) {
	w.Helper()
	desk := &apply.Desk{DB: w.DB, Box: w.Box, Post: w.Post, Address: "https://cim.example.nhs.uk",
		Policy: apply.Policy{Link: time.Hour, Pictures: time.Hour, Unfinished: time.Hour, Decided: time.Hour}}
	a := worldtest.Must(desk.Invite(w.Context(), inviter, apply.Invitation{GivenName: name, FamilyName: "Applicant",
		Email: name + "@example.nhs.uk", Mobile: "07700 900123", Organisation: "Z90001", Reason: "joins"}))(w)
	w.Update(func(ctx context.Context, u *db.W) error {
		due, err := request.DueAfter(ctx, u, u.Now())
		if err != nil {
			return err
		}
		return u.Change(ctx, `UPDATE application SET state = 'submitted', due_at = $2 WHERE id = $1`, a.ID, due)
	})
}

// An application that waits for a checker is in the queue of those who may decide it, and not of who invited.
func TestApplicationsInTheQueue(t *testing.T) {
	w := open(t)
	sponsor := w.of("Z90001", rbac.AdminClinicalSupport, rbac.ApproveRequests)
	manager := w.of("ZTR", rbac.RegistrationManager)
	checker := w.of("Z90001", rbac.AdminClinicalSupport, rbac.CheckIdentity)
	w.submitted(sponsor, "Una")
	w.Clock.Advance(9 * 24 * time.Hour)
	w.submitted(manager, "Vic")
	w.pending("Jon")
	for by, want := range map[actor.Actor][]string{
		manager: {"Una Applicant late application", "Jon new-identity"},
		checker: {"Una Applicant late application", "Vic Applicant application", "Jon new-identity"},
	} {
		if got := w.names(w.walk(by, queue.Filter{}, 1)); !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
	}
	list := w.walk(checker, queue.Filter{Kind: queue.Application}, 1)
	if len(list) != 2 || list[0].Application == "" || list[0].Due.IsZero() {
		t.Errorf("%+v", list)
	}
}

// What is due, and late, goes by the working days that are in force.
func TestWorkingDaysOfTheQueue(t *testing.T) {
	w := open(t)
	manager := w.of("ZTR", rbac.RegistrationManager)
	w.Must(request.SettleDays(w.Context(), w.DB, actor.ForCommand("start"), 8))
	w.Must(request.SettleDays(w.Context(), w.DB, actor.ForCommand("start"), 8))
	if n := len(w.Events("ra-request.days")); n != 1 {
		t.Errorf("%d events", n)
	}
	w.pending("Cat")
	w.asks(w.of("Z90001", rbac.AdminClinicalSupport, rbac.ApproveRequests), w.person("Bob", "Z90001"), "Z90001",
		request.Grant{Template: "directory"})
	w.Clock.Advance(9 * 24 * time.Hour)
	for _, i := range w.walk(manager, queue.Filter{}, 5) {
		if i.Late || i.Due.Sub(w.Clock.Now()) > 6*24*time.Hour {
			t.Errorf("%s is late: %t, due %s", i.Kind, i.Late, i.Due)
		}
	}
	w.Must(request.SettleDays(w.Context(), w.DB, actor.ForCommand("start"), 2))
	got := w.names(w.walk(manager, queue.Filter{}, 5))
	if want := []string{"Cat late new-identity", "Bob position"}; !slices.Equal(got, want) {
		t.Errorf("%q: what was asked for stays due when it was", got)
	}
}

// However many wait, a page asks the database as often.
func TestStatementsOfTheQueueDoNotGrow(t *testing.T) {
	w := open(t)
	sponsor := w.of("Z90001", rbac.AdminClinicalSupport, rbac.ApproveRequests)
	manager := w.reader(w.of("ZTR", rbac.RegistrationManager))
	asked := func() int {
		return len(dbtest.Statements(t, w.DB, func() {
			w.View(func(ctx context.Context, r db.R) error {
				_, _, err := queue.List(ctx, r, manager, queue.Filter{}, queue.Place{}, 50)
				return err
			})
		}))
	}
	w.fill(sponsor)
	few := asked()
	for n := range 30 {
		w.asks(sponsor, w.person(fmt.Sprint("P", n), "Z90001"), "Z90001", request.Grant{Template: "directory"})
	}
	if many := asked(); many > few || few > 70 {
		t.Errorf("%d statements for 10, %d for 40", few, many)
	}
}

// A place in an address that nobody gave is the beginning, or the end.
func TestPlacesOfStrangers(t *testing.T) {
	w := open(t)
	manager := w.reader(w.of("ZTR", rbac.RegistrationManager))
	w.fill(w.of("Z90001", rbac.AdminClinicalSupport, rbac.ApproveRequests))
	for _, text := range []string{"", "x", "1_2_3", "-1_0_0_x", "1_99999999999999999999_0_x", "1_900_0_x", "0_0_0_",
		"99999999999999_0_99999999999999_zzz", "1_-5_0_"} {
		w.View(func(ctx context.Context, r db.R) error {
			list, _, err := queue.List(ctx, r, manager, queue.Filter{}, queue.ReadPlace(text), 50)
			if err != nil || len(list) > 10 {
				t.Errorf("%q: %d %v", text, len(list), err)
			}
			return nil
		})
	}
}
