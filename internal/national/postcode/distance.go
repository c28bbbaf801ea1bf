package postcode

import "math"

// Point is a place in WGS84: degrees north and degrees east.
type Point struct {
	Latitude, Longitude float64
}

// earthKilometres is the mean radius of the WGS84 ellipsoid.
const earthKilometres = 6371.0088

// KilometresInMile is how long a statute mile is.
const KilometresInMile = 1.609344

// Valid reports whether the point is on the Earth.
func (p Point) Valid() bool {
	return math.Abs(p.Latitude) <= 90 && math.Abs(p.Longitude) <= 180
}

// Kilometres is the distance between two points as the crow flies, by the haversine formula; it is
// within half a per cent of the truth.
func Kilometres(a, b Point) float64 {
	lat1 := radians(a.Latitude)
	lat2 := radians(b.Latitude)
	dLat := lat2 - lat1
	dLong := radians(b.Longitude - a.Longitude)
	h := haversine(dLat) + math.Cos(lat1)*math.Cos(lat2)*haversine(dLong)
	return 2 * earthKilometres * math.Asin(math.Sqrt(min(1, h)))
}

// Miles is the distance between two points in statute miles.
func Miles(a, b Point) float64 { return Kilometres(a, b) / KilometresInMile }

// Around is the south-west and the north-east corner of a box that holds every place within so many
// kilometres of a point; what is outside the circle is in its corners. It is for places away from the poles
// and from the far side of the Earth.
func Around(p Point, kilometres float64) (southWest, northEast Point) {
	angle := kilometres/earthKilometres + 1e-9 // a hair more, for what rounding takes away
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
