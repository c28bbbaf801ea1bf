package directory

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"signpost/internal/national/postcode"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/random"
	"signpost/internal/platform/searchname"
)

// Service is one entry of the directory.
type Service struct {
	ID                string
	UID               string // the number that other systems know it by
	Name              string
	PublicName        string // shown instead of Name; may be empty
	Type              int    // see Types
	Status            Status // Active by default
	ODSCode           string // of the organisation that runs it; not unique
	Parent            string // id of the service above it; empty at the top of the tree
	Address           string
	Postcode          string
	Place             *postcode.Point // nil if it is not known
	Approximate       bool            // Place is the centre of the postcode district
	PublicPhone       string
	ProfessionalPhone string // for clinicians, never shown to the public
	Email             string // for clinicians too
	Web               string
	AllHours          bool
	Hours             Week
	Capacity          CapacityNow
	Changed           time.Time
}

// Status is the stage of a service's life, with its national number. Searches find active services only.
type Status int

// The statuses (reference, directory of services §1.3).
const (
	Active        Status = 1
	Closed        Status = 2
	Commissioning Status = 3
)

// Shown gives the name to display.
func (s Service) Shown() string {
	if s.PublicName != "" {
		return s.PublicName
	}
	return s.Name
}

// Version identifies the state of a service that somebody saw before they changed it, so that a change made in the
// meantime is noticed. An empty version overwrites whatever is there.
type Version string

// HoursVersion gives the version of the opening hours.
func (s Service) HoursVersion() Version {
	return Version(strconv.FormatBool(s.AllHours) + " " + s.Hours.String())
}

// Ref names a service in events.
func Ref(id string) audit.Ref { return audit.Ref{Kind: "service", ID: id} }

const columns = `id, uid, name, public_name, type_id, status, ods_code, address, postcode, latitude, longitude,
	approximate, public_phone, professional_phone, email, web, all_hours, hours, capacity, capacity_notes,
	capacity_at, capacity_by, capacity_until, changed_at, parent_id`

const selectService = `SELECT ` + columns + ` FROM service`

func scanService(scan db.Scanner) (s Service, err error) {
	var typeID, status int64
	var latitude, longitude *float64
	var hours string
	err = scan(&s.ID, &s.UID, &s.Name, &s.PublicName, &typeID, &status, &s.ODSCode, &s.Address, &s.Postcode,
		&latitude, &longitude, &s.Approximate, &s.PublicPhone, &s.ProfessionalPhone, &s.Email, &s.Web, &s.AllHours,
		&hours, &s.Capacity.Status, &s.Capacity.Notes, db.At(&s.Capacity.At), &s.Capacity.By,
		db.At(&s.Capacity.Until), db.At(&s.Changed), &s.Parent)
	if err != nil {
		return s, err
	}
	s.Type = int(typeID)
	s.Status = Status(status)
	s.Capacity.Reported = s.Capacity.At
	if latitude != nil && longitude != nil {
		s.Place = &postcode.Point{Latitude: *latitude, Longitude: *longitude}
	}
	if s.Hours, err = ParseWeek(hours); err != nil {
		return s, fmt.Errorf("hours of service %s: %w", s.ID, err)
	}
	return s, nil
}

// ByID reads one service, or gives fault.NotFound. A capacity whose time has run out reads as green.
func ByID(ctx context.Context, r db.R, id string) (Service, error) {
	s, err := db.One(ctx, r, scanService, selectService+` WHERE id = $1`, id)
	if err != nil {
		return s, fmt.Errorf("read service: %w", err)
	}
	s.Capacity = s.Capacity.now(r.Now())
	return s, nil
}

const (
	insertService = `INSERT INTO service (id, uid, source_key, name, public_name, words, type_id, status, ods_code,
		address, postcode, latitude, longitude, approximate, public_phone, professional_phone, email, web,
		all_hours, hours, capacity, capacity_notes, capacity_at, capacity_by, capacity_until, changed_at, parent_id,
		unfolded)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
		$22, $23, $24, $25, $26, $27, FALSE)`
	nextUID = `INSERT INTO service_uid (name, last) VALUES ('service', 2000000001)
		ON CONFLICT (name) DO UPDATE SET last = service_uid.last + 1 RETURNING last`
)

// Add adds a service to the directory, as a part of an Update. sourceKey identifies it at the source it was
// imported from; empty for none.
func Add(ctx context.Context, w *db.W, s Service, sourceKey string) (Service, error) {
	s.ID = random.ID()
	if s.UID == "" {
		n, err := db.Value[int64](ctx, w, nextUID)
		if err != nil {
			return s, fmt.Errorf("take a service number: %w", err)
		}
		s.UID = fmt.Sprint(n)
	}
	if s.Capacity.Status == "" {
		s.Capacity.Status = Green
	}
	if s.Status == 0 {
		s.Status = Active
	}
	latitude, longitude := s.coordinates()
	var key any
	if sourceKey != "" {
		key = sourceKey
	}
	_, err := w.Exec(ctx, insertService, s.ID, s.UID, key, s.Name, s.PublicName, s.searchText(), s.Type, int(s.Status),
		s.ODSCode, s.Address, s.Postcode, latitude, longitude, s.Approximate, s.PublicPhone, s.ProfessionalPhone,
		s.Email, s.Web, s.AllHours, s.Hours.String(), string(s.Capacity.Status), s.Capacity.Notes, s.Capacity.At,
		s.Capacity.By, s.Capacity.Until, w.Now(), s.Parent)
	if err != nil {
		return s, fmt.Errorf("add service %s: %w", s.Name, err)
	}
	return s, nil
}

// searchText gives the text by which name searches find the service: both its names.
func (s Service) searchText() string { return searchname.Of(s.Name + " " + s.PublicName) }

func (s Service) coordinates() (latitude, longitude any) {
	if s.Place == nil {
		return nil, nil
	}
	return s.Place.Latitude, s.Place.Longitude
}

const countChange = `INSERT INTO change (name, n) VALUES ('directory', 1) ON CONFLICT (name) DO UPDATE
	SET n = change.n + 1 RETURNING n`

// Changed gives a change of the directory its number. It must be the last statement of an Update, so that numbers
// become visible in order.
func Changed(ctx context.Context, w *db.W) (int64, error) {
	n, err := db.Value[int64](ctx, w, countChange)
	if err != nil {
		return 0, fmt.Errorf("number the change: %w", err)
	}
	return n, nil
}
