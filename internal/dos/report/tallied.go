package report

import (
	"context"
	"fmt"

	"signpost/internal/dos/account/tally"
	"signpost/internal/dos/standing"
	"signpost/internal/dos/wave"
	"signpost/internal/platform/db"
)

// selectUntallied finds the accounts that may be of another sort by now than they are counted as. Each part goes by an
// index of its own, which has few rows as a rule.
const selectUntallied = `SELECT id FROM account WHERE ` + tally.Untallied + `
	UNION SELECT account_id FROM wave_member WHERE ` + wave.Untallied + `
	UNION SELECT account_id FROM standing WHERE ` + standing.Untallied + `
	UNION SELECT account_id FROM rollout_answer WHERE CASE WHEN tallied THEN 0 ELSE 1 END = 1
	ORDER BY 1 LIMIT $1`

// Untallied gives the ids of accounts that may be of another sort by now than they are counted as, and of what is left
// of accounts that were removed.
func Untallied(ctx context.Context, r db.R, maxIDs int) ([]string, error) {
	ids, err := db.All(ctx, r, db.Column[string], selectUntallied, maxIDs)
	if err != nil {
		return nil, fmt.Errorf("list accounts that are not counted as they are: %w", err)
	}
	return ids, nil
}

const selectChanges = `SELECT a.id, a.active AND NOT a.web_service_only, a.region, a.organisation,
		COALESCE(m.wave_id, ''), a.shared, a.linked, a.email_proved_at IS NOT NULL, COALESCE(s.said, ''), s.since_at,
		COALESCE((SELECT answer FROM rollout_answer q WHERE q.account_id = a.id AND question = 'identity'), ''),
		COALESCE((SELECT answer FROM rollout_answer q WHERE q.account_id = a.id AND question = 'email'), ''),
		COALESCE((SELECT answer FROM rollout_answer q WHERE q.account_id = a.id AND question = 'access'), ''),
		COALESCE(t.region, ''), COALESCE(t.organisation, ''), COALESCE(t.wave_id, ''), COALESCE(t.facts, ''),
		t.since_at
	FROM account a LEFT JOIN wave_member m ON m.account_id = a.id LEFT JOIN standing s ON s.account_id = a.id
		LEFT JOIN tally_account t ON t.account_id = a.id WHERE a.id IN (`

func scanChange(scan db.Scanner) (c tally.Change, err error) {
	var counts bool
	var f Facts
	is := &c.Is
	was := &c.Was
	err = scan(&c.Account, &counts, &is.Region, &is.Organisation, &is.Wave, &f.Shared, &f.Linked, &f.Proved, &f.Said,
		db.At(&is.Since), &f.Answers.Identity, &f.Answers.Email, &f.Answers.Access, &was.Region, &was.Organisation,
		&was.Wave, &was.Facts, db.At(&was.Since))
	if counts {
		is.Facts = f.Text()
	}
	return c, err
}

// Changes says as what some accounts are counted, and as what they would be now.
func Changes(ctx context.Context, r db.R, ids []string) ([]tally.Change, error) {
	var args db.Arguments
	list, err := db.All(ctx, r, scanChange, selectChanges+db.AddEach(&args, ids)+`) ORDER BY a.id`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read as what accounts are counted: %w", err)
	}
	return list, nil
}

// whole reports whether regions are counted as a whole.
func (s Selection) whole(by string) bool {
	return by == ByRegion && s.Organisation == "" && len(s.Organisations) == 0 && len(s.Within.Organisations) == 0
}

// tallied is the condition of a selection of counts. Regions that are seen as a whole have counts of their own.
func (s Selection) tallied(args *db.Arguments, by string) string {
	level := `<>`
	if s.whole(by) {
		level = `=`
	}
	return ` WHERE a.organisation ` + level + ` '` + tally.WholeRegion + `'` + s.places(args, `a.wave_id`)
}

