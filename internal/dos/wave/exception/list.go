package exception

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
)

// Filter says of which accounts exceptions are listed.
type Filter struct {
	Within       account.Reach
	Wave         string // id; empty for all
	Region       string // id of its service; empty for all, account.NoRegion where it is not known
	Organisation string // ODS code; the same
	// But is who asked for what is not listed, as they cannot decide about it: an account's id; empty for nobody.
	But string
}

// where is the condition of accounts whose id stands in a column, for which there can be an exception.
func (f Filter) where(args *db.Arguments, column string) string {
	where := account.HasToLink(column) + ` AND ` + f.Within.HasAccount(args, column)
	for _, place := range f.places() {
		where += ` AND ` + place.HasAccount(args, column)
	}
	if f.Wave != "" {
		where += ` AND EXISTS (SELECT 1 FROM wave_member m WHERE m.account_id = ` + column + ` AND m.wave_id = ` +
			args.Add(f.Wave) + `)`
	}
	return where
}

// places are those where an account has to be.
func (f Filter) places() (list []account.Reach) {
	if f.Region != "" {
		list = append(list, account.Reach{Regions: []string{placeOf(f.Region)}})
	}
	if f.Organisation != "" {
		list = append(list, account.Reach{Organisations: []string{placeOf(f.Organisation)}})
	}
	return list
}

// placeOf is how a place that is asked for stands in accounts.
func placeOf(asked string) string {
	if asked == account.NoRegion {
		return ""
	}
	return asked
}

// waiting are the requests that nobody has decided.
func (f Filter) waiting(args *db.Arguments) string {
	where := ` FROM wave_exception_request q WHERE q.decided_at IS NULL AND ` + f.where(args, "q.account_id")
	if f.But != "" {
		where += ` AND q.asked_by <> ` + args.Add(f.But)
	}
	return where
}

// CountWaiting counts the requests that wait for somebody to decide.
func CountWaiting(ctx context.Context, r db.R, f Filter) (int, error) {
	var args db.Arguments
	n, err := db.Value[int](ctx, r, `SELECT COUNT(*)`+f.waiting(&args), args.List()...)
	if err != nil {
		return 0, fmt.Errorf("count requests for exceptions: %w", err)
	}
	return n, nil
}

// ListWaiting lists the requests that wait for somebody to decide, the oldest first, and says how many there are.
func ListWaiting(ctx context.Context, r db.R, f Filter, skip, limit int) (list []Request, total int, err error) {
	if total, err = CountWaiting(ctx, r, f); err != nil {
		return nil, 0, err
	}
	var args db.Arguments
	list, err = db.All(ctx, r, scanRequest, selectRequest+f.waiting(&args)+` ORDER BY q.asked_at, q.id LIMIT `+
		args.Add(limit)+` OFFSET `+args.Add(skip), args.List()...)
	if err != nil {
		return nil, 0, fmt.Errorf("list requests for exceptions: %w", err)
	}
	return list, total, nil
}

// running are the exceptions that hold at a time.
func (f Filter) running(r db.R, args *db.Arguments) string {
	return ` FROM wave_exception x WHERE x.ends_at > ` + args.Add(r.Now()) + ` AND ` + f.where(args, "x.account_id")
}

// CountRunning counts the exceptions that hold now.
func CountRunning(ctx context.Context, r db.R, f Filter) (int, error) {
	var args db.Arguments
	n, err := db.Value[int](ctx, r, `SELECT COUNT(*)`+f.running(r, &args), args.List()...)
	if err != nil {
		return 0, fmt.Errorf("count exceptions: %w", err)
	}
	return n, nil
}

// ListRunning lists the exceptions that hold now, those that end first at the top, and says how many there are.
func ListRunning(ctx context.Context, r db.R, f Filter, skip, limit int) (list []Exception, total int, err error) {
	if total, err = CountRunning(ctx, r, f); err != nil {
		return nil, 0, err
	}
	var args db.Arguments
	list, err = db.All(ctx, r, scanException, selectException+f.running(r, &args)+
		` ORDER BY x.ends_at, x.account_id LIMIT `+args.Add(limit)+` OFFSET `+args.Add(skip), args.List()...)
	if err != nil {
		return nil, 0, fmt.Errorf("list exceptions: %w", err)
	}
	return list, total, nil
}

// Until gives until when the passwords of some accounts work by an exception, by their ids; of those alone that have
// one now.
func Until(ctx context.Context, r db.R, ids []string) (map[string]time.Time, error) {
	var args db.Arguments
	everywhere := Filter{Within: account.Reach{Everywhere: true}}
	list, err := db.All(ctx, r, scanException, selectException+everywhere.running(r, &args)+` AND x.account_id IN (`+
		db.AddEach(&args, ids)+`)`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read whose password works by an exception: %w", err)
	}
	until := map[string]time.Time{}
	for _, x := range list {
		until[x.AccountID] = x.Ends
	}
	return until, nil
}

// Deciders lists who can decide about a request: those who look after the account, and did not ask themselves.
func Deciders(ctx context.Context, r db.R, q Request) ([]account.Account, error) {
	a, err := account.ByID(ctx, r, q.AccountID)
	if err != nil {
		return nil, err
	}
	return decidersOf(ctx, r, a, q.By)
}
