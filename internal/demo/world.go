package demo

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// The sample county: a city, Fenmarch, and what lies around it. Neither it nor its postcode area FM
// exists.
const (
	cityLatitude  = 52.95
	cityLongitude = -2.05
	districts     = 24
)

// district is a postcode district of the sample county.
type district struct {
	Outcode             string
	Town                string
	Latitude, Longitude float64
}

var towns = []string{
	"Fenmarch", "Fenmarch", "Fenmarch", "Ashcombe", "Little Ashcombe", "Harrowby", "Thornley", "Wickham Cross",
	"Oldbridge", "Stanmere", "Coldbrook", "Marlow Heath", "Pendlebrook", "Rushford", "Saltmarsh", "Upper Dene",
	"Lower Dene", "Fernhill", "Great Holling", "Holling St Mary", "Brackenfield", "Kestrel Bay", "Northgate",
	"Westerleigh",
}

// district n lies on a spiral around the city, so that near and far are easy to see.
func districtOf(n int) district {
	angle := float64(n) * 2.4
	away := 0.018 * float64(n)
	return district{
		Outcode: fmt.Sprintf("FM%d", n+1), Town: towns[n%len(towns)],
		Latitude: cityLatitude + away*math.Sin(angle)*0.6, Longitude: cityLongitude + away*math.Cos(angle),
	}
}

// sampleOrganisation is a made-up ODS organisation.
type sampleOrganisation struct {
	Code, Name, Kind string // Kind is the primary role: RO177, RO182, …
	Address          string
	Postcode         string
	RegistrationHost string // code of the organisation whose registration authority serves it
}

// service is a sample service of the directory.
type service struct {
	UID, Name, ODSCode  string
	Type                int
	Address, Town       string
	Postcode            string
	Latitude, Longitude float64
	PublicPhone         string
	NonPublicPhone      string
	// Monday to Sunday, then bank holidays, as "09:00-13:00,14:00-18:00"; empty for closed
	Hours    [8]string
	AllHours bool
	Capacity string
	Reported time.Duration // how long ago its capacity was reported; zero for never
}

const (
	trustCode   = "ZTR" // Fenmarch University Hospitals, which hosts the registration authority of all others
	boardCode   = "ZIB" // the integrated care board
	hospiceCode = "ZHO" // which has approved authenticator apps alone
)

// kind is a kind of service that is made many times over.
type kind struct {
	typeID int
	role   string
	names  []string
	hours  [8]string
	every  int // one in every so many districts has it; 1 for each
	copies int // how many in such a district
}

var (
	daytime = [8]string{"08:00-18:30", "08:00-18:30", "08:00-18:30", "08:00-18:30", "08:00-18:30", "", "", ""}
	shop    = [8]string{
		"09:00-13:00,14:00-18:00", "09:00-13:00,14:00-18:00", "09:00-13:00,14:00-18:00", "09:00-13:00,14:00-18:00",
		"09:00-13:00,14:00-18:00", "09:00-13:00", "", "10:00-12:00",
	}
	late = [8]string{
		"07:00-22:00", "07:00-22:00", "07:00-22:00", "07:00-22:00", "07:00-22:00", "08:00-22:00", "10:00-17:00",
		"10:00-17:00",
	}
	walkIn = [8]string{
		"08:00-20:00", "08:00-20:00", "08:00-20:00", "08:00-20:00", "08:00-20:00", "08:00-20:00", "08:00-20:00",
		"08:00-20:00",
	}
	evenings = [8]string{
		"18:30-22:00", "18:30-22:00", "18:30-22:00", "18:30-22:00", "18:30-22:00", "09:00-17:00", "09:00-17:00", "",
	}
)

var kinds = []kind{
	{100, "RO177", []string{"Medical Centre", "Surgery", "Health Centre", "Family Practice"}, daytime, 1, 4},
	{13, "RO182", []string{"Pharmacy", "Chemist", "Late Night Pharmacy"}, shop, 1, 4},
	{12, "RO110", []string{"Dental Practice", "Dental Surgery"}, shop, 1, 2},
	{14, "RO182", []string{"Opticians"}, shop, 2, 1},
	{136, "RO177", []string{"GP Access Hub"}, evenings, 3, 1},
	{135, "RO198", []string{"Urgent Treatment Centre"}, walkIn, 6, 1},
	{29, "RO198", []string{"Sexual Health Clinic"}, daytime, 8, 1},
	{146, "RO198", []string{"Urgent Community Response Team"}, walkIn, 4, 1},
	{142, "RO197", []string{"Mental Health Crisis Line"}, walkIn, 8, 1},
	{105, "RO198", []string{"Emergency Department"}, walkIn, 12, 1},
}

