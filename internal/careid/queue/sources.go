package queue

import (
	"context"
	"slices"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/apply"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/identity/equipment"
	"signpost/internal/careid/registration/deciding"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/careid/request"
	"signpost/internal/platform/db"
	"signpost/internal/platform/when"
)

// requests gives what was asked for of one kind of request.
func (w *reading) requests(k kind, one request.Kind, late bool) source {
	return func(ctx context.Context, r db.R, after Place, limit int) (list []Item, err error) {
		codes, err := w.at(ctx, r, permission.DecideRequest, deciding.ActOf(one))
		if err != nil {
			return nil, err
		}
		wanted := request.WaitingList{Kind: one, Organisations: codes, NotOf: w.reader.UUID,
			AfterDue: after.when, AfterID: after.id}
		if late {
			wanted.Before = w.asOf
		} else {
			wanted.From = w.asOf
		}
		for len(list) < limit {
			found, err := wanted.List(ctx, r, limit)
			if err != nil {
				return nil, err
			}
			seen, err := w.reader.SeesAll(ctx, r, found)
			if err != nil {
				return nil, err
			}
			items, err := asked(ctx, r, k, seen, late)
			if err != nil {
				return nil, err
			}
			list = append(list, items...)
			if len(found) < limit {
				break
			}
			last := found[len(found)-1]
			wanted.AfterDue, wanted.AfterID = last.Due, last.ID
		}
		return list[:min(limit, len(list))], nil
	}
}

// asked makes items of requests. Of a position it says whether its holder could use it.
func asked(ctx context.Context, r db.R, k kind, list []request.Request, late bool) (items []Item, err error) {
	var equipped map[string]bool
	if k.kind == Position {
		var uuids []string
		for _, q := range list {
			uuids = append(uuids, q.Subject.UUID)
		}
		if equipped, err = equipment.Equipped(ctx, r, uuids); err != nil {
			return nil, err
		}
	}
	for _, q := range list {
		reason := k.reason
		if q.Kind() == request.GrantPosition && !equipped[q.Subject.UUID] {
			reason += ", and have no authenticator"
		}
		items = append(items, Item{
			Kind: k.kind, Request: q, UUID: q.Subject.UUID, Name: q.Subject.Name, Organisation: q.Organisation,
			Since: q.Asked, Due: q.Due, Late: late, Reason: reason, by: q.Due, id: q.ID,
		})
	}
	return items, nil
}

// applications gives those that wait for somebody to check them who did not invite the applicant.
func (w *reading) applications(k kind, late bool) source {
	return func(ctx context.Context, r db.R, after Place, limit int) (list []Item, err error) {
		codes, err := w.at(ctx, r, permission.CreateProfile)
		if err != nil {
			return nil, err
		}
		wanted := apply.WaitingList{Organisations: codes, NotOf: w.reader.UUID, AfterDue: after.when, AfterID: after.id}
		if late {
			wanted.Before = w.asOf
		} else {
			wanted.From = w.asOf
		}
		found, err := wanted.List(ctx, r, limit)
		for _, a := range found {
			list = append(list, Item{
				Kind: k.kind, Application: a.ID, Name: a.Name(), Organisation: a.Organisation, Since: a.Moved,
				Due: a.Due, Late: late, Reason: k.reason, by: a.Due, id: a.ID,
			})
		}
		return list, err
	}
}

// pending gives identities that were made and that nobody can use yet, which are due as requests are.
func (w *reading) pending(late bool) source {
	return func(ctx context.Context, r db.R, after Place, limit int) (list []Item, err error) {
		codes, err := w.at(ctx, r, permission.CreateProfile)
		if err != nil {
			return nil, err
		}
		wanted := identity.WaitingList{For: identity.WaitsForUse, Organisations: codes, NotOf: w.reader.UUID,
			AfterMade: after.when, AfterUUID: after.id}
		wanted.From, wanted.Before = w.begun(late)
		found, err := wanted.List(ctx, r, limit)
		for _, i := range found {
			list = append(list, Item{
				Kind: NewIdentity, UUID: i.UUID, Name: i.DisplayName(), Organisation: i.Organisation, Since: i.Created,
				Due: when.WorkingDaysAfter(i.Created, w.days), Late: late,
				Reason: "It was made, and cannot be used yet", by: i.Created, id: i.UUID,
			})
		}
		return list, err
	}
}

