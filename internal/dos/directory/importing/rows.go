package importing

import (
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"time"

	"signpost/internal/dos/directory"
	"signpost/internal/national/ods"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
	"signpost/internal/platform/sheet"
)

var days = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

var pharmacySheet = sheet.Options{
	Columns: append([]string{"pharmacy_name", "address", "postcode", "organisation_data_service_code"},
		hourColumns()...),
	Optional: append([]string{"address_field_2", "address_field_3", "address_field_4", "contract_type"},
		parentColumns...),
	Aliases: pharmacyAliases(),
}

// pharmacyAliases are the headings of the national list, whose spelling differs from quarter to quarter.
func pharmacyAliases() map[string][]string {
	aliases := map[string][]string{
		"pharmacy_name":                  {"pharmacy_trading_name"},
		"address":                        {"address_field_1"},
		"organisation_data_service_code": {"pharmacy_ods_code_f_code", "pharmacy_ods_code"},
	}
	for _, column := range hourColumns() {
		aliases[column] = []string{"pharmacy_" + column}
	}
	maps.Copy(aliases, parentAliases)
	return aliases
}

func hourColumns() []string {
	columns := make([]string, 0, len(days))
	for _, day := range days {
		columns = append(columns, "opening_hours_"+day)
	}
	return columns
}

// pharmacy reads a row of the consolidated pharmaceutical list. Its key is the ODS code. The list has no
// coordinates, so the place is the centre of the postcode district. Appliance contractors, which the national
// list has too, are left out.
func pharmacy(row sheet.Row, places map[string]postcode.Point) (p parsedRow, err error) {
	if strings.EqualFold(row.Get("contract_type"), "DAC") {
		p.leftOut = "An appliance contractor (DAC), which is not a pharmacy"
		return p, nil
	}
	code, err := odsCode(row, "organisation_data_service_code")
	if err != nil {
		return p, err
	}
	full, err := fullPostcode(row)
	if err != nil {
		return p, err
	}
	name, err := required(row, "pharmacy_name")
	if err != nil {
		return p, err
	}
	week, err := openingHours(row)
	if err != nil {
		return p, err
	}
	s := directory.Imported{
		Name:     name,
		Type:     13,
		ODSCode:  code,
		Address:  joined(row, "address", "address_field_2", "address_field_3", "address_field_4"),
		Postcode: string(full),
		Hours:    week.String(),
		Parent:   parentIn(row),
	}
	p.below = s.Parent != ""
	if at, known := places[full.Outward()]; known {
		s.Place = &at
		s.Approximate = true
	} else {
		p.notes = append(p.notes, "Not placed on the map: import the postcode district "+full.Outward()+" first")
	}
	p.key = "pharmacies:" + code
	p.record = s
	return p, nil
}

// openingHours reads the hours of a week. Days that the row does not give are not known, as bank holidays are,
// for which the list has no column.
func openingHours(row sheet.Row) (week directory.Week, err error) {
	week[directory.BankHoliday] = directory.NotKnown()
	for i, column := range hourColumns() {
		hours := row.Get(column)
		if hours == "" {
			week[i] = directory.NotKnown()
			continue
		}
		if week[i], err = directory.ParseDay(hours); err != nil {
			return week, fault.OfField(column, faultText(err))
		}
	}
	return week, nil
}

// faultText gives the text of a fault.
func faultText(err error) string {
	f, _ := fault.From(err)
	return f.Message
}

var dentistSheet = sheet.Options{Columns: []string{"name", "address", "postcode", "telephone", "website", "lon",
	"lat"}, Optional: append([]string{"type", "area_name", "area_code"}, parentColumns...), Aliases: parentAliases}

