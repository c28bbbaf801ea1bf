package importing

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"signpost/internal/dos/directory"
	"signpost/internal/national/ods"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
)

var days = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

var pharmacySheet = sheet.Options{Columns: append([]string{"pharmacy_name", "address", "postcode",
	"organisation_data_service_code"}, hourColumns()...),
	Optional: []string{"health_and_wellbeing_board", "ward_code", "ward_name", "la_code", "la_name"}}

func hourColumns() []string {
	columns := make([]string, 0, len(days))
	for _, day := range days {
		columns = append(columns, "opening_hours_"+day)
	}
	return columns
}

// pharmacy reads a row of the consolidated pharmaceutical list. Its key is the ODS code. The list has no
// coordinates, so the place is the centre of the postcode district.
func pharmacy(row sheet.Row, places map[string]postcode.Point) (p parsedRow, err error) {
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
	week := directory.Week{directory.BankHoliday: directory.NotKnown()} // the list has no column for them
	for i, day := range days {
		column := "opening_hours_" + day
		if week[i], err = directory.ParseDay(row.Get(column)); err != nil {
			return p, fault.OfField(column, faultText(err))
		}
	}
	s := directory.Imported{
		Name:     name,
		Type:     13,
		ODSCode:  code,
		Address:  row.Get("address"),
		Postcode: string(full),
		Hours:    week.String(),
	}
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

// faultText gives the text of a fault.
func faultText(err error) string {
	f, _ := fault.From(err)
	return f.Says
}

var dentistSheet = sheet.Options{Columns: []string{"name", "address", "postcode", "telephone", "website", "lon",
	"lat"}, Optional: []string{"type", "area_name", "area_code"}}

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
	phone, note, err := telephone(row, "telephone")
	if err != nil {
		return p, err
	}
	if note != "" {
		p.notes = append(p.notes, note)
	}
	p.key = "dentists:" + normalised(name) + "|" + normalised(address) + "|" + string(full)
	p.record = directory.Imported{
		Name:        name,
		Type:        12,
		Address:     address,
		Postcode:    string(full),
		Place:       &at,
		PublicPhone: phone,
		Web:         withoutNA(row.Get("website")),
	}
	return p, nil
}

// normalised gives a text in the form that keys use: in lower case with single spaces.
func normalised(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }

var outcodeSheet = sheet.Options{Columns: []string{"postcode", "latitude", "longitude"}, Optional: []string{"id"}}

// outcode reads a row of the postcode districts. Its key is the district.
func outcode(row sheet.Row, _ map[string]postcode.Point) (p parsedRow, err error) {
	district, err := postcode.ParseOutward(row.Get("postcode"))
	if err != nil {
		return p, fault.OfField("postcode", "Enter the first part of a postcode, like M1")
	}
	at, err := point(row, "latitude", "longitude")
	if err != nil {
		return p, err
	}
	return parsedRow{key: district, record: at}, nil
}

// epraccurSheet has no header row; the columns are those of the ODS file specification.
var epraccurSheet = sheet.Options{Headless: true, Columns: []string{
	"code", "name", "", "", "address_1", "address_2", "address_3", "address_4", "address_5", "postcode", "", "",
	"status", "", "", "", "",
	"telephone", "", "", "", "", "", "", "", "setting", "",
}}

// epraccur reads a row of the GP practices and prescribing cost centres. Its key is the ODS code.
func epraccur(row sheet.Row, _ map[string]postcode.Point) (p parsedRow, err error) {
	code, err := odsCode(row, "code")
	if err != nil {
		return p, err
	}
	name, err := required(row, "name")
	if err != nil {
		return p, err
	}
	status := row.Get("status")
	if !strings.Contains("ACDP", status) || len(status) != 1 {
		return p, fault.OfField("status", "Enter A, C, D or P")
	}
	o := directory.Organisation{Name: name, Status: status, Setting: row.Get("setting"), Address: addressOf(row)}
	if text := row.Get("postcode"); text != "" {
		full, err := fullPostcode(row)
		if err != nil {
			return p, err
		}
		o.Postcode = string(full)
	} else {
		p.notes = append(p.notes, "Has no postcode")
	}
	phone, note, err := telephone(row, "telephone")
	if err != nil { // an organisation is known by its code, so it is imported even with a wrong number
		note = "Left out its telephone number " + row.Get("telephone") + ": it is not a whole UK number"
	}
	if note != "" {
		p.notes = append(p.notes, note)
	}
	o.Phone = phone
	p.key = code
	p.record = o
	return p, nil
}

func addressOf(row sheet.Row) string {
	var lines []string
	for i := 1; i <= 5; i++ {
		if line := row.Get(fmt.Sprintf("address_%d", i)); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, ", ")
}

func required(row sheet.Row, column string) (string, error) {
	text := strings.TrimSpace(row.Get(column))
	if text == "" {
		return "", fault.OfField(column, "Fill in the "+strings.ReplaceAll(column, "_", " "))
	}
	return text, nil
}

func odsCode(row sheet.Row, column string) (string, error) {
	code, err := ods.Parse(row.Get(column))
	if err != nil {
		return "", fault.OfField(column, "Enter an ODS code, like FA123")
	}
	return string(code), nil
}

func fullPostcode(row sheet.Row) (postcode.Postcode, error) {
	full, err := postcode.Parse(row.Get("postcode"))
	if err != nil {
		return full, fault.OfField("postcode", postcode.Problem)
	}
	return full, nil
}

func point(row sheet.Row, latitude, longitude string) (at postcode.Point, err error) {
	if at.Latitude, err = strconv.ParseFloat(row.Get(latitude), 64); err != nil {
		return at, fault.OfField(latitude, "Enter the latitude as a decimal number of degrees")
	}
	if at.Longitude, err = strconv.ParseFloat(row.Get(longitude), 64); err != nil {
		return at, fault.OfField(longitude, "Enter the longitude as a decimal number of degrees")
	}
	// From the Channel Islands to Shetland. NaN is outside.
	if at.Latitude >= 49 && at.Latitude <= 61 && at.Longitude >= -9 && at.Longitude <= 2 {
		return at, nil
	}
	return at, fault.OfField(latitude, "Enter where it is: this is not a place in the United Kingdom")
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
	scientific = regexp.MustCompile(`^(\d+)[eE](\d)$`)
	number     = regexp.MustCompile(`^0([1-9]\d{9}|1[2-9][02-9]\d{6}|800\d{6}|500\d{6})$`)
)

// telephone reads a number. It restores the zeros at the beginning and at the end that spreadsheets remove, and
// gives a note if it restored the first.
func telephone(row sheet.Row, column string) (phone, note string, err error) {
	text := withoutNA(strings.NewReplacer(" ", "", "(", "", ")", "", "-", "").Replace(row.Get(column)))
	if text == "" {
		return "", "", nil
	}
	if m := scientific.FindStringSubmatch(text); m != nil {
		zeros, _ := strconv.Atoi(m[2]) // one digit
		text = m[1] + strings.Repeat("0", zeros)
	}
	switch {
	case number.MatchString(text):
		return text, "", nil
	case number.MatchString("0" + text):
		return "0" + text, "Telephone number " + row.Get(column) + " was read as 0" + text, nil
	}
	return "", "", fault.OfField(column, "Enter a UK telephone number with all its digits, like 0161 496 0000")
}
