package drift

import (
	"signpost/internal/national/extract"
	"signpost/internal/platform/email"
)

// Cause is why the addresses of an account and of its holder's Care Identity most likely went apart.
type Cause string

// The causes.
const (
	None       Cause = ""
	Typo       Cause = "typo"     // one of them was typed wrongly
	DomainMove Cause = "domain"   // the organisation's mail moved, or the person went to another one
	NameChange Cause = "name"     // the person has another name
	Leaver     Cause = "leaver"   // the person has left
	Recycled   Cause = "recycled" // the account's address is somebody else's now
	Missing    Cause = "missing"  // the Care Identity has no address
	Had        Cause = "had"      // the name is the same in part, and one side had the other's address
	Unclear    Cause = "unclear"
)

// Causes lists those that there are, in the order in which pages show them.
func Causes() []Cause {
	return []Cause{Recycled, Leaver, Typo, DomainMove, NameChange, Had, Missing, Unclear}
}

// Facts are what is known of the addresses of one person. Addresses are in canonical form.
type Facts struct {
	Ours   string // of the account
	Theirs string // of the Care Identity; empty where it has none, or it is not told
	Staff  string // of the staff record; empty where none is fed

	By    extract.By // by what the Care Identity was found; empty where none was
	Name  extract.Name
	State extract.State
	Had   bool // the Care Identity had our address before
	WeHad bool // the account had theirs before
	Taken bool // another Care Identity has our address
	Left  bool // the staff record says that they have left
}

// FactsOf gives the facts about an account from an answer about it. The account had some addresses before.
func FactsOf(ours string, former []string, c *extract.Compared) Facts {
	if c == nil {
		return Facts{Ours: ours}
	}
	f := Facts{
		Ours: ours, Theirs: c.Email, Staff: c.Staff, By: c.By, Name: c.Name, State: c.State, Had: c.Had, Taken: c.Taken,
		Left: c.Left,
	}
	if c.By == extract.ByAddress {
		f.Theirs = ours
	}
	for _, one := range former {
		f.WeHad = f.WeHad || one == f.Theirs
	}
	return f
}

// CauseOf gives the likely cause by which addresses went apart; None if they did not, or no Care Identity was found.
// The dangerous ones come first: that the person has left, or that somebody else has the address.
func CauseOf(f Facts) Cause {
	switch {
	case f.By == "" || f.Ours == "":
		return None
	case f.Taken || f.By == extract.ByAddress && f.Name == extract.NameOther:
		return Recycled
	case f.Theirs == "" && f.By == extract.ByFormer && f.Name != extract.NameSame:
		return Had // also where that person has left: the holder may be whoever got their mailbox
	case f.Left || f.State == extract.Closed && f.Theirs != f.Ours:
		return Leaver
	case f.Theirs == "":
		return Missing
	}
	other := f.other()
	if other == f.Ours {
		return None
	}
	switch email.Differ(f.Ours, other) {
	case email.Mistyped:
		return Typo
	case email.OtherDomain:
		return DomainMove
	case email.OtherName:
		return NameChange
	}
	if f.Name == extract.NamePart {
		return NameChange
	}
	return Unclear
}

// other is the address that is not the account's: of the Care Identity, or else of the staff record.
func (f Facts) other() string {
	if f.Theirs == f.Ours && f.Staff != "" {
		return f.Staff
	}
	return f.Theirs
}

// Place says where the address is to be changed.
type Place string

// The places.
const (
	InDirectory    Place = "dos"     // the account has the old one
	InCareIdentity Place = "care-id" // the Care Identity has
	Unsure         Place = "either"  // nobody can say but the person
	ByOthers       Place = "others"  // the person cannot mend it: an administrator has to look
)

// PlaceOf says where the address is to be changed. The staff record and what each side had before tell which one is
// old.
func PlaceOf(f Facts) Place {
	switch cause := CauseOf(f); {
	case cause == None:
		return Unsure
	case cause == Recycled || cause == Leaver || cause == Had:
		return ByOthers
	case cause == Missing:
		return InCareIdentity
	case f.Theirs == f.Ours:
		return Unsure
	case f.Staff == f.Ours:
		return InCareIdentity
	case f.Staff != "" && f.Staff == f.Theirs:
		return InDirectory
	case f.Had && !f.WeHad:
		return InDirectory
	case f.WeHad && !f.Had:
		return InCareIdentity
	}
	return Unsure
}
