// Package population makes the people of the care identity side from a description: who they are, what they hold
// and where, what they prove themselves with, and the organisations they work for. The sample world, a supplier's
// double, the benchmark and the tests are made from descriptions, each through what the slices themselves do.
//
// A description is data and knows no database. The package knows nothing of accounts of the directory, nor of
// clients.
package population

import (
	"time"

	"signpost/internal/national/authn"
	"signpost/internal/national/rbac"
)

// Description describes a population to be made. The tags name those members that a file may give.
type Description struct {
	Organisations []Organisation `toml:"organisations"`
	People        []Person       `toml:"people"`
}

// Organisation is one that people work for. One that only a position names need not be described.
type Organisation struct {
	Code     string       `toml:"code"`
	Name     string       `toml:"name"`
	Approved []authn.Kind `toml:"approved"` // kinds of authenticator; all if none
	Role     string       `toml:"-"`        // its primary role, such as RO177
	Postcode string       `toml:"-"`
	RAParent string       `toml:"-"` // the organisation whose registration authority serves it; itself if empty
	Contact  string       `toml:"-"` // of its registration authority
}

// Person is somebody with a care identity.
type Person struct {
	ID             string            `toml:"id"`   // by which the description's readers name them; may be empty
	UUID           string            `toml:"uuid"` // a number of ours if empty
	Title          string            `toml:"title"`
	GivenName      string            `toml:"given_name"`
	MiddleNames    string            `toml:"middle_names"`
	FamilyName     string            `toml:"family_name"`
	Email          string            `toml:"email"`
	EmailVerified  bool              `toml:"email_verified"`
	Status         string            `toml:"status"`             // active if empty
	IdentityLevel  *int              `toml:"id_assurance_level"` // 3 if not given
	Organisation   string            `toml:"organisation"`       // where they were registered
	Registrations  map[string]string `toml:"registrations"`      // by professional body
	Authenticators []Authenticator   `toml:"authenticators"`
	Positions      []Position        `toml:"positions"`
}

// Authenticator is one that a person holds. An authenticator app with a secret is a real one.
type Authenticator struct {
	Kind         authn.Kind `toml:"kind"`
	Level        *int       `toml:"level"` // the most of its kind if not given
	Password     string     `toml:"password"`
	Secret       string     `toml:"secret"` // in base32
	PasswordHash string     `toml:"-"`      // in place of the password, where it was made beforehand
	Name         string     `toml:"-"`      // as the person calls it; the kind's label if empty
	Simulated    bool       `toml:"-"`      // it proves nothing
}

// Worth is the level that a sign-in with the authenticator has.
func (a Authenticator) Worth() authn.Level {
	if a.Level == nil {
		return a.Kind.MaxLevel()
	}
	return authn.Level(*a.Level)
}

// Position is one that a person holds. People who hold the same position of an organisation share it.
type Position struct {
	Organisation string    `toml:"organisation"`
	Role         string    `toml:"role"` // as "S8000:G8000:R8001", or R8001 where the rest is known
	GNC          string    `toml:"gnc"`
	Activities   []string  `toml:"activities"`
	Workgroups   []Coded   `toml:"workgroups"`
	AreasOfWork  []Coded   `toml:"areas_of_work"`
	Name         string    `toml:"-"` // the role if empty
	Starts       time.Time `toml:"-"` // when it is made if zero
	Ends         time.Time `toml:"-"` // never if zero
}

// Coded is a code with its name.
type Coded struct {
	Code string `toml:"code"`
	Name string `toml:"name"`
}

// FullRole is the role in its three parts.
func (p Position) FullRole() (string, error) {
	if full, known := rbac.Full(p.Role); known {
		return full.String(), nil
	}
	role, err := rbac.ParseRole(p.Role)
	return role.String(), err
}

// Directory is the position that lets people into the Directory of Services, at an organisation.
func Directory(organisation string) Position {
	return Position{
		Organisation: organisation, Name: rbac.DirectoryPosition, Role: rbac.AdminClinicalSupport,
		Activities: []string{rbac.DirectoryUIAccess},
	}
}