// Tallied groups the accounts that are meant as Groups does, as they were when they were counted last.
func Tallied(ctx context.Context, r db.R, s Selection, by string) ([]Group, error) {
	var args db.Arguments
	where := s.tallied(&args, by)
	list, err := db.All(ctx, r, func(scan db.Scanner) (g Group, err error) {
		var facts string
		if err := scan(&g.Place, &facts, &g.N, db.At(&g.Oldest)); err != nil {
			return g, err
		}
		g.Facts, err = FactsOf(facts)
		return g, err
	}, `SELECT `+placeColumns[by]+`, a.facts, CAST(SUM(a.n) AS BIGINT), MIN(a.oldest) FROM tally_count a`+where+
		` GROUP BY 1, 2`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read counts of accounts by %s: %w", by, err)
	}
	return list, nil
}

// OldestTallied gives since when the care identity side says so of the first account of a group as it was counted,
// without some accounts. Of each count, an index has its accounts in the order of that time.
func OldestTallied(ctx context.Context, r db.R, s Selection, by string, g Group, without []string) (Group, error) {
	var args db.Arguments
	first := `SELECT MIN(t.since_at) FROM tally_account t WHERE t.region = a.region AND t.wave_id = a.wave_id
		AND t.facts = a.facts AND t.account_id NOT IN (` + db.AddEach(&args, without) + `)`
	if by == ByOrganisation {
		s.Organisations = nil // as the group's own is asked for
	}
	if !s.whole(by) {
		first += ` AND t.organisation = a.organisation`
	}
	where := s.tallied(&args, by) + ` AND a.facts = ` + args.Add(g.Text()) + ` AND ` + placeColumns[by] + ` = ` +
		args.Add(g.Place)
	g, err := db.One(ctx, r, func(scan db.Scanner) (Group, error) {
		err := scan(db.At(&g.Oldest))
		return g, err
	}, `SELECT MIN((`+first+`)) FROM tally_count a`+where, args.List()...)
	if err != nil {
		return g, fmt.Errorf("find the longest wait of a group: %w", err)
	}
	return g, nil
}

const selectTalliedFacts = `SELECT DISTINCT facts FROM tally_count WHERE organisation = '` + tally.WholeRegion +
	`' ORDER BY facts`

// TalliedFacts lists in text all that accounts are counted as.
func TalliedFacts(ctx context.Context, r db.R) ([]string, error) {
	list, err := db.All(ctx, r, db.Column[string], selectTalliedFacts)
	if err != nil {
		return nil, fmt.Errorf("list as what accounts are counted: %w", err)
	}
	return list, nil
}

// CountedAs is the condition that the account of an id's column is counted as one of the facts, but for some that left
// these since they were counted, and some that came to them.
func CountedAs(args *db.Arguments, id string, facts, came, left []string) string {
	counted := `SELECT account_id FROM tally_account WHERE facts IN (` + db.AddEach(args, facts) + `)`
	if len(left) > 0 {
		counted += ` AND account_id NOT IN (` + db.AddEach(args, left) + `)`
	}
	return id + ` IN (` + counted + ` UNION ALL SELECT id FROM account WHERE id IN (` + db.AddEach(args, came) + `))`
}

// factsText writes the facts of an account as Facts.Text does.
const factsText = `CASE WHEN a.shared THEN '1' ELSE '0' END || CASE WHEN a.linked THEN '1' ELSE '0' END
	|| CASE WHEN a.email_proved_at IS NULL THEN '0' ELSE '1' END || '` + between + `' || COALESCE(s.said, '')
	|| '` + between + `' || COALESCE(q.identity, '') || '` + between + `' || COALESCE(q.email, '')
	|| '` + between + `' || COALESCE(q.access, '')`

// KnownAs is the condition that one of the facts is known of the account of an id's column now. It looks at each
// account.
func KnownAs(args *db.Arguments, id string, facts []string) string {
	return id + ` IN (SELECT a.id` + fromSelected + ` WHERE a.active AND NOT a.web_service_only AND ` + factsText +
		` IN (` + db.AddEach(args, facts) + `))`
}
