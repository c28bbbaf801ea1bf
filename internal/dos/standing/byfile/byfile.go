// Package byfile asks the care identity side about all accounts by a file, and reads its answers from one, where the
// two sides cannot reach each other.
package byfile

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"

	"signpost/internal/dos/account"
	"signpost/internal/dos/standing"
	"signpost/internal/national/extract"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
)

// The kinds of events that this package records.
const (
	eventAsked audit.Kind = "standing.asked-by-file"
	eventRead  audit.Kind = "standing.read-from-file"
)

// chunk is how many accounts are read or written together.
const chunk = 500

var ref = audit.Ref{Kind: "standing", ID: "file"}

// Ask writes a question about each active account that is one person's and has an address, and gives how many.
func Ask(ctx context.Context, d *db.DB, by actor.Actor, to io.Writer) (asked int, err error) {
	out := csv.NewWriter(to)
	if err := out.Write(extract.QuestionColumns()); err != nil {
		return 0, fmt.Errorf("write questions: %w", err)
	}
	for after := ""; ; {
		list, err := db.Read(ctx, d, func(r db.R) ([]extract.Question, error) { return questionsAfter(ctx, r, after) })
		if err != nil {
			return 0, err
		}
		if len(list) == 0 {
			break
		}
		for _, q := range list {
			if err := out.Write(sheet.SafeRow(q.Row()...)); err != nil {
				return 0, fmt.Errorf("write questions: %w", err)
			}
		}
		asked += len(list)
		after = list[len(list)-1].Ref
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return 0, fmt.Errorf("write questions: %w", err)
	}
	return asked, d.Update(ctx, by, func(w *db.W) error {
		return w.Record(ctx, audit.Event{Kind: eventAsked, Subject: ref, After: map[string]int{"accounts": asked}})
	})
}

func questionsAfter(ctx context.Context, r db.R, id string) (list []extract.Question, err error) {
	accounts, err := account.After(ctx, r, id, chunk)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, a := range accounts {
		ids = append(ids, a.ID)
	}
	links, err := account.LinksOf(ctx, r, ids)
	for _, a := range accounts {
		list = append(list, extract.Question{Ref: a.ID, Email: a.EmailKey, Subject: links[a.ID].Subject})
	}
	return list, err
}

// Refused is a row that is not taken, with the reason.
type Refused struct {
	Row    int    `json:"row"`
	Reason string `json:"reason"`
}

// Reading is what a file of answers holds.
type Reading struct {
	Rows    int
	List    []standing.Standing
	Refused []Refused

	rows map[string]int // the row of an account
}

var columns = sheet.Options{
	Columns: []string{"ref", "found"},
	Optional: slices.DeleteFunc(extract.AnswerColumns(), func(name string) bool {
		return name == "ref" || name == "found"
	}),
}

// Read reads a file of answers.
func Read(file *sheet.File) (r Reading, err error) {
	rows, err := file.Open(columns)
	if err != nil {
		return r, err
	}
	r.rows = map[string]int{}
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return r, nil
		}
		if err != nil {
			return r, err
		}
		r.Rows++
		if err := r.take(row); err != nil {
			r.Refused = append(r.Refused, Refused{Row: row.Number, Reason: reasonOf(err)})
		}
	}
}

func (r *Reading) take(row sheet.Row) error {
	if row.Refused != nil {
		return row.Refused
	}
	a, err := extract.AnswerIn(row.Get)
	if err != nil {
		return err
	}
	if first := r.rows[a.Ref]; first > 0 {
		return fmt.Errorf("row %d answers about the same account: leave out the older one", first)
	}
	r.rows[a.Ref] = row.Number
	r.List = append(r.List, standing.Of(a.Ref, a))
	return nil
}

func reasonOf(err error) string {
	if f, known := fault.From(err); known {
		return f.Message
	}
	return err.Error()
}

// Check refuses answers about accounts that are not there, or of which nobody is asked about.
func Check(ctx context.Context, d *db.DB, r Reading) (Reading, error) {
	list := r.List
	r.List = nil
	for some := range slices.Chunk(list, chunk) {
		var ids []string
		for _, s := range some {
			ids = append(ids, s.AccountID)
		}
		found, err := db.Read(ctx, d, func(read db.R) (map[string]account.Account, error) {
			return account.ByIDs(ctx, read, ids)
		})
		if err != nil {
			return r, err
		}
		for _, s := range some {
			if a, there := found[s.AccountID]; !there || a.Kind != account.Individual {
				r.Refused = append(r.Refused, Refused{Row: r.rows[s.AccountID],
					Reason: "no person's account has the ref " + fault.Quoted(s.AccountID) +
						": ask anew with signpost export questions"})
				continue
			}
			r.List = append(r.List, s)
		}
	}
	slices.SortFunc(r.Refused, func(a, b Refused) int { return a.Row - b.Row })
	return r, nil
}

// Save keeps what a file says, for boards, simulations and lists of work. Nobody is let in or linked by it.
func Save(ctx context.Context, d *db.DB, by actor.Actor, r Reading) error {
	for some := range slices.Chunk(r.List, chunk) {
		if err := standing.Keep(ctx, d, some); err != nil {
			return err
		}
	}
	return d.Update(ctx, by, func(w *db.W) error {
		return w.Record(ctx, audit.Event{Kind: eventRead, Subject: ref, After: map[string]int{"accounts": len(r.List)}})
	})
}
