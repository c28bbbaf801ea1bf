package wave

import (
	"context"
	"fmt"

	"signpost/internal/dos/account/among"
	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
)

const (
	eventDatesSet audit.Kind = "wave.dates-set"
	eventFilled   audit.Kind = "wave.filled"
	eventPassed   audit.Kind = "wave.passed-on"
	eventGuidance audit.Kind = "wave.guidance-set"
	eventAllowed  audit.Kind = "wave.allowance-set"
)

// ByID reads a wave, or fault.NotFound. That of accounts that never had a password is nobody's to look at or to move:
// they would have one where its passwords had not ended.
func ByID(ctx context.Context, r db.R, id string) (Wave, error) {
	v, err := db.One(ctx, r, scanWave, selectWave+` WHERE w.id = $1`, id)
	if err == nil && v.Name == withoutPassword {
		err = fault.NotFound
	}
	if err != nil {
		return v, fmt.Errorf("read wave %s: %w", id, err)
	}
	return v, nil
}

// IsOwn reports whether a name is, or looks like, that of the wave of accounts that never had a password. Whoever moved
// another one of its name would move those.
func IsOwn(called string) bool { return name.LikenessOf(called).Like(name.LikenessOf(withoutPassword)) }

// OfEach reads the waves of accounts. Who is in none is in the prepare phase.
func OfEach(ctx context.Context, r db.R, accountIDs []string) (map[string]Wave, error) {
	of := make(map[string]Wave, len(accountIDs))
	for _, id := range accountIDs {
		of[id] = Wave{Phase: path.Prepare}
	}
	if len(accountIDs) == 0 {
		return of, nil
	}
	list, err := db.All(ctx, r, scanWave, selectWave)
	if err != nil {
		return nil, fmt.Errorf("read waves: %w", err)
	}
	byID := make(map[string]Wave, len(list))
	for _, v := range list {
		byID[v.ID] = v
	}
	var args db.Arguments
	err = r.Each(ctx, func(scan db.Scanner) error {
		var account, in string
		err := scan(&account, &in)
		of[account] = byID[in]
		return err
	}, `SELECT account_id, wave_id FROM wave_member WHERE account_id IN (`+db.AddEach(&args, accountIDs)+`)`,
		args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read waves of accounts: %w", err)
	}
	return of, nil
}

// EachNow reads the wave of each of some accounts as Of does, by their ids: with the exception that an account has.
func EachNow(ctx context.Context, r db.R, accountIDs []string) (map[string]Wave, error) {
	of := make(map[string]Wave, len(accountIDs))
	for _, id := range accountIDs {
		of[id] = Wave{Phase: path.Prepare}
	}
	if len(accountIDs) == 0 {
		return of, nil
	}
	var args db.Arguments
	query := `SELECT m.account_id, ` + exceptedColumns + joinExcepted(args.Add(r.Now())) +
		` WHERE m.account_id IN (` + db.AddEach(&args, accountIDs) + `)`
	err := r.Each(ctx, func(scan db.Scanner) error {
		var account string
		v, err := scanExcepted(func(to ...any) error { return scan(append([]any{&account}, to...)...) })
		of[account] = v
		return err
	}, query, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read waves of accounts as they are now: %w", err)
	}
	return of, nil
}

// Members counts the accounts that are in a wave, whatever their state.
func Members(ctx context.Context, r db.R, id string) (int, error) {
	n, err := db.Value[int](ctx, r, `SELECT COUNT(*) FROM wave_member WHERE wave_id = $1`, id)
	if err != nil {
		return 0, fmt.Errorf("count members of wave: %w", err)
	}
	return n, nil
}

// MemberIDs is a query for the ids of the accounts of a wave.
func MemberIDs(id string) audit.Among {
	return audit.Among{SQL: `SELECT account_id FROM wave_member WHERE wave_id = $1`, Args: []any{id}}
}

// Having is the condition of a search that an account is in a wave.
func Having(id string) among.Condition {
	return among.Having(func(args *db.Arguments, column string) string {
		return column + ` IN (SELECT account_id FROM wave_member WHERE wave_id = ` + args.Add(id) + `)`
	})
}

// List lists all waves but that of accounts that never had a password, by their names.
func List(ctx context.Context, r db.R) ([]Wave, error) {
	list, err := db.All(ctx, r, scanWave, selectWave+` WHERE w.name <> $1 ORDER BY w.name, w.id`, withoutPassword)
	if err != nil {
		return nil, fmt.Errorf("list waves: %w", err)
	}
	return list, nil
}

