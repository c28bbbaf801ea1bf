package standing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"signpost/internal/platform/db"
)

// handlesOf reads what the care identity side calls the holders of some accounts, by the accounts' ids.
func handlesOf(ctx context.Context, r db.R, ids []string) (map[string][]string, error) {
	type row struct{ account, handle string }
	var args db.Arguments
	list, err := db.All(ctx, r, func(scan db.Scanner) (one row, err error) {
		err = scan(&one.account, &one.handle)
		return one, err
	}, `SELECT account_id, handle FROM standing_handle WHERE account_id IN (`+db.AddEach(&args, ids)+`)
		ORDER BY account_id, handle`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read handles of accounts: %w", err)
	}
	found := map[string][]string{}
	for _, one := range list {
		found[one.account] = append(found[one.account], one.handle)
	}
	return found, nil
}

// putHandles keeps the handles of an account in place of those before.
func putHandles(ctx context.Context, k *db.K, s Standing) error {
	if _, err := k.Exec(ctx, `DELETE FROM standing_handle WHERE account_id = $1`, s.AccountID); err != nil {
		return fmt.Errorf("forget handles of an account: %w", err)
	}
	if len(s.Handles) == 0 {
		return nil
	}
	var args db.Arguments
	var rows []string
	for _, handle := range s.Handles {
		rows = append(rows, `(`+args.Add(handle)+`, `+args.Add(s.AccountID)+`)`)
	}
	_, err := k.Exec(ctx, `INSERT INTO standing_handle (handle, account_id) VALUES `+strings.Join(rows, `, `),
		args.List()...)
	if err != nil {
		return fmt.Errorf("keep handles of an account: %w", err)
	}
	return nil
}

// Called lists the ids of the accounts of whose holders or addresses some handles are.
func Called(ctx context.Context, r db.R, handles []string) ([]string, error) {
	var all []string
	for some := range slices.Chunk(handles, handlesAtOnce) {
		var args db.Arguments
		ids, err := db.All(ctx, r, db.Column[string], `SELECT account_id FROM standing_handle WHERE handle IN (`+
			db.AddEach(&args, some)+`)`, args.List()...)
		if err != nil {
			return nil, fmt.Errorf("find accounts by handles: %w", err)
		}
		all = append(all, ids...)
	}
	slices.Sort(all)
	return slices.Compact(all), nil
}

// handlesAtOnce is for how many handles one statement looks.
const handlesAtOnce = 500
