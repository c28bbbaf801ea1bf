package deciding_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/population"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/deciding"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/careid/registration/positions"
	"signpost/internal/careid/request"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/worldtest"
)

// world has somebody of each job at a trust, and Cy, who works at a pharmacy that it serves.
type world struct {
	*careidtest.World

	people map[permission.Job]actor.Actor
	cy     string
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{World: careidtest.Open(t, careidtest.Nine), people: map[permission.Job]actor.Actor{}}
	w.Start(careidtest.Idle, func(ws *job.Workers) {
		job.Work(ws, func(context.Context, access.Ended) error { return nil })
	})
	w.Make(population.Description{Organisations: []population.Organisation{
		{Code: "ZTR", Name: "Fenmarch Trust", Contact: "ra@ztr.example"},
		{Code: "Z90001", Name: "Oak Tree Pharmacy", RAParent: "ZTR"},
		{Code: "Z90002", Name: "St Anne's Surgery", RAParent: "ZTR", Contact: "ra@z90002.example"},
	}})
	for _, j := range permission.Jobs {
		w.people[j] = w.of(j, "ZTR")
	}
	w.cy = w.Person(population.Person{GivenName: "Cy", FamilyName: "Example", Organisation: "Z90001"}).ID
	return w
}

// of makes somebody of a job at an organisation.
func (w *world) of(j permission.Job, at string) actor.Actor {
	w.Helper()
	held := map[permission.Job][2]string{
		permission.Manager:       {rbac.RegistrationManager, ""},
		permission.AdvancedAgent: {rbac.RegistrationAgent, permission.UsualAdvancedAgent},
		permission.Agent:         {rbac.RegistrationAgent, ""},
		permission.Sponsor:       {rbac.AdminClinicalSupport, rbac.ApproveRequests},
		permission.IDChecker:     {rbac.AdminClinicalSupport, rbac.CheckIdentity},
		permission.CardUnlocker:  {rbac.AdminClinicalSupport, permission.UsualCardUnlocker},
		permission.User:          {rbac.AdminClinicalSupport, ""},
	}[j]
	return w.Person(population.Person{GivenName: "One", FamilyName: "Person", Organisation: at,
		Positions: []population.Position{{Organisation: at, Role: held[0], Activities: strings.Fields(held[1])}}})
}

func (w *world) ask(by actor.Actor, uuid string, what request.What) (request.Request, error) {
	return deciding.Ask(w.Context(), w.DB, by, deciding.Asked{UUID: uuid, What: what, Reason: "joins the desk"})
}

// approved looks at a request and approves it.
func (w *world) approved(by actor.Actor, id string) error {
	if err := deciding.LookAt(w.Context(), w.DB, by, id); err != nil {
		return err
	}
	return deciding.Approve(w.Context(), w.DB, by, id, "")
}

func (w *world) held(uuid string) []access.Assignment {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]access.Assignment, error) {
		list, err := access.OfIdentity(ctx, r, uuid)
		return slices.DeleteFunc(list, func(a access.Assignment) bool { return a.Over(r.Now()) }), err
	})
}

var grant = request.Grant{Template: "directory"}

// Whoever's job lets them ask for an act, or do it, asks for it; nobody else does, nor for themselves, nor elsewhere.
func TestWhoAsks(t *testing.T) {
	w := open(t)
	var y worldtest.Tally
	for what, act := range map[request.What]permission.Act{
		grant: permission.AssignPosition, request.Ask(request.CloseIdentity): permission.CloseProfile,
		request.Ask(request.ReopenIdentity): permission.CloseProfile,
		request.Details{InWords: "x"}:       permission.ChangeDetails,
	} {
		for _, j := range permission.Jobs {
			answer := permission.Usual().Of(j, act)
			want := answer != permission.No && answer != permission.Own
			_, err := w.ask(w.people[j], w.cy, what)
			if (err == nil) != want {
				t.Errorf("%s by %s: %v", what.Kind(), j, err)
			}
			if !want {
				y.Refused(t, string(what.Kind())+" by "+string(j), err == nil)
			}
			_, err = w.ask(w.people[j], w.people[j].ID, what)
			y.Refused(t, string(what.Kind())+" by "+string(j)+" for themselves", err == nil)
		}
		_, err := w.ask(w.of(permission.Sponsor, "Z90002"), w.cy, what)
		y.Refused(t, string(what.Kind())+" by a sponsor of elsewhere", err == nil)
	}
	y.Report(t, "requests of those who may not ask")
}

