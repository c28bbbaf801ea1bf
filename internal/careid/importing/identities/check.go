package identities

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/identity/detail"
	"signpost/internal/careid/organisation"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/records"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/searchname"
)

// found is what is here of the people of a file.
type found struct {
	identities map[string]identity.Known // by the numbers in the file
	byNI       map[string]detail.Known   // by the digests of the numbers in the file
	byBirth    map[string]detail.Known   // by name and birth date
	addresses  map[string]string         // whose the addresses in the file are
	places     map[string]bool           // organisations that there are
}

// Check holds the people of a reading against those that are here, and against each other where they came without a
// number: the whole population is looked at once. box may be nil where the file has no National Insurance numbers.
func Check(ctx context.Context, r db.R, box *seal.Box, reading Reading) (Reading, error) {
	here, err := look(ctx, r, box, reading.People)
	if err != nil {
		return reading, err
	}
	checked := reading
	checked.People = nil
	first := map[string]int{} // by name and birth date
	for _, p := range reading.People {
		problem := here.problem(p, box)
		row, again := first[p.key]
		if problem == nil && p.key != "" && p.UUID == "" && again {
			problem = repeats(row)
		}
		if p.key != "" && !again {
			first[p.key] = p.number
		}
		_, known := here.identities[p.UUID]
		switch {
		case problem != nil:
			checked.refuse(p, problem)
		case known && p.UUID != "":
			checked.Unchanged++
		default:
			checked.note(p, here.notes(p))
			checked.People = append(checked.People, p)
		}
	}
	slices.SortStableFunc(checked.Refused, records.ByRow)
	return checked, nil
}

func (r *Reading) note(p Person, notes []string) {
	for _, text := range notes {
		r.Notes = append(r.Notes, records.Refused{Number: p.number, Reason: text})
	}
}

// look reads what is here of the people of a file.
func look(ctx context.Context, r db.R, box *seal.Box, people []Person) (found, error) {
	here := found{identities: map[string]identity.Known{}, byNI: map[string]detail.Known{},
		byBirth: map[string]detail.Known{}, addresses: map[string]string{}}
	asked := struct{ uuids, digests, births, addresses map[string]bool }{
		map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}}
	places := map[string]bool{}
	for _, p := range people {
		places[p.Organisation] = true
		asked.uuids[p.UUID] = true
		asked.addresses[p.EmailCanonical] = true
		asked.births[p.key] = true
		if p.NI != "" {
			asked.digests[detail.Digest(box, p.NI)] = true
		}
	}
	var err error
	if here.places, err = organisation.Known(ctx, r, slices.Collect(maps.Keys(places))); err != nil {
		return here, err
	}
	if err := identity.EachKnown(ctx, r, func(k identity.Known) {
		if asked.uuids[k.UUID] {
			here.identities[k.UUID] = k
		}
		if k.EmailCanonical != "" && asked.addresses[k.EmailCanonical] {
			here.addresses[k.EmailCanonical] = k.UUID
		}
	}); err != nil {
		return here, err
	}
	return here, detail.EachKnown(ctx, r, func(k detail.Known) {
		if k.NIDigest != "" && asked.digests[k.NIDigest] {
			here.byNI[k.NIDigest] = k
		}
		if key := personKey(k.GivenName, k.FamilyName, k.BirthDate); key != "" && asked.births[key] {
			here.byBirth[key] = k
		}
	})
}

// problem says why somebody cannot be taken; nil if they can, or are here as the row says.
func (f found) problem(p Person, box *seal.Box) error {
	if !f.places[p.Organisation] {
		return fault.OfField("organisation", "There is no organisation "+fault.Quoted(p.Organisation)+
			" here. Import it first, with signpost import care-organisations")
	}
	if k, is := f.identities[p.UUID]; is {
		return differs(k, p)
	}
	if p.NI != "" {
		if k, is := f.byNI[detail.Digest(box, p.NI)]; is {
			return fault.OfField("ni_number", "Is that of "+described(k.GivenName, k.FamilyName, k.UUID)+
				". Enter that number under uuid, or mend the one that is wrong")
		}
	}
	if k, is := f.byBirth[p.key]; is && p.UUID == "" {
		return fault.OfField("birth_date", "Somebody with these names and this birth date is here: "+
			described(k.GivenName, k.FamilyName, k.UUID)+". Enter that number under uuid, or, if this is somebody "+
			"else, create their Care Identity in Care Identity Management")
	}
	return nil
}

// differs refuses a row about somebody who is here otherwise than it says.
func differs(k identity.Known, p Person) error {
	same := searchname.Of(k.GivenName) == searchname.Of(p.GivenName) &&
		searchname.Of(k.FamilyName) == searchname.Of(p.FamilyName)
	if same && (p.Email == "" || k.EmailCanonical == p.EmailCanonical) {
		return nil
	}
	return fault.OfField("uuid", "Is here as "+described(k.GivenName, k.FamilyName, k.UUID)+", with other names or "+
		"another email address. Mend the row, or change it on their profile: an import changes nobody who is here")
}

// notes are what is worth knowing of somebody who is taken.
func (f found) notes(p Person) (list []string) {
	if uuid, is := f.addresses[p.EmailCanonical]; is && p.Email != "" {
		list = append(list, fault.Quoted(p.Email)+" is also the address of "+uuid+
			": an address of two people links nobody")
	}
	if k, is := f.byBirth[p.key]; is {
		list = append(list, "Somebody with these names and this birth date is here: "+
			described(k.GivenName, k.FamilyName, k.UUID)+". See whether it is the same person")
	}
	return list
}

func repeats(row int) error {
	return fault.OfField("birth_date", fmt.Sprintf("Names and birth date are those of row %d. Remove the one that is "+
		"wrong, or give both their numbers under uuid", row))
}

// personKey makes the key of a Person.
func personKey(given, family string, birth detail.BirthDate) string {
	if birth == "" {
		return ""
	}
	return searchname.Of(given) + " " + searchname.Of(family) + " " + string(birth)
}
