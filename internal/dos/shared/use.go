package shared

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/browser"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
)

// Use is one login to a shared account of which nobody said whose it was.
type Use struct {
	At      time.Time
	Network string
	Browser string
}

// useKept is how long a login to a shared account is kept.
const useKept = 180 * 24 * time.Hour

const insertUse = `INSERT INTO shared_use (session_id, account_id, at, network, browser, answered, claim_id, ends_at)
	VALUES ($1, $2, $3, $4, $5, FALSE, '', $6) ON CONFLICT (session_id) DO NOTHING`

// NoteUse keeps that a shared account was logged in to, and reports whether whoever did is to be asked who they are:
// the account has a case.
func (c *Cases) NoteUse(
	ctx context.Context, by actor.Actor, accountID, sessionID, userAgent string,
) (asks bool, err error) {
	asks, err = db.Read(ctx, c.DB, func(r db.R) (bool, error) {
		found, err := Of(ctx, r, accountID)
		if errors.Is(err, fault.NotFound) {
			return false, nil
		}
		return found.State != Retired, err
	})
	if err != nil || !asks {
		return false, err
	}
	return true, c.DB.Keep(ctx, func(k *db.K) error {
		_, err := k.Exec(ctx, insertUse, sessionID, accountID, k.Now(), by.Network, browser.Name(userAgent),
			k.Now().Add(useKept))
		if err != nil {
			return fmt.Errorf("note use of shared account: %w", err)
		}
		return nil
	})
}

// Asked reports whether whoever uses a session of a shared account has still to say who they are.
func Asked(ctx context.Context, r db.R, sessionID string) (bool, error) {
	const unanswered = `SELECT COUNT(*) FROM shared_use WHERE session_id = $1 AND NOT answered`
	n, err := db.Value[int64](ctx, r, unanswered, sessionID)
	if err != nil {
		return false, fmt.Errorf("read use of shared account: %w", err)
	}
	return n > 0, nil
}

// ClaimedAt gives when whoever uses a session of a shared account said who they are, if that was not rejected; zero if
// they did not.
func ClaimedAt(ctx context.Context, r db.R, sessionID string) (at time.Time, err error) {
	const claimed = `SELECT MAX(c.made_at) FROM shared_use u JOIN shared_claim c ON c.id = u.claim_id
		WHERE u.session_id = $1 AND c.state <> 'rejected'`
	at, err = db.One(ctx, r, func(scan db.Scanner) (at time.Time, err error) {
		err = scan(db.At(&at))
		return at, err
	}, claimed, sessionID)
	if err != nil {
		return at, fmt.Errorf("read claim of a session: %w", err)
	}
	return at, nil
}

// Skip keeps that somebody did not want to say who they are. Their use stays unclaimed.
func (c *Cases) Skip(ctx context.Context, sessionID string) error {
	return c.DB.Keep(ctx, func(k *db.K) error {
		_, err := k.Exec(ctx, `UPDATE shared_use SET answered = TRUE WHERE session_id = $1`, sessionID)
		if err != nil {
			return fmt.Errorf("note who uses shared account: %w", err)
		}
		return nil
	})
}

// unclaimed is that nobody said whose a login was, or somebody said so whose claim was rejected, or has an address of
// which nobody has shown yet that it is theirs.
const unclaimed = ` FROM shared_use u WHERE u.account_id = $1 AND u.at >= $2 AND NOT EXISTS
	(SELECT 1 FROM shared_claim c
		JOIN shared_claim k ON k.id = CASE WHEN c.merged_into = '' THEN c.id ELSE c.merged_into END
		WHERE c.id = u.claim_id AND k.state <> 'rejected' AND k.proved_at IS NOT NULL)`

// maxUse is how many logins a page has.
const maxUse = 100

// Unclaimed lists the logins to an account since a time that nobody has claimed, the newest first, and how many there
// are.
func Unclaimed(ctx context.Context, r db.R, accountID string, since time.Time) (list []Use, total int, err error) {
	count := db.Ask(db.Column[int], `SELECT COUNT(*)`+unclaimed, accountID, since)
	newest := db.Ask(scanUse, `SELECT u.at, u.network, u.browser`+unclaimed+` ORDER BY u.at DESC LIMIT $3`, accountID,
		since, maxUse)
	if err := db.Together(ctx, r, count, newest); err != nil {
		return nil, 0, fmt.Errorf("list unclaimed use: %w", err)
	}
	total, err = count.One()
	return newest.All(), total, err
}

// UseBy is use of an account in the name of somebody who has shown that their address is theirs, from one network and
// browser: whoever knows the password can type their address too.
type UseBy struct {
	Use // the newest

	ClaimID string
	Logins  int
}

const selectUseBy = `SELECT u.claim_id, u.network, u.browser, COUNT(*), MAX(u.at) FROM shared_use u
	JOIN shared_claim c ON c.id = u.claim_id WHERE u.account_id = $1 AND u.at >= $2 AND c.proved_at IS NOT NULL
	GROUP BY u.claim_id, u.network, u.browser ORDER BY MAX(u.at) DESC, u.network, u.browser LIMIT $3`

// UseByClaims lists by whom an account was used since a time, and from where, the newest first.
func UseByClaims(ctx context.Context, r db.R, accountID string, since time.Time) ([]UseBy, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (u UseBy, err error) {
		err = scan(&u.ClaimID, &u.Network, &u.Browser, &u.Logins, db.At(&u.At))
		return u, err
	}, selectUseBy, accountID, since, maxUse)
	if err != nil {
		return nil, fmt.Errorf("list use by claims: %w", err)
	}
	return list, nil
}

func scanUse(scan db.Scanner) (u Use, err error) {
	err = scan(db.At(&u.At), &u.Network, &u.Browser)
	return u, err
}

// SweepJob is the job that forgets logins from long ago.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "shared.sweep" }

func sweepUse(ws *job.Workers, d *db.DB) {
	over := db.Sweep{Table: "shared_use", Key: "session_id", Over: "ends_at"}
	job.Forget(ws, SweepJob{}, job.Sweeper{DB: d, Tables: []db.Sweep{over}})
}
