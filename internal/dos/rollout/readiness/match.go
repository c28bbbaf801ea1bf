package readiness

import (
	"slices"

	"signpost/internal/platform/email"
	"signpost/internal/platform/name"
)

// Class says what was found for an account among the Care Identities.
type Class string

// The classes. An account has one.
const (
	Exact               Class = "exact"                // one Care Identity has the address, and the name is no other
	Drifted             Class = "drifted"              // one has the name, and an address that is much like it
	DuplicateAccounts   Class = "duplicate_accounts"   // more than one account has the address
	DuplicateIdentities Class = "duplicate_identities" // more than one Care Identity has the address
	LookAlike           Class = "look_alike"           // somebody may be meant, and a person has to look
	RoleMailbox         Class = "role_mailbox"         // the address is a team's, or the account is shared
	Recycled            Class = "recycled"             // the address is now that of somebody with another name
	None                Class = "none"                 // nobody was found
	NotAsked            Class = "not_asked"            // there is no list of Care Identities
)

// Classes lists the classes, in the order in which to show them.
func Classes() []Class {
	return []Class{Exact, Drifted, DuplicateAccounts, DuplicateIdentities, LookAlike, RoleMailbox, Recycled, None,
		NotAsked}
}

// Title is what people call the class.
func (c Class) Title() string { return classTexts[c].title }

// Meaning says in a sentence what the class means.
func (c Class) Meaning() string { return classTexts[c].meaning }

var classTexts = map[Class]struct{ title, meaning string }{
	Exact:               {"Same address", "One Care Identity has the address of the account."},
	Drifted:             {"Address differs", "One Care Identity has the name, with an address that is much like it."},
	DuplicateAccounts:   {"Accounts with one address", "More than one account has this address."},
	DuplicateIdentities: {"Care Identities with one address", "More than one Care Identity has this address."},
	LookAlike:           {"Looks alike", "Somebody much like it was found. A person has to look."},
	RoleMailbox:         {"Team address", "The account is shared, or its address is a team's."},
	Recycled:            {"Somebody else’s address now", "A Care Identity with another name has this address."},
	None:                {"Nobody found", "No Care Identity has the address, or the name with one like it."},
	NotAsked:            {"Not compared", "There was no list of Care Identities."},
}

// matcher finds the Care Identities of accounts.
type matcher struct {
	identities []Identity
	byUUID     map[string]int
	byKey      map[string][]int
	byName     map[uint64][]int
	byLocal    map[uint64][]int
	accounts   map[string]int // how many individual accounts have an address
}

func newMatcher(accounts []Account, identities []Identity) *matcher {
	m := &matcher{
		identities: identities, byUUID: make(map[string]int, len(identities)),
		byKey: make(map[string][]int, len(identities)), byName: make(map[uint64][]int, len(identities)),
		byLocal: make(map[uint64][]int, len(identities)), accounts: make(map[string]int, len(accounts)),
	}
	for _, a := range accounts {
		if a.Kind == Individual && a.key != "" {
			m.accounts[a.key]++
		}
	}
	for i, one := range identities {
		m.byUUID[one.UUID] = i
		if one.key != "" {
			m.byKey[one.key] = append(m.byKey[one.key], i)
			local := localKey([]byte(one.key))
			m.byLocal[local] = append(m.byLocal[local], i)
		}
		if one.name != 0 {
			m.byName[one.name] = append(m.byName[one.name], i)
		}
	}
	return m
}

// match gives the class of an account, and the Care Identities that it is about, by their places in the list.
func (m *matcher) match(a Account) (Class, []int) {
	if a.Kind == Shared || a.role {
		return RoleMailbox, nil
	}
	if i, is := m.byUUID[a.subject]; is && a.subject != "" {
		return m.matchLinked(a, i)
	}
	holders := m.byKey[a.key]
	switch {
	case a.key != "" && m.accounts[a.key] > 1:
		return DuplicateAccounts, holders
	case a.key == "" || len(holders) == 0:
		return m.matchLike(a)
	case len(holders) > 1:
		return DuplicateIdentities, holders
	}
	holder := m.identities[holders[0]]
	if a.compareTo(holder) == namesDiffer {
		return Recycled, holders
	}
	return Exact, holders
}

// matchLinked gives the class of an account that is linked. After linking the link alone says whose it is, whatever the
// addresses and names are.
func (m *matcher) matchLinked(a Account, i int) (Class, []int) {
	if a.key != "" && a.key == m.identities[i].key {
		return Exact, []int{i}
	}
	return Drifted, []int{i}
}

// matchLike looks for the Care Identity of an account whose address none has.
func (m *matcher) matchLike(a Account) (Class, []int) {
	var drifted, alike []int
	for _, i := range m.byName[a.name] {
		one := m.identities[i]
		if a.compareTo(one) != namesAgree {
			continue
		}
		switch {
		case isMuchLike(a, one):
			drifted = append(drifted, i)
		case looksLike(a.Email, one.Email) || a.key == "":
			alike = append(alike, i)
		}
	}
	if len(drifted) == 1 && len(alike) == 0 {
		return Drifted, drifted
	}
	if a.key != "" {
		alike = append(alike, m.sameLocal(a)...)
	}
	if found := append(drifted, alike...); len(found) > 0 {
		slices.Sort(found)
		return LookAlike, slices.Compact(found)
	}
	return None, nil
}

// isMuchLike reports whether the address of a Care Identity of the same name may be that of the account as it was, or
// as it will be, or with a slip of the keyboard; or whether it is another one of the same organisation.
func isMuchLike(a Account, one Identity) bool {
	if a.key != "" && one.key != "" && email.Differ(a.key, one.key) != email.AllDifferent {
		return true
	}
	return a.key != "" && a.Organisation != "" && a.Organisation == one.Organisation && !looksLike(a.Email, one.Email)
}

// looksLike reports whether people could take two addresses, which are not one, for each other.
func looksLike(one, other string) bool {
	return one != "" && other != "" && name.LikenessOf(one).Like(name.LikenessOf(other))
}

// sameLocal gives those whose address differs in the domain alone, and whose name does not say that they are another.
func (m *matcher) sameLocal(a Account) (alike []int) {
	for _, i := range m.byLocal[localKey([]byte(a.key))] {
		one := m.identities[i]
		names := a.compareTo(one)
		if names == namesUnknown || names == namesShare {
			alike = append(alike, i)
		}
	}
	return alike
}
