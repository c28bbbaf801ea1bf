package file

import (
	"fmt"
	"regexp"
	"slices"

	"signpost/internal/careid/population"
)

var shortName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,39}$`)

// check refuses what could be read and would not do.
func (r *reader) check(f File) {
	if len(f.Clients) == 0 {
		r.add("clients", "There is no client. Add a table [[clients]] for the service under test")
	}
	if len(f.People) == 0 {
		r.add("people", "There is nobody to sign in. Add a table [[people]]")
	}
	r.once(f)
	for _, p := range population.Check(f.Description) {
		r.add(p.Place, "%s", p.Message)
	}
	for i, p := range f.People {
		if !shortName.MatchString(p.ID) {
			place := fmt.Sprintf("people[%d].id", i+1)
			r.add(place, "Enter a short name for scripts in small letters and digits, such as ada, not %q", p.ID)
		}
	}
	r.auto(f)
}

// once refuses the client id of another client.
func (r *reader) once(f File) {
	first := map[string]int{}
	for i, c := range f.Clients {
		if before, taken := first[c.ID]; taken && c.ID != "" {
			place := fmt.Sprintf("clients[%d].client_id", i+1)
			r.add(place, "%q is that of clients[%d] too. Choose another", c.ID, before+1)
			continue
		}
		first[c.ID] = i
	}
}

func (r *reader) auto(f File) {
	if f.Auto == (Auto{}) {
		return
	}
	if !slices.ContainsFunc(f.People, func(p population.Person) bool { return p.ID == f.Auto.Person }) {
		r.add("auto.person", "There is nobody with the id %q. Name one of the people", f.Auto.Person)
	}
	if kind := f.Auto.Authenticator; kind != "" && !kind.Valid() {
		r.add("auto.authenticator", "%s", population.UnknownKind(kind))
	}
	if f.Auto.Times < 0 {
		r.add("auto.times", "Enter how often, or leave it out for every time")
	}
}
