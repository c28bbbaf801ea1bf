package access

import (
	"context"
	"fmt"
	"strings"

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

const selectPrepared = `SELECT p.id FROM position p
	JOIN position_profile f ON f.position_id = p.id AND f.removed_at IS NULL
	WHERE p.organisation = $1 AND p.name = $2 AND f.role_code = $3 AND f.activities = $4 AND f.workgroups = 'null'
	AND f.areas_of_work = 'null' AND p.closed_at IS NULL AND NOT EXISTS (SELECT 1 FROM position_profile other
		WHERE other.position_id = p.id AND other.id <> f.id AND other.removed_at IS NULL)
	ORDER BY p.id LIMIT 1`

// Prepared gives the id of an organisation's open position that is the same as one with a single access profile without
// workgroups and areas of work, which is made if there is none.
func Prepared(ctx context.Context, w *db.W, p Position) (id string, err error) {
	only := p.Profiles[0]
	ids, err := db.All(ctx, w, db.Column[string], selectPrepared, p.Organisation, p.Name, only.RoleCode,
		strings.Join(only.Activities, " "))
	if err != nil {
		return "", fmt.Errorf("find prepared position: %w", err)
	}
	if len(ids) > 0 {
		return ids[0], nil
	}
	return AddPosition(ctx, w, p)
}
