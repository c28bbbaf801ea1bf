package organisation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"signpost/internal/careid/change"
	"signpost/internal/national/ods"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/records"
	"signpost/internal/platform/searchname"
)

// Record is an organisation as the Organisation Data Service has it. Days are written as 2026-06-15, and are empty
// where they are not known.
type Record struct {
	Name      string       `json:"name"`
	Status    ods.Status   `json:"status,omitempty"` // empty of one that somebody typed
	Role      ods.RoleID   `json:"role,omitempty"`   // the primary one
	Roles     []Role       `json:"roles,omitempty"`  // the others
	Address   string       `json:"address,omitempty"`
	Postcode  string       `json:"postcode,omitempty"`
	Phone     string       `json:"phone,omitempty"`
	Opened    string       `json:"opened,omitempty"`
	Closed    string       `json:"closed,omitempty"`
	Relations []Relation   `json:"relations,omitempty"`
	Followed  []Succession `json:"followed,omitempty"`
}

// Role is a further role of an organisation, or an earlier primary one.
type Role struct {
	ID    ods.RoleID `json:"id"`
	Ended bool       `json:"ended,omitempty"`
	From  string     `json:"from,omitempty"`
	To    string     `json:"to,omitempty"`
}

// Relation is what an organisation is to another, such as commissioned by it. It says nothing about which registration
// authority serves it.
type Relation struct {
	ID     ods.RelationID `json:"id"`
	Target string         `json:"target"` // ODS code
	Ended  bool           `json:"ended,omitempty"`
	From   string         `json:"from,omitempty"`
	To     string         `json:"to,omitempty"`
}

// Succession names an organisation that came before another or after it.
type Succession struct {
	Code  string `json:"code"`
	After bool   `json:"after,omitempty"` // it followed; otherwise it came before
	On    string `json:"on,omitempty"`
}

const selectRecords = `SELECT o.code, o.name, o.postcode, COALESCE(r.record, '')
	FROM organisation o LEFT JOIN organisation_record r ON r.code = o.code`

func scanRecord(scan db.Scanner) (o records.Record[Record], err error) {
	var name, postcode, text string
	if err := scan(&o.Key, &name, &postcode, &text); err != nil {
		return o, err
	}
	if text == "" {
		o.Value = Record{Name: name, Postcode: postcode}
		return o, nil
	}
	return o, json.Unmarshal([]byte(text), &o.Value)
}

// RecordOf gives an organisation as the Organisation Data Service has it, or as it was typed; or fault.NotFound.
func RecordOf(ctx context.Context, r db.R, code string) (Record, error) {
	o, err := db.One(ctx, r, scanRecord, selectRecords+` WHERE o.code = $1`, code)
	if err != nil {
		return Record{}, fmt.Errorf("read record of organisation: %w", err)
	}
	return o.Value, nil
}

// Imported gives imports the organisations, by ODS code. used says whether anything here belongs to an organisation,
// which is then not taken away with it.
func Imported(used func(ctx context.Context, r db.R, code string) (bool, error)) records.Table {
	t := records.TableOf(scanRecord, selectRecords, "o.code", "")
	t.Put = putRecord
	t.Touched = used
	t.Remove = removeRecord
	return t
}

const (
	updateFromRecord = `UPDATE organisation SET name = $2, words = $3, role = $4, postcode = $5, status = $6,
		unfolded = FALSE WHERE code = $1`
	upsertRecord = `INSERT INTO organisation_record (code, record, written_at) VALUES ($1, $2, $3)
		ON CONFLICT (code) DO UPDATE SET record = $2, written_at = $3`
	deleteRecord = `DELETE FROM organisation_record WHERE code = $1`
)

// putRecord adds an organisation or changes what the Organisation Data Service says of it. What its registration
// authority typed stays.
func putRecord(ctx context.Context, w *db.W, code, before, text string) error {
	var o, old Record
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return fmt.Errorf("record of %s: %w", code, err)
	}
	if before == "" {
		if _, err := w.Exec(ctx, insertOrganisation, code, o.Name, "", "", "", ""); err != nil {
			return fmt.Errorf("add organisation %s: %w", code, err)
		}
	} else if err := json.Unmarshal([]byte(before), &old); err != nil {
		return fmt.Errorf("record of %s: %w", code, err)
	}
	if err := w.Change(ctx, updateFromRecord, code, o.Name, searchname.Of(o.Name), string(o.Role),
		plainPostcode(o.Postcode), string(o.Status)); err != nil {
		return fmt.Errorf("change organisation %s: %w", code, err)
	}
	if err := keepRecord(ctx, w, code, o.Status, text); err != nil {
		return err
	}
	if old.Name == o.Name {
		return nil
	}
	if before != "" { // the directory side shows the name with each of its people
		if err := change.Note(ctx, w, change.OfAll()); err != nil {
			return err
		}
	}
	return wordTable.Replace(ctx, w, code, searchname.Words(o.Name))
}

// keepRecord keeps the record itself; of an organisation that is again as it was typed there is none.
func keepRecord(ctx context.Context, w *db.W, code string, status ods.Status, text string) (err error) {
	if status == "" {
		_, err = w.Exec(ctx, deleteRecord, code)
	} else {
		_, err = w.Exec(ctx, upsertRecord, code, text, w.Now())
	}
	if err != nil {
		return fmt.Errorf("keep record of organisation %s: %w", code, err)
	}
	return nil
}

func removeRecord(ctx context.Context, w *db.W, code string) error {
	if err := wordTable.Replace(ctx, w, code, nil); err != nil {
		return err
	}
	if _, err := w.Exec(ctx, deleteRecord, code); err != nil {
		return fmt.Errorf("remove record of organisation %s: %w", code, err)
	}
	if err := w.Change(ctx, `DELETE FROM organisation WHERE code = $1`, code); err != nil {
		return fmt.Errorf("remove organisation %s: %w", code, err)
	}
	return nil
}

const countTyped = `SELECT COUNT(*) FROM organisation o WHERE o.code = $1
	AND (o.contact <> '' OR EXISTS (SELECT 1 FROM ra_hosting h WHERE h.code = o.code OR h.host = o.code)
	OR EXISTS (SELECT 1 FROM organisation_policy p WHERE p.code = o.code))`

// Typed reports whether a registration authority typed something about an organisation, by its code.
func Typed(ctx context.Context, r db.R, code string) (bool, error) {
	n, err := db.Value[int64](ctx, r, countTyped, code)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return false, fmt.Errorf("read what was typed about an organisation: %w", err)
	}
	return n > 0, nil
}
