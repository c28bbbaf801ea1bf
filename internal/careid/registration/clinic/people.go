package clinic

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration/named"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// people are those who were named: numbers of care identities, and addresses in canonical form.
type people struct {
	numbers, addresses []string
	typed              map[string]string // as which each was typed
}

// read reads numbers and addresses as they were pasted.
func read(pasted string) (p people, problem error) {
	p.typed = map[string]string{}
	for _, text := range named.List(pasted) {
		one := named.In(text, "")
		if one.Problem != "" {
			return p, fault.OfField("people", fault.Quoted(text)+": "+one.Problem)
		}
		key := one.UUID + one.Email // of which it is one
		if _, twice := p.typed[key]; twice {
			continue
		}
		p.typed[key] = text
		if one.UUID != "" {
			p.numbers = append(p.numbers, key)
		} else {
			p.addresses = append(p.addresses, key)
		}
	}
	if len(p.typed) == 0 {
		return p, errPeople
	}
	if len(p.typed) > maxPeople {
		return p, errMany
	}
	return p, nil
}

// find finds the people that were named, in the order of their names. One whom the actor may not look after is told
// like one who is not known.
func (p people) find(ctx context.Context, w *db.W) (list []identity.Identity, err error) {
	var unknown []string
	numbers := map[string]identity.Identity{}
	if len(p.numbers) > 0 {
		if numbers, err = identity.ByUUIDs(ctx, w, p.numbers); err != nil {
			return nil, err
		}
	}
	addresses := map[string][]identity.Identity{}
	if len(p.addresses) > 0 {
		if addresses, err = identity.ByEmails(ctx, w, p.addresses); err != nil {
			return nil, err
		}
	}
	jobs, err := officer.OfActive(ctx, w, w.Actor().ID)
	if err != nil {
		return nil, err
	}
	take := func(typed string, found []identity.Identity) error {
		if len(found) == 1 {
			may, err := mayServe(ctx, w, jobs, found[0])
			if err != nil {
				return err
			}
			if may {
				list = append(list, found[0])
				return nil
			}
		}
		unknown = append(unknown, typed)
		return nil
	}
	for _, number := range p.numbers {
		var found []identity.Identity
		if one, known := numbers[number]; known {
			found = append(found, one)
		}
		if err := take(p.typed[number], found); err != nil {
			return nil, err
		}
	}
	for _, address := range p.addresses {
		if err := take(p.typed[address], addresses[address]); err != nil {
			return nil, err
		}
	}
	if len(unknown) > 0 {
		return nil, fault.OfField("people", "Not known here, or not for you to look after: "+
			strings.Join(unknown, ", "))
	}
	slices.SortFunc(list, func(a, b identity.Identity) int { return strings.Compare(a.UUID, b.UUID) })
	list = slices.CompactFunc(list, func(a, b identity.Identity) bool { return a.UUID == b.UUID })
	slices.SortStableFunc(list, func(a, b identity.Identity) int {
		return strings.Compare(a.FamilyName+"\n"+a.GivenName, b.FamilyName+"\n"+b.GivenName)
	})
	return list, nil
}

// mayServe reports whether somebody with some jobs may look after a person, who is somebody else.
func mayServe(ctx context.Context, w *db.W, jobs officer.List, i identity.Identity) (bool, error) {
	if i.UUID == w.Actor().ID {
		return false, nil
	}
	may, err := jobs.MayAt(ctx, w, permission.DecideRequest, i.Organisation, permission.Yes)
	if err != nil || !may {
		return false, err
	}
	theirs, err := officer.OfIdentity(ctx, w, i.UUID)
	return jobs.MayOver(permission.DecideRequest, theirs.Highest()), err
}

const (
	countPeople  = `SELECT COUNT(*) FROM clinic_person WHERE clinic = $1`
	insertPerson = `INSERT INTO clinic_person (clinic, uuid, place, state, held_by, done_by, day_at)
	VALUES ($1, $2, $3, 'expected', '', '', $4) ON CONFLICT (clinic, uuid) DO NOTHING`
)

// add adds people to a clinic, and says how many were not in it before.
func (c Clinic) add(ctx context.Context, w *db.W, pasted string) (added int, err error) {
	typed, err := read(pasted)
	if err != nil {
		return 0, err
	}
	list, err := typed.find(ctx, w)
	if err != nil {
		return 0, err
	}
	place, err := db.Value[int64](ctx, w, countPeople, c.ID)
	if err != nil {
		return 0, fmt.Errorf("count people of a clinic: %w", err)
	}
	for _, i := range list {
		n, err := w.Exec(ctx, insertPerson, c.ID, i.UUID, int(place)+added+1, c.Day)
		if err != nil {
			return 0, fmt.Errorf("add person to a clinic: %w", err)
		}
		added += int(n)
	}
	if int(place)+added > maxPeople {
		return 0, errMany
	}
	return added, nil
}
