package officer_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/population"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

type world struct{ *careidtest.World }

func open(t *testing.T) world {
	t.Helper()
	w := world{careidtest.Open(t, careidtest.Nine)}
	w.Start(careidtest.Idle)
	w.Make(population.Description{Organisations: []population.Organisation{
		{Code: "ZTR", Name: "Fenmarch Trust", Contact: "ra@ztr.example"},
		{Code: "Z90001", Name: "Oak Tree Pharmacy", RAParent: "ZTR"},
		{Code: "Z90002", Name: "St Anne's Surgery", RAParent: "ZTR", Contact: "ra@z90002.example"},
	}})
	return w
}

// held are the codes of the position that makes somebody of a job.
var held = map[permission.Job][2]string{
	permission.Manager:       {rbac.RegistrationManager, ""},
	permission.AdvancedAgent: {rbac.RegistrationAgent, permission.UsualAdvancedAgent},
	permission.Agent:         {rbac.RegistrationAgent, ""},
	permission.Sponsor:       {rbac.AdminClinicalSupport, rbac.ApproveRequests},
	permission.IDChecker:     {rbac.AdminClinicalSupport, rbac.CheckIdentity},
	permission.CardUnlocker:  {rbac.AdminClinicalSupport, permission.UsualCardUnlocker},
	permission.User:          {rbac.AdminClinicalSupport, ""},
}

// somebody makes a person of some jobs, each at an organisation.
func (w world) somebody(at map[permission.Job]string) actor.Actor {
	w.Helper()
	var positions []population.Position
	for j, code := range at {
		positions = append(positions, population.Position{
			Organisation: code, Role: held[j][0], Activities: strings.Fields(held[j][1]),
		})
	}
	return w.Person(population.Person{GivenName: "One", FamilyName: "Person", Organisation: "ZTR", Positions: positions})
}

func (w world) over(by actor.Actor, act permission.Act, uuid string) (o officer.Officer, err error) {
	err = w.DB.Update(w.Context(), by, func(u *db.W) error {
		one, _, err := officer.RequireOver(w.Context(), u, act, uuid)
		if err != nil {
			return err
		}
		return allowed{one}
	})
	done := allowed{}
	if errors.As(err, &done) {
		return done.by, nil
	}
	return o, err
}

// allowed ends an Update that has nothing to record.
type allowed struct{ by officer.Officer }

func (allowed) Error() string { return "allowed" }

// Nobody acts above their own level nor on a peer, whatever their job lets them do to others; managers act on managers.
func TestNobodyActsAboveTheirLevel(t *testing.T) {
	w := open(t)
	var y worldtest.Tally
	people := map[permission.Job]actor.Actor{}
	for _, j := range permission.Jobs {
		people[j] = w.somebody(map[permission.Job]string{j: "ZTR"})
	}
	for _, a := range permission.Jobs {
		for _, b := range permission.Jobs {
			other := people[b]
			if a == b {
				other = w.somebody(map[permission.Job]string{b: "ZTR"})
			}
			for _, act := range permission.Acts() {
				yes := permission.Usual().Of(a, act) == permission.Yes && a != permission.User
				want := yes && (a.Above(b) || a == permission.Manager)
				_, err := w.over(people[a], act, other.ID)
				if (err == nil) != want || err != nil && !errors.Is(err, fault.Forbidden) {
					t.Errorf("%s by %s to %s: %v", act, a, b, err)
				}
				if !want {
					y.Refused(t, string(act)+" by "+string(a)+" to "+string(b), err == nil)
				}
			}
		}
	}
	y.Report(t, "acts on people of a higher job, of the same, or without permission")
}

// Of several jobs the highest counts that allows the act where the person is, and it is given for the record.
func TestTheBestOfSeveralJobs(t *testing.T) {
	w := open(t)
	both := w.somebody(map[permission.Job]string{permission.Manager: "Z90002", permission.IDChecker: "ZTR"})
	there := w.Person(population.Person{GivenName: "Dot", FamilyName: "There", Organisation: "Z90002"}).ID
	here := w.Person(population.Person{GivenName: "Cy", FamilyName: "Here", Organisation: "Z90001"}).ID
	for name, tt := range map[string]struct {
		act  permission.Act
		uuid string
		want permission.Job
	}{
		"where they manage":                   {permission.VerifyProfile, there, permission.Manager},
		"where they check identities":         {permission.VerifyProfile, here, permission.IDChecker},
		"what they may elsewhere alone":       {permission.CloseProfile, here, ""},
		"what they may there, as the manager": {permission.CloseProfile, there, permission.Manager},
	} {
		o, err := w.over(both, tt.act, tt.uuid)
		if o.Job != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%s: as %q, %v", name, o.Job, err)
		}
	}
}

// Rights are read as they are at the moment of the act.
func TestRightsAreReadAnew(t *testing.T) {
	w := open(t)
	agent := w.somebody(map[permission.Job]string{permission.Agent: "ZTR"})
	cy := w.Person(population.Person{GivenName: "Cy", FamilyName: "Here", Organisation: "Z90001"}).ID
	if _, err := w.over(agent, permission.CloseProfile, cy); err != nil {
		t.Errorf("honest twin: %v", err)
	}
	w.Must(w.DB.Update(t.Context(), worldtest.By, func(u *db.W) error {
		return identity.MovePart(t.Context(), u, agent.ID, identity.Suspend, "left")
	}))
	for name, by := range map[string]actor.Actor{
		"suspended": agent, "a job of ours": actor.ForJob("job", agent.ID), "nobody": {Kind: actor.Person, ID: "500000000000"},
	} {
		if _, err := w.over(by, permission.CloseProfile, cy); err == nil {
			t.Errorf("%s: allowed", name)
		}
	}
}

// Rules are settled once: an event says when who may do what was widened, and none that nothing changed.
func TestSettle(t *testing.T) {
	w := open(t)
	wide := permission.Usual()
	wide.AgentsBindAuthenticators = true
	for _, rules := range []permission.Rules{permission.Usual(), wide, wide, permission.Usual()} {
		w.Must(officer.Settle(t.Context(), w.DB, worldtest.By, rules))
		got := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (permission.Rules, error) {
			return officer.Rules(ctx, r)
		})
		if got != rules {
			t.Errorf("%+v in force, want %+v", got, rules)
		}
	}
	if n := len(w.Events("registration.rules")); n != 2 {
		t.Errorf("%d events", n)
	}
}
