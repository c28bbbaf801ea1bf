package extract

import (
	"context"
	"slices"
	"time"

	"signpost/internal/careid/esr"
	"signpost/internal/careid/identity"
	wire "signpost/internal/national/extract"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/searchname"
)

// found is whom a comparison is about, and how they were found.
type found struct {
	person identity.Identity
	by     wire.By
	taken  bool // another person has the address in the question
}

// compareAll answers the comparisons that questions ask for.
func (f *facts) compareAll(ctx context.Context, r db.R, questions []wire.Question) error {
	asked := slices.Collect(func(yield func(wire.Question) bool) {
		for _, q := range questions {
			if q.Compare != nil && matchesAutomatically(q.Email) && !yield(q) {
				return
			}
		}
	})
	if len(asked) == 0 {
		return nil
	}
	past, err := readPast(ctx, r, asked)
	if err != nil {
		return err
	}
	people := map[string]found{} // by the reference of the question
	var uuids []string
	for _, q := range asked {
		one, is, err := f.meant(ctx, r, q, past)
		if err != nil {
			return err
		}
		if is {
			people[q.Ref] = one
			uuids = append(uuids, one.person.UUID)
		}
	}
	staff, err := esr.ByUUIDs(ctx, r, uuids)
	if err != nil {
		return err
	}
	f.compared = map[string]*wire.Compared{}
	f.meantBy = map[string]string{}
	for _, q := range asked {
		if one, is := people[q.Ref]; is {
			f.meantBy[q.Ref] = one.person.UUID
			had := slices.Contains(past.had[q.Email], one.person.UUID)
			f.compared[q.Ref] = compare(q, one, had, staff[one.person.UUID], f.now)
		}
	}
	return nil
}

// past is who had which address before, and who has those that accounts had.
type past struct {
	had    map[string][]string            // numbers, by an address in a question
	people map[string]identity.Identity   // of those numbers
	former map[string][]identity.Identity // by an address that an account had
}

func readPast(ctx context.Context, r db.R, asked []wire.Question) (p past, err error) {
	var addresses, former, uuids []string
	for _, q := range asked {
		addresses = append(addresses, q.Email)
		former = append(former, q.Compare.Former...)
	}
	if p.had, err = identity.HadEmails(ctx, r, addresses); err != nil {
		return p, err
	}
	for _, numbers := range p.had {
		uuids = append(uuids, numbers...)
	}
	if p.people, err = identity.ByUUIDs(ctx, r, uuids); err != nil {
		return p, err
	}
	p.former, err = identity.ByEmails(ctx, r, former)
	return p, err
}

// meant gives the one person whom a question is about: by the subject; by the address; by an address that either side
// had before; or by the name, with an address much like the one in the question. Where there are several, it gives
// none.
func (f *facts) meant(ctx context.Context, r db.R, q wire.Question, p past) (one found, is bool, err error) {
	if q.Subject != "" {
		i, known := f.byNumber[q.Subject]
		taken := slices.ContainsFunc(f.byEmail[q.Email], func(o identity.Identity) bool { return o.UUID != i.UUID })
		return found{person: i, by: wire.BySubject, taken: taken}, known, nil
	}
	if holders := f.byEmail[q.Email]; len(holders) > 0 {
		return found{person: holders[0], by: wire.ByAddress}, len(holders) == 1, nil
	}
	var list []identity.Identity
	for _, uuid := range p.had[q.Email] {
		list = append(list, p.people[uuid])
	}
	for _, address := range q.Compare.Former {
		list = append(list, p.former[address]...)
	}
	list = slices.DeleteFunc(distinct(list), func(i identity.Identity) bool {
		name := nameOf(i, *q.Compare)
		return name != wire.NameSame && name != wire.NamePart
	})
	if len(list) > 0 {
		return found{person: list[0], by: wire.ByFormer}, len(list) == 1, nil
	}
	return byName(ctx, r, q)
}

// byName finds the person with the same name and an address much like the one in a question.
func byName(ctx context.Context, r db.R, q wire.Question) (one found, is bool, err error) {
	list, err := identity.Named(ctx, r, q.Compare.Given, q.Compare.Family)
	if err != nil {
		return one, false, err
	}
	list = slices.DeleteFunc(list, func(i identity.Identity) bool {
		difference := email.Differ(i.EmailCanonical, q.Email)
		alike := difference == email.Mistyped || difference == email.OtherDomain
		return !alike || nameOf(i, *q.Compare) != wire.NameSame
	})
	if len(list) != 1 {
		return one, false, nil
	}
	return found{person: list[0], by: wire.ByName}, true, nil
}

func distinct(list []identity.Identity) (each []identity.Identity) {
	for _, i := range list {
		same := func(other identity.Identity) bool { return other.UUID == i.UUID }
		if i.UUID != "" && !slices.ContainsFunc(each, same) {
			each = append(each, i)
		}
	}
	return each
}

// compare says how what a directory knows compares with a person. An address is told to a directory that has the
// person's link, and where the whole name says that it is the same person: whoever has a part of the name and had the
// address may as well have left it to the account's holder.
func compare(q wire.Question, one found, had bool, staff esr.Record, now time.Time) *wire.Compared {
	c := &wire.Compared{
		By: one.by, Name: nameOf(one.person, *q.Compare), State: stateOf(one.person.Status), Had: had, Taken: one.taken,
		Left: !staff.Left.IsZero() && !staff.Left.After(now),
	}
	if c.By == wire.BySubject || c.Name == wire.NameSame {
		c.Email = one.person.EmailCanonical
		c.Staff = staff.EmailKey
	}
	return c
}

// nameOf compares the name of a person with the one in a question. Case, accents and the order of the words do not
// count.
func nameOf(i identity.Identity, asked wire.Compare) wire.Name {
	theirs := words(i.GivenName, i.FamilyName)
	ours := words(asked.Given, asked.Family)
	switch {
	case len(ours) == 0 || len(theirs) == 0:
		return wire.NameUnknown
	case slices.Equal(ours, theirs):
		return wire.NameSame
	case slices.ContainsFunc(ours, func(word string) bool { return slices.Contains(theirs, word) }):
		return wire.NamePart
	}
	return wire.NameOther
}

func words(given, family string) []string {
	list := slices.Clone(searchname.Words(given + " " + family))
	slices.Sort(list)
	return list
}