// SetDates sets the days on which a wave is to change phase, as a part of an Update. It moves nothing by itself.
func SetDates(ctx context.Context, w *db.W, id string, dates Dates) error {
	before, err := ByID(ctx, w, id)
	if err != nil {
		return err
	}
	const set = `UPDATE wave SET choose_at = $2, require_at = $3, close_at = $4 WHERE id = $1`
	if err := w.Change(ctx, set, id, dates.Choose, dates.Require, dates.Close); err != nil {
		return fmt.Errorf("set dates of wave: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventDatesSet, Subject: Ref(id), Before: before.Dates, After: dates})
}

// SetGuidance sets for how many days everybody is to have had the guidance for a phase before the wave enters it, as a
// part of an Update.
func SetGuidance(ctx context.Context, w *db.W, id string, days int, reason string) error {
	before, err := ByID(ctx, w, id)
	if err != nil {
		return err
	}
	if err := w.Change(ctx, `UPDATE wave SET guidance_days = $2 WHERE id = $1`, id, days); err != nil {
		return fmt.Errorf("set days of guidance: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventGuidance, Subject: Ref(id), Before: before.Guidance,
		After: GuidanceDays{Set: true, Days: days}, Reason: reason})
}

// SetAllowance sets for how many days that somebody works their password still opens the directory in Require, as a
// part of an Update.
func SetAllowance(ctx context.Context, w *db.W, id string, days int, reason string) error {
	before, err := ByID(ctx, w, id)
	if err != nil {
		return err
	}
	if err := w.Change(ctx, `UPDATE wave SET allowance = $2 WHERE id = $1`, id, days); err != nil {
		return fmt.Errorf("set allowance of wave: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventAllowed, Subject: Ref(id), Before: before.Allowance, After: days,
		Reason: reason})
}

// PassOn moves accounts out of a wave into another one, as a part of an Update, and says how many these were.
func PassOn(ctx context.Context, w *db.W, from, into string, accountIDs []string, reason string) (int, error) {
	var args db.Arguments
	n, err := w.Exec(ctx, `UPDATE wave_member SET wave_id = `+args.Add(into)+` WHERE wave_id = `+args.Add(from)+
		` AND account_id IN (`+db.AddEach(&args, accountIDs)+`)`, args.List()...)
	if err != nil {
		return 0, fmt.Errorf("pass accounts on: %w", err)
	}
	if n == 0 {
		return 0, nil
	}
	return int(n), w.Record(ctx, audit.Event{Kind: eventPassed, Subject: Ref(from), Before: accountIDs, After: into,
		Reason: reason})
}

// Fill puts into a wave those of the accounts that are in none, as a part of an Update, and says how many these were.
func Fill(ctx context.Context, w *db.W, id string, accountIDs []string) (int, error) {
	var args db.Arguments
	placed, err := db.All(ctx, w, db.Column[string], `SELECT account_id FROM wave_member WHERE account_id IN (`+
		db.AddEach(&args, accountIDs)+`)`, args.List()...)
	if err != nil {
		return 0, fmt.Errorf("look which accounts are in a wave: %w", err)
	}
	isPlaced := make(map[string]bool, len(placed))
	for _, one := range placed {
		isPlaced[one] = true
	}
	var joined []string
	for _, one := range accountIDs {
		if isPlaced[one] {
			continue
		}
		joined = append(joined, one)
		if err := w.Soon(ctx, `INSERT INTO wave_member (account_id, wave_id) VALUES ($1, $2)`, one, id); err != nil {
			return 0, fmt.Errorf("fill wave: %w", err)
		}
	}
	if len(joined) == 0 {
		return 0, nil
	}
	return len(joined), w.Record(ctx, audit.Event{Kind: eventFilled, Subject: Ref(id), After: joined})
}

// Untallied is that an account came into a wave and is not counted in it yet, in the words of its index.
const Untallied = `CASE WHEN tallied = wave_id THEN 0 ELSE 1 END = 1`

// MarkTallied has accounts say that they are counted in their waves, as a part of an Update.
func MarkTallied(ctx context.Context, w *db.W, accountIDs []string) error {
	var args db.Arguments
	_, err := w.Exec(ctx, `UPDATE wave_member SET tallied = wave_id WHERE `+Untallied+` AND account_id IN (`+
		db.AddEach(&args, accountIDs)+`)`, args.List()...)
	if err != nil {
		return fmt.Errorf("mark accounts as counted in their waves: %w", err)
	}
	return nil
}
