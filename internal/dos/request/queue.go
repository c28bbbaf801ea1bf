package request

import (
	"context"
	"fmt"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
)

// Filter says which requests are listed.
type Filter struct {
	Reach  account.Reach // those of no region are within that of everywhere, or of their organisation
	Which  Which
	Region string // id of one region; empty for all
}

// Which names a list of requests.
type Which string

// The lists.
const (
	Outstanding    Which = ""        // all that somebody may still decide
	ToDecide       Which = "decide"  // open
	WithAsker      Which = "asker"   // asked something
	NotConfirmed   Which = "email"   // of which nobody typed the code
	WithoutAccount Which = "set-up"  // approved, and not linked yet
	Decided        Which = "decided" // and ended ones, the newest first
)

// states are those of each list, as SQL has them.
var states = map[Which]string{
	Outstanding: `'open', 'asked', 'unconfirmed'`, ToDecide: `'open'`, WithAsker: `'asked'`,
	NotConfirmed: `'unconfirmed'`, WithoutAccount: `'set-up'`,
	Decided: `'approved', 'rejected', 'withdrawn', 'set-up'`,
}

// Known reports whether there is such a list.
func (l Which) Known() bool { return states[l] != "" }

// Review is somebody's look at a request, during which nobody else decides it.
type Review struct {
	AccountID string // whose it is; empty if nobody looks
	Name      string
	Since     time.Time
	Until     time.Time
}

// Found is a request of a list, with who looks at it.
type Found struct {
	Request

	Review Review
}

// Overdue reports whether nobody confirmed the request's address in time.
func (f Found) Overdue(now time.Time) bool {
	return f.State == Unconfirmed && now.Sub(f.Created) >= Overdue
}

func (f Filter) where(args *db.Arguments) string {
	where := ` WHERE state IN (` + states[f.Which] + `)`
	if !f.Reach.Everywhere {
		where += ` AND (` + f.within(args) + `)`
	}
	if f.Region != "" {
		where += ` AND region = ` + args.Add(f.Region)
	}
	return where
}

// within is that a request is within the reach, which is not everywhere. It asks only for what the reach has, so that
// an index answers.
func (f Filter) within(args *db.Arguments) string {
	var list []string
	if len(f.Reach.Regions) > 0 {
		list = append(list, `region IN (`+db.AddEach(args, f.Reach.Regions)+`)`)
	}
	if len(f.Reach.Organisations) > 0 {
		list = append(list, `organisation IN (`+db.AddEach(args, f.Reach.Organisations)+`)`)
	}
	if len(list) == 0 {
		return `FALSE`
	}
	return strings.Join(list, ` OR `)
}

func (f Filter) order() string {
	if f.Which == Decided {
		return ` ORDER BY decided_at DESC, id DESC`
	}
	return ` ORDER BY created_at, id`
}

// List gives a page of the requests of a filter, the one that waits longest first, and how many there are in all.
func List(ctx context.Context, r db.R, f Filter, skip, limit int) (list []Found, total int, err error) {
	var args db.Arguments
	where := f.where(&args)
	n, err := db.Value[int64](ctx, r, `SELECT COUNT(*) FROM request`+where, args.List()...)
	if err != nil {
		return nil, 0, fmt.Errorf("count requests: %w", err)
	}
	page := ` LIMIT ` + args.Add(limit) + ` OFFSET ` + args.Add(skip)
	found, err := db.All(ctx, r, scanRequest, selectRequest+where+f.order()+page, args.List()...)
	if err != nil {
		return nil, 0, fmt.Errorf("list requests: %w", err)
	}
	list, err = withReviews(ctx, r, found)
	return list, int(n), err
}

const selectReviews = `SELECT request_id, account_id, name, since, until FROM request_review WHERE until > $1
	AND request_id IN (`

func withReviews(ctx context.Context, r db.R, found []Request) ([]Found, error) {
	if len(found) == 0 {
		return nil, nil
	}
	var args db.Arguments
	args.Add(r.Now())
	var ids []string
	for _, one := range found {
		ids = append(ids, one.ID)
	}
	reviews := map[string]Review{}
	err := r.Each(ctx, func(scan db.Scanner) error {
		var id string
		var v Review
		err := scan(&id, &v.AccountID, &v.Name, db.At(&v.Since), db.At(&v.Until))
		reviews[id] = v
		return err
	}, selectReviews+db.AddEach(&args, ids)+`)`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read who looks at requests: %w", err)
	}
	list := make([]Found, 0, len(found))
	for _, one := range found {
		list = append(list, Found{Request: one, Review: reviews[one.ID]})
	}
	return list, nil
}

// Find reads one request that somebody with a reach may see, with who looks at it, or fault.NotFound.
func Find(ctx context.Context, r db.R, reach account.Reach, id string) (Found, error) {
	asked, err := ByID(ctx, r, id)
	if err != nil {
		return Found{}, err
	}
	if !asked.within(reach) {
		return Found{}, errNoRequest
	}
	list, err := withReviews(ctx, r, []Request{asked})
	if err != nil {
		return Found{}, err
	}
	return list[0], nil
}

// within reports whether a request is within a reach.
func (q Request) within(reach account.Reach) bool {
	return reach.Covers(account.Account{Organisation: q.Organisation, Region: q.Region})
}

// CountOutstanding counts what somebody with a reach may decide now.
func CountOutstanding(ctx context.Context, r db.R, reach account.Reach) (int64, error) {
	var args db.Arguments
	where := Filter{Reach: reach, Which: ToDecide}.where(&args)
	n, err := db.Value[int64](ctx, r, `SELECT COUNT(*) FROM request`+where, args.List()...)
	if err != nil {
		return 0, fmt.Errorf("count requests: %w", err)
	}
	return n, nil
}
