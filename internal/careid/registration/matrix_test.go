package registration_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/authenticator/smartcard/issuing"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/population"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/correction"
	"signpost/internal/careid/registration/life"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/national/authn"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/worldtest"
)

// columns are the jobs in the order of the published table.
var columns = []permission.Job{
	permission.Manager, permission.AdvancedAgent, permission.Agent, permission.IDChecker, permission.Sponsor,
	permission.CardUnlocker, permission.User,
}

var marks = map[string]permission.Answer{
	"Y": permission.Yes, "R": permission.ByRequest, "A": permission.Assignable, "-": permission.No, "own": permission.Own,
}

// published reads the table as it was published: what each job may do, by default and widened.
func published(t *testing.T) map[permission.Act]map[permission.Job][2]permission.Answer {
	t.Helper()
	text := worldtest.Must(os.ReadFile("testdata/matrix.txt"))(t)
	table := map[permission.Act]map[permission.Job][2]permission.Answer{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if strings.HasPrefix(line, "#") || len(cells) != len(columns)+1 {
			continue
		}
		act := permission.Act(strings.TrimSpace(cells[0]))
		table[act] = map[permission.Job][2]permission.Answer{}
		for i, j := range columns {
			mark := strings.TrimSpace(cells[i+1])
			narrow := mark
			wide := mark
			if differs, is := strings.CutPrefix(mark, "?"); is {
				narrow = differs[:1]
				wide = differs[1:]
			}
			if marks[narrow] == "" || marks[wide] == "" {
				t.Fatalf("%s: unknown mark %q", act, mark)
			}
			table[act][j] = [2]permission.Answer{marks[narrow], marks[wide]}
		}
	}
	return table
}

// jobs is a world with somebody of each job at a trust, and Cy, who works at a pharmacy that it serves.
type jobs struct {
	*careidtest.World

	people map[permission.Job]actor.Actor
	cy     string
}

func openJobs(t *testing.T, rules permission.Rules) *jobs {
	t.Helper()
	w := &jobs{World: open(t), people: map[permission.Job]actor.Actor{}}
	w.Start(careidtest.Idle, func(ws *job.Workers) {
		job.Work(ws, func(context.Context, access.Ended) error { return nil })
		life.Work(ws, w.DB)
	})
	w.Must(officer.Settle(t.Context(), w.DB, worldtest.By, rules))
	w.Make(population.Description{Organisations: []population.Organisation{
		{Code: "ZTR", Name: "Fenmarch Trust", Contact: "ra@ztr.example",
			Approved: []authn.Kind{authn.SecurityKey, issuing.Kind}},
		{Code: "Z90001", Name: "Oak Tree Pharmacy", RAParent: "ZTR",
			Approved: []authn.Kind{authn.SecurityKey, issuing.Kind}},
	}})
	for j, held := range map[permission.Job][2]string{
		permission.Manager:       {rbac.RegistrationManager, ""},
		permission.AdvancedAgent: {rbac.RegistrationAgent, permission.UsualAdvancedAgent},
		permission.Agent:         {rbac.RegistrationAgent, ""},
		permission.IDChecker:     {rbac.AdminClinicalSupport, rbac.CheckIdentity},
		permission.Sponsor:       {rbac.AdminClinicalSupport, rbac.ApproveRequests},
		permission.CardUnlocker:  {rbac.AdminClinicalSupport, permission.UsualCardUnlocker},
		permission.User:          {rbac.AdminClinicalSupport, ""},
	} {
		position := population.Position{Organisation: "ZTR", Role: held[0], Activities: strings.Fields(held[1])}
		w.people[j] = w.Person(population.Person{GivenName: "One", FamilyName: "Person", Organisation: "ZTR",
			Positions: []population.Position{position}})
	}
	w.cy = w.Person(population.Person{GivenName: "Cy", FamilyName: "Example", Organisation: "Z90001",
		Email:          "cy@example.nhs.uk",
		Authenticators: []population.Authenticator{{Kind: authn.SecurityKey, Simulated: true}}}).ID
	return w
}

// door goes through a real operation as somebody. It gives what the operation says.
type door func(ctx context.Context, w *jobs, by actor.Actor) error

