package positions_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/population"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/careid/registration/positions"
	"signpost/internal/careid/request"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
	"signpost/internal/platform/worldtest"
)

// delegates are organisations with positions of every sort, and people of every job at each.
type delegates struct {
	*careidtest.World

	positions []access.Position
	people    []delegate
	given     map[string]bool // ids of the positions that are assignable to the sponsors of their organisation
}

// delegate is somebody with a job somewhere, as a test made them.
type delegate struct {
	uuid string
	at   string
	job  permission.Job
}

// parents are the organisations and who hosts each: ZTR has a registration authority, and so has Z90099.
var parents = map[string]string{"ZTR": "", "Z90001": "ZTR", "Z90099": ""}

func openDelegates(t *testing.T, rules permission.Rules) *delegates {
	t.Helper()
	w := &delegates{World: careidtest.Open(t, time.Date(2026, 12, 3, 9, 0, 0, 0, time.UTC)), given: map[string]bool{}}
	w.Start(careidtest.Idle, func(ws *job.Workers) {
		job.Work(ws, func(context.Context, access.Ended) error { return nil })
	})
	w.Must(officer.Settle(t.Context(), w.DB, worldtest.By, rules))
	w.Make(population.Description{Organisations: []population.Organisation{
		{Code: "ZTR", Name: "Trust", Contact: "ra@ztr.example"}, {Code: "Z90001", Name: "Practice", RAParent: "ZTR"},
		{Code: "Z90099", Name: "Elsewhere", Contact: "ra@elsewhere.example"},
	}})
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `INSERT INTO activity_parent (code, parent) VALUES ('B9911', 'B1300')`)
		if err != nil {
			return err
		}
		_, err = u.Exec(ctx, `INSERT INTO role_baseline (activity, role) VALUES ($1, $2)`, rbac.CheckIdentity, "R8003")
		return err
	})
	for _, at := range []string{"ZTR", "Z90001", "Z90099"} {
		w.fill(at)
	}
	return w
}

// sorts are what positions are made of, by the job that they make somebody; some by the national lists alone.
var sorts = []struct {
	job  permission.Job
	role string
	more []string
}{
	{permission.User, "S8001:G8002:R8008", []string{rbac.DirectoryUIAccess}},
	{permission.User, "S8000:G8000:R8001", nil},
	{permission.Sponsor, "S8001:G8002:R8008", []string{"B9911"}},
	{permission.Sponsor, "S8001:G8002:R8008", []string{rbac.ApproveRequests}},
	{permission.IDChecker, "S8000:G8000:R8003", nil},
	{permission.CardUnlocker, "S8001:G8002:R8008", []string{permission.UsualCardUnlocker}},
	{permission.Agent, "S0080:G0440:R5090", nil},
	{permission.AdvancedAgent, "S0080:G0440:R5090", []string{permission.UsualAdvancedAgent}},
	{permission.Manager, "S0080:G0450:R5080", nil},
}

// fill makes positions of every sort at an organisation and somebody who has each; of the first two, those of sponsors
// may give the first.
func (w *delegates) fill(at string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		var ids []string
		for i, s := range sorts {
			p := access.Position{Organisation: at, Name: fmt.Sprint(s.job, i), Profiles: access.One(s.role, s.more...)}
			id, err := access.AddPosition(ctx, u, p)
			if err != nil {
				return err
			}
			if p, err = access.PositionByID(ctx, u, id); err != nil {
				return err
			}
			ids = append(ids, id)
			w.positions = append(w.positions, p)
			made, err := identity.Add(ctx, u, identity.New{GivenName: "One", FamilyName: fmt.Sprint(at, i), Organisation: at})
			if err != nil {
				return err
			}
			err = access.Assign(ctx, u, access.Grant{UUID: made.UUID, Position: id, Organisation: at, Starts: u.Now(),
				Number: identity.Number})
			if err != nil {
				return err
			}
			w.people = append(w.people, delegate{uuid: made.UUID, at: at, job: s.job})
		}
		w.given[ids[0]] = true
		for _, sponsor := range ids[2:4] {
			// What gives a job is put there as if a national list had changed since: it must not be given all the same.
			if err := access.SetAssignable(ctx, u, sponsor, []string{ids[0], ids[4]}); err != nil {
				return err
			}
		}
		return nil
	})
}

