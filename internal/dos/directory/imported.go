package directory

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/records"
)

// Imported holds the details of a service that an import may set. Details that staff keep themselves, such as
// the capacity, are not among them.
type Imported struct {
	UID         string          `json:"uid,omitempty"` // of regions, whose source gives it
	Name        string          `json:"name"`
	Type        int             `json:"type"`
	ODSCode     string          `json:"ods_code"`
	Address     string          `json:"address"`
	Postcode    string          `json:"postcode"`
	Place       *postcode.Point `json:"place,omitempty"`
	Approximate bool            `json:"approximate,omitempty"`
	PublicPhone string          `json:"public_phone,omitempty"`
	Web         string          `json:"web,omitempty"`
	Hours       string          `json:"hours,omitempty"`  // as Week.String writes it
	Parent      string          `json:"parent,omitempty"` // id of the region or service above it
	// ParentKey is the key of the service above it, where the same import adds that, until it is written.
	ParentKey string `json:"parent_key,omitempty"`
}

// ImportedServices gives imports the services of one source, whose keys begin with its name and a colon.
func ImportedServices(source string) records.Table {
	t := records.TableOf(scanImported, `SELECT source_key, `+columns+` FROM service`, "source_key",
		` WHERE source_key LIKE $1`, source+":%")
	t.Put = putService
	t.Settle = settleParent
	t.Remove = removeService
	t.Touched = touchedService
	return t
}

// ImportedRegions gives imports the regions that a list named, whose keys begin with regions and a colon.
func ImportedRegions() records.Table {
	t := ImportedServices("regions")
	t.Touched = func(ctx context.Context, r db.R, key string) (bool, error) {
		id, err := db.Value[string](ctx, r, `SELECT id FROM service WHERE source_key = $1`, key)
		if err != nil {
			return false, fmt.Errorf("read region %s: %w", key, err)
		}
		below, err := db.Value[int64](ctx, r,
			`SELECT COUNT(*) FROM service WHERE parent_id = $1 AND parent_id <> ''`, id)
		if err != nil {
			return false, fmt.Errorf("count services in region %s: %w", key, err)
		}
		if below > 0 {
			return true, nil
		}
		return account.RegionInUse(ctx, r, id)
	}
	return t
}

func scanImported(scan db.Scanner) (i records.Record[Imported], err error) {
	s, err := scanService(func(dest ...any) error { return scan(append([]any{&i.Key}, dest...)...) })
	i.Value = importedOf(s)
	return i, err
}

func importedOf(s Service) Imported {
	uid := ""
	if s.Type == RegionType {
		uid = s.UID
	}
	return Imported{
		UID:         uid,
		Name:        s.Name,
		Type:        s.Type,
		ODSCode:     s.ODSCode,
		Address:     s.Address,
		Postcode:    s.Postcode,
		Place:       s.Place,
		Approximate: s.Approximate,
		PublicPhone: s.PublicPhone,
		Web:         s.Web,
		Hours:       s.Hours.String(),
		Parent:      s.Parent,
	}
}

// settleParent gives the record of a service with the id of what stands above it, where the same import has added that
// before.
func settleParent(ctx context.Context, w *db.W, text string) (string, error) {
	if !strings.Contains(text, `"parent_key"`) { // few have one
		return text, nil
	}
	var i Imported
	err := json.Unmarshal([]byte(text), &i)
	if err != nil {
		return "", fmt.Errorf("record of a service: %w", err)
	}
	i.Parent, err = db.Value[string](ctx, w, `SELECT id FROM service WHERE source_key = $1`, i.ParentKey)
	if err != nil {
		return "", fmt.Errorf("read what stands above a service: %w", err)
	}
	i.ParentKey = ""
	settled, err := json.Marshal(i)
	return string(settled), err
}

const (
	byKey          = selectService + ` WHERE source_key = $1`
	updateImported = `UPDATE service
		SET name = $2, words = $3, type_id = $4, ods_code = $5, address = $6, postcode = $7, latitude = $8,
	longitude = $9, approximate = $10, public_phone = $11, web = $12, hours = $13, changed_at = $14,
	parent_id = $15 WHERE id = $1`
)

