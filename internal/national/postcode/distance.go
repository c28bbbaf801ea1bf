package postcode

import "math"

// Point is a place in WGS84: degrees north and degrees east.
type Point struct {
	Latitude, Longitude float64
}

// earthKilometres is the mean radius of the WGS84 ellipsoid.
const earthKilometres = 6371.0088

// KilometresInMile is the length of a statute mile.
const KilometresInMile = 1.609344

// Kilometres gives the distance between two points as the crow flies, by the haversine formula, within half a per
// cent of the true distance.
func Kilometres(a, b Point) float64 {
	lat1 := radians(a.Latitude)
	lat2 := radians(b.Latitude)
	dLat := lat2 - lat1
	dLong := radians(b.Longitude - a.Longitude)
	h := haversine(dLat) + math.Cos(lat1)*math.Cos(lat2)*haversine(dLong)
	return 2 * earthKilometres * math.Asin(math.Sqrt(min(1, h)))
}

// Miles gives the distance between two points in statute miles.
func Miles(a, b Point) float64 { return Kilometres(a, b) / KilometresInMile }

// Around gives the south-west and the north-east corner of a box that contains every place within a distance of a
// point. The corners of the box are outside the circle. It works for places away from the poles and from the 180th
// meridian.
func Around(p Point, kilometres float64) (southWest, northEast Point) {
	angle := kilometres/earthKilometres + 1e-9 // slightly larger, to allow for rounding
	up := degrees(angle)
	across := degrees(math.Asin(min(1, math.Sin(angle)/math.Cos(radians(p.Latitude)))))
	return Point{p.Latitude - up, p.Longitude - across}, Point{p.Latitude + up, p.Longitude + across}
}

func haversine(angle float64) float64 {
	s := math.Sin(angle / 2)
	return s * s
}

func radians(degrees float64) float64 { return degrees * math.Pi / 180 }

func degrees(radians float64) float64 { return radians * 180 / math.Pi }
