package directory

import (
	"context"
	"errors"
	"fmt"

	"signpost/internal/national/postcode"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/searchname"
)

// maxNameWords limits how many words of a name are searched for; nobody types more by hand.
const maxNameWords = 10

// Within lists the active services in the box around a circle with a radius of km. A typeID other than 0 limits
// them to one type, and name to services whose names have words that begin with each of its words. The caller
// leaves out the services in the corners, which are outside the circle.
func Within(ctx context.Context, r db.R, p postcode.Point, km float64, typeID int, name string) ([]Service, error) {
	from, to := postcode.Around(p, km)
	where := ` WHERE status = $5 AND latitude BETWEEN $1 AND $2 AND longitude BETWEEN $3 AND $4`
	args := []any{from.Latitude, to.Latitude, from.Longitude, to.Longitude, int(Active)}
	if typeID != 0 {
		args = append(args, typeID)
		where += fmt.Sprintf(` AND type_id = $%d`, len(args))
	}
	patterns := searchname.Patterns(name)
	for _, pattern := range patterns[:min(len(patterns), maxNameWords)] {
		args = append(args, pattern)
		where += fmt.Sprintf(` AND words LIKE $%d ESCAPE '!'`, len(args))
	}
	list, err := db.All(ctx, r, scanService, selectService+where, args...)
	if err != nil {
		return nil, fmt.Errorf("find services: %w", err)
	}
	for i := range list {
		list[i].Capacity = list[i].Capacity.now(r.Now())
	}
	return list, nil
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