var streets = []string{
	"High Street", "Station Road", "Church Lane", "Mill Road", "Victoria Street", "Market Place", "The Green",
	"Park Avenue", "Bridge Street", "Orchard Way",
}
var prefixes = []string{
	"Riverside", "Oak Tree", "St Anne's", "Millbrook", "The Willows", "Highfield", "Meadow View", "Castle Street",
	"Lakeside", "Priory", "Abbey", "Elm Grove",
}

// worldOf makes the sample organisations, services and districts; the same ones every time.
func worldOf() (all []sampleOrganisation, services []service, places []district) {
	all = []sampleOrganisation{
		{trustCode, "Fenmarch University Hospitals NHS Trust", "RO197", "1 Infirmary Road, Fenmarch", "FM1 1AA", ""},
		{boardCode, "NHS Fenmarch Integrated Care Board", "RO261", "2 County Square, Fenmarch", "FM1 2BB", trustCode},
		{hospiceCode, "Fenmarch Hospice", "RO157", "5 Orchard Way, Fenmarch", "FM1 3DD", trustCode},
	}
	made := 0
	for n := range districts {
		d := districtOf(n)
		places = append(places, d)
		for _, k := range kinds {
			if n%k.every != 0 {
				continue
			}
			for copyNo := range k.copies {
				o, s := madeIn(d, k, made, copyNo)
				all = append(all, o)
				services = append(services, s)
				made++
			}
		}
	}
	return all, services, places
}

// madeIn is the made-th service of the county, with the organisation that runs it.
func madeIn(d district, k kind, made, copyNo int) (sampleOrganisation, service) {
	name := prefixes[(made*7+copyNo)%len(prefixes)] + " " + k.names[made%len(k.names)]
	if k.typeID == 105 || k.typeID == 135 || k.typeID == 142 || k.typeID == 146 {
		name = d.Town + " " + k.names[0]
	}
	address := fmt.Sprintf("%d %s", 3+(made*11)%140, streets[made%len(streets)])
	code := codeOf(k, made)
	unit := string(rune('A'+made%20)) + string(rune('A'+(made/20)%20))
	unit = strings.NewReplacer("C", "D", "I", "J", "K", "L", "M", "N", "O", "P", "V", "W").Replace(unit)
	full := fmt.Sprintf("%s %d%s", d.Outcode, 1+made%9, unit)
	s := service{
		UID: fmt.Sprintf("2000%06d", 10000+made), Name: name, ODSCode: code, Type: k.typeID, Address: address,
		Town: d.Town, Postcode: full, Latitude: d.Latitude + 0.004*float64(copyNo%3-1),
		Longitude: d.Longitude + 0.006*float64(made%5-2), PublicPhone: phone(2*made + 1),
		NonPublicPhone: phone(2*made + 2), Hours: k.hours, AllHours: k.typeID == 105 || k.typeID == 142,
		Capacity: []string{"GREEN", "GREEN", "GREEN", "AMBER", "GREEN", "RED"}[made%6],
		Reported: time.Duration(made%7) * 37 * time.Minute,
	}
	if made%9 == 8 {
		s.Reported = 50 * time.Hour // nobody has reported it since
	}
	if k.typeID == 13 && copyNo == 0 {
		s.Hours = late
		s.Name = d.Town + " Late Pharmacy"
	}
	return sampleOrganisation{code, name, k.role, address + ", " + d.Town, full, trustCode}, s
}

// codeOf is an ODS code of the form its kind has; none of them is in use.
func codeOf(k kind, made int) string {
	if k.role == "RO182" {
		return fmt.Sprintf("FZ%03d", made%1000)
	}
	return fmt.Sprintf("Z%05d", 90000+made)
}

// Numbers that no service has.
const (
	authorityPhone = "01632 960990"
	nightPhone     = "01632 960991" // of who opens emergency rights
	DeskPhone      = "01632 960999" // of the service desk
)

// phone gives numbers of the range that Ofcom keeps free for drama.
func phone(n int) string { return fmt.Sprintf("01632 96%04d", n%10000) }
