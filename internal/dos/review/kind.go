package review

import (
	"slices"
	"strings"

	"signpost/internal/platform/email"
	"signpost/internal/platform/name"
)

// Kind says why a person has to look at a link.
type Kind string

// The kinds. Each but NamesDiffer and Reactivated holds the link until a reviewer has decided.
const (
	Recycled    Kind = "recycled"   // an address was another account's, or came with another Care Identity (rule R7)
	Ambiguous   Kind = "ambiguous"  // several Care Identities have the account's address
	LookAlike   Kind = "look-alike" // the addresses differ, and look the same
	NamesDiffer Kind = "names-differ"
	Reactivated Kind = "reactivated" // the Care Identity was suspended since, and opens nothing before a decision
)

// Title names the kind for people.
func (k Kind) Title() string {
	switch k {
	case Recycled:
		return "Address used before"
	case Ambiguous:
		return "Several Care Identities with the address"
	case LookAlike:
		return "Addresses that look alike"
	case NamesDiffer:
		return "Names that differ"
	case Reactivated:
		return "Care Identity suspended since the link"
	}
	return string(k)
}

// Words say what a reviewer of the kind has to look at.
func (k Kind) Words() string {
	switch k {
	case Recycled:
		return "One of the email addresses was another account’s before, or came with another Care Identity. The " +
			"mailbox of somebody who left may have been given to somebody new."
	case Ambiguous:
		return "Several Care Identities have the email address of this account. Only one of them can be its holder’s."
	case LookAlike:
		return "The two email addresses are not the same, but they look the same. Somebody may have made theirs look " +
			"like the holder’s."
	case Reactivated:
		return "The Care Identity was suspended or closed after it was linked, and is active again. Find out why, " +
			"and whether it is still the account holder who has it. Until then it does not open the account."
	case NamesDiffer:
		return "The account and the Care Identity have different names. They are linked: the person said that both " +
			"are theirs. They may have changed their name, or linked a colleague’s Care Identity."
	}
	return ""
}

// Titles names kinds for people.
func Titles(kinds []Kind) string {
	var list []string
	for _, k := range kinds {
		list = append(list, k.Title())
	}
	return strings.Join(list, "; ")
}

func join(kinds []Kind) string {
	var list []string
	for _, k := range kinds {
		list = append(list, string(k))
	}
	return strings.Join(list, ",")
}

func split(text string) (kinds []Kind) {
	for one := range strings.SplitSeq(text, ",") {
		kinds = append(kinds, Kind(one))
	}
	return kinds
}

// covers reports whether a decision about some kinds holds for others.
func covers(decided, found []Kind) bool {
	return !slices.ContainsFunc(found, func(k Kind) bool { return !slices.Contains(decided, k) })
}

// Alike reports whether two addresses differ, and people could take one for the other.
func Alike(one, other string) bool {
	a, err := email.Parse(one)
	b, otherErr := email.Parse(other)
	if err != nil || otherErr != nil {
		return false
	}
	key, _ := a.Canonical()
	otherKey, _ := b.Canonical()
	if key == otherKey {
		return false
	}
	local, domain := parts(a)
	otherLocal, otherDomain := parts(b)
	return name.LikenessOf(local).Like(name.LikenessOf(otherLocal)) &&
		name.LikenessOf(domain).Like(name.LikenessOf(otherDomain))
}

func parts(a email.Address) (local, domain string) {
	text := a.String()
	at := strings.LastIndexByte(text, '@')
	return text[:at], text[at+1:]
}
