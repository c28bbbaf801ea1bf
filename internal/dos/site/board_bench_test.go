package site_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/rollout/board"
	"signpost/internal/dos/standing"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
)

// boardPopulation makes 100,000 accounts at 20,000 organisations, of which 14,000 are in one region, in two waves.
var boardPopulation = []string{
	`INSERT INTO account (id, username, username_key, first_name, last_name, email, email_key, email_since, shared,
		web_service_only, active, password_hash, organisation, region, created_at)
		WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000)
		SELECT 'user' || n, 'user' || n, 'user' || n, 'Ann', 'Smith', 'user' || n || '@trust.nhs.uk',
		'user' || n || '@trust.nhs.uk', 1, FALSE, FALSE, TRUE, 'x', 'ZO' || (n % 20000),
		CASE WHEN n % 20000 < 14000 THEN 'r0' ELSE 'r' || (1 + n % 6) END, 1 FROM numbers`,
	`INSERT INTO ods_organisation (code, name, status, setting, address, postcode, phone, unfolded)
		SELECT DISTINCT organisation, 'Surgery ' || organisation, 'A', '', '', '', '', FALSE FROM account
		WHERE organisation LIKE 'ZO%'`,
}

const boardAccounts = 100_000

// BenchmarkBoardPages asks for the pages of the board of 100,000 accounts, with the days of five weeks: of the whole
// country, of a region of 14,000 organisations, of a wave, and for the lists to which they lead; and for the same while
// 500 accounts are not counted as they are. Of 100 pages of the board 99 are to come within 100 ms. On a machine that
// others use, the processor's time says more than the clock.
func BenchmarkBoardPages(b *testing.B) {
	w := newWorld(b)
	w.populateBoard(b)
	browser := w.loggedIn("chief", append(account.ProgrammeTeam.In(account.Everywhere),
		account.Everywhere.Of(account.ManageUsers)...))
	wave := "wave=" + w.waves[path.Choose]
	timePages := func(when string) {
		for name, address := range map[string]string{"country": "/board", "region": "/board?region=r0",
			"late page": "/board?region=r0&page=280", "wave": "/board?" + wave,
			"region and wave": "/board?region=r0&" + wave, "organisation": "/board?organisation=ZO5",
			"list of who is ready": "/users?progress=ready", "list of whom something stops": "/users?progress=blocked",
			"list of a wave": "/users?" + wave, "list of some of a wave": "/users?progress=blocked&" + wave} {
			b.Run(when+" "+name, func(b *testing.B) {
				timed(b, func() {
					browser.movesOn()
					if got := browser.get(address); got.status != http.StatusOK {
						b.Fatalf("%s: %d %s", address, got.status, got.body)
					}
				})
			})
		}
	}
	timePages("counted")
	w.sayOf(500, func(int) extract.Answer { return extract.Answer{Found: extract.Several} })
	timePages("changed")
}

func (w *world) populateBoard(b *testing.B) {
	b.Helper()
	waves := []string{w.waves[path.Choose], w.waves[path.Require]}
	for _, statement := range boardPopulation {
		w.update(func(ctx context.Context, u *db.W) error {
			_, err := u.Exec(ctx, statement)
			return err
		})
	}
	w.update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `INSERT INTO wave_member (account_id, wave_id) SELECT id, CASE WHEN
			CAST(SUBSTR(id, 5) AS BIGINT) % 4 = 0 THEN $1 ELSE $2 END FROM account WHERE organisation LIKE 'ZO%'`,
			waves[0], waves[1])
		return err
	})
	w.sayOf(boardAccounts, func(n int) extract.Answer {
		says := extract.Answer{Found: extract.One, State: extract.Active, Email: extract.EmailEqual,
			Position: extract.Yes, Authenticator: &extract.Authenticator{Level: 3, Approved: true}}
		if n%10 == 0 {
			says.Position = extract.No
		}
		return says
	})
	w.Must(board.KeepDay(w.Context(), w.DB))
	w.keepDays(b)
}

// keepDays has each of the five weeks before be as today.
func (w *world) keepDays(b *testing.B) {
	b.Helper()
	now := w.DB.Now()
	for n := range 35 {
		then := now.AddDate(0, 0, -n-1)
		w.Must(w.DB.Keep(w.Context(), func(k *db.K) error {
			_, err := k.Exec(w.Context(), `INSERT INTO rollout_day_count (organisation, region, wave_id, day, moved,
				ready, unsure, blocked, over_at)
				SELECT organisation, region, wave_id, $1, moved, ready, unsure, blocked, over_at
				FROM rollout_day_count WHERE day = $2`, board.DayOf(then), board.DayOf(now))
			if err != nil {
				return err
			}
			_, err = k.Exec(w.Context(), `INSERT INTO rollout_day (day, at, over_at) VALUES ($1, $2, $3)`,
				board.DayOf(then), then, now.AddDate(1, 0, 0))
			return err
		}))
	}
}

// sayOf has the care identity side say something about the first so many accounts of the board.
func (w *world) sayOf(accounts int, what func(n int) extract.Answer) {
	w.Helper()
	var list []standing.Standing
	for n := range accounts {
		list = append(list, standing.Of(fmt.Sprintf("user%d", n+1), what(n)))
	}
	for some := range slices.Chunk(list, 500) {
		w.Must(standing.Keep(w.Context(), w.DB, some))
	}
}