// dentist reads a row of the list of dentists. The list has no codes and repeats names and postcodes, so the key
// is name, address and postcode together.
func dentist(row sheet.Row, _ map[string]postcode.Point) (p parsedRow, err error) {
	name, err := required(row, "name")
	if err != nil {
		return p, err
	}
	address, err := required(row, "address")
	if err != nil {
		return p, err
	}
	full, err := fullPostcode(row)
	if err != nil {
		return p, err
	}
	at, err := point(row, "lat", "lon")
	if err != nil {
		return p, err
	}
	phone, note := telephone(row.Get("telephone"))
	if note != "" {
		p.notes = append(p.notes, note)
	}
	parent := parentIn(row)
	p.below = parent != ""
	p.key = "dentists:" + normalised(name) + "|" + normalised(address) + "|" + string(full)
	p.record = directory.Imported{
		Name:        name,
		Type:        12,
		Address:     address,
		Postcode:    string(full),
		Place:       &at,
		PublicPhone: phone,
		Web:         withoutNA(row.Get("website")),
		Parent:      parent,
	}
	return p, nil
}

// normalised gives a text in the form that keys use: in lower case with single spaces.
func normalised(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }

var outcodeSheet = sheet.Options{
	Columns: []string{"postcode", "latitude", "longitude"},
	Aliases: map[string][]string{"postcode": {"outcode"}},
}

// outcode reads a row of the postcode districts. Its key is the district.
func outcode(row sheet.Row, _ map[string]postcode.Point) (p parsedRow, err error) {
	district, err := postcode.ParseOutward(row.Get("postcode"))
	if err != nil {
		return p, notOne(row, "postcode", "the first part of a postcode", "Enter one like M1")
	}
	at, err := point(row, "latitude", "longitude")
	if err != nil {
		return p, err
	}
	return parsedRow{key: district, record: at}, nil
}

var holidaySheet = sheet.Options{
	Columns:  []string{"date", "name"},
	Optional: []string{"instead_of"},
	Aliases:  map[string][]string{"name": {"title"}},
}

// holiday reads a row of the bank holidays that were proclaimed or moved for one year. Its key is the day.
func holiday(row sheet.Row, _ map[string]postcode.Point) (p parsedRow, err error) {
	if p.key, err = date(row, "date"); err != nil {
		return p, err
	}
	name, err := required(row, "name")
	if err != nil {
		return p, err
	}
	instead := ""
	if row.Get("instead_of") != "" {
		if instead, err = date(row, "instead_of"); err != nil {
			return p, err
		}
	}
	p.record = directory.Holiday{Name: name, InsteadOf: instead}
	return p, nil
}

// date reads a day as people write it, and gives it as 2026-06-15.
func date(row sheet.Row, column string) (string, error) {
	for _, form := range []string{time.DateOnly, "02/01/2006", "2 January 2006"} {
		if day, err := time.Parse(form, row.Get(column)); err == nil {
			return day.Format(time.DateOnly), nil
		}
	}
	return "", notOne(row, column, "a day", "Enter one like 2026-06-15, 15/06/2026 or 15 June 2026")
}

