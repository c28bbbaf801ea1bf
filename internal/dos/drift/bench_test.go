package drift_test

import (
	"context"
	"fmt"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/drift"
	"signpost/internal/national/extract"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// BenchmarkComparison compares the addresses of 100,000 accounts, of which one in ten went apart, as a day does.
func BenchmarkComparison(b *testing.B) {
	const accounts = 100_000
	w := newWorld(b)
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `INSERT INTO account (id, username, username_key, first_name, last_name, email, email_key,
			email_since, shared, web_service_only, active, password_hash, organisation, created_at)
			WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000)
			SELECT 'user' || n, 'user' || n, 'user' || n, 'Ann', 'Smith', 'user' || n || '@trust.nhs.uk',
			'user' || n || '@trust.nhs.uk', 1, FALSE, FALSE, TRUE, '', '', 1 FROM numbers`)
		return err
	})
	for i := 10; i <= accounts; i += 10 {
		w.says[fmt.Sprintf("user%d@trust.nhs.uk", i)] = extract.Compared{By: extract.ByName, Name: extract.NameSame,
			State: extract.Active, Email: fmt.Sprintf("user%d@nhs.net", i)}
	}
	for _, day := range []string{"first day", "day without changes"} {
		b.Run(day, func(b *testing.B) {
			for b.Loop() {
				w.asked = nil
				w.run()
				if len(w.asked) < accounts {
					b.Fatalf("asked about %d", len(w.asked))
				}
			}
			b.ReportMetric(float64(accounts)*float64(b.N)/b.Elapsed().Seconds(), "accounts/s")
		})
	}
	b.Run("list page", func(b *testing.B) {
		for b.Loop() {
			page := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]drift.Case, error) {
				list, total, err := drift.List(ctx, r, drift.Filter{Within: account.Reach{Everywhere: true}}, 0, 50)
				if err != nil {
					b.Fatal(err)
				}
				if total != accounts/10 {
					b.Fatalf("%d went apart", total)
				}
				return list, err
			})
			if len(page) != 50 {
				b.Fatalf("%d on a page", len(page))
			}
		}
	})
}
