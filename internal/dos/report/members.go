package report

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/platform/db"
)

// Member is an active account, with what a decision about its move rests on.
type Member struct {
	ID           string
	Organisation string // ODS code
	Region       string // id of its service
	EmailKey     string
	Shared       bool
	Machine      bool
	Linked       bool
	Password     bool // it has one
	ByMail       bool // a code that was mailed set it, so it links nothing
	Proved       bool // a mailed code proved its address
	Waits        bool // a link of it waits for a reviewer
	Wave         string
	Phase        int    // of the wave; zero for none
	Allowance    int    // of the wave: days of work on which a password still opens an account in Require
	Worked       int    // days of work since the wave entered its phase
	LastWorked   int    // the last of them, see package allowance
	Excepted     bool   // passwords work for it as in Choose until a time
	Said         string // what the care identity side said last, see package standing; empty for nothing
	Authority    string // the registration authority that it named: ODS code
	AuthorityAs  string // its name
	Since        time.Time
	LastLogin    time.Time // zero if nobody has logged in with it yet
	Retires      time.Time // of a shared account: when it stops opening anything
	CodeUntil    time.Time // until then a code links it without its password
	Answers      Answers
}

const selectMembers = `SELECT a.id, a.organisation, a.region, a.email_key, a.shared, a.web_service_only, a.linked,
		a.password_hash <> '', a.email_proved_at IS NOT NULL, COALESCE(m.wave_id, ''), COALESCE(w.phase, 0),
		COALESCE(s.said, ''), COALESCE(s.authority, ''), COALESCE(s.authority_name, ''), s.since_at, l.at,
		a.retire_at, a.relink_until, p.account_id IS NOT NULL, COALESCE(q.identity, ''), COALESCE(q.email, ''),
		COALESCE(q.access, ''), COALESCE(w.allowance, 0),
		COALESCE(d.days, 0), COALESCE(d.last_day, 0),
		x.account_id IS NOT NULL` + fromSelected + `
		LEFT JOIN worked_day d ON d.account_id = a.id AND d.phase = w.phase AND d.entered_at = COALESCE(w.phase_at, 0)
		LEFT JOIN wave_exception x ON x.account_id = a.id AND x.ends_at > $1
		LEFT JOIN account_login l ON l.account_id = a.id LEFT JOIN password_by_mail p ON p.account_id = a.id
	WHERE a.active`

func scanMember(scan db.Scanner) (m Member, err error) {
	var phase int64
	err = scan(&m.ID, &m.Organisation, &m.Region, &m.EmailKey, &m.Shared, &m.Machine, &m.Linked, &m.Password,
		&m.Proved, &m.Wave, &phase, &m.Said, &m.Authority, &m.AuthorityAs, db.At(&m.Since), db.At(&m.LastLogin),
		db.At(&m.Retires), db.At(&m.CodeUntil), &m.ByMail, &m.Answers.Identity, &m.Answers.Email,
		&m.Answers.Access, &m.Allowance, &m.Worked, &m.LastWorked, &m.Excepted)
	m.Phase = int(phase)
	return m, err
}

// Grant is that an account may use a permission somewhere.
type Grant struct{ Account, Kind, ID string } // kind and id of its scope, see package account

// Grants reads who may use a permission, of all accounts.
func Grants(ctx context.Context, r db.R, permission string) ([]Grant, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (g Grant, err error) {
		err = scan(&g.Account, &g.Kind, &g.ID)
		return g, err
	}, `SELECT DISTINCT account_id, scope_kind, scope_id FROM account_grant WHERE permission = $1`, permission)
	if err != nil {
		return nil, fmt.Errorf("read who may use a permission: %w", err)
	}
	return list, nil
}

// selectWaiting finds the accounts whose link is held until somebody decides, and the linked ones whose link waits to
// be approved again. A case that is only noted holds nobody back.
const selectWaiting = `SELECT DISTINCT c.account_id FROM link_review c JOIN account a ON a.id = c.account_id
	WHERE c.decided_at IS NULL
		AND (c.holds AND NOT a.linked OR a.linked AND NOT c.holds AND c.kinds LIKE '%reactivated%')`

// Members reads all active accounts.
func Members(ctx context.Context, r db.R) ([]Member, error) {
	members := db.Ask(scanMember, selectMembers, r.Now())
	waiting := db.Ask(db.Column[string], selectWaiting)
	if err := db.Together(ctx, r, members, waiting); err != nil {
		return nil, fmt.Errorf("read members of waves: %w", err)
	}
	waits := make(map[string]bool, len(waiting.All()))
	for _, id := range waiting.All() {
		waits[id] = true
	}
	list := members.All()
	for i := range list {
		list[i].Waits = waits[list[i].ID]
	}
	return list, nil
}
