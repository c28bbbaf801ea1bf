package registration_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/population"
	"signpost/internal/careid/registration"
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

// trust is a world with a trust, a pharmacy that its registration authority serves, a surgery with one of its own, and
// the trust's manager, its agent and Cy, who works at the pharmacy.
type trust struct {
	*careidtest.World

	manager, agent, cy string
}

func openTrust(t *testing.T) *trust {
	t.Helper()
	w := &trust{World: open(t)}
	w.Start(careidtest.Idle, func(ws *job.Workers) {
		job.Work(ws, func(context.Context, access.Ended) error { return nil })
		life.Work(ws, w.DB)
	})
	holding := func(job string) []population.Position {
		return []population.Position{{Organisation: "ZTR", Role: job}}
	}
	made := w.Make(population.Description{
		Organisations: []population.Organisation{
			{Code: "ZTR", Name: "Fenmarch Trust", Contact: "ra@ztr.example"},
			{Code: "Z90001", Name: "Oak Tree Pharmacy", RAParent: "ZTR"},
			{Code: "Z90002", Name: "St Anne's Surgery", RAParent: "ZTR", Contact: "ra@z90002.example"},
		},
		People: []population.Person{
			{GivenName: "Ann", FamilyName: "Manager", Organisation: "ZTR", Positions: holding(rbac.RegistrationManager)},
			{GivenName: "Ben", FamilyName: "Agent", Organisation: "ZTR", Positions: holding(rbac.RegistrationAgent)},
			{GivenName: "Cy", FamilyName: "Example", Organisation: "Z90001", Email: "cy@example.nhs.uk"},
			{GivenName: "Dot", FamilyName: "Elsewhere", Organisation: "Z90002"},
		},
	})
	w.manager = made[0].UUID
	w.agent = made[1].UUID
	w.cy = made[2].UUID
	rules := permission.Usual()
	rules.AgentsBindAuthenticators = true // as one of two readings of the published matrix has it
	rules.OnePersonGivesJobs = true
	w.Must(officer.Settle(t.Context(), w.DB, worldtest.By, rules))
	return w
}

func by(uuid string) actor.Actor { return actor.Actor{Kind: actor.Person, ID: uuid} }

func bea() registration.Person {
	return registration.Person{
		GivenName: "Bea", FamilyName: "Okafor", Email: "bea.okafor@example.nhs.uk", Organisation: "Z90001",
		Documents: identity.Documents{Photo: "passport", Ending: "4821", Address: "utility-bill", Other: "driving-licence"},
	}
}

// dotOf finds Dot, whom another registration authority looks after.
func (w *trust) dot() string {
	w.Helper()
	list := worldtest.Must(db.Read(w.Context(), w.DB, func(r db.R) ([]identity.Identity, error) {
		list, _, err := identity.AtOrganisation(w.Context(), r, "Z90002", "", 0, 10)
		return list, err
	}))(w)
	return list[0].UUID
}

// What a Care Identity claims is what was recorded: three documents, and who saw them.
func TestMakeRecordsWhatItClaims(t *testing.T) {
	w := openTrust(t)
	made := worldtest.Must(registration.Make(t.Context(), w.DB, by(w.agent), bea()))(t)
	seen := worldtest.Must(db.Read(t.Context(), w.DB, func(r db.R) (identity.Seen, error) {
		return identity.DocumentsOf(t.Context(), r, made.UUID)
	}))(t)
	if !made.Verified || made.AssuranceLevel != 3 || made.EmailVerified.Done() || made.Status != identity.Active {
		t.Errorf("made %+v", made)
	}
	if seen.Documents != bea().Documents || seen.By != w.agent || !seen.At.Equal(w.Clock.Now()) {
		t.Errorf("seen %+v", seen)
	}
	if got := roles(w.World, made.UUID); len(got) != 0 {
		t.Errorf("they hold %v", got)
	}
}

func TestMakeRefuses(t *testing.T) {
	w := openTrust(t)
	var y worldtest.Tally
	for name, change := range map[string]func(*registration.Person){
		"no documents":              func(p *registration.Person) { p.Documents = identity.Documents{} },
		"no photo":                  func(p *registration.Person) { p.Documents.Photo = "utility-bill" },
		"the same document twice":   func(p *registration.Person) { p.Documents.Other = p.Documents.Photo },
		"a whole number":            func(p *registration.Person) { p.Documents.Ending = "533380482" },
		"no address":                func(p *registration.Person) { p.Email = "" },
		"no name":                   func(p *registration.Person) { p.FamilyName = "" },
		"an unknown organisation":   func(p *registration.Person) { p.Organisation = "Z99999" },
		"not served":                func(p *registration.Person) { p.Organisation = "Z90002" },
		"somebody with the address": func(p *registration.Person) { p.Email = "CY@example.nhs.uk" },
		"somebody with the names":   func(p *registration.Person) { p.GivenName = "Cy"; p.FamilyName = "Example-Jones" },
	} {
		p := bea()
		change(&p)
		_, err := registration.Make(t.Context(), w.DB, by(w.manager), p)
		y.Refused(t, name, err == nil)
		if _, said := fault.From(err); !said {
			t.Errorf("%s: no words for people: %v", name, err)
		}
	}
	for name, who := range map[string]string{"no role": w.cy, "nobody": "500000000000"} {
		_, err := registration.Make(t.Context(), w.DB, by(who), bea())
		y.Refused(t, name, err == nil)
	}
	again := bea()
	again.Email = "cy@example.nhs.uk"
	again.IsNew = true
	if _, err := registration.Make(t.Context(), w.DB, by(w.manager), again); err != nil {
		t.Errorf("honest twin, another person after a look: %v", err)
	}
}

