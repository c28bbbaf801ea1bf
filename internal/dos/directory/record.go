package directory

import (
	"context"
	"encoding/json"
	"fmt"

	"signpost/internal/national/postcode"
	"signpost/internal/platform/db"
	"signpost/internal/platform/words"
)

// Imported is what an import may say about a service. What staff keep here themselves, such as its
// capacity, is not among it.
type Imported struct {
	Name        string          `json:"name"`
	Type        int             `json:"type"`
	ODSCode     string          `json:"ods_code"`
	Address     string          `json:"address"`
	Postcode    string          `json:"postcode"`
	Place       *postcode.Point `json:"place,omitempty"`
	Approximate bool            `json:"approximate,omitempty"`
	PublicPhone string          `json:"public_phone,omitempty"`
	Web         string          `json:"web,omitempty"`
	Hours       string          `json:"hours,omitempty"` // as Week.String writes it
}

// Table is a table that imports write, record by record, each named by its source's key and encoded as
// JSON, so that one way of importing and undoing serves all of them.
type Table struct {
	// All gives every record that came from a source, by key.
	All func(ctx context.Context, r db.R) (map[string]string, error)
	// Put adds the record of a key or replaces it.
	Put func(ctx context.Context, w *db.W, key, record string) error
	// Remove takes the record of a key away.
	Remove func(ctx context.Context, w *db.W, key string) error
}

// each gathers rows of a key and a record.
func each[T any](ctx context.Context, r db.R, scan func(scan func(...any) error) (string, T, error), sql string, args ...any) (map[string]string, error) {
	all := map[string]string{}
	err := r.Each(ctx, func(columns func(...any) error) error {
		key, record, err := scan(columns)
		if err != nil {
			return err
		}
		text, err := json.Marshal(record)
		all[key] = string(text)
		return err
	}, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	return all, nil
}

// ImportedServices is the services of one source, whose keys begin with its name and a colon.
func ImportedServices(source string) Table {
	return Table{
		All: func(ctx context.Context, r db.R) (map[string]string, error) {
			return each(ctx, r, scanImported, `SELECT source_key, `+columns+` FROM service WHERE source_key LIKE $1`, source+":%")
		},
		Put:    putService,
		Remove: removeService,
	}
}

func scanImported(scan func(...any) error) (key string, i Imported, err error) {
	s, err := scanService(func(dest ...any) error { return scan(append([]any{&key}, dest...)...) })
	i = Imported{Name: s.Name, Type: s.Type, ODSCode: s.ODSCode, Address: s.Address, Postcode: s.Postcode, Place: s.Place,
		Approximate: s.Approximate, PublicPhone: s.PublicPhone, Web: s.Web, Hours: s.Hours.String()}
	return key, i, err
}

const updateImported = `UPDATE service SET name = $2, words = $3, type_id = $4, ods_code = $5, address = $6, postcode = $7, latitude = $8,
	longitude = $9, approximate = $10, public_phone = $11, web = $12, hours = $13, changed_at = $14 WHERE source_key = $1`

func putService(ctx context.Context, w *db.W, key, record string) error {
	var i Imported
	if err := json.Unmarshal([]byte(record), &i); err != nil {
		return fmt.Errorf("record of %s: %w", key, err)
	}
	hours, err := ParseWeek(i.Hours)
	if err != nil {
		return fmt.Errorf("record of %s: %w", key, err)
	}
	s := Service{Name: i.Name, Type: i.Type, ODSCode: i.ODSCode, Address: i.Address, Postcode: i.Postcode, Place: i.Place,
		Approximate: i.Approximate, PublicPhone: i.PublicPhone, Web: i.Web, Hours: hours}
	latitude, longitude := s.coordinates()
	n, err := w.Exec(ctx, updateImported, key, s.Name, words.Of(s.Name), s.Type, s.ODSCode, s.Address, s.Postcode, latitude, longitude,
		s.Approximate, s.PublicPhone, s.Web, s.Hours.String(), w.Now())
	if err != nil {
		return fmt.Errorf("put service %s: %w", key, err)
	}
	if n == 0 {
		_, err = Add(ctx, w, s, key)
	}
	return err
}

func removeService(ctx context.Context, w *db.W, key string) error {
	if err := w.Change(ctx, `DELETE FROM service WHERE source_key = $1`, key); err != nil {
		return fmt.Errorf("remove service %s: %w", key, err)
	}
	return nil
}

// Organisation is an organisation as the Organisation Data Service lists it.
type Organisation struct {
	Name     string `json:"name"`
	Status   string `json:"status"`  // A active, C closed, D dormant, P proposed
	Setting  string `json:"setting"` // prescribing setting; 4 is a GP practice
	Address  string `json:"address"`
	Postcode string `json:"postcode,omitempty"`
	Phone    string `json:"phone,omitempty"`
}

// ImportedOrganisations is the organisations, by ODS code.
var ImportedOrganisations = Table{
	All: func(ctx context.Context, r db.R) (map[string]string, error) {
		return each(ctx, r, func(scan func(...any) error) (key string, o Organisation, err error) {
			err = scan(&key, &o.Name, &o.Status, &o.Setting, &o.Address, &o.Postcode, &o.Phone)
			return key, o, err
		}, `SELECT code, name, status, setting, address, postcode, phone FROM organisation`)
	},
	Put: func(ctx context.Context, w *db.W, key, record string) error {
		var o Organisation
		if err := json.Unmarshal([]byte(record), &o); err != nil {
			return fmt.Errorf("record of %s: %w", key, err)
		}
		_, err := w.Exec(ctx, putOrganisation, key, o.Name, o.Status, o.Setting, o.Address, o.Postcode, o.Phone)
		return err
	},
	Remove: func(ctx context.Context, w *db.W, key string) error {
		return w.Change(ctx, `DELETE FROM organisation WHERE code = $1`, key)
	},
}

const putOrganisation = `INSERT INTO organisation (code, name, status, setting, address, postcode, phone) VALUES ($1, $2, $3, $4, $5, $6, $7)
	ON CONFLICT (code) DO UPDATE SET name = $2, status = $3, setting = $4, address = $5, postcode = $6, phone = $7`

// ImportedPlaces is the postcode districts, by outcode.
var ImportedPlaces = Table{
	All: func(ctx context.Context, r db.R) (map[string]string, error) {
		return each(ctx, r, func(scan func(...any) error) (key string, p postcode.Point, err error) {
			err = scan(&key, &p.Latitude, &p.Longitude)
			return key, p, err
		}, `SELECT outcode, latitude, longitude FROM place`)
	},
	Put: func(ctx context.Context, w *db.W, key, record string) error {
		var p postcode.Point
		if err := json.Unmarshal([]byte(record), &p); err != nil {
			return fmt.Errorf("record of %s: %w", key, err)
		}
		_, err := w.Exec(ctx, `INSERT INTO place (outcode, latitude, longitude) VALUES ($1, $2, $3)
			ON CONFLICT (outcode) DO UPDATE SET latitude = $2, longitude = $3`, key, p.Latitude, p.Longitude)
		return err
	},
	Remove: func(ctx context.Context, w *db.W, key string) error {
		return w.Change(ctx, `DELETE FROM place WHERE outcode = $1`, key)
	},
}
