package report

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/tally"
	"signpost/internal/platform/db"
)

// Facts are what is known of an account without asking anybody, and are the same of many.
type Facts struct {
	Shared  bool
	Linked  bool
	Proved  bool   // a mailed code proved the address
	Said    string // what the care identity side said last, see package standing; empty for nothing
	Answers Answers
}

// Answers are what people answered themselves, see package rollout; empty for what they did not.
type Answers struct{ Identity, Email, Access string }

// between stands between the words of facts in one line of text.
const between = "|"

// Text writes the facts as accounts are counted by them.
func (f Facts) Text() string {
	return strings.Join([]string{bit(f.Shared) + bit(f.Linked) + bit(f.Proved), f.Said, f.Answers.Identity,
		f.Answers.Email, f.Answers.Access}, between)
}

func bit(is bool) string {
	if is {
		return "1"
	}
	return "0"
}

// FactsOf reads what Text wrote.
func FactsOf(text string) (f Facts, err error) {
	words := strings.Split(text, between)
	if len(words) != 5 || len(words[0]) != 3 {
		return f, fmt.Errorf("%q says no facts about an account", text)
	}
	is := func(i int) bool { return words[0][i] == '1' }
	return Facts{Shared: is(0), Linked: is(1), Proved: is(2), Said: words[1],
		Answers: Answers{Identity: words[2], Email: words[3], Access: words[4]}}, nil
}

// Group is how many active accounts of people there are in one place of whom the same is known.
type Group struct {
	Facts

	Place  string // of the kind that was asked for; empty for accounts of which it is not known
	Phase  int    // of the wave, where accounts are listed one by one; zero for none
	N      int
	Oldest time.Time // since when the care identity side says so of the first of them; zero where it says nothing
}

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
	// Organisations are ODS codes of those alone that are meant; none for all.
	Organisations []string
}

// Covers reports whether an account is meant that is counted as a line says.
func (s Selection) Covers(l tally.Line) bool {
	if l.Facts == "" {
		return false
	}
	return covers(s.Region, l.Region) && covers(s.Organisation, l.Organisation) && (s.Wave == "" || s.Wave == l.Wave) &&
		(len(s.Organisations) == 0 || slices.Contains(s.Organisations, l.Organisation)) &&
		s.Within.Covers(account.Account{Region: l.Region, Organisation: l.Organisation})
}

func covers(asked, is string) bool {
	if asked == account.NoRegion {
		return is == ""
	}
	return asked == "" || asked == is
}

// places is the condition of where accounts are and of their wave, which stands in a column.
func (s Selection) places(args *db.Arguments, wave string) (where string) {
	for column, value := range map[string]string{"region": s.Region, "organisation": s.Organisation} {
		switch value {
		case "":
		case account.NoRegion:
			where += ` AND a.` + column + ` = ''`
		default:
			where += ` AND a.` + column + ` = ` + args.Add(value)
		}
	}
	if len(s.Organisations) > 0 {
		where += ` AND a.organisation IN (` + db.AddEach(args, s.Organisations) + `)`
	}
	if s.Wave != "" {
		where += ` AND ` + wave + ` = ` + args.Add(s.Wave)
	}
	return where + ` AND ` + s.Within.Condition(args)
}

// where is the condition of a selection; accounts are a, their waves m.
func (s Selection) where(args *db.Arguments) string {
	return ` WHERE a.active AND NOT a.web_service_only` + s.places(args, `m.wave_id`)
}

// placeColumns say in which column the places of each kind stand.
var placeColumns = map[string]string{ByRegion: `a.region`, ByOrganisation: `a.organisation`}

// Groups groups the accounts that are meant by their places, and by what is known of them. It looks at each account.
func Groups(ctx context.Context, r db.R, s Selection, by string) ([]Group, error) {
	var args db.Arguments
	where := s.where(&args)
	list, err := db.All(ctx, r, scanGroup, `SELECT `+placeColumns[by]+`, a.shared, a.linked,
			a.email_proved_at IS NOT NULL, 0, COALESCE(s.said, ''), COALESCE(q.identity, ''), COALESCE(q.email, ''),
			COALESCE(q.access, ''), COUNT(*), MIN(s.since_at)`+fromSelected+where+`
		GROUP BY 1, 2, 3, 4, 6, 7, 8, 9`, args.List()...)
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