// act is something that a registration authority does to somebody.
type act struct {
	name  string
	agent bool // an agent may do it too
	do    func(w *trust, by actor.Actor, uuid string) error
}

var acts = []act{
	{"gives the position of the directory", true, func(w *trust, by actor.Actor, uuid string) error {
		return registration.GivePosition(w.Context(), w.DB, by, uuid, "directory", "z90001")
	}},
	{"makes an agent", false, func(w *trust, by actor.Actor, uuid string) error {
		return registration.GivePosition(w.Context(), w.DB, by, uuid, "agent", "ZTR")
	}},
	{"makes a link", true, func(w *trust, by actor.Actor, uuid string) error {
		_, err := registration.Invite(w.Context(), w.DB, by, uuid, []authn.Kind{authn.SecurityKey}, authenticator.InPerson)
		return err
	}},
	{"suspends an authenticator", true, func(w *trust, by actor.Actor, uuid string) error {
		return registration.ActOn(w.Context(), w.DB, by, uuid, w.key(uuid), registration.Suspend, "lost")
	}},
	{"withdraws a link", true, func(w *trust, by actor.Actor, uuid string) error {
		return registration.WithdrawLink(w.Context(), w.DB, by, uuid, w.linkFor(uuid), "asked")
	}},
	{"suspends", true, func(w *trust, by actor.Actor, uuid string) error {
		return life.Move(w.Context(), w.DB, by, uuid, identity.Suspend, "asked")
	}},
	{"closes", true, func(w *trust, by actor.Actor, uuid string) error {
		return life.Close(w.Context(), w.DB, by, uuid, life.Closure{Reason: "left", Notes: "x", Sure: true, Typed: "CLOSE"})
	}},
}

// An agent makes links for people, and none for another agent: a manager looks at who can let whom in.
func TestAgentsMakeNoLinksForAgents(t *testing.T) {
	w := openTrust(t)
	link := func(actor, uuid string) error {
		_, err := registration.Invite(t.Context(), w.DB, by(actor), uuid, []authn.Kind{authn.SecurityKey},
			authenticator.InPerson)
		return err
	}
	w.Must(link(w.agent, w.cy))
	w.Must(registration.GivePosition(t.Context(), w.DB, by(w.manager), w.cy, "agent", "ZTR"))
	var y worldtest.Tally
	y.Refused(t, "an agent, for an agent", link(w.agent, w.cy) == nil)
	if n := len(w.Events("registration.refused")); n != 1 {
		t.Errorf("%d events say so", n)
	}
	w.Must(link(w.manager, w.cy))
}

// Nobody does this to themselves, outside what they serve, or without the job; nor an agent to a manager.
func TestWhoMayDoWhatToWhom(t *testing.T) {
	var y worldtest.Tally
	for _, a := range acts {
		w := openTrust(t)
		for name, pair := range map[string][2]string{
			"themselves":         {w.manager, w.manager},
			"somebody elsewhere": {w.manager, w.dot()},
			"without the job":    {w.cy, w.agent},
			"an agent a manager": {w.agent, w.manager},
		} {
			events := len(w.Events("registration.refused"))
			y.Refused(t, a.name+": "+name, a.do(w, by(pair[0]), pair[1]) == nil)
			if len(w.Events("registration.refused")) != events+1 {
				t.Errorf("%s, %s: no event says so", a.name, name)
			}
		}
		if err := a.do(w, by(w.agent), w.cy); (err == nil) != a.agent {
			t.Errorf("%s, by an agent: %v", a.name, err)
		}
		w = openTrust(t)
		if err := a.do(w, by(w.manager), w.cy); err != nil {
			t.Errorf("%s, honest twin: %v", a.name, err)
		}
		w = openTrust(t)
		if err := life.Move(t.Context(), w.DB, by(w.manager), w.agent, identity.Suspend, "left"); err != nil {
			t.Fatal(err)
		}
		y.Refused(t, a.name+": a suspended agent", a.do(w, by(w.agent), w.cy) == nil)
	}
}

