package readiness

import (
	"cmp"
	"hash/maphash"
	"slices"

	"signpost/internal/national/path"
	"signpost/internal/platform/email"
	"signpost/internal/platform/sheet"
)

// Identity is one Care Identity of the list.
type Identity struct {
	Row                 int
	UUID                string
	Email               string
	FirstName, LastName string
	Active              bool
	Verified            path.Known // the address
	Organisation        string
	Authority           string
	Position            path.Known
	Approved            path.Known // the best authenticator, by the organisation
	Level               int        // of the best authenticator; -1 is that nobody has said
	kinds               uint16
	key                 string
	name                uint64
}

// wanted is what is asked of each Care Identity of a long list, so that only those are kept that may be somebody's.
type wanted struct {
	subjects map[string]bool // of those that accounts are linked to
	names    map[uint64]bool
	locals   map[uint64]bool // what stands before the @ of addresses
	filter   filter
}

// filter answers for most texts that they are not among many, without looking.
type filter []uint64

// filterBits is how many bits a filter has, a power of two: some ten for each of 100,000 texts.
const filterBits = 1 << 20

func (f filter) add(key uint64)      { f[key%filterBits/64] |= 1 << (key % 64) }
func (f filter) may(key uint64) bool { return f[key%filterBits/64]&(1<<(key%64)) != 0 }

func wantedBy(accounts []Account) *wanted {
	w := &wanted{
		subjects: map[string]bool{}, names: make(map[uint64]bool, len(accounts)),
		locals: make(map[uint64]bool, len(accounts)), filter: make(filter, filterBits/64),
	}
	for _, a := range accounts {
		if a.Kind != Individual {
			continue
		}
		if a.subject != "" {
			w.subjects[a.subject] = true
		}
		if a.key != "" && !a.role {
			local := localKey([]byte(a.key))
			w.locals[local] = true
			w.filter.add(local)
		}
		if a.name != 0 {
			w.names[a.name] = true
			w.filter.add(a.name)
		}
	}
	return w
}

// localKey is a key of what stands before the @ of an address.
func localKey(key []byte) uint64 {
	for i, c := range key {
		if c == '@' {
			return maphash.Bytes(nameSeed, key[:i])
		}
	}
	return 0
}

// wants reports whether an address or a name may be that of an account. An equal address has an equal part before the
// @.
func (w *wanted) wants(key []byte, name uint64) bool {
	if name != 0 && w.filter.may(name) && w.names[name] {
		return true
	}
	if len(key) == 0 {
		return false
	}
	local := localKey(key)
	return w.filter.may(local) && w.locals[local]
}

// isSubject reports whether an account is linked to a Care Identity.
func (w *wanted) isSubject(uuid []byte) bool { return len(w.subjects) > 0 && w.subjects[uuidIn(uuid)] }

// identityPart is what one worker read of the Care Identities.
type identityPart struct {
	wanted     *wanted
	rows       int
	identities []Identity
	refused    []Refused
	words      words
	key        []byte
}

// hasColumns says which columns a list of Care Identities has. A list that has none says nothing about any of them.
type hasColumns struct{ status, verified, position, authenticators, level, approved bool }

// identityList is what of a list of Care Identities may belong to the accounts.
type identityList struct {
	identities []Identity
	rows       int
	has        hasColumns
	refused    []Refused
	about      sheet.About
}

func readIdentities(open sheet.Source, columns map[string]string, w *wanted) (list identityList, err error) {
	options, err := named(identityColumns(), "identities", columns)
	if err != nil {
		return list, err
	}
	parts, about, err := sheet.ReadLarge(open, options, func() *identityPart {
		return &identityPart{wanted: w, words: newWords()}
	}, (*identityPart).row)
	if err != nil {
		return list, err
	}
	list.about = about
	for _, part := range parts {
		list.identities = append(list.identities, part.identities...)
		list.rows += part.rows
		list.refused = append(list.refused, part.refused...)
	}
	_, list.has.status = about.Under["status"]
	_, list.has.verified = about.Under["email_verified"]
	_, list.has.position = about.Under["positions"]
	_, list.has.authenticators = about.Under["authenticators"]
	_, list.has.level = about.Under["authenticator_level"]
	_, list.has.approved = about.Under["authenticator_approved"]
	slices.SortFunc(list.identities, func(a, b Identity) int { return cmp.Compare(a.Row, b.Row) })
	list.identities = together(list.identities)
	sortRefused(list.refused)
	return list, nil
}

// row keeps the Care Identity of one row where it may be that of an account.
func (p *identityPart) row(c *sheet.Cells) {
	if c.Refused != nil {
		p.refused = append(p.refused, Refused{Row: c.Number, Reason: c.Refused.Error()})
		return
	}
	p.rows++
	typed := c.Get(identityEmail)
	key, automatic := email.AppendKey(p.key[:0], typed)
	p.key = key
	if !automatic {
		key = nil
	}
	name := nameKey(c.Get(identityFirstName), c.Get(identityLastName))
	uuid := c.Get(identityUUID)
	if !p.wanted.wants(key, name) && !p.wanted.isSubject(uuid) {
		return
	}
	status := p.words.statusOf(c.Get(identityStatus))
	if status == closed {
		return
	}
	held := p.words.heldIn(c.Get(identityAuthenticators))
	p.identities = append(p.identities, Identity{
		Row:          c.Number,
		UUID:         uuidIn(uuid),
		Email:        string(typed),
		FirstName:    p.words.textOf(c.Get(identityFirstName)),
		LastName:     p.words.textOf(c.Get(identityLastName)),
		Active:       status == unsaid || status == active,
		Verified:     p.words.yesOrNo(c.Get(identityVerified)),
		Organisation: p.words.textOf(c.Get(identityOrganisation)),
		Authority:    p.words.textOf(c.Get(identityAuthority)),
		Position:     p.words.positionOf(c.Get(identityPosition)),
		Approved:     p.words.yesOrNo(c.Get(identityApproved)),
		Level:        levelOf(c, held),
		kinds:        held.kinds,
		key:          string(key),
		name:         name,
	})
}

// levelOf gives the level of the best authenticator: what the list says, or else what its kinds can reach; -1 is that
// nobody can say.
func levelOf(c *sheet.Cells, held authenticators) int {
	if cell := c.Get(identityLevel); len(cell) > 0 {
		return levelIn(cell)
	}
	best := 0
	for _, kind := range kindsIn(held.kinds) {
		best = max(best, int(kind.MaxLevel()))
	}
	if best == 0 && held.unknown {
		return -1
	}
	return best
}
