package registration

import (
	"cmp"
	"context"
	"slices"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/authenticator/smartcard/issuing"
	"signpost/internal/careid/identity"
	"signpost/internal/platform/db"
)

// Care says why somebody is on the worklist of a registration authority.
type Care string

// The reasons.
const (
	HasNone     Care = "none"     // no authenticator works
	HasOne      Care = "one"      // only one does
	NeverUsed   Care = "unused"   // one was never used
	SoonExpires Care = "expiring" // a smartcard ends within 90 days, or has ended
)

// Cares lists the reasons, the most urgent first.
func Cares() []Care { return []Care{HasNone, SoonExpires, HasOne, NeverUsed} }

// expiryDays are how many days before its end a smartcard is listed as ending.
var expiryDays = []int{7, 30, 60, 90}

// InNeed is somebody who is on the worklist.
type InNeed struct {
	Person  identity.Identity
	Reasons []Care
	Unused  []authenticator.Authenticator
	Ends    time.Time // when their smartcard ends that ends first; zero if none ends soon
	Within  int       // of so many days: 7, 30, 60 or 90; 0 once it has ended
}

// Worklist lists the active people who are registered at an organisation and whose authenticators need somebody to
// look after them, for one reason or for any, the most urgent first, then by name.
func Worklist(ctx context.Context, r db.R, code string, only Care) (list []InNeed, err error) {
	numbers, err := identity.NumbersAt(ctx, r, code)
	if err != nil {
		return nil, err
	}
	for chunk := range slices.Chunk(numbers, effectChunk) {
		found, err := inNeed(ctx, r, chunk)
		if err != nil {
			return nil, err
		}
		list = append(list, found...)
	}
	if only != "" {
		list = slices.DeleteFunc(list, func(n InNeed) bool { return !slices.Contains(n.Reasons, only) })
	}
	slices.SortFunc(list, func(a, b InNeed) int {
		return cmp.Or(cmp.Compare(a.urgency(), b.urgency()), a.Ends.Compare(b.Ends),
			cmp.Compare(a.Person.FamilyName, b.Person.FamilyName), cmp.Compare(a.Person.GivenName, b.Person.GivenName),
			cmp.Compare(a.Person.UUID, b.Person.UUID))
	})
	return list, nil
}

// urgency is the place of the most urgent reason.
func (n InNeed) urgency() int { return slices.Index(Cares(), n.Reasons[0]) }

func inNeed(ctx context.Context, r db.R, numbers []string) (list []InNeed, err error) {
	people, err := identity.ByUUIDs(ctx, r, numbers)
	if err != nil {
		return nil, err
	}
	bound, err := authenticator.OfIdentities(ctx, r, numbers)
	if err != nil {
		return nil, err
	}
	var cards []string
	for _, all := range bound {
		for _, a := range all {
			if a.Status == authenticator.Active {
				cards = append(cards, a.ID)
			}
		}
	}
	ends := map[string]time.Time{}
	for chunk := range slices.Chunk(cards, effectChunk) {
		some, err := issuing.EndsOf(ctx, r, chunk)
		if err != nil {
			return nil, err
		}
		for id, at := range some {
			ends[id] = at
		}
	}
	for uuid, person := range people {
		if person.Status != identity.Active {
			continue
		}
		if n := needOf(person, bound[uuid], ends, r.Now()); len(n.Reasons) > 0 {
			list = append(list, n)
		}
	}
	return list, nil
}

// needOf says why somebody needs to be looked after.
func needOf(
	person identity.Identity, bound []authenticator.Authenticator, ends map[string]time.Time, now time.Time,
) InNeed {
	n := InNeed{Person: person}
	working := 0
	for _, a := range bound {
		if a.Status != authenticator.Active {
			continue
		}
		until, isCard := ends[a.ID]
		if !isCard || now.Before(until) {
			working++
		}
		if a.Used.IsZero() {
			n.Unused = append(n.Unused, a)
		}
		if within, soon := expiry(until, now); isCard && soon && (n.Ends.IsZero() || until.Before(n.Ends)) {
			n.Ends = until
			n.Within = within
		}
	}
	holds := map[Care]bool{
		HasNone: working == 0, HasOne: working == 1, NeverUsed: len(n.Unused) > 0, SoonExpires: !n.Ends.IsZero(),
	}
	n.Reasons = slices.DeleteFunc(Cares(), func(c Care) bool { return !holds[c] })
	return n
}

// expiry says within how many days a time comes, of those that count; 0 once it has come.
func expiry(until, now time.Time) (within int, soon bool) {
	if !now.Before(until) {
		return 0, true
	}
	for _, days := range expiryDays {
		if until.Sub(now) <= time.Duration(days)*24*time.Hour {
			return days, true
		}
	}
	return 0, false
}
