package staffrecord

import (
	"slices"
	"strings"

	"signpost/internal/platform/searchname"
)

// Class is what a comparison of somebody in a staff record with who is here comes to. They are those of the report of
// the national bulk match (ESR-M3980).
type Class string

// The classes.
const (
	Matched       Class = "matched"
	DuplicateNI   Class = "duplicate NI"
	NameDiffers   Class = "NI match, name differs"
	NIDiffers     Class = "name match, NI differs"
	Unable        Class = "unable to match"
	NotHere       Class = "UUID not known"
	DifferentHeld Class = "different UUID held"
	AlreadyUsed   Class = "UUID already used"
	NobodyFound   Class = "no match"
)

var said = map[Class]string{
	Matched: "One Care Identity has the National Insurance number and the family name.",
	DuplicateNI: "More than one Care Identity has the National Insurance number. Find out which is the person's, " +
		"and close the others.",
	NameDiffers: "The Care Identity with the National Insurance number has another family name. Correct the name " +
		"where it is wrong: in the staff record, or on the person's profile.",
	NIDiffers: "Somebody of this name and birth date has another National Insurance number. Correct the number " +
		"where it is wrong.",
	Unable: "There is no National Insurance number and family name on both sides by which to tell. Add what is " +
		"missing to the staff record or to the person's profile.",
	NotHere: "There is no Care Identity with this number. Correct the number.",
	DifferentHeld: "The staff record holds this person under another number of a Care Identity. Correct the one " +
		"that is wrong.",
	AlreadyUsed: "Another person of the staff record has this number of a Care Identity. Correct the one that is " +
		"wrong.",
	NobodyFound: "Nobody here has this National Insurance number, or this name and birth date.",
}

// Text says what the class means, and what to do.
func (c Class) Text() string { return said[c] }

// Here is somebody with a care identity, as far as a comparison needs them.
type Here struct {
	UUID, FamilyName string
	HasNI            bool
}

// Compared is what somebody in a staff record is held against.
type Compared struct {
	FamilyName string
	HasNI      bool
	UUID       string // that the staff record says is theirs; may be empty

	WithNI  []Here // who has the National Insurance number
	Named   []Here // who has the names and the birth date
	Unknown bool   // no care identity has the number that the staff record says
	Linked  string // care identity with which the person is associated already; may be empty
	Used    bool   // another person of the staff record is associated with the number that it says
}

// Classify says what a comparison comes to, and of whom it tells.
func Classify(c Compared) (Class, []string) {
	switch {
	case c.Unknown:
		return NotHere, nil
	case c.Linked != "" && c.UUID != "" && c.Linked != c.UUID:
		return DifferentHeld, []string{c.Linked}
	case c.Used:
		return AlreadyUsed, nil
	case !c.HasNI || c.FamilyName == "":
		return Unable, numbersOf(c.Named)
	case len(c.WithNI) > 1:
		return DuplicateNI, numbersOf(c.WithNI)
	case len(c.WithNI) == 0:
		return c.byName()
	}
	found := c.WithNI[0]
	switch {
	case c.UUID != "" && found.UUID != c.UUID:
		return DifferentHeld, []string{found.UUID}
	case !sameName(found.FamilyName, c.FamilyName):
		return NameDiffers, []string{found.UUID}
	}
	return Matched, []string{found.UUID}
}

// byName is Classify where nobody has the National Insurance number.
func (c Compared) byName() (Class, []string) {
	switch {
	case len(c.Named) == 0 && c.UUID == "":
		return NobodyFound, nil
	case slices.ContainsFunc(c.Named, func(h Here) bool { return h.HasNI }):
		return NIDiffers, numbersOf(c.Named)
	}
	return Unable, numbersOf(c.Named)
}

func numbersOf(list []Here) (uuids []string) {
	for _, h := range list {
		uuids = append(uuids, h.UUID)
	}
	return uuids
}

// sameName reports whether two family names are the same, accents, hyphens and capitals aside.
func sameName(a, b string) bool {
	return strings.Join(searchname.Words(a), " ") == strings.Join(searchname.Words(b), " ")
}
