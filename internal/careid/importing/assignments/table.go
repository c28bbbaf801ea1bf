package assignments

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/platform/db"
	"signpost/internal/platform/records"
)

// Wanted are the records of the rows of a reading.
func (r Reading) Wanted() ([]records.Wanted, error) {
	list := make([]records.Wanted, 0, len(r.Held))
	for _, h := range r.Held {
		text, err := json.Marshal(h.Imported)
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", h.number, err)
		}
		list = append(list, records.Wanted{Key: h.UUID, Record: string(text)})
	}
	return list, nil
}

// Source is what positions that people hold are imported from.
func Source() records.Source {
	return records.Source{Kind: Form, Name: Form, Table: records.Table{
		All:     func(context.Context, db.R) (map[string]string, error) { return map[string]string{}, nil },
		Some:    there,
		PutAll:  putAll,
		Filled:  access.ImportedTables,
		Put:     func(context.Context, *db.W, string, string, string) error { return errNeverChanged },
		Touched: func(context.Context, db.R, string) (bool, error) { return false, nil },
		Remove:  access.EndImported,
	}}
}

var errNeverChanged = fmt.Errorf("an import changes no assignment that is there: %w", errors.ErrUnsupported)

// there gives the dates of the assignments with some ids, as far as they are not over.
func there(ctx context.Context, r db.R, ids []string) (map[string]string, error) {
	dates, err := access.DatesOf(ctx, r, ids)
	if err != nil {
		return nil, err
	}
	kept := map[string]string{}
	for id, one := range dates {
		if kept[id], err = written(one); err != nil {
			return nil, err
		}
	}
	return kept, nil
}

func written(d access.Dates) (string, error) {
	text, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("write dates: %w", err)
	}
	return string(text), nil
}

// putAll gives the positions of a chunk.
func putAll(ctx context.Context, w *db.W, list []string) (kept []records.Written, err error) {
	held := make([]access.Imported, len(list))
	for i, text := range list {
		if err := json.Unmarshal([]byte(text), &held[i]); err != nil {
			return nil, fmt.Errorf("record of a position: %w", err)
		}
		if held[i].Starts.IsZero() {
			held[i].Starts = w.Now()
		}
	}
	ids, err := access.AddImported(ctx, w, held, identity.Numbers)
	if err != nil {
		return nil, err
	}
	for i, id := range ids {
		text, err := written(access.Dates{Starts: held[i].Starts, Ends: held[i].Ends})
		if err != nil {
			return nil, err
		}
		kept = append(kept, records.Written{Key: id, Record: text})
	}
	return kept, nil
}
