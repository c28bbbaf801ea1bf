package directory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/searchname"
)

// Criteria say which active services a search looks at.
type Criteria struct {
	Centre     *postcode.Point // nil for all of England
	Kilometres float64         // from Centre at most
	Type       int             // 0 for any
	Name       string          // words, or the beginnings of words, of the name
}

// Candidate puts a service into the order of a search. A search reads a great many and shows a page of them,
// so it reads only those whole.
type Candidate struct {
	ID      string
	Name    string // as it is shown
	Place   postcode.Point
	Opening Opening
}

// statement is SQL that grows by conditions with arguments.
type statement struct {
	args []any
}

// value adds an argument and gives its place in the text.
func (s *statement) value(v any) string {
	s.args = append(s.args, v)
	return fmt.Sprintf("$%d", len(s.args))
}

// each adds arguments and gives their places in a list, which has none if there are none.
func (s *statement) each(values []string) string {
	places := []string{"NULL"}
	for _, v := range values {
		places = append(places, s.value(v))
	}
	return strings.Join(places, ", ")
}

// notForPatients is that a service only holds others together in the tree, or a template.
const notForPatients = "type_id IN (-2, -1, 6, 22)"

// active gives the condition of an active service for patients, in the box around the circle if there is one.
func (s *statement) active(c Criteria) string {
	where := "NOT " + notForPatients + " AND status = " + s.value(int(Active))
	if c.Centre == nil {
		return where
	}
	from, to := postcode.Around(*c.Centre, c.Kilometres)
	return where + " AND latitude BETWEEN " + s.value(from.Latitude) + " AND " + s.value(to.Latitude) +
		" AND longitude BETWEEN " + s.value(from.Longitude) + " AND " + s.value(to.Longitude)
}

// typed gives the condition of a service of the type.
func (s *statement) typed(c Criteria) string {
	if c.Type == 0 {
		return "TRUE"
	}
	return "type_id = " + s.value(c.Type)
}

// named gives the condition of a service whose names have words that begin with each of the words.
func (s *statement) named(c Criteria) string {
	condition := "TRUE"
	for _, pattern := range searchname.Patterns(c.Name) {
		condition += " AND words LIKE " + s.value(pattern) + " ESCAPE '!'"
	}
	return condition
}

// Candidates gives each of the services that fit the criteria, with its opening at the moment. The caller leaves out
// those in the corners of the box around the circle.
func Candidates(ctx context.Context, r db.R, c Criteria, m *Moment, each func(Candidate)) error {
	var s statement
	text := `SELECT id, CASE WHEN public_name = '' THEN name ELSE public_name END, COALESCE(latitude, 0),
		COALESCE(longitude, 0), all_hours, hours FROM service
		WHERE ` + s.active(c) + " AND " + s.typed(c) + " AND " + s.named(c)
	var one Candidate
	return eachOpening(ctx, r, m, []any{&one.ID, &one.Name, &one.Place.Latitude, &one.Place.Longitude},
		func(o Opening) {
			one.Opening = o
			each(one)
		}, text, s.args...)
}

// NearMiss is a service that fits the criteria in part.
type NearMiss struct {
	Typed, Named bool // it is of the type; its name fits
	Place        postcode.Point
	Opening      Opening
}

// NearMisses gives each of the services in the box around the circle, or of all, and which of the other criteria it
// fits.
func NearMisses(ctx context.Context, r db.R, c Criteria, m *Moment, each func(NearMiss)) error {
	var s statement
	text := "SELECT " + s.typed(c) + ", " + s.named(c) + `, COALESCE(latitude, 0), COALESCE(longitude, 0), all_hours,
		hours FROM service WHERE ` + s.active(c)
	var one NearMiss
	return eachOpening(ctx, r, m, []any{&one.Typed, &one.Named, &one.Place.Latitude, &one.Place.Longitude},
		func(o Opening) {
			one.Opening = o
			each(one)
		}, text, s.args...)
}

// eachOpening reads services. The last two columns of each are its hours, of which it makes an opening; the others are
// read into the destinations, which all the rows share, as there are a great many.
func eachOpening(ctx context.Context, r db.R, m *Moment, to []any, each func(Opening), text string,
	args ...any) error {
	var allHours bool
	var hours string
	to = append(to, &allHours, &hours)
	stored := openings{moment: m, known: map[string]Opening{}}
	err := r.Each(ctx, func(scan func(...any) error) error {
		if err := scan(to...); err != nil {
			return err
		}
		opening, err := stored.of(hours, allHours)
		if err == nil {
			each(opening)
		}
		return err
	}, text, args...)
	if err != nil {
		return fmt.Errorf("find services: %w", err)
	}
	return nil
}

