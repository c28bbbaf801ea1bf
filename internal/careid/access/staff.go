package access

import (
	"time"

	"signpost/internal/national/rbac"
	"signpost/internal/platform/db"
)

// AskStaffed makes the query of those organisations, of some by their codes, where somebody holds the position of a
// registration authority manager or agent at a time.
func AskStaffed(codes []string, now time.Time) *db.Answer[string] {
	var a db.Arguments
	return db.Ask(db.Column[string], `SELECT DISTINCT p.organisation FROM position p
		JOIN position_profile f ON f.position_id = p.id AND f.removed_at IS NULL
		JOIN assignment a ON a.position_id = p.id
		WHERE p.organisation IN (`+db.AddEach(&a, codes)+`)
		AND f.job IN (`+a.Add(rbac.RegistrationManager)+`, `+a.Add(rbac.RegistrationAgent)+`)
		AND (p.closed_at IS NULL OR p.closed_at > `+a.Add(now)+`) AND a.starts_at <= `+a.Add(now)+`
		AND (a.ends_at IS NULL OR a.ends_at > `+a.Add(now)+`)`, a.List()...)
}
