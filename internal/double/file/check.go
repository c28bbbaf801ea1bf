package file

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
)

var (
	shortName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,39}$`)
	odsCode   = regexp.MustCompile(`^[A-Z0-9]{1,10}$`)
)

// statuses that somebody can be given.
var statuses = []string{"", string(identity.Active), string(identity.Suspended), string(identity.Closed)}

// check refuses what could be read and would not do.
func (r *reader) check(f File) {
	if len(f.Clients) == 0 {
		r.add("clients", "There is no client. Add a table [[clients]] for the service under test")
	}
	if len(f.People) == 0 {
		r.add("people", "There is nobody to sign in. Add a table [[people]]")
	}
	r.once("clients", "client_id", len(f.Clients), func(i int) string { return f.Clients[i].ID })
	r.once("organisations", "code", len(f.Organisations), func(i int) string { return f.Organisations[i].Code })
	r.once("people", "id", len(f.People), func(i int) string { return f.People[i].ID })
	r.once("people", "uuid", len(f.People), func(i int) string { return f.People[i].UUID })
	for i, o := range f.Organisations {
		r.organisation(fmt.Sprintf("organisations[%d]", i+1), o)
	}
	for i, p := range f.People {
		r.person(fmt.Sprintf("people[%d]", i+1), p)
	}
	r.auto(f)
}

// once refuses a value that stands in two tables.
func (r *reader) once(list, member string, n int, value func(int) string) {
	first := map[string]int{}
	for i := range n {
		v := value(i)
		if before, taken := first[v]; taken && v != "" {
			r.add(fmt.Sprintf("%s[%d].%s", list, i+1, member), "%q is that of %s[%d] too. Choose another", v, list, before+1)
			continue
		}
		first[v] = i
	}
}

func (r *reader) organisation(place string, o Organisation) {
	r.ods(place+".code", o.Code)
	for i, kind := range o.Approved {
		r.kind(fmt.Sprintf("%s.approved[%d]", place, i+1), kind)
	}
}

func (r *reader) ods(place, code string) {
	if !odsCode.MatchString(code) {
		r.add(place, "Enter an ODS code in capitals, such as FXX01, not %q", code)
	}
}

func (r *reader) kind(place string, kind authn.Kind) bool {
	if kind.Valid() {
		return true
	}
	var names []string
	for _, k := range authn.Kinds() {
		names = append(names, string(k))
	}
	r.add(place, "There is no kind of authenticator %q. Choose one of %s", kind, strings.Join(names, ", "))
	return false
}

func (r *reader) person(place string, p Person) {
	if !shortName.MatchString(p.ID) {
		r.add(place+".id", "Enter a short name for scripts in small letters and digits, such as ada, not %q", p.ID)
	}
	if p.UUID != "" && !identity.IsNumber(p.UUID) {
		r.add(place+".uuid", "Enter 12 digits, or leave it out to have one made")
	}
	for member, text := range map[string]string{"given_name": p.GivenName, "family_name": p.FamilyName} {
		if strings.TrimSpace(text) == "" {
			r.add(place+"."+member, "Enter a name")
		}
	}
	if _, err := email.Parse(p.Email); p.Email != "" && err != nil {
		r.add(place+".email", "Enter an email address such as ada@example.nhs.uk, or leave it out for somebody who has none")
	}
	if p.Email == "" && p.EmailVerified {
		r.add(place+".email_verified", "There is no email address that could be verified. Add email, or take this out")
	}
	if !slices.Contains(statuses, p.Status) {
		r.add(place+".status", "Choose active, suspended or closed, not %q", p.Status)
	}
	if p.IdentityLevel != nil && (*p.IdentityLevel < 0 || *p.IdentityLevel > 3) {
		r.add(place+".id_assurance_level", "Enter an identity assurance level from 0 to 3")
	}
	if p.Organisation != "" {
		r.ods(place+".organisation", p.Organisation)
	}
	r.holdings(place, p)
}

func (r *reader) holdings(place string, p Person) {
	for _, body := range slices.Sorted(maps.Keys(p.Registrations)) {
		if !slices.Contains(identity.Bodies, body) {
			r.add(place+".registrations."+body, "There is no professional body of this name. Choose one of %s", strings.Join(identity.Bodies, ", "))
		}
	}
	for i, a := range p.Authenticators {
		r.authenticator(fmt.Sprintf("%s.authenticators[%d]", place, i+1), a)
	}
	for i, position := range p.Positions {
		r.position(fmt.Sprintf("%s.positions[%d]", place, i+1), position)
	}
}

func (r *reader) authenticator(place string, a Authenticator) {
	if !r.kind(place+".kind", a.Kind) {
		return
	}
	if a.Worth() < authn.AAL1 || a.Worth() > a.Kind.MaxLevel() {
		r.add(place+".level", "Enter the level of a sign-in with it, from 1 to %d for this kind", a.Kind.MaxLevel())
	}
	if (a.Password == "") != (a.Secret == "") || a.Password != "" && a.Kind.Declared().Enrolment != authn.SecretShared {
		r.add(place, "A password and a secret stand together, and only for an authenticator_app. Add the other, or take both out")
	}
	if _, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(a.Secret); err != nil {
		r.add(place+".secret", "Enter the app's secret in base32, such as JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
	}
}

func (r *reader) position(place string, p Position) {
	r.ods(place+".organisation", p.Organisation)
	if _, err := p.FullRole(); err != nil {
		r.add(place+".role", "Enter a role code such as S8001:G8002:R8008, or a job role that is known here, such as R8008, not %q", p.Role)
	}
	for i, code := range p.Activities {
		if _, err := rbac.ParseActivity(code); err != nil {
			r.add(fmt.Sprintf("%s.activities[%d]", place, i+1), "Enter an activity code such as B0166, not %q", code)
		}
	}
	for member, list := range map[string][]Coded{"workgroups": p.Workgroups, "areas_of_work": p.AreasOfWork} {
		for i, one := range list {
			if one.Code == "" || one.Name == "" {
				r.add(fmt.Sprintf("%s.%s[%d]", place, member, i+1), "Enter a code and a name, as { code = \"…\", name = \"…\" }")
			}
		}
	}
}

// FullRole is the role in its three parts.
func (p Position) FullRole() (string, error) {
	if full, known := rbac.Full(p.Role); known {
		return full.String(), nil
	}
	role, err := rbac.ParseRole(p.Role)
	return role.String(), err
}

func (r *reader) auto(f File) {
	if f.Auto == (Auto{}) {
		return
	}
	if !slices.ContainsFunc(f.People, func(p Person) bool { return p.ID == f.Auto.Person }) {
		r.add("auto.person", "There is nobody with the id %q. Name one of the people", f.Auto.Person)
	}
	if f.Auto.Authenticator != "" {
		r.kind("auto.authenticator", f.Auto.Authenticator)
	}
	if f.Auto.Times < 0 {
		r.add("auto.times", "Enter how often, or leave it out for every time")
	}
}
