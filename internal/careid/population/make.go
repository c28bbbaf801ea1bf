package population

import (
	"context"
	"errors"
	"fmt"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Maker makes what a description describes.
type Maker struct {
	EmailProof     string             // how the addresses that are verified were
	StatusReason   string             // why those who are not active are not
	Authenticators authenticator.Make // makes the real ones; may be nil where nobody has any
}

// Made is somebody as they were made.
type Made struct {
	UUID           string
	Authenticators []string // their ids, in the order of the description
}

// Make makes a whole description, as a part of an Update. It gives the people in their order. If anything is wrong
// with the description the error is Problems; any other error names whom it is about.
func (m Maker) Make(ctx context.Context, w *db.W, d Description) ([]Made, error) {
	if problems := Check(d); len(problems) > 0 {
		return nil, problems
	}
	for i, o := range d.Organisations {
		if err := organisation.Add(ctx, w, o.organisation(), o.Approved...); err != nil {
			return nil, fmt.Errorf("organisations[%d] (%s): %w", i+1, o.Code, err)
		}
	}
	work := making{Maker: m, positions: map[string]string{}}
	var made []Made
	for i, p := range d.People {
		one, err := work.person(ctx, w, p)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", placeOf(i, p, err), err)
		}
		made = append(made, one)
	}
	return made, nil
}

// placeOf names somebody, and the member that an error is about where it says so.
func placeOf(i int, p Person, err error) string {
	place := fmt.Sprintf("people[%d]", i+1)
	if f, known := fault.From(err); known && f.Field != "" {
		place += "." + f.Field
	}
	return fmt.Sprintf("%s (%s %s)", place, p.GivenName, p.FamilyName)
}

func (o Organisation) organisation() organisation.Organisation {
	return organisation.Organisation{
		Code: o.Code, Name: o.Name, Role: o.Role, Postcode: o.Postcode, RAParent: o.RAParent, Contact: o.Contact,
	}
}

// making is one description being made.
type making struct {
	Maker
	positions map[string]string // ids by what they give
}

func (m making) person(ctx context.Context, w *db.W, p Person) (made Made, err error) {
	i, err := identity.Add(ctx, w, m.identity(p))
	if err != nil {
		return made, err
	}
	made.UUID = i.UUID
	for body, number := range p.Registrations {
		if err := identity.Register(ctx, w, made.UUID, body, number); err != nil {
			return made, err
		}
	}
	for _, a := range p.Authenticators {
		id, err := m.bind(ctx, w, made.UUID, a)
		if err != nil {
			return made, fmt.Errorf("authenticator %s: %w", a.Kind, err)
		}
		made.Authenticators = append(made.Authenticators, id)
	}
	for _, position := range p.Positions {
		if err := m.assign(ctx, w, made.UUID, position); err != nil {
			return made, fmt.Errorf("position %s at %s: %w", position.Role, position.Organisation, err)
		}
	}
	return made, m.move(ctx, w, made.UUID, p.Status)
}

func (m making) identity(p Person) identity.New {
	n := identity.New{
		UUID: p.UUID, Title: p.Title, GivenName: p.GivenName, MiddleNames: p.MiddleNames, FamilyName: p.FamilyName,
		Email: p.Email, Verified: true, AssuranceLevel: 3, Organisation: p.Organisation,
	}
	if p.IdentityLevel != nil {
		n.AssuranceLevel = *p.IdentityLevel
	}
	if p.EmailVerified {
		n.EmailVerified = m.EmailProof
	}
	return n
}

// bind gives somebody an authenticator: a real one if it has a secret.
func (m making) bind(ctx context.Context, w *db.W, uuid string, a Authenticator) (id string, err error) {
	if a.Secret == "" {
		n := authenticator.New{UUID: uuid, Kind: a.Kind, Level: a.Worth(), Name: a.Name, Simulated: a.Simulated}
		return authenticator.Bind(ctx, w, n)
	}
	if m.Authenticators == nil {
		return "", errors.New("nothing here makes real authenticators")
	}
	return m.Authenticators(ctx, w, uuid, authenticator.Description{
		Kind: a.Kind, Name: a.Name, Password: a.Password, PasswordHash: a.PasswordHash, Secret: a.Secret,
	})
}

// assign gives somebody a position, which is made if nobody holds the same yet.
func (m making) assign(ctx context.Context, w *db.W, uuid string, p Position) error {
	role, err := p.FullRole()
	if err != nil {
		return err
	}
	position := access.Position{
		Organisation: p.Organisation, Name: p.Name, Profiles: []access.Profile{{
			RoleCode: role, Activities: p.Activities,
			Workgroups: coded(p.Workgroups), AreasOfWork: coded(p.AreasOfWork),
		}},
	}
	if p.Name == "" {
		position.Name = role
	}
	key := fmt.Sprintf("%+v", position)
	if m.positions[key] == "" {
		if m.positions[key], err = access.AddPosition(ctx, w, position); err != nil {
			return err
		}
	}
	g := access.Grant{
		UUID: uuid, Position: m.positions[key], Organisation: p.Organisation, Starts: p.Starts, Ends: p.Ends,
		GNC: p.GNC, Number: identity.Number,
	}
	if g.Starts.IsZero() {
		g.Starts = w.Now()
	}
	return access.Assign(ctx, w, g)
}

func coded(list []Coded) []access.Coded {
	var codes []access.Coded
	for _, c := range list {
		codes = append(codes, access.Coded{Code: c.Code, Name: c.Name})
	}
	return codes
}

// acts lead from active to the other statuses.
var acts = map[string]identity.Act{
	string(identity.Suspended): identity.Suspend,
	string(identity.Closed):    identity.Close,
}

// move gives somebody who was made active their status.
func (m making) move(ctx context.Context, w *db.W, uuid, status string) error {
	act, moves := acts[status]
	if !moves {
		return nil
	}
	return identity.MovePart(ctx, w, uuid, act, m.StatusReason)
}
