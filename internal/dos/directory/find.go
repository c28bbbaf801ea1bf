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

// mostWords is how many words of a name are looked for; nobody types more by hand.
const mostWords = 10

// Within lists the active services inside a box around a circle of so many kilometres, of one type, or any
// where that is 0, whose names have all the words' beginnings. What is outside the circle is for the caller
// to leave out.
func Within(ctx context.Context, r db.R, p postcode.Point, km float64, typeID int, name string) ([]Service, error) {
	from, to := postcode.Around(p, km)
	where := ` WHERE status = $5 AND latitude BETWEEN $1 AND $2 AND longitude BETWEEN $3 AND $4`
	args := []any{from.Latitude, to.Latitude, from.Longitude, to.Longitude, int(Active)}
	if typeID != 0 {
		args = append(args, typeID)
		where += fmt.Sprintf(` AND type_id = $%d`, len(args))
	}
	patterns := searchname.Patterns(name)
	for _, pattern := range patterns[:min(len(patterns), mostWords)] {
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

// PlaceOf gives the middle of a postcode district, or fault.NotFound.
func PlaceOf(ctx context.Context, r db.R, outcode string) (postcode.Point, error) {
	p, err := db.One(ctx, r, scanPoint, `SELECT latitude, longitude FROM place WHERE outcode = $1`, outcode)
	if err != nil {
		return p, fmt.Errorf("read place: %w", err)
	}
	return p, nil
}

// Places gives the middle of every postcode district.
func Places(ctx context.Context, r db.R) (map[string]postcode.Point, error) {
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

// absent reports whether err says that there is no such thing.
func absent(err error) bool { return errors.Is(err, fault.NotFound) }