func TestGivingAPosition(t *testing.T) {
	w := openTrust(t)
	give := func(template, at string) error {
		return registration.GivePosition(t.Context(), w.DB, by(w.manager), w.cy, template, at)
	}
	w.Must(give("directory", "Z90001"))
	profiles := worldtest.Must(db.Read(t.Context(), w.DB, func(r db.R) ([]access.RoleProfile, error) {
		return access.RoleProfiles(t.Context(), r, w.cy, r.Now())
	}))(t)
	if !access.HoldsDirectoryPosition(profiles) || profiles[0].OrgCode != "Z90001" {
		t.Errorf("they hold %+v", profiles)
	}
	var y worldtest.Tally
	y.Refused(t, "the same again", give("directory", "Z90001") == nil)
	y.Refused(t, "at an organisation that is not served", give("directory", "Z90002") == nil)
	y.Refused(t, "one that there is not", give("consultant", "Z90001") == nil)
	w.Must(registration.GivePosition(t.Context(), w.DB, by(w.manager), w.agent, "directory", "Z90001"))
	if n := w.Count(`SELECT COUNT(*) FROM position WHERE organisation = 'Z90001'`); n != 1 {
		t.Errorf("%d positions, want people to share one", n)
	}
}

// Whoever saw the documents does not make that person a manager.
func TestNobodyMakesAManagerAlone(t *testing.T) {
	w := openTrust(t)
	own := bea()
	own.Organisation = "ZTR"
	made := worldtest.Must(registration.Make(t.Context(), w.DB, by(w.manager), own))(t)
	var y worldtest.Tally
	y.Refused(t, "whoever verified them",
		registration.GivePosition(t.Context(), w.DB, by(w.manager), made.UUID, "manager", "ZTR") == nil)
	own.GivenName = "Eve"
	own.Email = "eve@example.nhs.uk"
	other := worldtest.Must(registration.Make(t.Context(), w.DB, by(w.agent), own))(t)
	w.Must(registration.GivePosition(t.Context(), w.DB, by(w.manager), other.UUID, "manager", "ZTR"))

	w.Must(registration.GivePosition(t.Context(), w.DB, by(w.manager), made.UUID, "agent", "ZTR"))
	own.GivenName = "Dan"
	own.Email = "dan@example.nhs.uk"
	third := worldtest.Must(registration.Make(t.Context(), w.DB, by(made.UUID), own))(t)
	y.Refused(t, "whoever verified an agent who verified them",
		registration.GivePosition(t.Context(), w.DB, by(w.manager), third.UUID, "manager", "ZTR") == nil)
	y.Report(t, "managers made alone")
}

func TestEndingAPosition(t *testing.T) {
	w := openTrust(t)
	w.Must(registration.GivePosition(t.Context(), w.DB, by(w.manager), w.cy, "directory", "Z90001"))
	held := worldtest.Must(db.Read(t.Context(), w.DB, func(r db.R) ([]access.Assignment, error) {
		return access.OfIdentity(t.Context(), r, w.cy)
	}))(t)
	end := func(who, assignment, reason string) error {
		return registration.EndPosition(t.Context(), w.DB, by(who), w.cy, assignment, reason)
	}
	var y worldtest.Tally
	y.Refused(t, "without a reason", end(w.agent, held[0].ID, " ") == nil)
	y.Refused(t, "one that they do not have", end(w.agent, "none", "moved") == nil)
	y.Refused(t, "without the job", end(w.cy, held[0].ID, "moved") == nil)
	w.Must(end(w.agent, held[0].ID, "moved"))
	if got := roles(w.World, w.cy); len(got) != 0 {
		t.Errorf("they still hold %v", got)
	}
	y.Refused(t, "once more", end(w.agent, held[0].ID, "moved") == nil)
}

// Links offer what the organisation has approved, and of that what can be added here.
func TestInviteOffersWhatIsApproved(t *testing.T) {
	w := openTrust(t)
	w.Make(population.Description{
		Organisations: []population.Organisation{{
			Code: "Z90005", Name: "Elm Pharmacy", RAParent: "ZTR", Approved: []authn.Kind{authn.SecurityKey},
		}},
		People: []population.Person{{UUID: "700000000001", GivenName: "Fay", FamilyName: "Example", Organisation: "Z90005"}},
	})
	invite := func(offered ...authn.Kind) string {
		path, err := registration.Invite(t.Context(), w.DB, by(w.manager), "700000000001", offered,
			authenticator.InPerson)
		if err != nil {
			return fmt.Sprint(errors.Is(err, fault.Conflict))
		}
		i := worldtest.Must(db.Read(t.Context(), w.DB, func(r db.R) (authenticator.Invitation, error) {
			return authenticator.ByToken(t.Context(), r, path[len(authenticator.BindPath):])
		}))(t)
		return fmt.Sprint(i.Kinds)
	}
	if got := invite(authn.SecurityKey, authn.AuthenticatorApp); got != fmt.Sprint([]authn.Kind{authn.SecurityKey}) {
		t.Errorf("offered %s", got)
	}
	if got := invite(authn.AuthenticatorApp); got != "true" {
		t.Errorf("nothing approved: %s", got)
	}
}
