package population

import (
	"encoding/base32"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"signpost/internal/careid/identity"
	"signpost/internal/national/authn"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/email"
	"signpost/internal/platform/name"
)

// Problem is one thing that is wrong with a description.
type Problem struct {
	Place   string // as "people[2].email"
	Message string // what is wrong, and the cure
}

// Problems are all that is wrong with a description.
type Problems []Problem

// Error lists them, one a line.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, one := range p {
		lines[i] = one.Place + ": " + one.Message
	}
	return strings.Join(lines, "\n")
}

var odsCode = regexp.MustCompile(`^[A-Z0-9]{3,12}$`)

// statuses that somebody can be given.
var statuses = []string{"", string(identity.Active), string(identity.Suspended), string(identity.Closed)}

// Check looks for all that is wrong with a description.
func Check(d Description) Problems {
	var c checker
	c.once("organisations", "code", len(d.Organisations), func(i int) string { return d.Organisations[i].Code })
	c.once("people", "id", len(d.People), func(i int) string { return d.People[i].ID })
	c.once("people", "uuid", len(d.People), func(i int) string { return d.People[i].UUID })
	for i, o := range d.Organisations {
		c.organisation(fmt.Sprintf("organisations[%d]", i+1), o)
	}
	for i, p := range d.People {
		c.person(fmt.Sprintf("people[%d]", i+1), p)
	}
	return c.problems
}

// checker collects what is wrong.
type checker struct{ problems Problems }

func (c *checker) add(place, message string, args ...any) {
	c.problems = append(c.problems, Problem{Place: place, Message: fmt.Sprintf(message, args...)})
}

// once refuses a value that stands in two tables.
func (c *checker) once(list, member string, n int, value func(int) string) {
	first := map[string]int{}
	for i := range n {
		v := value(i)
		if before, taken := first[v]; taken && v != "" {
			place := fmt.Sprintf("%s[%d].%s", list, i+1, member)
			c.add(place, "%q is that of %s[%d] too. Choose another", v, list, before+1)
			continue
		}
		first[v] = i
	}
}

func (c *checker) organisation(place string, o Organisation) {
	c.ods(place+".code", o.Code)
	c.names(place, map[string]string{"name": o.Name})
	for i, kind := range o.Approved {
		c.kind(fmt.Sprintf("%s.approved[%d]", place, i+1), kind)
	}
}

// names refuses names with characters that cannot be seen.
func (c *checker) names(place string, members map[string]string) {
	for _, member := range slices.Sorted(maps.Keys(members)) {
		if problem := name.Problem(members[member]); problem != "" {
			c.add(place+"."+member, "%s", problem)
		}
	}
}

func (c *checker) ods(place, code string) {
	if !odsCode.MatchString(code) {
		c.add(place, "Enter an ODS code in capitals, such as FXX01, not %q", code)
	}
}

func (c *checker) kind(place string, kind authn.Kind) bool {
	if kind.Valid() {
		return true
	}
	c.add(place, "%s", UnknownKind(kind))
	return false
}

// UnknownKind says that there is no such kind of authenticator, and which there are.
func UnknownKind(kind authn.Kind) string {
	var names []string
	for _, k := range authn.Kinds() {
		names = append(names, string(k))
	}
	return fmt.Sprintf("There is no kind of authenticator %q. Choose one of %s", kind, strings.Join(names, ", "))
}

func (c *checker) person(place string, p Person) {
	if p.UUID != "" && !identity.IsNumber(p.UUID) {
		c.add(place+".uuid", "Enter 12 digits, or leave it out to have one made")
	}
	c.names(place, map[string]string{
		"title": p.Title, "given_name": p.GivenName, "middle_names": p.MiddleNames, "family_name": p.FamilyName,
	})
	for member, text := range map[string]string{"given_name": p.GivenName, "family_name": p.FamilyName} {
		if strings.TrimSpace(text) == "" {
			c.add(place+"."+member, "Enter a name")
		}
	}
	c.email(place, p)
	if !slices.Contains(statuses, p.Status) {
		c.add(place+".status", "Choose active, suspended or closed, not %q", p.Status)
	}
	if p.IdentityLevel != nil && (*p.IdentityLevel < 0 || *p.IdentityLevel > 3) {
		c.add(place+".id_assurance_level", "Enter an identity assurance level from 0 to 3")
	}
	if p.Organisation != "" {
		c.ods(place+".organisation", p.Organisation)
	}
	c.holdings(place, p)
}

func (c *checker) email(place string, p Person) {
	if _, err := email.ParseNew(p.Email); p.Email != "" && err != nil {
		c.add(place+".email",
			"Enter an email address such as ada@example.nhs.uk, or leave it out for somebody who has none")
	}
	if p.Email == "" && p.EmailVerified {
		c.add(place+".email_verified", "There is no email address that could be verified. Add email, or take this out")
	}
}

func (c *checker) holdings(place string, p Person) {
	for _, body := range slices.Sorted(maps.Keys(p.Registrations)) {
		if !slices.Contains(identity.Bodies, body) {
			known := strings.Join(identity.Bodies, ", ")
			c.add(place+".registrations."+body, "There is no professional body of this name. Choose one of %s", known)
		}
	}
	for i, a := range p.Authenticators {
		c.authenticator(fmt.Sprintf("%s.authenticators[%d]", place, i+1), a)
	}
	for i, position := range p.Positions {
		c.position(fmt.Sprintf("%s.positions[%d]", place, i+1), position)
	}
}

func (c *checker) authenticator(place string, a Authenticator) {
	if !c.kind(place+".kind", a.Kind) {
		return
	}
	if a.Worth() < authn.AAL1 || a.Worth() > a.Kind.MaxLevel() {
		c.add(place+".level", "Enter the level of a sign-in with it, from 1 to %d for this kind", a.Kind.MaxLevel())
	}
	password := a.Password != "" || a.PasswordHash != ""
	if password != (a.Secret != "") || password && a.Kind.Declared().Enrolment != authn.SecretShared {
		c.add(place, "A password and a secret stand together, and only for an authenticator_app. "+
			"Add the other, or take both out")
	}
	if _, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(a.Secret); err != nil {
		c.add(place+".secret", "Enter the app's secret in base32, such as JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
	}
}

func (c *checker) position(place string, p Position) {
	c.ods(place+".organisation", p.Organisation)
	if _, err := p.FullRole(); err != nil {
		c.add(place+".role", "Enter a role code such as S8001:G8002:R8008, "+
			"or a job role that is known here, such as R8008, not %q", p.Role)
	}
	for i, code := range p.Activities {
		if _, err := rbac.ParseActivity(code); err != nil {
			c.add(fmt.Sprintf("%s.activities[%d]", place, i+1), "Enter an activity code such as B0166, not %q", code)
		}
	}
	for member, list := range map[string][]Coded{"workgroups": p.Workgroups, "areas_of_work": p.AreasOfWork} {
		for i, one := range list {
			if one.Code == "" || one.Name == "" {
				place := fmt.Sprintf("%s.%s[%d]", place, member, i+1)
				c.add(place, "Enter a code and a name, as { code = \"…\", name = \"…\" }")
			}
		}
	}
}