// Whoever decides may do the very act: nobody else looks, approves or rejects.
func TestWhoDecides(t *testing.T) {
	w := open(t)
	var y worldtest.Tally
	for _, j := range permission.Jobs {
		asked := worldtest.Must(w.ask(w.people[permission.Sponsor], w.cy, request.Ask(request.Reactivate)))(t)
		err := w.approved(w.people[j], asked.ID)
		want := permission.Usual().Of(j, permission.DecideRequest) == permission.Yes
		if (err == nil) != want {
			t.Errorf("%s: %v", j, err)
		}
		if !want {
			y.Refused(t, "approved by "+string(j), err == nil)
			rejected := deciding.Reject(t.Context(), w.DB, w.people[j], asked.ID, "no", "no")
			y.Refused(t, "rejected by "+string(j), rejected == nil)
		}
	}
	asked := worldtest.Must(w.ask(w.people[permission.Sponsor], w.cy, grant))(t)
	y.Refused(t, "by an agent of elsewhere", w.approved(w.of(permission.Agent, "Z90002"), asked.ID) == nil)
	peer := worldtest.Must(w.ask(w.people[permission.Manager], w.people[permission.Agent].ID, grant))(t)
	y.Refused(t, "about a peer", w.approved(w.of(permission.Agent, "ZTR"), peer.ID) == nil)
	usable := worldtest.Must(w.ask(w.people[permission.Manager], w.people[permission.Agent].ID,
		request.Ask(request.Reactivate)))(t)
	another := w.of(permission.Agent, "ZTR")
	y.Refused(t, "a look at one about a peer", deciding.LookAt(t.Context(), w.DB, another, usable.ID) == nil)
	y.Refused(t, "one about a peer that is done by moving", w.approved(another, usable.ID) == nil)
	agent := request.Grant{Template: "agent"}
	job := worldtest.Must(w.ask(w.people[permission.Sponsor], w.cy, agent))(t)
	y.Refused(t, "a job like one's own", w.approved(w.people[permission.Agent], job.ID) == nil)
	y.Refused(t, "their own request", w.approved(w.people[permission.Sponsor], asked.ID) == nil)
	w.Must(deciding.LookAt(t.Context(), w.DB, w.people[permission.Agent], asked.ID))
	w.Must(w.DB.Update(t.Context(), worldtest.By, func(u *db.W) error {
		return identity.MovePart(t.Context(), u, w.people[permission.Agent].ID, identity.Suspend, "left")
	}))
	y.Refused(t, "a right that has gone since the look",
		deciding.Approve(t.Context(), w.DB, w.people[permission.Agent], asked.ID, "") == nil)
	y.Report(t, "decisions of those who may not decide")
	if len(w.held(w.cy)) != 0 {
		t.Error("a refused decision gave a position")
	}
}

// What is approved is done: with its dates, and at its organisation.
func TestWhatIsApprovedIsDone(t *testing.T) {
	w := open(t)
	sponsor := w.people[permission.Sponsor]
	agent := w.people[permission.Agent]
	starts := w.Clock.Now().Add(48 * time.Hour)
	dated := request.Grant{Template: "directory", Starts: starts, Ends: starts.Add(240 * time.Hour)}
	asked := worldtest.Must(w.ask(sponsor, w.cy, dated))(t)
	w.Must(w.approved(agent, asked.ID))
	held := w.held(w.cy)
	if len(held) != 1 || !held[0].Starts.Equal(dated.Starts) || !held[0].Ends.Equal(dated.Ends) ||
		held[0].Position.Organisation != "Z90001" {
		t.Fatalf("they hold %+v", held)
	}
	again := worldtest.Must(w.ask(sponsor, w.cy, grant))(t)
	if err := w.approved(agent, again.ID); !errors.Is(err, fault.Invalid) {
		t.Errorf("the same position twice: %v", err)
	}
	later := request.Dates{Assignment: held[0].ID, Ends: dated.Ends.Add(240 * time.Hour)}
	moved := worldtest.Must(w.ask(sponsor, w.cy, later))(t)
	w.Must(w.approved(agent, moved.ID))
	if now := w.held(w.cy); len(now) != 1 || !now[0].Starts.Equal(dated.Starts) || !now[0].Ends.Equal(later.Ends) {
		t.Errorf("with other dates they hold %+v", now)
	}
	end := worldtest.Must(w.ask(sponsor, w.cy, request.End{Assignment: held[0].ID}))(t)
	w.Must(w.approved(agent, end.ID))
	if left := w.held(w.cy); len(left) != 0 {
		t.Errorf("they hold %+v", left)
	}
	w.Must(w.DB.Update(t.Context(), worldtest.By, func(u *db.W) error {
		return identity.MovePart(t.Context(), u, w.cy, identity.Close, "left")
	}))
	reopen := worldtest.Must(w.ask(sponsor, w.cy, request.Ask(request.ReopenIdentity)))(t)
	w.Must(w.approved(agent, reopen.ID))
	if status := w.Identity(w.cy).Status; status != identity.Active {
		t.Errorf("it is %s", status)
	}
	if _, err := w.ask(sponsor, w.cy, request.End{Assignment: "none"}); !errors.Is(err, fault.Invalid) {
		t.Errorf("the end of a position that they do not have: %v", err)
	}
}