// begun says between which moments that began which nobody asked for and which is late, or is not.
func (w *reading) begun(late bool) (from, before time.Time) {
	over := when.WorkingDaysBefore(w.asOf, w.days)
	if late {
		return time.Time{}, over
	}
	return over, time.Time{}
}

// bare gives people who hold access and have no authenticator, whom the reader may give one. They are due as requests
// are, but come after what somebody asked for: an import brings thousands of them at once.
func (w *reading) bare(late bool) source {
	return func(ctx context.Context, r db.R, after Place, limit int) (list []Item, err error) {
		codes, err := w.at(ctx, r, permission.BindAuthenticator)
		if err != nil {
			return nil, err
		}
		wanted := equipment.List{Organisations: codes, NotOf: w.reader.UUID, AsOf: w.asOf, AfterSince: after.when,
			AfterUUID: after.id}
		wanted.From, wanted.Before = w.begun(late)
		for len(list) < limit {
			found, err := wanted.Read(ctx, r, limit)
			if err != nil {
				return nil, err
			}
			seen, err := w.inNeed(ctx, r, found)
			if err != nil {
				return nil, err
			}
			for _, one := range seen {
				list = append(list, Item{
					Kind: Bare, UUID: one.UUID, Organisation: one.Organisation, Since: one.Since,
					Due: when.WorkingDaysAfter(one.Since, w.days), Late: late, Reason: Bare.reason(),
					by: one.Since, id: one.UUID,
				})
			}
			if len(found) < limit {
				break
			}
			last := found[len(found)-1]
			wanted.AfterSince, wanted.AfterUUID = last.Since, last.UUID
		}
		return list[:min(limit, len(list))], nil
	}
}

// inNeed leaves of people without an authenticator those who are active, hold access at this moment, and are below the
// reader.
func (w *reading) inNeed(ctx context.Context, r db.R, found []equipment.Bare) ([]equipment.Bare, error) {
	if len(found) == 0 {
		return nil, nil
	}
	uuids := make([]string, len(found))
	for i, one := range found {
		uuids[i] = one.UUID
	}
	people, err := identity.ByUUIDs(ctx, r, uuids)
	if err != nil {
		return nil, err
	}
	held, err := access.OfIdentities(ctx, r, uuids)
	if err != nil {
		return nil, err
	}
	theirs, err := officer.HighestOf(ctx, r, uuids)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(found), func(one equipment.Bare) bool {
		job, has := theirs[one.UUID]
		if !has {
			job = permission.User
		}
		inForce := func(a access.Assignment) bool { return a.InForce(r.Now()) }
		return people[one.UUID].Status != identity.Active || !slices.ContainsFunc(held[one.UUID], inForce) ||
			!w.reader.MayOver(permission.BindAuthenticator, job)
	}), nil
}

// unverified gives identities that were brought from elsewhere. They work at most services: nobody has set a day.
func (w *reading) unverified(ctx context.Context, r db.R, after Place, limit int) (list []Item, err error) {
	codes, err := w.at(ctx, r, permission.VerifyProfile)
	if err != nil {
		return nil, err
	}
	wanted := identity.WaitingList{For: identity.WaitsForProofs, Organisations: codes, NotOf: w.reader.UUID,
		AfterMade: after.when, AfterUUID: after.id}
	found, err := wanted.List(ctx, r, limit)
	for _, i := range found {
		list = append(list, Item{
			Kind: Verify, UUID: i.UUID, Name: i.DisplayName(), Organisation: i.Organisation, Since: i.Created,
			Reason: "It was brought from elsewhere, and nobody has seen documents", by: i.Created, id: i.UUID,
		})
	}
	return list, err
}