// jobIn is the job that a position of the test makes somebody.
func (w *delegates) jobIn(id string) permission.Job {
	at := slices.IndexFunc(w.positions, func(p access.Position) bool { return p.ID == id })
	return sorts[at%len(sorts)].job
}

// serves says what the registration authority or the sponsors of an organisation serve.
func serves(at, other string) bool { return at == other || parents[other] == at }

// may is the rule once more, in words of its own: whether somebody gives somebody else a position of an organisation.
func (w *delegates) may(by, to delegate, p access.Position, several bool, rules permission.Rules) bool {
	rank := slices.Index(permission.Jobs, by.job)
	under := func(j permission.Job) bool {
		return by.job == permission.Manager || slices.Index(permission.Jobs, j) > rank
	}
	if by.uuid == to.uuid || !serves(by.at, to.at) || !serves(by.at, p.Organisation) || !under(to.job) {
		return false
	}
	switch by.job {
	case permission.Manager, permission.AdvancedAgent:
		return under(w.jobIn(p.ID))
	case permission.Agent:
		return under(w.jobIn(p.ID)) && (!several || rules.AgentsChangeSeveral)
	case permission.Sponsor:
		return w.given[p.ID] && by.at == p.Organisation && (!several || rules.SponsorsChangeSeveral)
	case permission.IDChecker, permission.CardUnlocker, permission.User:
	}
	return false
}

// held counts what somebody has of a position, and what was asked for.
func (w *delegates) held(uuid string, p access.Position) (held, asked int) {
	w.View(func(ctx context.Context, r db.R) error {
		list, err := access.OfIdentity(ctx, r, uuid)
		for _, a := range list {
			if a.Position.ID == p.ID && !a.Over(r.Now()) {
				held++
			}
		}
		if err != nil {
			return err
		}
		_, asked, err = request.Filter{Open: true, About: uuid}.List(ctx, r, 0, 1)
		return err
	})
	return held, asked
}

// Whoever gives whom whichever position, nobody gives what they lack the right to give, above their level, to a peer,
// to themselves or elsewhere; sponsors give what is assignable to them there, and nothing else; and what makes somebody
// of a registration authority is asked for, and given by nobody alone.
func TestDelegation(t *testing.T) {
	wide := permission.Usual()
	wide.AgentsChangeSeveral = true
	wide.SponsorsChangeSeveral = true
	wide.OnePersonGivesJobs = true
	var y worldtest.Tally
	allowed := 0
	for _, rules := range []permission.Rules{permission.Usual(), wide} {
		w := openDelegates(t, rules)
		random := rand.New(rand.NewPCG(18, 6))
		pick := func() delegate { return w.people[random.IntN(len(w.people))] }
		for range 350 {
			by1 := pick()
			for random.IntN(4) > 0 && !by1.job.Above(permission.IDChecker) {
				by1 = pick() // mostly those who may give something
			}
			to := pick()
			p := w.positions[random.IntN(len(w.positions))]
			for random.IntN(3) > 0 && !serves(by1.at, p.Organisation) {
				p = w.positions[random.IntN(len(w.positions))]
			}
			for random.IntN(3) > 0 && !serves(by1.at, to.at) {
				to = pick()
			}
			ids := []string{p.ID}
			plain := w.plainAt(p.Organisation)
			several := random.IntN(4) == 0 && p.ID != plain.ID
			may := w.may(by1, to, p, several, rules)
			if several {
				ids = append(ids, plain.ID)
				may = may && w.may(by1, to, plain, several, rules)
			}
			before, askedBefore := w.held(to.uuid, p)
			plainBefore, _ := w.held(to.uuid, plain)
			_, err := positions.Give(t.Context(), w.DB, by(by1.uuid), to.uuid, ids, registration.Dates{})
			after, askedAfter := w.held(to.uuid, p)
			name := fmt.Sprintf("%s of %s gives %s of %s the position of %s at %s, several %v", by1.job, by1.at, to.job,
				to.at, w.jobIn(p.ID), p.Organisation, several)
			if !may {
				y.Refused(t, name, err == nil || after != before || askedAfter != askedBefore)
				continue
			}
			allowed++
			asks := w.jobIn(p.ID) != permission.User && !rules.OnePersonGivesJobs && !w.alone(by1)
			switch {
			case before > 0 || several && plainBefore > 0: // twice
				if err == nil || after != before {
					t.Errorf("%s, twice: %v", name, err)
				}
			case err != nil:
				t.Errorf("%s: %v", name, err)
			case asks && (after != before || askedAfter != askedBefore+1):
				t.Errorf("%s alone", name)
			case !asks && after != before+1:
				t.Errorf("%s: has %d, had %d", name, after, before)
			}
			if several && err == nil {
				w.undo(to.uuid, plain)
			}
			if after > before {
				w.end(t, &y, pick(), to, p, rules)
			}
		}
	}
	y.Report(t, "positions given and ended by those who may not")
	if allowed < 100 {
		t.Errorf("%d were allowed: too few to say anything", allowed)
	}
}

