package cis2

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	strict "github.com/go-jose/go-jose/v4/json"

	"signpost/internal/national/authn"
)

// Person is somebody who has just signed in, with the details that CIS2 gave. Only Issuer and Subject together
// identify the person.
type Person struct {
	Issuer, Subject     string
	SID                 string    // CIS2's session, for logout
	AuthTime            time.Time // when they proved themselves; zero if CIS2 did not say
	ACR                 string
	AMR                 []string
	AuthenticationLevel Level
	IdentityLevel       int

	Name          string
	GivenName     string // empty, as FamilyName is, where only the whole name was given
	FamilyName    string
	Email         string
	EmailVerified bool      // CIS2 has proved that the address is the person's
	EmailUsable   time.Time // from when accounts may be linked by it; zero for at once

	SelectedRoleID string // may be empty, or not be one of Roles
	Roles          []NationalRole
	Organisations  []Organisation // that CIS2 named by themselves; those of the roles need not be among them
}

// SelectedRole gives the role that the person chose to act in, if they have it.
func (p Person) SelectedRole() (NationalRole, bool) {
	for _, r := range p.Roles {
		if p.SelectedRoleID != "" && r.PersonRoleID == p.SelectedRoleID {
			return r, true
		}
	}
	return NationalRole{}, false
}

// Read reads a person from the claims of an ID token and the userinfo answer. Both must have been verified,
// and be about the same subject.
func Read(idToken, userInfo []byte) (Person, error) {
	var id struct {
		SignIn
		AuthTime Seconds `json:"auth_time"`
	}
	if err := strict.Unmarshal(idToken, &id); err != nil {
		return Person{}, fmt.Errorf("read ID token: %w", err)
	}
	var info UserInfo
	if err := strict.Unmarshal(userInfo, &info); err != nil {
		return Person{}, fmt.Errorf("read userinfo: %w", err)
	}
	p := Person{
		Issuer: id.Issuer, Subject: id.Subject, SID: id.SessionID,
		ACR: id.ACR, AMR: id.AMR, AuthenticationLevel: id.AuthenticationLevel,
		IdentityLevel: firstGiven(id.IdentityLevel, id.OlderIdentityLevel, info.OlderIdentityLevel).Number(),
		Name:          info.fullName(), GivenName: info.GivenName, FamilyName: info.FamilyName,
		Email: info.Email, Roles: info.Roles, Organisations: info.organisations(),
		EmailVerified: info.Email != "" && info.EmailVerified != nil && bool(*info.EmailVerified),
	}
	if info.EmailUsableAt != 0 {
		p.EmailUsable = time.Unix(int64(info.EmailUsableAt), 0).UTC()
	}
	if id.AuthTime != 0 {
		p.AuthTime = time.Unix(int64(id.AuthTime), 0).UTC()
	}
	if id.SelectedRoleID != nil {
		p.SelectedRoleID = *id.SelectedRoleID
	}
	return p, nil
}

// Current is what CIS2 says now of somebody who signed in before.
type Current struct {
	IdentityLevel Level // not given where the service asks for no scope that has it
	Roles         []NationalRole
}

// ReadCurrent reads it from a later userinfo answer, of which it was verified whom it is about.
func ReadCurrent(userInfo []byte) (Current, error) {
	var info UserInfo
	if err := strict.Unmarshal(userInfo, &info); err != nil {
		return Current{}, fmt.Errorf("read userinfo: %w", err)
	}
	return Current{IdentityLevel: info.OlderIdentityLevel, Roles: info.Roles}, nil
}

func firstGiven(levels ...Level) Level {
	for _, l := range levels {
		if l.Given() {
			return l
		}
	}
	return ""
}

// organisations lists those that a person works for or is a member of, each once.
func (u UserInfo) organisations() (all []Organisation) {
	all = append(all, u.Orgs...)
	for _, m := range u.Memberships {
		all = append(all, Organisation{Name: m.Name, Code: m.Code})
	}
	known := map[string]bool{}
	return slices.DeleteFunc(all, func(o Organisation) bool {
		again := known[o.Code]
		known[o.Code] = true
		return again
	})
}

func (u UserInfo) fullName() string {
	for _, name := range []string{u.Name, u.DisplayName, strings.TrimSpace(u.GivenName + " " + u.FamilyName)} {
		if name != "" {
			return name
		}
	}
	return ""
}

// Levels are the lowest assurance levels with which a service admits somebody; 0 means that any level is enough.
type Levels struct{ Authentication, Identity int }

// The reasons why somebody's levels are not enough.
var (
	ErrAuthenticationLow = errors.New("authentication level too low")
	ErrIdentityLow       = errors.New("identity level too low")
)

// Check compares the person's sign-in with the classes that the request asked for and the levels that the service
// needs. Several levels can satisfy the class in acr, so Check looks at the level too. CIS2 sometimes leaves acr
// out; then the level alone decides.
func (p Person) Check(classes []string, need Levels) error {
	low := func(format string, args ...any) error {
		return fmt.Errorf("%w: %w", ErrAuthenticationLow, fmt.Errorf(format, args...))
	}
	got := p.AuthenticationLevel
	minimum := max(need.Authentication, lowestOf(classes))
	switch {
	case p.ACR != "" && len(classes) > 0 && !slices.Contains(classes, p.ACR):
		return low("acr: expected one of %q, received %.80q", classes, p.ACR)
	case p.ACR == "" && len(classes) > 0 && !got.Given():
		return low("neither acr nor an authentication level, though %q was asked for", classes)
	case (got.Given() || need.Authentication > 0) && got.Number() < minimum:
		return low("authentication level: expected %d or more, received %s", minimum, got)
	case p.IdentityLevel < need.Identity:
		return fmt.Errorf("%w: expected %d or more, received %d", ErrIdentityLow, need.Identity, p.IdentityLevel)
	}
	return nil
}

// lowestOf gives the lowest level that satisfies any of the classes: 2 for AAL2_OR_AAL3_ANY.
func lowestOf(classes []string) int {
	lowest := 0
	for _, name := range classes {
		class, err := authn.ParseACR([]string{name})
		if level := int(class.MinLevel()); err == nil && (lowest == 0 || level < lowest) {
			lowest = level
		}
	}
	return lowest
}
