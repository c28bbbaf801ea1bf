// Package rbac knows the codes of the National RBAC Database: job roles (R), activities (B), and the
// one pair of them that opens the Directory of Services.
//
// It reads and names codes. It does not know who holds them, nor for how long: the care identity side keeps
// positions and assignments.
package rbac

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// ErrFormat says that a code does not have the form of its kind.
var ErrFormat = errors.New("not in the form of the national codes")

// Role is a job role code in its three parts: staff group, sub-group and role.
type Role struct {
	Group    string // S####; empty if only the role is known
	SubGroup string // G####; empty if only the role is known
	Job      string // R####
}

var (
	fullRole     = regexp.MustCompile(`^(S[0-9]{4}):(G[0-9]{4}):(R[0-9]{4})$`)
	bareRole     = regexp.MustCompile(`^R[0-9]{4}$`)
	fullActivity = regexp.MustCompile(`^D[0-9]{4}:C[0-9]{4}:(B[0-9]{4})$`)
	bareActivity = regexp.MustCompile(`^B[0-9]{4}$`)
)

// ParseRole reads a role code, whole ("S8001:G8002:R8008") or as its last part alone ("R8008").
func ParseRole(s string) (Role, error) {
	if m := fullRole.FindStringSubmatch(s); m != nil {
		return Role{Group: m[1], SubGroup: m[2], Job: m[3]}, nil
	}
	if bareRole.MatchString(s) {
		return Role{Job: s}, nil
	}
	return Role{}, fmt.Errorf("role code %q: %w", s, ErrFormat)
}

// String writes the role code as CIS2 sends it: whole where the groups are known, else the last part.
func (r Role) String() string {
	if r.Group == "" || r.SubGroup == "" {
		return r.Job
	}
	return r.Group + ":" + r.SubGroup + ":" + r.Job
}

// ParseActivity reads an activity code, whole ("D8002:C8006:B0360") or as its last part alone
// ("B0360"), and gives the last part.
func ParseActivity(s string) (string, error) {
	if m := fullActivity.FindStringSubmatch(s); m != nil {
		return m[1], nil
	}
	if bareActivity.MatchString(s) {
		return s, nil
	}
	return "", fmt.Errorf("activity code %q: %w", s, ErrFormat)
}

// JobName is the last part of a role name: from `"Support":"Support":"Nurse"` it takes Nurse. A name
// without parts is given back as it is.
func JobName(name string) string {
	if i := strings.LastIndex(name, `":"`); i >= 0 {
		name = name[i+len(`":"`):]
	}
	return strings.Trim(name, `"`)
}
