package extract_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	wire "signpost/internal/national/extract"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

const (
	benchIdentities = 300_000
	benchAccounts   = 100_000
	benchSet        = wire.MaxBatch // questions in one call
)

// benchTables is a population: its people have one of 100 given names and one of 300 family names, a position and an
// authenticator each, and one in ten had another address before.
var benchTables = []string{
	`INSERT INTO identity (uuid, title, given_name, middle_names, family_name, email, email_canonical, email_since,
	email_verified_at, email_verified_how, status, verified, assurance_level, organisation, created_at, unfolded)
	WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1)
	SELECT CAST(810000000000 + n AS TEXT), '', 'Given' || (n % 100), '', 'Family' || (n / 100 % 300),
	'p' || n || '@trust.nhs.uk', 'p' || n || '@trust.nhs.uk', 1, 1, 'seen', 'active', TRUE, 3, 'Z90001', 1, FALSE
	FROM numbers`,
	`INSERT INTO identity_word (word, uuid)
	SELECT LOWER(given_name), uuid FROM identity WHERE uuid LIKE '81%' ORDER BY 1, 2`,
	`INSERT INTO identity_word (word, uuid)
	SELECT LOWER(family_name), uuid FROM identity WHERE uuid LIKE '81%' ORDER BY 1, 2`,
	`INSERT INTO identity_email_past (uuid, email_canonical, since, until)
	SELECT uuid, 'old' || email_canonical, 1, 2 FROM identity WHERE uuid LIKE '%0'`,
	`INSERT INTO authenticator (id, uuid, kind, level, name, status, simulated, bound_at)
	SELECT 'a' || uuid, uuid, 'authenticator-app', 2, '', 'active', FALSE, 1 FROM identity`,
	`INSERT INTO assignment (id, uuid, position_id, starts_at, given_by)
	SELECT 's' || uuid, uuid, (SELECT MIN(id) FROM position), 1, '' FROM identity WHERE uuid LIKE '81%'`,
	`INSERT INTO assignment_role (role_id, assignment_id, profile_id)
	SELECT 'r' || uuid, 's' || uuid, (SELECT MIN(id) FROM position_profile) FROM identity WHERE uuid LIKE '81%'`,
}

// crowded makes a care identity side with a large population.
func crowded(b *testing.B) *world {
	b.Helper()
	w := open(b)
	w.position(w.person("first@example.nhs.uk", nil), "S8001:G8002:R8008", "B0166")
	for i, text := range benchTables {
		w.Update(func(ctx context.Context, u *db.W) error {
			if i > 0 {
				_, err := u.Exec(ctx, text)
				return err
			}
			_, err := u.Exec(ctx, text, benchIdentities)
			return err
		})
	}
	w.Must(w.DB.Filled(w.Context(), "identity", "identity_word", "identity_email_past", "authenticator", "assignment"))
	return w
}

func unknown(a wire.Answer) bool { return a.Found == wire.None && a.Compared == nil }

// BenchmarkSets answers a directory with 100,000 accounts set by set: whether each could sign in, and how its address
// compares, of those that are linked, of those whose address is the same, and of those that are found by their name.
func BenchmarkSets(b *testing.B) {
	w := crowded(b)
	compared := func(n int, q wire.Question) wire.Question {
		q.Compare = &wire.Compare{Given: fmt.Sprintf("Given%d", n%100), Family: fmt.Sprintf("Family%d", n/100%300)}
		return q
	}
	for _, kind := range []struct {
		name string
		of   func(n int) wire.Question
	}{
		{"states", func(n int) wire.Question { return wire.Question{Email: fmt.Sprintf("p%d@trust.nhs.uk", n)} }},
		{"linked", func(n int) wire.Question {
			uuid := fmt.Sprint(810_000_000_000 + n)
			return compared(n, wire.Question{Subject: uuid, Email: fmt.Sprintf("p%d@trust.nhs.uk", n)})
		}},
		{"same address", func(n int) wire.Question {
			return compared(n, wire.Question{Email: fmt.Sprintf("p%d@trust.nhs.uk", n)})
		}},
		{"by name", func(n int) wire.Question {
			return compared(n, wire.Question{Email: fmt.Sprintf("p%d@nhs.net", n)})
		}},
	} {
		b.Run(kind.name, func(b *testing.B) {
			before := worldtest.ProcessorTime(b)
			n := 0
			for b.Loop() {
				var questions []wire.Question
				for range benchSet {
					n = n%benchAccounts + 1
					q := kind.of(n)
					q.Ref = fmt.Sprint(n)
					questions = append(questions, q)
				}
				answers := w.ask(questions...)
				if slices.ContainsFunc(answers, unknown) {
					b.Fatalf("somebody was not found: %+v", answers[0])
				}
			}
			sets := float64(benchAccounts) / benchSet / float64(b.N)
			b.ReportMetric(b.Elapsed().Seconds()*sets, "s/100000")
			b.ReportMetric((worldtest.ProcessorTime(b)-before).Seconds()*sets, "processor-s/100000")
		})
	}
}
