package shared

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"signpost/internal/dos/account"
	"signpost/internal/dos/request"
	"signpost/internal/platform/db"
)

// Progress says how far somebody has come who uses a shared account.
type Progress string

// The progress of people: what was decided about their claim, and after it was confirmed what they have done.
const (
	IsClaimed   Progress = "claimed"
	IsConfirmed Progress = "confirmed"
	IsReady     Progress = "ready" // they have an account, or asked for one and showed their Care Identity
	IsMoved     Progress = "moved" // they come in with their Care Identity, by an account of their own
	IsRejected  Progress = "rejected"
	IsMerged    Progress = "merged"
)

var decided = map[ClaimState]Progress{
	Claimed: IsClaimed, Confirmed: IsConfirmed, Rejected: IsRejected, Merged: IsMerged,
}

// ProgressOf says how far those have come who made claims, by the ids of the claims.
func ProgressOf(ctx context.Context, r db.R, claims []Claim) (map[string]Progress, error) {
	progress := map[string]Progress{}
	for some := range slices.Chunk(claims, askedAtOnce) {
		part, err := progressOf(ctx, r, some)
		if err != nil {
			return nil, err
		}
		maps.Copy(progress, part)
	}
	return progress, nil
}

// askedAtOnce is of how many addresses a statement asks.
const askedAtOnce = 500

// Counts says how many have come how far.
func Counts(ctx context.Context, r db.R, accountID string) (map[Progress]int, error) {
	const waiting = `SELECT COUNT(*) FROM shared_claim WHERE account_id = $1 AND state = 'claimed'`
	claimed, err := db.Value[int64](ctx, r, waiting, accountID)
	if err != nil {
		return nil, fmt.Errorf("count claims: %w", err)
	}
	confirmed, err := db.All(ctx, r, scanClaim, selectClaim+` WHERE account_id = $1 AND state = 'confirmed'`, accountID)
	if err != nil {
		return nil, fmt.Errorf("list confirmed claims: %w", err)
	}
	progress, err := ProgressOf(ctx, r, confirmed)
	counts := map[Progress]int{IsClaimed: int(claimed)}
	for _, one := range progress {
		counts[one]++
	}
	return counts, err
}

func progressOf(ctx context.Context, r db.R, claims []Claim) (map[string]Progress, error) {
	var keys []string
	for _, c := range claims {
		keys = append(keys, c.EmailKey)
	}
	linked, err := account.LinkedByAddress(ctx, r, keys)
	if err != nil {
		return nil, err
	}
	requests, err := request.NewestOf(ctx, r, keys)
	if err != nil {
		return nil, err
	}
	progress := map[string]Progress{}
	for _, c := range claims {
		isLinked, hasAccount := linked[c.EmailKey]
		progress[c.ID] = c.progress(isLinked, hasAccount, requests[c.EmailKey])
	}
	return progress, nil
}

// HasAsked reports whether the person of a claim has an account of their own by now, or a request for one that nobody
// has rejected.
func (c Claim) HasAsked(ctx context.Context, r db.R) (bool, error) {
	accounts, err := account.LinkedByAddress(ctx, r, []string{c.EmailKey})
	if err != nil {
		return false, err
	}
	requests, err := request.NewestOf(ctx, r, []string{c.EmailKey})
	_, hasAccount := accounts[c.EmailKey]
	return hasAccount || underWay(requests[c.EmailKey]), err
}

// underWay reports whether a request can still lead to an account that somebody enters.
func underWay(asked request.Request) bool {
	return asked.State.Undecided() || asked.State == request.SetUp
}

func (c Claim) progress(isLinked, hasAccount bool, asked request.Request) Progress {
	switch {
	case c.State != Confirmed:
		return decided[c.State]
	case isLinked:
		return IsMoved
	case hasAccount, underWay(asked) && asked.Claims.Given():
		return IsReady
	}
	return IsConfirmed
}
