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
	"signpost/internal/platform/records"
	"signpost/internal/platform/searchname"
)

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
func ImportedOrganisations() records.Table {
	t := records.TableOf(func(scan db.Scanner) (o records.Record[Organisation], err error) {
		err = scan(&o.Key, &o.Value.Name, &o.Value.Status, &o.Value.Setting, &o.Value.Address, &o.Value.Postcode,
			&o.Value.Phone, &o.Value.Roles)
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
func ImportedPlaces() records.Table {
	t := records.TableOf(func(scan db.Scanner) (p records.Record[postcode.Point], err error) {
		err = scan(&p.Key, &p.Value.Latitude, &p.Value.Longitude)
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