// openings works out once for all services that have the same hours whether they are open.
type openings struct {
	moment *Moment
	known  map[string]Opening // by hours as they are stored
}

func (o openings) of(hours string, allHours bool) (Opening, error) {
	if allHours {
		return o.moment.Opening(&Week{}, true), nil
	}
	if known, is := o.known[hours]; is {
		return known, nil
	}
	week, err := ParseWeek(hours)
	if err != nil {
		return Opening{}, fmt.Errorf("hours %q: %w", hours, err)
	}
	o.known[hours] = o.moment.Opening(&week, false)
	return o.known[hours], nil
}

// ByIDs reads services, in the order of their ids.
func ByIDs(ctx context.Context, r db.R, ids []string) ([]Service, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var s statement
	var places []string
	for _, id := range ids {
		places = append(places, s.value(id))
	}
	list, err := db.All(ctx, r, scanService, selectService+` WHERE id IN (`+strings.Join(places, ", ")+`)`, s.args...)
	if err != nil {
		return nil, fmt.Errorf("read services: %w", err)
	}
	slices.SortFunc(list, func(a, b Service) int {
		return cmp.Compare(slices.Index(ids, a.ID), slices.Index(ids, b.ID))
	})
	return current(list, r.Now()), nil
}

// Kept reads the active services for patients that somebody keeps from day to day, by name: those of their home
// organisation, given by its ODS code, and those at or below the services of their reach. It gives at most limit of
// them after the first skip, and how many there are in all. Whoever keeps whole regions finds services by searching.
func Kept(ctx context.Context, r db.R, home string, reach account.Reach, skip, limit int) (
	list []Service, total int, err error) {
	var s statement
	codes := reach.Organisations
	if reach.Everywhere && home != "" {
		codes = []string{home}
	}
	where := " WHERE NOT " + notForPatients + " AND status = " + s.value(int(Active)) + " AND (ods_code IN (" +
		s.each(codes) + ") OR id IN (" + downwards(s.each(reach.Services)) + "))"
	count := db.Ask(db.Column[int], `SELECT COUNT(*) FROM service`+where, s.args...)
	found := db.Ask(scanService, selectService+where+` ORDER BY name, id LIMIT `+s.value(limit)+` OFFSET `+
		s.value(skip), s.args...)
	if err := db.Together(ctx, r, count, found); err != nil {
		return nil, 0, fmt.Errorf("read services that somebody keeps: %w", err)
	}
	total, err = count.One()
	return current(found.All(), r.Now()), total, err
}

// current gives services with the capacity that they have now.
func current(list []Service, now time.Time) []Service {
	for i := range list {
		list[i].Capacity = list[i].Capacity.now(now)
	}
	return list
}

func scanPoint(scan db.Scanner) (p postcode.Point, err error) {
	err = scan(&p.Latitude, &p.Longitude)
	return p, err
}

// CentreOf gives the centre of a postcode district, or fault.NotFound.
func CentreOf(ctx context.Context, r db.R, outcode string) (postcode.Point, error) {
	p, err := db.One(ctx, r, scanPoint, `SELECT latitude, longitude FROM place WHERE outcode = $1`, outcode)
	if err != nil {
		return p, fmt.Errorf("read place: %w", err)
	}
	return p, nil
}

// Centres gives the centre of every postcode district.
func Centres(ctx context.Context, r db.R) (map[string]postcode.Point, error) {
	places := map[string]postcode.Point{}
	err := r.Each(ctx, func(scan func(...any) error) error {
		var outcode string
		var p postcode.Point
		if err := scan(&outcode, &p.Latitude, &p.Longitude); err != nil {
			return err
		}
		places[outcode] = p
		return nil
	}, `SELECT outcode, latitude, longitude FROM place`)
	if err != nil {
		return nil, fmt.Errorf("read places: %w", err)
	}
	return places, nil
}

// absent reports whether err says that something does not exist.
func absent(err error) bool { return errors.Is(err, fault.NotFound) }
