package board

import (
	"context"
	"fmt"
	"slices"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/tally"
	"signpost/internal/dos/report"
	"signpost/internal/dos/rollout/planning"
	"signpost/internal/dos/standing"
	"signpost/internal/platform/db"
)

const putMove = `INSERT INTO rollout_move (account_id, at, region, organisation, wave_id, authority, was, became, owner,
	next_owner) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`

// noteMoves keeps who moved on or fell back. Who was not counted before, or is not any more, did neither.
func noteMoves(ctx context.Context, w *db.W, changes []tally.Change) error {
	var ids []string
	for _, c := range changes {
		ids = append(ids, c.Account)
	}
	said, err := standing.ByAccounts(ctx, w, ids)
	if err != nil {
		return err
	}
	plans := newPlanner()
	for _, c := range changes {
		if c.Was.Facts == "" || c.Is.Facts == "" {
			continue
		}
		was, err := plans.ofText(c.Was.Facts)
		if err != nil {
			return err
		}
		is, err := plans.ofText(c.Is.Facts)
		if err != nil {
			return err
		}
		if was.State == is.State && was.Owner == is.Owner {
			continue
		}
		err = w.Soon(ctx, putMove, c.Account, w.Now(), c.Is.Region, c.Is.Organisation, c.Is.Wave,
			said[c.Account].Authority.Code, string(was.State), string(is.State), string(was.Owner), string(is.Owner))
		if err != nil {
			return fmt.Errorf("keep who moved on: %w", err)
		}
	}
	return nil
}

// Moved is somebody who is nearer to their Care Identity than before, or further from it.
type Moved struct {
	Account string // id
	Was, Is planning.State
	On      bool // nearer
	Last    time.Time
}

// maxMoves is how many moves are looked at while somebody waits.
const maxMoves = 2_000

// MovedSince lists who moved on or fell back since a moment and is still at another point than then, the latest first;
// and says whether there may be more. Only accounts that are meant now are listed.
func MovedSince(ctx context.Context, r db.R, s report.Selection, from time.Time) (list []Moved, more bool, err error) {
	moves, err := report.Moves(ctx, r, s, from, maxMoves)
	if err != nil {
		return nil, false, err
	}
	at := map[string]int{}
	var ids []string
	for _, m := range moves {
		i, is := at[m.Account]
		if !is {
			i = len(list)
			at[m.Account] = i
			list = append(list, Moved{Account: m.Account, Is: planning.State(m.Became), Last: m.At})
			ids = append(ids, m.Account)
		}
		list[i].Was = planning.State(m.Was) // the moves before come after
	}
	accounts, err := account.ByIDs(ctx, r, ids)
	if err != nil {
		return nil, false, err
	}
	states := planning.States()
	for i := range list {
		list[i].On = slices.Index(states, list[i].Is) < slices.Index(states, list[i].Was)
	}
	list = slices.DeleteFunc(list, func(m Moved) bool {
		a, is := accounts[m.Account]
		return m.Was == m.Is || !is || !a.Active || !s.Within.Covers(a)
	})
	return list, len(moves) == maxMoves, nil
}
