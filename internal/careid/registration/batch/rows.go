package batch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/db"
	"signpost/internal/platform/records"
)

// RowState says what became of a row.
type RowState string

// The states of a row.
const (
	RowUnread  RowState = "unread"
	RowReady   RowState = "ready"   // would be done
	RowAlready RowState = "already" // there is nothing to do
	RowRefused RowState = "refused"
	RowDone    RowState = "done"
	RowUndone  RowState = "undone"
	RowKept    RowState = "kept" // could not be undone
)

// Row is one row of a batch.
type Row struct {
	Number  int
	State   RowState
	UUID    string // empty where the row names nobody whom its sender looks after
	Name    string // empty where the reader does not look after them
	Cells   []string
	Problem string

	sent sent
	made made
}

// Sent gives whom the row names, as it was read.
func (r Row) Sent() string {
	if r.sent.UUID != "" {
		return r.sent.UUID
	}
	if r.sent.Email != "" {
		return r.sent.Email
	}
	return strings.Join(r.Cells, " ")
}

// Counts are how many rows of a batch are in each state.
type Counts map[RowState]int

// All is how many rows there are.
func (c Counts) All() (n int) {
	for _, rows := range c {
		n += rows
	}
	return n
}

// Count counts the rows of a batch.
func Count(ctx context.Context, r db.R, id string) (Counts, error) {
	type counted struct {
		state RowState
		rows  int
	}
	list, err := db.All(ctx, r, func(scan db.Scanner) (c counted, err error) {
		return c, scan(&c.state, &c.rows)
	}, `SELECT state, COUNT(*) FROM batch_row WHERE batch = $1 GROUP BY state`, id)
	if err != nil {
		return nil, fmt.Errorf("count rows of batch: %w", err)
	}
	counts := Counts{}
	for _, c := range list {
		counts[c.state] = c.rows
	}
	return counts, nil
}

const selectRows = `SELECT number, sealed, uuid, state, problem, made FROM batch_row`

// First reads the first rows in a state, with the names of those whom a reader with some jobs looks after.
func (d *Desk) First(ctx context.Context, r db.R, l officer.List, id string, s RowState, limit int) ([]Row, error) {
	list, err := d.inState(ctx, r, id, s, limit)
	if err != nil {
		return nil, err
	}
	var uuids []string
	for _, row := range list {
		if row.UUID != "" {
			uuids = append(uuids, row.UUID)
		}
	}
	if len(uuids) == 0 {
		return list, nil
	}
	people, err := identity.ByUUIDs(ctx, r, uuids)
	if err != nil {
		return nil, err
	}
	may := map[string]bool{}
	for n, row := range list {
		i := people[row.UUID]
		if _, asked := may[i.Organisation]; !asked && i.UUID != "" {
			may[i.Organisation], err = l.MayAt(ctx, r, permission.AssignBatch, i.Organisation, permission.Yes)
			if err != nil {
				return nil, err
			}
		}
		if may[i.Organisation] {
			list[n].Name = i.DisplayName()
		}
	}
	return list, nil
}

func (d *Desk) inState(ctx context.Context, r db.R, id string, s RowState, limit int) ([]Row, error) {
	return d.rows(ctx, r, selectRows+` WHERE batch = $1 AND state = $2 ORDER BY number LIMIT $3`, id, string(s), limit)
}

func (d *Desk) rows(ctx context.Context, r db.R, query, id string, args ...any) ([]Row, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (row Row, err error) {
		var sealed []byte
		var what string
		if err := scan(&row.Number, &sealed, &row.UUID, &row.State, &row.Problem, &what); err != nil {
			return row, err
		}
		text, err := d.Box.Open(sealed, sealedAs(id, row.Number))
		if err == nil {
			err = json.Unmarshal(text, &row.sent)
		}
		if err == nil && what != "" {
			err = json.Unmarshal([]byte(what), &row.made)
		}
		row.Cells = row.sent.Cells
		return row, err
	}, query, append([]any{id}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("read rows of batch: %w", err)
	}
	return list, nil
}

// Mend writes the rows that were refused, or that could not be undone, in the shape in which they were sent, with the
// reason of each.
func (d *Desk) Mend(ctx context.Context, r db.R, b Batch, s RowState) ([]byte, error) {
	list, err := d.inState(ctx, r, b.ID, s, maxRows)
	if err != nil {
		return nil, err
	}
	refused := make([]records.Refused, 0, len(list))
	for _, row := range list {
		refused = append(refused, records.Refused{Number: row.Number, Reason: row.Problem, Cells: row.Cells})
	}
	var out bytes.Buffer
	err = records.WriteRefused(&out, b.Heading, refused)
	return out.Bytes(), err
}
