package report

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
)

// Group is how many active accounts of people there are in one place of whom the same is known.
type Group struct {
	Place   string // of the kind that was asked for; empty for accounts of which it is not known
	Shared  bool
	Linked  bool
	Proved  bool // a mailed code proved the address
	Phase   int  // of the wave; zero for none
	Said    string
	Answers Answers
	N       int
	Oldest  time.Time // since when the care identity side says so of the first of them; zero where it says nothing
}

// Answers are what people answered themselves, see package rollout; empty for what they did not.
type Answers struct{ Identity, Email, Access string }

func scanGroup(scan db.Scanner) (g Group, err error) {
	var phase int64
	err = scan(&g.Place, &g.Shared, &g.Linked, &g.Proved, &phase, &g.Said, &g.Answers.Identity, &g.Answers.Email,
		&g.Answers.Access, &g.N, db.At(&g.Oldest))
	g.Phase = int(phase)
	return g, err
}

// The kinds of places by which accounts are grouped.
const (
	ByRegion       = "region"
	ByOrganisation = "organisation"
)

// Selection says which accounts are meant.
type Selection struct {
	Within       account.Reach
	Region       string // id of its service; empty for all, account.NoRegion where it is not known
	Organisation string // ODS code; the same
	Wave         string // id; empty for all
}

// where is the condition of a selection; accounts are a, their waves m.
func (s Selection) where(args *db.Arguments) string {
	where := ` WHERE a.active AND NOT a.web_service_only`
	for column, value := range map[string]string{"region": s.Region, "organisation": s.Organisation} {
		switch value {
		case "":
		case account.NoRegion:
			where += ` AND a.` + column + ` = ''`
		default:
			where += ` AND a.` + column + ` = ` + args.Add(value)
		}
	}
	if s.Wave != "" {
		where += ` AND m.wave_id = ` + args.Add(s.Wave)
	}
	return where + ` AND ` + s.Within.Condition(args)
}

// Groups groups the accounts that are meant by their places, and by what is known of them.
func Groups(ctx context.Context, r db.R, s Selection, by string) ([]Group, error) {
	var args db.Arguments
	where := s.where(&args)
	place := map[string]string{ByRegion: `a.region`, ByOrganisation: `a.organisation`}[by]
	list, err := db.All(ctx, r, scanGroup, `SELECT `+place+`, a.shared, a.linked, a.email_proved_at IS NOT NULL,
			COALESCE(w.phase, 0), COALESCE(s.said, ''), COALESCE(q.identity, ''), COALESCE(q.email, ''),
			COALESCE(q.access, ''), COUNT(*), MIN(s.since_at)`+fromSelected+where+`
		GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("group accounts by %s: %w", by, err)
	}
	return list, nil
}

// fromSelected joins to each account what its move rests on.
const fromSelected = ` FROM account a LEFT JOIN wave_member m ON m.account_id = a.id
		LEFT JOIN wave w ON w.id = m.wave_id LEFT JOIN standing s ON s.account_id = a.id
		LEFT JOIN (SELECT account_id, MAX(CASE question WHEN 'identity' THEN answer END) AS identity,
			MAX(CASE question WHEN 'email' THEN answer END) AS email,
			MAX(CASE question WHEN 'access' THEN answer END) AS access
			FROM rollout_answer GROUP BY account_id) q ON q.account_id = a.id`

// Selected lists accounts that are meant, by their usernames, each as a group of one with its id as the place.
func Selected(ctx context.Context, r db.R, s Selection, maxAccounts int) ([]Group, error) {
	var args db.Arguments
	where := s.where(&args)
	list, err := db.All(ctx, r, scanGroup, `SELECT a.id, a.shared, a.linked, a.email_proved_at IS NOT NULL,
			COALESCE(w.phase, 0), COALESCE(s.said, ''), COALESCE(q.identity, ''), COALESCE(q.email, ''),
			COALESCE(q.access, ''), 1, s.since_at`+fromSelected+where+` ORDER BY a.username, a.id LIMIT `+
		args.Add(maxAccounts), args.List()...)
	if err != nil {
		return nil, fmt.Errorf("list accounts of a board: %w", err)
	}
	return list, nil
}
