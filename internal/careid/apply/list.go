package apply

import (
	"context"
	"fmt"
	"slices"
	"time"

	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Reader is somebody who looks at applications.
type Reader struct {
	UUID string
	officer.List
}

// Invites reports whether the reader's job lets them invite people.
func (r Reader) Invites() bool { return r.May(permission.Invite, permission.Yes) }

// Checks reports whether the reader's job lets them decide applications.
func (r Reader) Checks() bool { return r.May(permission.CreateProfile, permission.Yes) }

// inStored are the stored states that a state is worked out from, with the condition that makes it so.
func inStored(s State, a *db.Arguments, now time.Time) string {
	const goes = `state IN ('invited', 'started', 'returned')`
	locked := fmt.Sprintf(`(codes_wrong >= %d OR codes_sent > %d)`, maxWrongCodes, maxCodes)
	switch s {
	case PhoneLocked:
		return goes + ` AND ` + locked
	case LinkExpired:
		return goes + ` AND NOT ` + locked + ` AND link_ends_at <= ` + a.Add(now)
	case Invited, Started, Returned:
		return `state = ` + a.Add(string(s)) + ` AND NOT ` + locked + ` AND link_ends_at > ` + a.Add(now)
	case InReview:
		return `state = 'submitted' AND look_by <> '' AND look_until > ` + a.Add(now)
	case Submitted:
		return `state = 'submitted' AND (look_by = '' OR look_until IS NULL OR look_until <= ` + a.Add(now) + `)`
	}
	return `state = ` + a.Add(string(s))
}

// Mine lists the applications of those whom the reader invited, the newest first: those in one state, or all, from
// before one of them, or from the newest.
func (r Reader) Mine(ctx context.Context, read db.R, s State, before string, limit int) ([]Application, error) {
	var a db.Arguments
	where := ` WHERE inviter = ` + a.Add(r.UUID)
	if slices.Contains(States, s) {
		where += ` AND ` + inStored(s, &a, read.Now())
	}
	if before != "" {
		where += ` AND id < ` + a.Add(before)
	}
	list, err := db.All(ctx, read, scanApplication, selectApplication+where+` ORDER BY id DESC LIMIT `+a.Add(limit),
		a.List()...)
	if err != nil {
		return nil, fmt.Errorf("list applications: %w", err)
	}
	return list, nil
}

const selectWaiting = selectApplication + ` WHERE state = 'submitted' AND inviter <> $1 ORDER BY due_at, id LIMIT $2`

// maxWaiting is how many applications that wait are looked through, the most urgent first.
const maxWaiting = 500

// Waiting lists the applications that the reader may decide, the most urgent first.
func (r Reader) Waiting(ctx context.Context, read db.R) (list []Application, err error) {
	if !r.Checks() {
		return nil, nil
	}
	all, err := db.All(ctx, read, scanApplication, selectWaiting, r.UUID, maxWaiting)
	if err != nil {
		return nil, fmt.Errorf("list applications that wait: %w", err)
	}
	may := map[string]bool{}
	for _, a := range all {
		if _, asked := may[a.Organisation]; !asked {
			may[a.Organisation], err = r.MayAt(ctx, read, permission.CreateProfile, a.Organisation, permission.Yes)
			if err != nil {
				return nil, err
			}
		}
		if may[a.Organisation] {
			list = append(list, a)
		}
	}
	return list, nil
}

// WaitingList chooses applications that wait for a checker, by when they are due.
type WaitingList struct {
	Organisations []string
	NotOf         string    // number of a care identity that did not invite them
	From, Before  time.Time // when they are due; zero for any time
	AfterDue      time.Time // after the one due then, with the id below; zero for from the beginning
	AfterID       string
}

// List lists them, as many as a limit.
func (l WaitingList) List(ctx context.Context, read db.R, limit int) ([]Application, error) {
	if len(l.Organisations) == 0 {
		return nil, nil
	}
	var a db.Arguments
	where := ` WHERE state = 'submitted' AND organisation IN (` + db.AddEach(&a, l.Organisations) + `)`
	if l.NotOf != "" {
		where += ` AND inviter <> ` + a.Add(l.NotOf)
	}
	if !l.From.IsZero() {
		where += ` AND due_at > ` + a.Add(l.From)
	}
	if !l.Before.IsZero() {
		where += ` AND due_at <= ` + a.Add(l.Before)
	}
	if !l.AfterDue.IsZero() {
		where += ` AND (due_at, id) > (` + a.Add(l.AfterDue) + `, ` + a.Add(l.AfterID) + `)`
	}
	list, err := db.All(ctx, read, scanApplication, selectApplication+where+` ORDER BY due_at, id LIMIT `+a.Add(limit),
		a.List()...)
	if err != nil {
		return nil, fmt.Errorf("list applications that are due: %w", err)
	}
	return list, nil
}

// One reads an application for the reader: who invited the applicant, or may decide. Others are told there is none.
func (r Reader) One(ctx context.Context, read db.R, id string) (Application, error) {
	a, err := ByID(ctx, read, id)
	if err != nil || a.Inviter == r.UUID {
		return a, err
	}
	may, err := r.MayAt(ctx, read, permission.CreateProfile, a.Organisation, permission.Yes)
	if err == nil && !may {
		err = fmt.Errorf("application of others: %w", fault.NotFound)
	}
	return a, err
}