func putService(ctx context.Context, w *db.W, key, before, text string) error {
	var i Imported
	if err := json.Unmarshal([]byte(text), &i); err != nil {
		return fmt.Errorf("record of %s: %w", key, err)
	}
	hours, err := ParseWeek(i.Hours)
	if err != nil {
		return fmt.Errorf("record of %s: %w", key, err)
	}
	s := Service{
		UID:         i.UID,
		Name:        i.Name,
		Type:        i.Type,
		ODSCode:     i.ODSCode,
		Address:     i.Address,
		Postcode:    i.Postcode,
		Place:       i.Place,
		Approximate: i.Approximate,
		PublicPhone: i.PublicPhone,
		Web:         i.Web,
		Hours:       hours,
		Parent:      i.Parent,
	}
	if before == "" {
		_, err = Add(ctx, w, s, key)
		return err
	}
	old, err := db.One(ctx, w, scanService, byKey, key)
	if err != nil {
		return fmt.Errorf("read service %s: %w", key, err)
	}
	latitude, longitude := s.coordinates()
	s.PublicName = old.PublicName // no source has one
	err = w.Change(ctx, updateImported, old.ID, s.Name, s.searchText(), s.Type, s.ODSCode, s.Address, s.Postcode,
		latitude, longitude,
		s.Approximate, s.PublicPhone, s.Web, s.Hours.String(), w.Now(), s.Parent)
	if err != nil {
		return fmt.Errorf("put service %s: %w", key, err)
	}
	changes, err := parentChange(ctx, w, old, s)
	if err != nil {
		return err
	}
	for _, p := range append(differences(old, s), changes...) {
		if err := addHistory(ctx, w, old.ID, p.Field, p.Before, p.After); err != nil {
			return err
		}
	}
	return nil
}

// parentChange is the entry for the history where another region or service stands above a service than before.
func parentChange(ctx context.Context, r db.R, before, after Service) ([]HistoryEntry, error) {
	if before.Parent == after.Parent {
		return nil, nil
	}
	names := map[string]string{"": "nothing"}
	above, err := ByIDs(ctx, r, []string{before.Parent, after.Parent})
	for _, s := range above {
		names[s.ID] = s.Shown()
	}
	return []HistoryEntry{{
		Field: "Below", Before: cmp.Or(names[before.Parent], "something that is gone"), After: names[after.Parent],
	}}, err
}

// differences lists the imported fields in which two services differ, as entries for the history.
func differences(before, after Service) []HistoryEntry {
	var list []HistoryEntry
	hoursBefore, hoursAfter := hoursChange(Service{Hours: before.Hours}, Service{Hours: after.Hours})
	for _, p := range []HistoryEntry{
		{Field: "Name", Before: before.Name, After: after.Name},
		{Field: "Type", Before: TypeName(before.Type), After: TypeName(after.Type)},
		{Field: "ODS code", Before: before.ODSCode, After: after.ODSCode},
		{Field: "Address", Before: before.Address, After: after.Address},
		{Field: "Postcode", Before: before.Postcode, After: after.Postcode},
		{Field: "Place on the map", Before: before.placeText(), After: after.placeText()},
		{Field: "Telephone for patients", Before: before.PublicPhone, After: after.PublicPhone},
		{Field: "Website", Before: before.Web, After: after.Web},
		{Field: "Opening hours", Before: hoursBefore, After: hoursAfter},
	} {
		if p.Before != p.After {
			list = append(list, p)
		}
	}
	return list
}

func (s Service) placeText() string {
	switch {
	case s.Place == nil:
		return "not known"
	case s.Approximate:
		return fmt.Sprintf("about %.5f, %.5f", s.Place.Latitude, s.Place.Longitude)
	}
	return fmt.Sprintf("%.5f, %.5f", s.Place.Latitude, s.Place.Longitude)
}

const touchedByPeople = `SELECT COUNT(*) FROM service_history h JOIN service s ON s.id = h.service_id
	WHERE s.source_key = $1 AND h.changed_by_kind <> $2`

func touchedService(ctx context.Context, r db.R, key string) (bool, error) {
	n, err := db.Value[int64](ctx, r, touchedByPeople, key, string(actor.Import))
	if err != nil {
		return false, fmt.Errorf("read history of %s: %w", key, err)
	}
	if n > 0 {
		return true, nil
	}
	const below = `SELECT COUNT(*) FROM service WHERE parent_id <> ''
		AND parent_id = (SELECT id FROM service WHERE source_key = $1)`
	children, err := db.Value[int64](ctx, r, below, key)
	if err != nil {
		return false, fmt.Errorf("count services below %s: %w", key, err)
	}
	return children > 0, nil
}

func removeService(ctx context.Context, w *db.W, key string) error {
	_, err := w.Exec(ctx, `DELETE FROM service_history WHERE service_id IN (SELECT id FROM service
		WHERE source_key = $1)`, key)
	if err != nil {
		return fmt.Errorf("remove history of %s: %w", key, err)
	}
	if err := w.Change(ctx, `DELETE FROM service WHERE source_key = $1`, key); err != nil {
		return fmt.Errorf("remove service %s: %w", key, err)
	}
	return nil
}