// Requests of one person that wait have an end, with a clear answer.
func TestRequestsOfOnePersonAreBounded(t *testing.T) {
	w := open(t)
	sponsor := w.people[permission.Sponsor]
	for range 200 {
		worldtest.Must(w.ask(sponsor, w.cy, request.Ask(request.Reactivate)))(t)
	}
	if _, err := w.ask(sponsor, w.cy, grant); !errors.Is(err, fault.TooMany) {
		t.Errorf("one more: %v", err)
	}
}

// A position that an organisation has made, and that makes somebody a sponsor or an ID checker, is asked for by whoever
// gives it and given by the second person, with its dates; and the request is not fixed by one of elsewhere.
func TestAPositionOfAnOrganisationTakesTwoPeople(t *testing.T) {
	w := open(t)
	manager := w.people[permission.Manager]
	second := w.of(permission.Manager, "ZTR")
	position := func(at, activity string) (id string) {
		w.Update(func(ctx context.Context, u *db.W) (err error) {
			id, err = access.AddPosition(ctx, u, access.Position{Organisation: at, Name: activity,
				Profiles: access.One("S8001:G8002:R8008", activity)})
			return err
		})
		return id
	}
	ends := w.Clock.Now().Add(240 * time.Hour)
	var y worldtest.Tally
	for _, activity := range []string{rbac.ApproveRequests, rbac.CheckIdentity} {
		id := position("Z90001", activity)
		asked, err := positions.Give(t.Context(), w.DB, manager, w.cy, []string{id}, registration.Dates{Ends: ends})
		if err != nil || len(asked) != 1 || len(w.held(w.cy)) != 0 {
			t.Fatalf("%s: %v, %v, they hold %+v", activity, asked, err, w.held(w.cy))
		}
		waiting := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (request.Request, error) {
			list, _, err := request.Filter{Open: true, About: w.cy}.List(ctx, r, 0, 9)
			at := slices.IndexFunc(list, func(q request.Request) bool { return q.Number == asked[0] })
			return list[at], err
		})
		y.Refused(t, activity+" approved by whoever asked", w.approved(manager, waiting.ID) == nil)
		y.Refused(t, activity+" approved by a sponsor", w.approved(w.people[permission.Sponsor], waiting.ID) == nil)
		w.Must(w.approved(second, waiting.ID))
		held := w.held(w.cy)
		if len(held) != 1 || held[0].Position.ID != id || !held[0].Ends.Equal(ends) {
			t.Fatalf("%s: they hold %+v", activity, held)
		}
		_, err = registration.ChangeDates(t.Context(), w.DB, manager, w.cy, held[0].ID, registration.Dates{})
		w.Must(err)
		if now := w.held(w.cy); !now[0].Ends.Equal(ends) {
			t.Errorf("one person extended %s until %s", activity, now[0].Ends)
		}
		w.Must(registration.EndPosition(t.Context(), w.DB, manager, w.cy, held[0].ID, "moved"))
	}
	mine := worldtest.Must(w.ask(w.people[permission.Sponsor], w.cy, request.Grant{Position: position("Z90001", "B0360")}))(t)
	w.Must(deciding.LookAt(t.Context(), w.DB, manager, mine.ID))
	w.Must(deciding.Reject(t.Context(), w.DB, manager, mine.ID, "no", "another"))
	again := func(id string) error {
		what := request.Grant{Position: id}
		return deciding.SendAgain(t.Context(), w.DB, w.people[permission.Sponsor], mine.ID, what, "asked")
	}
	y.Refused(t, "a position of elsewhere instead", again(position("Z90002", "B0360")) == nil)
	w.Must(again(position("Z90001", "B0370")))
	y.Report(t, "positions that two people give")
}