// plainAt is the position at an organisation that sponsors cannot give and that makes nobody anything.
func (w *delegates) plainAt(code string) access.Position {
	list := slices.Clone(w.positions)
	list = slices.DeleteFunc(list, func(p access.Position) bool { return p.Organisation != code })
	return list[1]
}

// undo ends a position that somebody has.
func (w *delegates) undo(uuid string, p access.Position) {
	w.Helper()
	id := w.assignment(uuid, p)
	w.Update(func(ctx context.Context, u *db.W) error { return access.End(ctx, u, uuid, id, "undone") })
}

// assignment gives by what somebody has a position.
func (w *delegates) assignment(uuid string, p access.Position) (id string) {
	w.View(func(ctx context.Context, r db.R) error {
		list, err := access.OfIdentity(ctx, r, uuid)
		for _, a := range list {
			if a.Position.ID == p.ID && !a.Over(r.Now()) {
				id = a.ID
			}
		}
		return err
	})
	return id
}

// alone reports whether nobody else decides for the registration authority of somebody.
func (w *delegates) alone(by delegate) bool {
	others := 0
	for _, one := range w.people {
		if one.job == permission.Manager && one.at == by.at && one.uuid != by.uuid {
			others++
		}
	}
	return others == 0
}

// end tries to change the dates of what somebody was given, and to end it, as somebody else; then it ends.
func (w *delegates) end(t *testing.T, y *worldtest.Tally, by1, of delegate, p access.Position, rules permission.Rules) {
	t.Helper()
	id := w.assignment(of.uuid, p)
	name := fmt.Sprintf("%s of %s ends for %s of %s the position of %s at %s", by1.job, by1.at, of.job, of.at,
		w.jobIn(p.ID), p.Organisation)
	if now := w.jobIn(p.ID); now.Above(of.job) {
		of.job = now
	}
	may := w.may(by1, of, p, false, rules)
	_, dated := registration.ChangeDates(t.Context(), w.DB, by(by1.uuid), of.uuid, id,
		registration.Dates{Ends: w.Clock.Now().Add(time.Hour)})
	ended := registration.EndPosition(t.Context(), w.DB, by(by1.uuid), of.uuid, id, "moved")
	if may && (ended != nil || dated != nil) {
		t.Errorf("%s: %v, %v", name, ended, dated)
	}
	if !may {
		y.Refused(t, name, ended == nil)
		y.Refused(t, name+", by its dates", dated == nil)
		w.undo(of.uuid, p)
	}
}
