package identities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/identity/detail"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/records"
	"signpost/internal/platform/seal"
)

// Door is where care identities are written.
type Door struct {
	DB  *db.DB
	Box *seal.Box // seals National Insurance numbers; nil where the file has none
}

// eventNumbered is recorded of the numbers that people of a file get.
const eventNumbered audit.Kind = "import.numbered"

// number gives a number to each person without one. One that is then not used is lost: numbers have no meaning.
func (r Reading) number(ctx context.Context, door Door) error {
	missing := 0
	for _, p := range r.People {
		if p.UUID == "" {
			missing++
		}
	}
	if missing == 0 {
		return nil
	}
	numbers, err := db.Write(ctx, door.DB, actor.ForCommand("import identities"),
		func(w *db.W) ([]string, error) {
			numbers, err := identity.Numbers(ctx, w, missing)
			if err != nil {
				return nil, err
			}
			return numbers, w.Record(ctx, audit.Event{Kind: eventNumbered, Subject: audit.Ref{Kind: "import", ID: Form},
				After: map[string]int{"numbers": missing}})
		})
	if err != nil {
		return err
	}
	for i := range r.People {
		if r.People[i].UUID == "" {
			r.People[i].UUID = numbers[0]
			numbers = numbers[1:]
		}
	}
	return nil
}

// record is somebody as an import stages them. What is secret is sealed.
type record struct {
	identity.Imported

	Detail detail.Imported `json:"detail"`
}

func (p Person) wanted(box *seal.Box) (records.Wanted, error) {
	one := record{Imported: p.Imported, Detail: detail.Imported{BirthDate: p.BirthDate, Mobile: p.Mobile}}
	if p.NI != "" {
		one.Detail.SealNI(box, p.UUID, p.NI)
	}
	text, err := json.Marshal(one)
	if err != nil {
		return records.Wanted{}, fmt.Errorf("row %d: %w", p.number, err)
	}
	return records.Wanted{Key: p.UUID, Record: string(text)}, nil
}

// Source is what care identities are imported from.
func Source() records.Source {
	return records.Source{Kind: Form, Name: Form, Table: records.Table{
		All:    func(context.Context, db.R) (map[string]string, error) { return map[string]string{}, nil },
		Some:   there,
		PutAll: putAll,
		Filled: append(append([]string{}, identity.ImportedTables...), "identity_detail"),
		Put:    func(context.Context, *db.W, string, string, string) error { return errNeverChanged },
		Touched: func(ctx context.Context, r db.R, uuid string) (bool, error) {
			return touched(ctx, r, uuid)
		},
		Remove: func(ctx context.Context, w *db.W, uuid string) error {
			if err := detail.RemoveImported(ctx, w, uuid); err != nil {
				return err
			}
			return identity.RemoveImported(ctx, w, uuid)
		},
	}}
}

// isThere is what is kept of somebody whom an import added: nothing of a person is to outlive them there.
const isThere = `{}`

var errNeverChanged = fmt.Errorf("an import changes no care identity that is there: %w", errors.ErrUnsupported)

func there(ctx context.Context, r db.R, uuids []string) (map[string]string, error) {
	found, err := identity.ByUUIDs(ctx, r, uuids)
	if err != nil {
		return nil, err
	}
	kept := map[string]string{}
	for uuid := range found {
		kept[uuid] = isThere
	}
	return kept, nil
}

// putAll adds the people of a chunk.
func putAll(ctx context.Context, w *db.W, list []string) (kept []records.Written, err error) {
	people := make([]identity.Imported, len(list))
	details := make([]detail.Imported, len(list))
	uuids := make([]string, len(list))
	for i, text := range list {
		var one record
		if err := json.Unmarshal([]byte(text), &one); err != nil {
			return nil, fmt.Errorf("record of a care identity: %w", err)
		}
		people[i] = one.Imported
		details[i] = one.Detail
		uuids[i] = one.UUID
		kept = append(kept, records.Written{Key: one.UUID, Record: isThere})
	}
	if err := identity.AddImported(ctx, w, people); err != nil {
		return nil, err
	}
	return kept, detail.AddImported(ctx, w, uuids, details)
}

// touched reports whether anything happened to somebody since they were brought here, or they were given something.
func touched(ctx context.Context, r db.R, uuid string) (bool, error) {
	if is, err := identity.Touched(ctx, r, uuid); err != nil || is {
		return is, err
	}
	positions, err := access.OfIdentity(ctx, r, uuid)
	if err != nil || len(positions) > 0 {
		return len(positions) > 0, err
	}
	bound, err := authenticator.OfIdentity(ctx, r, uuid)
	return len(bound) > 0, err
}
