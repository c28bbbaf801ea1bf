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

	"signpost/internal/careid/population"
	"signpost/internal/careid/provider/client"
	"signpost/internal/national/authn"
)

// File describes what a double is made from.
type File struct {
	population.Description

	Auto    Auto
	Clients []client.Registration
	Digest  string // of its text, to tell whether it was changed
}

// Auto is who is signed in at once, without a page. Without a person there is nobody.
type Auto struct {
	Person        string     `toml:"person" json:"person"`
	Authenticator authn.Kind `toml:"authenticator" json:"authenticator,omitempty"` // the first that will do if empty
	Role          string     `toml:"role" json:"role,omitempty"`
	Times         int        `toml:"times" json:"times,omitempty"` // after so many sign-ins it is over; never if 0
}

// contents is a file as it is written, but for the clients, which package client reads.
type contents struct {
	Auto          Auto                      `toml:"auto"`
	Clients       []map[string]any          `toml:"clients"`
	Organisations []population.Organisation `toml:"organisations"`
	People        []population.Person       `toml:"people"`
}

// Problem is one thing that is wrong with a file.
type Problem struct {
	Place   string // as "people[2].email"
	Line    int    // 0 where it is not known
	Message string // what is wrong, and the cure
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
	return strings.Join(append(where, p.Message), ": ")
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
	people := population.Description{Organisations: c.Organisations, People: c.People}
	f := File{Description: people, Auto: c.Auto, Digest: hex.EncodeToString(sum[:])}
	f.Clients = r.clients(c.Clients)
	r.check(f)
	if len(r.problems) == 0 {
		return f, nil
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int { return a.Line - b.Line })
	return f, r.problems
}

func syntax(err error) Problem {
	var problem *toml.DecodeError
	if !errors.As(err, &problem) {
		return Problem{Message: "it is not TOML: " + err.Error()}
	}
	line, _ := problem.Position()
	return Problem{Line: line, Message: "it is not TOML: " + strings.TrimPrefix(problem.Error(), "toml: ")}
}
