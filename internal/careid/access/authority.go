package access

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/national/rbac"
	"signpost/internal/platform/db"
)

// Authority is somebody's job at a registration authority.
type Authority struct {
	RoleID       string // of the role profile that gives it; empty where somebody has none
	Organisation string // whose registration authority it is
	Manager      bool   // its manager; an agent otherwise
}

// AuthorityOf returns the job at a registration authority that role profiles give: that of the wanted profile, else a
// manager's, else an agent's. ok is false if there is none.
func AuthorityOf(profiles []RoleProfile, wanted string) (found Authority, ok bool) {
	for _, p := range profiles {
		job := jobOf(p.RoleCode)
		if job != rbac.RegistrationManager && job != rbac.RegistrationAgent {
			continue
		}
		a := Authority{RoleID: p.RoleID, Organisation: p.OrgCode, Manager: job == rbac.RegistrationManager}
		if p.RoleID == wanted {
			return a, true
		}
		if !ok || a.Manager && !found.Manager {
			found = a
			ok = true
		}
	}
	return found, ok
}

// jobOf is the last part of a role code; empty if the code cannot be read.
func jobOf(code string) string {
	role, err := rbac.ParseRole(code)
	if err != nil {
		return ""
	}
	return role.Job
}

const selectPrepared = `SELECT id FROM position WHERE organisation = $1 AND name = $2 AND role_code = $3
	AND activities = $4 AND workgroups = 'null' AND areas_of_work = 'null' AND closed_at IS NULL ORDER BY id LIMIT 1`

// Prepared gives the id of an organisation's open position that is the same as one without workgroups and areas of
// work, which is made if there is none.
func Prepared(ctx context.Context, w *db.W, p Position) (id string, err error) {
	ids, err := db.All(ctx, w, db.Column[string], selectPrepared, p.Organisation, p.Name, p.RoleCode,
		strings.Join(p.Activities, " "))
	if err != nil {
		return "", fmt.Errorf("find prepared position: %w", err)
	}
	if len(ids) > 0 {
		return ids[0], nil
	}
	return AddPosition(ctx, w, p)
}

// Gives reports whether the assignment is in force at a time, or will be, and gives the same as a position.
func (a Assignment) Gives(p Position) bool {
	return a.Position.Organisation == p.Organisation && a.Position.RoleCode == p.RoleCode &&
		slices.Equal(a.Position.Activities, p.Activities)
}

// Over reports whether the assignment has ended by a time, or its position was closed.
func (a Assignment) Over(now time.Time) bool {
	closed := !a.Position.Closed.IsZero() && !now.Before(a.Position.Closed)
	return closed || !a.Ends.IsZero() && !now.Before(a.Ends)
}