// joined gives the cells of some columns that are not empty, with commas between them.
func joined(row sheet.Row, columns ...string) string {
	var parts []string
	for _, column := range columns {
		if part := row.Get(column); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

func required(row sheet.Row, column string) (string, error) {
	text := strings.TrimSpace(row.Get(column))
	if text == "" {
		return "", fault.OfField(column, "Fill in the "+strings.ReplaceAll(column, "_", " "))
	}
	if problem := name.Problem(text); problem != "" {
		return "", fault.OfField(column, "In "+fault.Quoted(text)+": "+problem)
	}
	return text, nil
}

// notOne is the fault of a cell that is not what its column holds. It quotes the cell and says what to write; of an
// empty one there is nothing to quote.
func notOne(row sheet.Row, column, what, cure string) error {
	text := row.Get(column)
	if text == "" {
		return fault.OfField(column, "There is nothing where "+what+" belongs. "+cure)
	}
	return fault.OfField(column, fault.Quoted(text)+" is not "+what+". "+cure)
}

func odsCode(row sheet.Row, column string) (string, error) {
	code, err := ods.Parse(row.Get(column))
	if err != nil {
		return "", notOne(row, column, "an ODS code", "Enter one of 3 to 12 letters and digits, like FA123")
	}
	return string(code), nil
}

func fullPostcode(row sheet.Row) (postcode.Postcode, error) {
	full, err := postcode.Parse(row.Get("postcode"))
	if err != nil {
		return full, notOne(row, "postcode", "a full UK postcode", "Enter one like M1 1AE")
	}
	return full, nil
}

func point(row sheet.Row, latitude, longitude string) (at postcode.Point, err error) {
	if at.Latitude, err = strconv.ParseFloat(row.Get(latitude), 64); err != nil {
		return at, notOne(row, latitude, "a latitude", "Enter a decimal number of degrees, like 53.48")
	}
	if at.Longitude, err = strconv.ParseFloat(row.Get(longitude), 64); err != nil {
		return at, notOne(row, longitude, "a longitude", "Enter a decimal number of degrees, like -2.24")
	}
	if inTheCountry(at) {
		return at, nil
	}
	cure := "Enter where it is"
	if inTheCountry(postcode.Point{Latitude: at.Longitude, Longitude: at.Latitude}) {
		cure = "Enter the latitude as latitude and the longitude as longitude: they are the wrong way round"
	}
	return at, fault.OfField(latitude, fault.Quoted(row.Get(latitude)+", "+row.Get(longitude))+
		" is not a place in the United Kingdom. "+cure)
}

// inTheCountry reports whether a place lies between the Channel Islands and Shetland. NaN does not.
func inTheCountry(at postcode.Point) bool {
	return at.Latitude >= 49 && at.Latitude <= 61 && at.Longitude >= -9 && at.Longitude <= 2
}

// withoutNA gives an empty text for NA, which some sources write for a missing value.
func withoutNA(text string) string {
	if strings.EqualFold(text, "NA") {
		return ""
	}
	return text
}

// Numbers have ten digits after the 0, but for some of the areas whose code has four digits after it, and
// the oldest freephone numbers, which have nine (Ofcom, National Telephone Numbering Plan).
var (
	scientific = regexp.MustCompile(`^([1-9]\d*)(?:\.(\d+))?[eE]\+?0?(\d)$`)
	decimal    = regexp.MustCompile(`^([1-9]\d*)\.0+$`)
	abroad     = regexp.MustCompile(`^(?:\+|00)44(?:0)?([1-9]\d*)$`)
	number     = regexp.MustCompile(`^0([1-9]\d{9}|1[2-9][02-9]\d{6}|800\d{6}|500\d{6})$`)
)

// telephone reads a number, with +44, 0044 or +44 (0) read as 0. One that a spreadsheet took for a number to reckon
// with gets back the zeros that this cost it, with a note that says so. Any other text is no reason to be without
// the record: it gives no number, and a note.
func telephone(cell string) (phone, note string) {
	text := withoutNA(strings.NewReplacer(" ", "", "\u00a0", "", "(", "", ")", "", "-", "").Replace(cell))
	if text == "" {
		return "", ""
	}
	text = wholeDigits(text)
	if m := abroad.FindStringSubmatch(text); m != nil {
		text = "0" + m[1]
	}
	switch {
	case number.MatchString(text):
		return text, ""
	case number.MatchString("0" + text):
		return "0" + text, fmt.Sprintf("Telephone number %s was read as %q: a spreadsheet had taken away its first 0",
			fault.Quoted(cell), "0"+text)
	}
	return "", fmt.Sprintf("Left out the telephone number %s: it is not one whole UK number", fault.Quoted(cell))
}

// wholeDigits gives the digits of a whole number that is written with decimals, as 1614960005.0, or with an exponent,
// as 1.614960005E9 or 1614960e3. One that has lost digits stays as it is.
func wholeDigits(text string) string {
	if m := decimal.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	m := scientific.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	places, _ := strconv.Atoi(m[3]) // one digit
	switch len(m[2]) {
	case 0:
		return m[1] + strings.Repeat("0", places)
	case places:
		return m[1] + m[2]
	}
	return text
}
