// Package claim is what services are told of people: the scopes and claims there are, whose values they
// are, and which of them a request asks for (reference, CIS2 Authentication §6). It knows no sign-in.
package claim

import (
	"context"
	"fmt"
	"slices"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/national/authn"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/db"
)

// Person is what is read of a care identity for a sign-in or for claims.
type Person struct {
	identity.Identity
	profiles      []access.RoleProfile
	orgs          []organisation.Organisation // of the profiles, in their order, each once
	registrations map[string]string           // with professional bodies; read only where they are wanted
	approved      []authn.Kind                // at the workplaces; read only for a sign-in
}

// Role is a role profile as its holder chooses it.
type Role struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Organisation string `json:"organisation"`
	OrgCode      string `json:"org_code"`
}

// Asked are the queries for who somebody is and what they hold.
type Asked struct {
	identity *db.Asked[identity.Identity]
	held     *db.Asked[access.Assignment]
}

// Ask makes the queries for a person, to be asked together, with others or alone.
func Ask(uuid string) Asked { return Asked{identity: identity.Ask(uuid), held: access.Ask(uuid)} }

// Queries are those to be asked.
func (a Asked) Queries() []db.Query { return []db.Query{a.identity, a.held} }

// person is who was asked for, or fault.NotFound, yet without what is read of their organisations.
func (a Asked) person(now time.Time) (p Person, err error) {
	if p.Identity, err = a.identity.One(); err != nil {
		return p, fmt.Errorf("read identity: %w", err)
	}
	p.profiles = access.Effective(a.held.All(), now)
	return p, nil
}

// Read reads a care identity as a sign-in needs it, or fault.NotFound.
func Read(ctx context.Context, r db.R, uuid string) (Person, error) {
	asked := Ask(uuid)
	if err := db.Together(ctx, r, asked.Queries()...); err != nil {
		return Person{}, fmt.Errorf("read person: %w", err)
	}
	p, err := asked.person(r.Now())
	if err != nil {
		return p, err
	}
	if len(p.profiles) == 0 {
		p.approved, err = organisation.ApprovedAt(ctx, r, p.Workplaces())
		return p, err
	}
	p.orgs, p.approved, err = organisation.ByCodesWithApproved(ctx, r, p.orgCodes())
	return p, err
}

// orgCodes are the organisations of the person's profiles, in their order, each once.
func (p Person) orgCodes() (codes []string) {
	for _, profile := range p.profiles {
		if !slices.Contains(codes, profile.OrgCode) {
			codes = append(codes, profile.OrgCode)
		}
	}
	return codes
}

func (p Person) orgName(code string) string {
	for _, o := range p.orgs {
		if o.Code == code {
			return o.Name
		}
	}
	return ""
}

// Roles are the person's role profiles as they choose among them.
func (p Person) Roles() []Role {
	var list []Role
	for _, profile := range p.profiles {
		list = append(list, Role{ID: profile.RoleID, Name: rbac.JobName(profile.RoleName), Organisation: p.orgName(profile.OrgCode), OrgCode: profile.OrgCode})
	}
	return list
}

// Workplaces are the codes of the organisations whose policy holds for the person.
func (p Person) Workplaces() []string {
	var codes []string
	for _, o := range p.orgs {
		codes = append(codes, o.Code)
	}
	if len(codes) == 0 && p.Organisation != "" {
		codes = []string{p.Organisation}
	}
	return codes
}

// Approved reports whether one of the person's workplaces has approved the kind. Where none has said
// anything, all kinds are.
func (p Person) Approved(kind authn.Kind) bool { return slices.Contains(p.approved, kind) }