// doors are the operations that there are, by the row of the matrix. Those of which one is done by pages that others
// guard go through the door that the pages go through.
var doors = map[permission.Act][]door{
	permission.CreateProfile: {func(ctx context.Context, w *jobs, by actor.Actor) error {
		_, err := registration.Make(ctx, w.DB, by, bea())
		return err
	}},
	permission.VerifyProfile: {func(ctx context.Context, w *jobs, by actor.Actor) error {
		return life.Verify(ctx, w.DB, by, w.cy, bea().Documents, true)
	}},
	permission.ChangeDetails: {func(ctx context.Context, w *jobs, by actor.Actor) error {
		return correction.CardName(ctx, w.DB, by, w.cy, "C EXAMPLE")
	}},
	permission.CloseProfile: {
		func(ctx context.Context, w *jobs, by actor.Actor) error {
			return life.Close(ctx, w.DB, by, w.cy, life.Closure{Reason: "left", Notes: "x", Sure: true, Typed: "CLOSE"})
		},
		func(ctx context.Context, w *jobs, by actor.Actor) error {
			return life.Move(ctx, w.DB, by, w.cy, identity.Suspend, "is away")
		},
	},
	permission.IssueCard: {
		atReader(issuing.Issue),
		func(ctx context.Context, w *jobs, by actor.Actor) error {
			return registration.CancelCard(ctx, w.DB, by, w.cy, "lost")
		},
	},
	permission.UnlockCard:       {atReader(issuing.Unlock)},
	permission.RenewExpiredCard: {atReader(issuing.Renew)}, // there is no card whose certificates are valid
	permission.BindAuthenticator: {
		func(ctx context.Context, w *jobs, by actor.Actor) error {
			_, err := registration.Invite(ctx, w.DB, by, w.cy, []authn.Kind{authn.SecurityKey}, authenticator.InPerson)
			return err
		},
		func(ctx context.Context, w *jobs, by actor.Actor) error {
			_, err := registration.AskPass(ctx, w.DB, by, w.cy, askFor(1))
			return err
		},
		func(ctx context.Context, w *jobs, by actor.Actor) error {
			list, err := db.Read(ctx, w.DB, func(r db.R) ([]authenticator.Authenticator, error) {
				return authenticator.OfIdentity(ctx, r, w.cy)
			})
			id := "removed" // once another job has closed the Care Identity
			if len(list) > 0 {
				id = list[0].ID
			}
			return errors.Join(err, registration.ActOn(ctx, w.DB, by, w.cy, id, registration.Suspend, "lost"))
		},
	},
	permission.AssignPosition: {
		func(ctx context.Context, w *jobs, by actor.Actor) error {
			return registration.GivePosition(ctx, w.DB, by, w.cy, "directory", "Z90001")
		},
		func(ctx context.Context, w *jobs, by actor.Actor) error {
			return registration.EndPosition(ctx, w.DB, by, w.cy, "no assignment of theirs", "moved")
		},
	},
	permission.LookAfterOrganisation: {
		func(ctx context.Context, w *jobs, by actor.Actor) error {
			_, err := registration.AddOrganisation(ctx, w.DB, by,
				registration.Workplace{Code: "Z90009", Name: "Elm Surgery", Parent: "ZTR"})
			return err
		},
	},
}

// atReader allows an act at a card reader.
func atReader(act issuing.Act) door {
	return func(ctx context.Context, w *jobs, by actor.Actor) error {
		_, err := registration.AllowCard(ctx, w.DB, by, w.cy, act)
		return err
	}
}

// plainDoor is the door that every act goes through, for those that others have the operations of.
func plainDoor(act permission.Act) door {
	return func(ctx context.Context, w *jobs, by actor.Actor) error {
		return w.DB.Update(ctx, by, func(u *db.W) error {
			_, _, err := officer.RequireOver(ctx, u, act, w.cy)
			if err != nil {
				return err
			}
			return errAllowed
		})
	}
}

var errAllowed = fault.Say(fault.Conflict, "allowed")

// Every cell of the published table is what the data says, by default and widened; and a real operation lets through
// those whom their cell lets through, and refuses all others.
func TestEveryCellOfTheMatrix(t *testing.T) {
	table := published(t)
	if acts := slices.Sorted(slices.Values(permission.Acts())); !slices.Equal(acts, slices.Sorted(maps.Keys(table))) {
		t.Fatalf("the acts are %q, published are %q", acts, slices.Sorted(maps.Keys(table)))
	}
	wide := permission.Usual()
	wide.AgentsBindAuthenticators = true
	wide.AgentsChangeSeveral = true
	wide.SponsorsChangeSeveral = true
	cells := 0
	var y worldtest.Tally
	for i, rules := range []permission.Rules{permission.Usual(), wide} {
		w := openJobs(t, rules)
		for act, row := range table {
			for j, want := range row {
				cells++
				if got := rules.Of(j, act); got != want[i] {
					t.Errorf("%s, %s: %s, want %s", act, j, got, want[i])
				}
				for n, through := range append(doors[act], plainDoor(act)) {
					w.tryCell(t, &y, act, j, want[i], n, through)
				}
			}
		}
	}
	if cells != 2*27*7 {
		t.Errorf("%d cells were looked at", cells)
	}
	y.Report(t, "cells of the permission matrix that say no")
}

// tryCell goes through a door as somebody of a job, and undoes nothing: an operation that was done says so by a
// conflict the next time, which is not a refusal.
func (w *jobs) tryCell(
	t *testing.T, y *worldtest.Tally, act permission.Act, j permission.Job, want permission.Answer, n int, d door,
) {
	t.Helper()
	err := d(t.Context(), w, w.people[j])
	forbidden := errors.Is(err, fault.Forbidden)
	mayDo := want == permission.Yes && j != permission.User // users have no job: pages of their own let them do theirs
	through := err == nil || errors.Is(err, fault.Conflict) || errors.Is(err, fault.Invalid)
	if mayDo != through || mayDo == forbidden {
		t.Errorf("%s, %s, door %d: %v, want %s", act, j, n, err, want)
	}
	if !mayDo {
		y.Refused(t, string(act)+" by "+string(j), !forbidden)
	}
}
