package directory

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"signpost/internal/national/ods"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/db"
	"signpost/internal/platform/searchname"
)

// Table lets imports read and write one table record by record. Each record has the key that its source uses and
// is encoded as JSON, so that importing and undoing work in the same way for every table.
type Table struct {
	// All gives every record that came from a source, by key.
	All func(ctx context.Context, r db.R) (map[string]string, error)
	// Some gives the records of some keys, by key, as far as there are any.
	Some func(ctx context.Context, r db.R, keys []string) (map[string]string, error)
	// Put adds the record of a key or replaces it. before is the one that is there; it is empty if there is none.
	Put func(ctx context.Context, w *db.W, key, before, record string) error
	// Settle completes a record as it is about to be put, with what only then is known; nil if nothing is.
	Settle func(ctx context.Context, w *db.W, record string) (string, error)
	// PutAll puts the records of a chunk together, in place of Put, and says what is kept of each for an undo. Then
	// undos alone ask Put.
	PutAll func(ctx context.Context, w *db.W, records []string) ([]Written, error)
	// Filled are the tables into which PutAll puts them.
	Filled []string
	// Weight says how many times as long as another to put the record of a key takes; nil where all take the same.
	Weight func(key string) int
	// Remove deletes the record of a key.
	Remove func(ctx context.Context, w *db.W, key string) error
	// Touched reports whether people have added something to the record that would be lost with it.
	Touched func(ctx context.Context, r db.R, key string) (bool, error)
}

// Written is what is kept of a record that an import put: a key by which Some finds it, what was there before, empty if
// nothing was, and what Some gives since.
type Written struct{ Key, Before, Record string }

// record is one row of a Table: its key and its value.
type record[T any] struct {
	key   string
	value T
}

// importTable makes a Table from a query whose rows scan reads; filter is the where-clause that selects the
// records of the source.
func importTable[T any](scan func(db.Scanner) (record[T], error), sql, keyColumn, filter string, args ...any) Table {
	encoded := func(columns db.Scanner) (record[string], error) {
		one, err := scan(columns)
		if err != nil {
			return record[string]{}, err
		}
		text, err := json.Marshal(one.value)
		return record[string]{one.key, string(text)}, err
	}
	return Table{
		All: func(ctx context.Context, r db.R) (map[string]string, error) {
			list, err := db.All(ctx, r, encoded, sql+filter, args...)
			if err != nil {
				return nil, fmt.Errorf("read records: %w", err)
			}
			all := make(map[string]string, len(list))
			for _, one := range list {
				all[one.key] = one.value
			}
			return all, nil
		},
		Some: func(ctx context.Context, r db.R, keys []string) (map[string]string, error) {
			return some(ctx, r, encoded, sql+` WHERE `+keyColumn+` = $1`, keys)
		},
		Touched: func(context.Context, db.R, string) (bool, error) { return false, nil },
	}
}

// some reads the records of some keys in one journey to the database.
func some(ctx context.Context, r db.R, scan func(db.Scanner) (record[string], error), sql string,
	keys []string) (map[string]string, error) {
	answers := make([]*db.Answer[record[string]], len(keys))
	queries := make([]db.Query, len(keys))
	for i, key := range keys {
		answers[i] = db.Ask(scan, sql, key)
		queries[i] = answers[i]
	}
	if err := db.Together(ctx, r, queries...); err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	there := make(map[string]string, len(keys))
	for _, answer := range answers {
		for _, one := range answer.All() {
			there[one.key] = one.value
		}
	}
	return there, nil
}

// Organisation is an organisation as the Organisation Data Service lists it.
type Organisation struct {
	Name     string `json:"name"`
	Status   string `json:"status"`  // A active, C closed, D dormant, P proposed
	Setting  string `json:"setting"` // prescribing setting; 4 is a GP practice
	Address  string `json:"address"`
	Postcode string `json:"postcode,omitempty"`
	Phone    string `json:"phone,omitempty"`
	Roles    string `json:"roles,omitempty"` // ids of its ODS roles, with bars between them
}

// IsGPPractice reports whether an organisation is a GP practice: by its prescribing setting, as the Organisation
// Data Service had it, or by its roles.
func (o Organisation) IsGPPractice() bool {
	return o.Setting == gpSetting || slices.Contains(strings.Split(o.Roles, "|"), string(ods.GPPractice))
}

// gpSetting is the prescribing setting of GP practices.
const gpSetting = "4"

// ImportedOrganisations gives imports the organisations, by ODS code.
func ImportedOrganisations() Table {
	t := importTable(func(scan db.Scanner) (o record[Organisation], err error) {
		err = scan(&o.key, &o.value.Name, &o.value.Status, &o.value.Setting, &o.value.Address, &o.value.Postcode,
			&o.value.Phone, &o.value.Roles)
		return o, err
	}, `SELECT code, name, status, setting, address, postcode, phone, roles FROM ods_organisation`, "code", "")
	t.Put = func(ctx context.Context, w *db.W, key, _, text string) error {
		var o Organisation
		if err := json.Unmarshal([]byte(text), &o); err != nil {
			return fmt.Errorf("record of %s: %w", key, err)
		}
		_, err := w.Exec(ctx, putOrganisation, key, o.Name, o.Status, o.Setting, o.Address, o.Postcode, o.Phone,
			o.Roles)
		if err != nil {
			return fmt.Errorf("put organisation %s: %w", key, err)
		}
		return organisationWords.Replace(ctx, w, key, searchname.Words(o.Name))
	}
	t.Remove = func(ctx context.Context, w *db.W, key string) error {
		if err := organisationWords.Replace(ctx, w, key, nil); err != nil {
			return err
		}
		return w.Change(ctx, `DELETE FROM ods_organisation WHERE code = $1`, key)
	}
	return t
}

const putOrganisation = `INSERT INTO ods_organisation (code, name, status, setting, address, postcode, phone, roles,
	unfolded) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, FALSE)
	ON CONFLICT (code) DO UPDATE SET name = $2, status = $3, setting = $4, address = $5, postcode = $6, phone = $7,
	roles = $8, unfolded = FALSE`

// ImportedPlaces gives imports the postcode districts, by outcode.
func ImportedPlaces() Table {
	t := importTable(func(scan db.Scanner) (p record[postcode.Point], err error) {
		err = scan(&p.key, &p.value.Latitude, &p.value.Longitude)
		return p, err
	}, `SELECT outcode, latitude, longitude FROM place`, "outcode", "")
	t.Put = func(ctx context.Context, w *db.W, key, _, text string) error {
		var p postcode.Point
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			return fmt.Errorf("record of %s: %w", key, err)
		}
		_, err := w.Exec(ctx, putPlace, key, p.Latitude, p.Longitude)
		return err
	}
	t.Remove = func(ctx context.Context, w *db.W, key string) error {
		return w.Change(ctx, `DELETE FROM place WHERE outcode = $1`, key)
	}
	return t
}

const putPlace = `INSERT INTO place (outcode, latitude, longitude) VALUES ($1, $2, $3)
	ON CONFLICT (outcode) DO UPDATE SET latitude = $2, longitude = $3`
