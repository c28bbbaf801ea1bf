package site_test

import (
	"context"
	"fmt"
	"strings"

	"signpost/internal/dos/account/headcount"
	"signpost/internal/dos/account/namesake"
	"signpost/internal/platform/db"
)

// large is the size of the directory for which figures are promised.
var large = population{accounts: 100_000, requests: 10_000, cases: 5_000, reviews: 2_000, merges: 1_000}

// population is how many a directory has of what is listed. Of its accounts one in 20 is shared, one in 200 is a
// machine's, one in 10 is not active; seven in 10 of the others are linked, and six in 10 were used.
// The addresses of one in 40 differ from the Care Identity, and one in 400 has the name of another at the organisation.
type population struct{ accounts, requests, cases, reviews, merges int }

// populate makes a population by the engine alone: by acts it would take longer than anybody waits.
func (w *world) populate(p population) {
	w.Helper()
	now := w.clock.Now().UnixMilli()
	sizes := strings.NewReplacer("ACCOUNTS", fmt.Sprint(p.accounts), "REQUESTS", fmt.Sprint(p.requests),
		"CASES", fmt.Sprint(p.cases), "REVIEWS", fmt.Sprint(p.reviews), "MERGES", fmt.Sprint(p.merges),
		"NOW", fmt.Sprint(now))
	for _, statement := range populating {
		w.update(func(ctx context.Context, u *db.W) error {
			_, err := u.Exec(ctx, sizes.Replace(statement))
			return err
		})
	}
	w.Must(namesake.Note(w.Context(), w.DB))
	for more := true; more; {
		var err error
		more, err = headcount.Keep(w.Context(), w.DB)
		w.Must(err)
	}
}

// ours is that an account is one of those that populate makes.
const ours = ` region LIKE 'r%' `

var populating = []string{
	`INSERT INTO account (id, username, first_name, last_name, email, email_key, email_since, email_proved_at, shared,
		web_service_only, active, password_hash, organisation, created_at, unfolded, username_key, region)
		WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ACCOUNTS)
		SELECT 'a' || n, 'user' || (n * 7919 % 1000003), 'First' || (n % 971), 'Last' || (n % 4999),
		'person' || n || '@example.nhs.uk', 'person' || n || '@example.nhs.uk', 1780000000000,
		CASE WHEN n % 3 = 0 THEN NULL ELSE 1780000000000 END, n % 20 = 1, n % 200 = 2, n % 10 <> 3, '',
		'ZO' || (n % 500), 1780000000000, FALSE, 'user' || (n * 7919 % 1000003), 'r' || (n % 7) FROM numbers`,
	`INSERT INTO account_word (word, account_id) SELECT username, id FROM account WHERE` + ours,
	`INSERT INTO account_word (word, account_id) SELECT LOWER(first_name), id FROM account WHERE` + ours,
	`INSERT INTO account_word (word, account_id) SELECT LOWER(last_name), id FROM account WHERE` + ours,
	`INSERT INTO account_word (word, account_id) SELECT LOWER(organisation), id FROM account WHERE` + ours,
	`INSERT INTO account_word (word, account_id) SELECT email_key, id FROM account WHERE` + ours,
	`INSERT INTO account_link (account_id, issuer, subject, how, linked_at)
		SELECT id, 'https://cis2.example', 'n' || id, 'test', 1780000000000 FROM account
		WHERE NOT shared AND NOT web_service_only AND (CAST(SUBSTR(id, 2) AS BIGINT) * 31) % 100 < 70 AND` + ours,
	`UPDATE account SET linked = TRUE WHERE id IN (SELECT account_id FROM account_link)`,
	`INSERT INTO account_login (account_id, at) SELECT id, 1780000000000 FROM account
		WHERE (CAST(SUBSTR(id, 2) AS BIGINT) * 37) % 100 < 60 AND` + ours,
	`INSERT INTO request (id, state, first_name, last_name, email, email_key, phone, organisation, profession, region,
		reason, asked_by, invited_by, own_digest, created_at)
		WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < REQUESTS)
		SELECT 'q' || n, CASE WHEN n % 10 = 1 THEN 'asked' WHEN n % 10 = 2 THEN 'unconfirmed' ELSE 'open' END,
		'First' || n, 'Last' || n, 'asker' || n || '@example.nhs.uk', 'asker' || n || '@example.nhs.uk', '',
		'ZO' || (n % 500), '', 'r' || (n % 10), 'I need it for my work.', '', '', CAST('x' AS BYTEA),
		1780000000000 + n FROM numbers`,
	`INSERT INTO shared_case (account_id, state, opened_at, opened_by, retires_at)
		SELECT id, CASE WHEN LENGTH(id) = 4 THEN 'retired' ELSE 'open' END, 1780000000000, 'test',
		1790000000000 + CAST(SUBSTR(id, 2) AS BIGINT) FROM account WHERE shared AND` + ours + `ORDER BY id LIMIT CASES`,
	`INSERT INTO link_review (id, account_id, issuer, subject, kinds, holds, facts, opened_at)
		SELECT 'v' || id, id, 'https://cis2.example', 'n' || id, 'recycled', TRUE, '{}', 1780000000000 FROM account
		WHERE NOT shared AND` + ours + `ORDER BY id LIMIT REVIEWS`,
	`UPDATE account SET first_name = 'Ann', last_name = 'Smith' || (CAST(SUBSTR(id, 2) AS BIGINT) / 1000)
		WHERE CAST(SUBSTR(id, 2) AS BIGINT) % 1000 IN (7, 507) AND` + ours,
	`UPDATE account SET drifted = TRUE WHERE CAST(SUBSTR(id, 2) AS BIGINT) % 40 = 5 AND` + ours,
	`INSERT INTO ods_organisation (code, name, status, setting, address, postcode, phone, unfolded)
		SELECT DISTINCT organisation, 'Hospital ' || organisation, 'A', '', '', '', '', FALSE FROM account WHERE` + ours,
	`INSERT INTO organisation_word (word, code) SELECT 'hospital', code FROM ods_organisation WHERE code LIKE 'ZO%'`,
	`INSERT INTO organisation_word (word, code) SELECT LOWER(code), code FROM ods_organisation WHERE code LIKE 'ZO%'`,
	`INSERT INTO account_merge (id, survivor, closed, state, memberships, reason, proposed_at, proposed_by, proposed_name)
		WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < MERGES)
		SELECT 'm' || n, 'a' || (n * 7), 'a' || (n * 7 + 1), 'proposed', '[]', 'One person.', NOW - n, '', ''
		FROM numbers`,
}
