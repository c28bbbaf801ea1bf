// Package file reads the file that a double is made from: the clients that may ask, the people who can be
// signed in, and their organisations. What is wrong with it is named by its place, its line and its cure;
// nothing that is not known is passed over. It makes nothing of what it read.
package file

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"signpost/internal/careid/provider/client"
	"signpost/internal/national/authn"
)

// File is what a double is made from.
type File struct {
	Auto          Auto
	Clients       []client.Registration
	Organisations []Organisation
	People        []Person
	Digest        string // of its text, to tell whether it was changed
}

// Auto is who is signed in at once, without a page. Without a person there is nobody.
type Auto struct {
	Person        string     `toml:"person" json:"person"`
	Authenticator authn.Kind `toml:"authenticator" json:"authenticator,omitempty"` // the first that will do if empty
	Role          string     `toml:"role" json:"role,omitempty"`
	Times         int        `toml:"times" json:"times,omitempty"` // after so many sign-ins it is over; never if 0
}

// Organisation is one that people work for. Those that only a position names carry their code as their
// name.
type Organisation struct {
	Code     string       `toml:"code"`
	Name     string       `toml:"name"`
	Approved []authn.Kind `toml:"approved"` // kinds of authenticator; all if none
}

// Person is somebody with a care identity.
type Person struct {
	ID             string            `toml:"id"`   // by which scripts name them
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

// Authenticator is one that a person can be signed in with. Only an authenticator app with a password and a
// secret can be used on the pages as a real one.
type Authenticator struct {
	Kind     authn.Kind `toml:"kind"`
	Level    *int       `toml:"level"` // the most of its kind if not given
	Password string     `toml:"password"`
	Secret   string     `toml:"secret"` // in base32
}

// Worth is the level that a sign-in with the authenticator has.
func (a Authenticator) Worth() authn.Level {
	if a.Level == nil {
		return a.Kind.MaxLevel()
	}
	return authn.Level(*a.Level)
}

// Position is one that a person holds.
type Position struct {
	Organisation string   `toml:"organisation"`
	Role         string   `toml:"role"` // as "S8000:G8000:R8001", or R8001 where the rest is known
	GNC          string   `toml:"gnc"`
	Activities   []string `toml:"activities"`
	Workgroups   []Coded  `toml:"workgroups"`
	AreasOfWork  []Coded  `toml:"areas_of_work"`
}

// Coded is a code with its name.
type Coded struct {
	Code string `toml:"code"`
	Name string `toml:"name"`
}

// contents is a file as it is written, but for the clients, which package client reads.
type contents struct {
	Auto          Auto             `toml:"auto"`
	Clients       []map[string]any `toml:"clients"`
	Organisations []Organisation   `toml:"organisations"`
	People        []Person         `toml:"people"`
}

// Problem is one thing that is wrong with a file.
type Problem struct {
	Place string // as "people[2].email"
	Line  int    // 0 where it is not known
	Says  string // what is wrong, and the cure
}

// Problems are all that is wrong with a file.
type Problems []Problem

// Error lists them, one a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// String says where the problem is, and what.
func (p Problem) String() string {
	var where []string
	if p.Line > 0 {
		where = append(where, fmt.Sprintf("line %d", p.Line))
	}
	if p.Place != "" {
		where = append(where, p.Place)
	}
	return strings.Join(append(where, p.Says), ": ")
}

// Read reads the file at path.
func Read(path string) (File, error) {
	text, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return File{}, fmt.Errorf("read the double's file: %w", err)
	}
	f, err := Parse(text)
	if err != nil {
		return f, fmt.Errorf("%s cannot be used:\n%w", path, err)
	}
	return f, nil
}

// Parse reads a file's text. If anything is wrong with it the error is Problems.
func Parse(text []byte) (File, error) {
	var tree map[string]any
	if err := toml.Unmarshal(text, &tree); err != nil {
		return File{}, Problems{syntax(err)}
	}
	r := &reader{lines: lines(text)}
	var c contents
	r.fill(&c, tree)
	sum := sha256.Sum256(text)
	f := File{Auto: c.Auto, Organisations: c.Organisations, People: c.People, Digest: hex.EncodeToString(sum[:])}
	f.Clients = r.clients(c.Clients)
	r.check(f)
	if len(r.wrong) == 0 {
		return f, nil
	}
	slices.SortStableFunc(r.wrong, func(a, b Problem) int { return a.Line - b.Line })
	return f, r.wrong
}

func syntax(err error) Problem {
	var wrong *toml.DecodeError
	if !errors.As(err, &wrong) {
		return Problem{Says: "it is not TOML: " + err.Error()}
	}
	line, _ := wrong.Position()
	return Problem{Line: line, Says: "it is not TOML: " + strings.TrimPrefix(wrong.Error(), "toml: ")}
}
