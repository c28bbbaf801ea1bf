// Package finding finds people for those who work at a registration authority: by any of their names, their number,
// their email address of today or before, or their National Insurance number.
//
// Of people whom another registration authority looks after it tells the name and that authority alone, so that nobody
// is made twice. Each search is recorded. It does not know what anybody may do to who was found.
package finding

import (
	"context"
	"slices"
	"strings"

	"signpost/internal/careid/hosting"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/identity/detail"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/searchname"
)

// eventSearched is recorded when somebody searches for people, of whatever organisation.
const eventSearched audit.Kind = "registration.searched"

// sort is what somebody typed.
type sort string

const (
	byNumber sort = "number"
	byEmail  sort = "email address"
	byNI     sort = "National Insurance number"
	byName   sort = "name"
)

var (
	errNumber = fault.OfField("find", "A Care Identity number has 12 digits")
	errNone   = fault.OfField("find", "Enter a name, an email address, a Care Identity number or a National Insurance "+
		"number")
)

// sortOf says what somebody typed.
func sortOf(typed string) (sort, error) {
	digits, isNumber := identity.Digits(typed)
	_, problem := detail.ParseNI(typed)
	switch {
	case isNumber && identity.IsNumber(digits):
		return byNumber, nil
	case isNumber:
		return "", errNumber
	case problem == nil:
		return byNI, nil
	case strings.Contains(typed, "@"):
		return byEmail, nil
	case searchname.Of(typed) == "":
		return "", errNone
	}
	return byName, nil
}

// Note records that the actor, of a registration authority, searches for what they typed. A National Insurance number
// does not stand in the event, nor does what may be a mistyped one.
func Note(ctx context.Context, d *db.DB, by actor.Actor, authority, typed string) error {
	kind, err := sortOf(typed)
	if err != nil {
		return err
	}
	after := map[string]string{"by": string(kind)}
	if kind == byNumber || kind == byEmail || kind == byName && !strings.ContainsAny(typed, "0123456789") {
		after["text"] = typed
	}
	about := organisation.Ref(authority)
	return d.Update(ctx, by, func(w *db.W) error {
		if _, err := officer.Require(ctx, w, officer.Asked{Act: permission.Find, About: about}); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventSearched, Subject: about, After: after})
	})
}

// Found is somebody who was found.
type Found struct {
	Name      string
	At        string // the organisation where they are registered; empty of those elsewhere
	Authority string // that looks after them, where it is another one

	Identity identity.Identity // of those whom the searcher's authority looks after; else the zero one
}

// Elsewhere reports whether another registration authority looks after the person.
func (f Found) Elsewhere() bool { return f.Identity.UUID == "" }

// Find finds people for the registration authority of an organisation: at most limit of them after the first skip, and
// how many there are in all. What is too little to search by is fault.Invalid.
func Find(
	ctx context.Context, r db.R, box *seal.Box, authority, typed string, skip, limit int,
) (list []Found, total int, err error) {
	people, total, err := search(ctx, r, box, typed, skip, limit)
	if err != nil {
		return nil, 0, err
	}
	var codes []string
	for _, i := range people {
		codes = append(codes, i.Organisation)
	}
	texts, err := organisation.Texts(ctx, r, codes)
	if err != nil {
		return nil, 0, err
	}
	authorities, err := hosting.RegistrationAuthorities(ctx, r, codes)
	if err != nil {
		return nil, 0, err
	}
	served := map[string]bool{}
	for _, code := range slices.Compact(slices.Sorted(slices.Values(codes))) {
		if served[code], err = hosting.Serves(ctx, r, authority, code); err != nil {
			return nil, 0, err
		}
	}
	for _, i := range people {
		f := Found{Name: i.DisplayName()}
		if served[i.Organisation] {
			f.At = texts[i.Organisation]
			f.Identity = i
		} else if other, known := authorities[i.Organisation]; known {
			f.Authority = other.Text()
		}
		list = append(list, f)
	}
	return list, total, nil
}

// search finds the people by whatever was typed.
func search(
	ctx context.Context, r db.R, box *seal.Box, typed string, skip, limit int,
) ([]identity.Identity, int, error) {
	kind, err := sortOf(typed)
	if err != nil {
		return nil, 0, err
	}
	switch kind {
	case byNumber:
		number, _ := identity.Digits(typed)
		return numbered(ctx, r, []string{number}, skip, limit)
	case byNI:
		n, err := detail.ParseNI(typed)
		if err != nil {
			return nil, 0, err
		}
		numbers, err := detail.WithNI(ctx, r, box, n)
		if err != nil {
			return nil, 0, err
		}
		return numbered(ctx, r, numbers, skip, limit)
	case byEmail:
		if numbers, err := withEmail(ctx, r, typed); err != nil || len(numbers) > 0 {
			if err != nil {
				return nil, 0, err
			}
			return numbered(ctx, r, numbers, skip, limit)
		}
	}
	return identity.Search(ctx, r, typed, skip, limit)
}

// withEmail gives the numbers of those who have or had an address that was typed as a whole.
func withEmail(ctx context.Context, r db.R, typed string) (numbers []string, err error) {
	address, err := email.Parse(typed)
	if err != nil {
		return nil, nil //nolint:nilerr // the beginning of an address is none, and is searched for as such
	}
	key, _ := address.Canonical()
	have, err := identity.ByEmail(ctx, r, key)
	if err != nil {
		return nil, err
	}
	had, err := identity.HadEmails(ctx, r, []string{key})
	if err != nil {
		return nil, err
	}
	for _, i := range have {
		numbers = append(numbers, i.UUID)
	}
	return append(numbers, had[key]...), nil
}

// numbered reads the people with numbers, of which each counts once, in their order.
func numbered(
	ctx context.Context, r db.R, numbers []string, skip, limit int,
) (list []identity.Identity, total int, err error) {
	numbers = slices.Compact(slices.Sorted(slices.Values(numbers)))
	people, err := identity.ByUUIDs(ctx, r, numbers)
	if err != nil {
		return nil, 0, err
	}
	numbers = slices.DeleteFunc(numbers, func(n string) bool { return people[n].UUID == "" })
	for _, n := range numbers[min(skip, len(numbers)):min(skip+limit, len(numbers))] {
		list = append(list, people[n])
	}
	return list, len(numbers), nil
}
