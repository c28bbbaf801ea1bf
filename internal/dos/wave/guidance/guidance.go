// Package guidance keeps who was told when what the next phase of their wave means for them, and says who was not.
//
// It knows neither pages nor mails: these tell people, and note it here.
package guidance

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/when"
)

// How says in which way somebody was told.
type How string

// The ways.
const (
	ByMail      How = "mail"
	ByChecklist How = "checklist"
	ByLetter    How = "letter"
)

// Words say what the next phase of a wave means for somebody who is not linked; nothing where none follows.
func Words(of wave.Wave) string {
	switch of.Phase {
	case path.Require:
		return from(of.Dates.Close) + ", your password has no use any more, not even to link your account. " +
			"Link it before then."
	case path.Choose:
		return from(of.Dates.Require) + ", you log in with your Care Identity, and your password no longer opens " +
			"the Directory of Services. Link your account before then."
	case path.Prepare:
		return from(of.Dates.Choose) + ", you can link your account to your Care Identity. Until then you log in " +
			"with your password."
	}
	return ""
}

func from(day time.Time) string {
	if day.IsZero() {
		return "From a day that we will tell you"
	}
	return "From " + when.Date(day)
}

const give = `INSERT INTO guidance (account_id, phase, first_at, how) VALUES ($1, $2, $3, $4)
	ON CONFLICT (account_id, phase) DO NOTHING`

// Give notes that somebody is told now what the phase after that of their wave means, as a part of an Update. The first
// time counts.
func Give(ctx context.Context, w *db.W, accountID string, of wave.Wave, how How) error {
	if Words(of) == "" {
		return nil
	}
	if err := w.Soon(ctx, give, accountID, int(of.Phase+1), w.Now(), string(how)); err != nil {
		return fmt.Errorf("note guidance: %w", err)
	}
	return nil
}

// Show notes that somebody sees on their checklist what the phase after that of their wave means.
func Show(ctx context.Context, d *db.DB, accountID string, of wave.Wave) error {
	given, err := db.Glance(ctx, d, func(r db.R) (bool, error) {
		return db.Value[bool](ctx, r, `SELECT EXISTS (SELECT 1 FROM guidance WHERE account_id = $1 AND phase = $2)`,
			accountID, int(of.Phase+1))
	})
	if err != nil {
		return fmt.Errorf("look for guidance: %w", err)
	}
	if given || Words(of) == "" {
		return nil
	}
	return d.Jot(ctx, func(k *db.K) error {
		_, err := k.Exec(ctx, give, accountID, int(of.Phase+1), d.Now(), string(ByChecklist))
		return err
	})
}

// Missing says who is meant: those of a wave who move by themselves, are not linked, and were not told by a time what a
// phase means; without a time, those who were never told.
type Missing struct {
	Wave  string // id
	Phase path.Phase
	By    time.Time `json:",omitzero"`
}

// Condition is that an account, whose id stands in a column, is one of them.
func (m Missing) Condition(args *db.Arguments, id string) string {
	told := ""
	in := args.Add(m.Wave)
	phase := args.Add(int(m.Phase))
	if !m.By.IsZero() {
		told = ` AND g.first_at <= ` + args.Add(m.By)
	}
	return `EXISTS (SELECT 1 FROM wave_member m WHERE m.account_id = ` + id + ` AND m.wave_id = ` + in + `) AND ` +
		account.HasToLink(id) + ` AND NOT EXISTS (SELECT 1 FROM guidance g WHERE g.account_id = ` + id +
		` AND g.phase = ` + phase + told + `)`
}

// Count counts them.
func (m Missing) Count(ctx context.Context, r db.R) (int, error) {
	var args db.Arguments
	of := `SELECT COUNT(*) FROM wave_member n WHERE n.wave_id = ` + args.Add(m.Wave) + ` AND ` +
		m.Condition(&args, "n.account_id")
	n, err := db.Value[int](ctx, r, of, args.List()...)
	if err != nil {
		return 0, fmt.Errorf("count who lacks guidance: %w", err)
	}
	return n, nil
}

// List gives the ids of at most so many of them.
func (m Missing) List(ctx context.Context, r db.R, maxIDs int) ([]string, error) {
	var args db.Arguments
	ids, err := db.All(ctx, r, db.Column[string], `SELECT n.account_id FROM wave_member n WHERE n.wave_id = `+
		args.Add(m.Wave)+` AND `+m.Condition(&args, "n.account_id")+` ORDER BY n.account_id LIMIT `+args.Add(maxIDs),
		args.List()...)
	if err != nil {
		return nil, fmt.Errorf("list who lacks guidance: %w", err)
	}
	return ids, nil
}

// Told gives for accounts when each was first told what a phase means; who never was is not in it.
func Told(ctx context.Context, r db.R, accountIDs []string, phase path.Phase) (map[string]time.Time, error) {
	type row struct {
		id string
		at time.Time
	}
	told := make(map[string]time.Time, len(accountIDs))
	if len(accountIDs) == 0 {
		return told, nil
	}
	var args db.Arguments
	list, err := db.All(ctx, r, func(scan db.Scanner) (one row, err error) {
		err = scan(&one.id, db.At(&one.at))
		return one, err
	}, `SELECT account_id, first_at FROM guidance WHERE phase = `+args.Add(int(phase))+` AND account_id IN (`+
		db.AddEach(&args, accountIDs)+`)`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read guidance: %w", err)
	}
	for _, one := range list {
		told[one.id] = one.at
	}
	return told, nil
}
