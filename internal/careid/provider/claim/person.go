// Package claim gathers what services are told about people: the values of the claims, and which of them a
// request asks for (reference, CIS2 Authentication §6). It does not know how people sign in.
package claim

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/national/authn"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/db"
)

// Person is a care identity with its roles and workplaces, as a sign-in or claims need it.
type Person struct {
	identity.Identity
	profiles      []access.RoleProfile
	organisations []organisation.Organisation // of the profiles, in their order, each once
	registrations map[string]string           // with professional bodies; read only where they are wanted
	policies      organisation.Policies       // of the workplaces; read only for a sign-in
}

// Role is a role profile as its holder sees it when choosing one.
type Role struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Organisation string `json:"organisation"`
	OrgCode      string `json:"org_code"`
}

// Where names the organisation for people to read, by its code alone if it has no name.
func (r Role) Where() string {
	if r.Organisation == "" || r.Organisation == r.OrgCode {
		return r.OrgCode
	}
	return r.Organisation + " (" + r.OrgCode + ")"
}

// PersonQueries holds the queries for a person's identity and assignments.
type PersonQueries struct {
	identity    *db.Answer[identity.Identity]
	assignments access.Asked
}

// Ask makes the queries for a person. They can be sent together with others.
func Ask(uuid string) PersonQueries {
	return PersonQueries{identity: identity.Ask(uuid), assignments: access.Ask(uuid)}
}

// Queries lists the queries to send.
func (a PersonQueries) Queries() []db.Query { return []db.Query{a.identity, a.assignments} }

// person returns the person, without their organisations, or fault.NotFound. The queries were sent before.
func (a PersonQueries) person(now time.Time) (p Person, err error) {
	if p.Identity, err = a.identity.One(); err != nil {
		return p, fmt.Errorf("read identity: %w", err)
	}
	p.profiles = access.Effective(a.assignments.All(), now)
	return p, nil
}

// Read reads a care identity for a sign-in, or fault.NotFound. Other queries are sent together with its own.
func Read(ctx context.Context, r db.R, uuid string, others ...db.Query) (Person, error) {
	lookup := Ask(uuid)
	if err := db.Together(ctx, r, append(lookup.Queries(), others...)...); err != nil {
		return Person{}, fmt.Errorf("read person: %w", err)
	}
	return lookup.atWork(ctx, r)
}

// ReadSoon is Read in two parts: it asks for the person together with the next statement of an Update, and what it
// returns gives the person.
func ReadSoon(ctx context.Context, w *db.W, uuid string) func() (Person, error) {
	lookup := Ask(uuid)
	answered := w.AskSoon(ctx, lookup.Queries()...)
	return func() (Person, error) {
		if err := answered(); err != nil {
			return Person{}, fmt.Errorf("read person: %w", err)
		}
		return lookup.atWork(ctx, w)
	}
}

// atWork reads the organisations of the person that was asked for.
func (a PersonQueries) atWork(ctx context.Context, r db.R) (Person, error) {
	p, err := a.person(r.Now())
	if err != nil {
		return p, err
	}
	if len(p.profiles) == 0 {
		p.policies, err = organisation.PoliciesAt(ctx, r, p.Workplaces())
		return p, err
	}
	p.organisations, p.policies, err = organisation.ByCodesWithPolicies(ctx, r, access.Workplaces(p.profiles, ""))
	return p, err
}

func (p Person) orgName(code string) string {
	for _, o := range p.organisations {
		if o.Code == code {
			return o.Name
		}
	}
	return ""
}

// Roles lists the person's role profiles to choose from.
func (p Person) Roles() []Role {
	var list []Role
	for _, profile := range p.profiles {
		list = append(list, Role{
			ID: profile.RoleID, Name: rbac.JobName(profile.RoleName), Organisation: p.orgName(profile.OrgCode),
			OrgCode: profile.OrgCode,
		})
	}
	return list
}

// Workplaces lists the codes of the organisations whose policy applies to the person.
func (p Person) Workplaces() []string { return access.Workplaces(p.profiles, p.Organisation) }

// Approved reports whether one of the person's workplaces has approved authenticators of a kind and a model.
func (p Person) Approved(kind authn.Kind, m authn.Model) bool { return p.policies.Take(kind, m) }
