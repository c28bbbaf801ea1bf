package apply

import (
	"context"
	"fmt"
	"slices"

	"signpost/internal/careid/hosting"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/identity/detail"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// Same is who seems to be the applicant already.
type Same struct {
	UUIDs        []string // care identities with the National Insurance number, or with the name and birth date
	Applications int      // others that are under way with the National Insurance number
}

// Any reports whether anybody seems to be the applicant.
func (s Same) Any() bool { return len(s.UUIDs) > 0 || s.Applications > 0 }

const countWithNI = `SELECT COUNT(*) FROM application WHERE ni_digest = $1 AND id <> $2
	AND state NOT IN ('approved', 'rejected', 'withdrawn')`

// same looks for the applicant among those who have a Care Identity, and those who apply.
func (d *Desk) same(ctx context.Context, r db.R, p Progress) (s Same, err error) {
	if s.UUIDs, err = detail.WithNI(ctx, r, d.Box, p.NI); err != nil {
		return s, err
	}
	named, err := identity.Named(ctx, r, p.Answers.GivenName, p.Answers.FamilyName)
	if err != nil {
		return s, err
	}
	var uuids []string
	for _, i := range named {
		uuids = append(uuids, i.UUID)
	}
	born, err := detail.Born(ctx, r, p.BirthDate, uuids)
	if err != nil {
		return s, err
	}
	s.UUIDs = slices.Concat(s.UUIDs, born)
	slices.Sort(s.UUIDs)
	s.UUIDs = slices.Compact(s.UUIDs)
	n, err := db.Value[int64](ctx, r, countWithNI, d.niDigest(p.NI), p.ID)
	if err != nil {
		return s, fmt.Errorf("count applications with a National Insurance number: %w", err)
	}
	s.Applications = int(n)
	return s, nil
}

// stopSame stops the application of somebody who seems to have a Care Identity. They are not told whose it is.
func (d *Desk) stopSame(ctx context.Context, w *db.W, p Progress, same Same) error {
	if err := d.move(ctx, w, &p.Application, stopSame, Applicant); err != nil {
		return err
	}
	err := d.tellInviter(ctx, w, p.Application, "they seem to have a Care Identity already, or another application.",
		"Look at the application: it says what you may know. If they have one, they need no other.")
	if err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventSame, Subject: Ref(p.ID),
		After: map[string]any{"identities": same.UUIDs, "applications": same.Applications}})
}

// Match is somebody who seems to be an applicant, as far as whoever invited them may know.
type Match struct {
	UUID, Name string // empty where another registration authority looks after them
}

// Matches says who seems to be an applicant of the actor's, and records that they looked.
func (d *Desk) Matches(ctx context.Context, by actor.Actor, id string) ([]Match, error) {
	return db.Write(ctx, d.DB, by, func(w *db.W) ([]Match, error) {
		a, err := invited(ctx, w, id)
		if err != nil {
			return nil, err
		}
		p, err := d.progress(ctx, w, a)
		if err != nil || a.State != Duplicate {
			return nil, err
		}
		same, err := d.same(ctx, w, p)
		if err != nil {
			return nil, err
		}
		list := make([]Match, same.Applications)
		found, err := identity.ByUUIDs(ctx, w, same.UUIDs)
		if err != nil {
			return nil, err
		}
		for _, uuid := range same.UUIDs {
			m, err := matchFor(ctx, w, found[uuid])
			if err != nil {
				return nil, err
			}
			list = append(list, m)
		}
		return list, w.Record(ctx, audit.Event{Kind: eventShown, Subject: Ref(id),
			After: map[string]any{"matches": same.UUIDs}})
	})
}

// matchFor is what the actor may know of somebody: their number and name if they could find them.
func matchFor(ctx context.Context, w *db.W, i identity.Identity) (m Match, err error) {
	jobs, err := officer.OfActive(ctx, w, w.Actor().ID)
	if err != nil {
		return m, err
	}
	job, may := jobs.Best(permission.Invite, permission.Yes)
	if !may {
		return m, nil
	}
	serves, err := hosting.Serves(ctx, w, job.Organisation, i.Organisation)
	if err != nil || !serves {
		return m, err
	}
	return Match{UUID: i.UUID, Name: i.DisplayName()}, nil
}
