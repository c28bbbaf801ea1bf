package importing

import (
	"maps"
	"strings"

	"signpost/internal/dos/directory"
	"signpost/internal/dos/directory/importing/coded"
	"signpost/internal/national/ods"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
	"signpost/internal/platform/sheet/cell"
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
		"pharmacy_name":                  ods.PharmacyNameHeadings,
		"address":                        ods.PharmacyAddressHeadings,
		"organisation_data_service_code": ods.PharmacyCodeHeadings,
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
	code, err := coded.ODSCode(row, "organisation_data_service_code")
	if err != nil {
		return p, err
	}
	full, err := coded.FullPostcode(row)
	if err != nil {
		return p, err
	}
	name, err := cell.Required(row, "pharmacy_name")
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
		Address:  cell.Joined(row, "address", "address_field_2", "address_field_3", "address_field_4"),
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
	name, err := cell.Required(row, "name")
	if err != nil {
		return p, err
	}
	address, err := cell.Required(row, "address")
	if err != nil {
		return p, err
	}
	full, err := coded.FullPostcode(row)
	if err != nil {
		return p, err
	}
	at, err := coded.Point(row, "lat", "lon")
	if err != nil {
		return p, err
	}
	phone, note := cell.Telephone(row.Get("telephone"))
	if note != "" {
		p.notes = append(p.notes, note)
	}
	parent := parentIn(row)
	p.below = parent != ""
	p.key = "dentists:" + cell.Normalised(name) + "|" + cell.Normalised(address) + "|" + string(full)
	p.record = directory.Imported{
		Name:        name,
		Type:        12,
		Address:     address,
		Postcode:    string(full),
		Place:       &at,
		PublicPhone: phone,
		Web:         cell.WithoutNA(row.Get("website")),
		Parent:      parent,
	}
	return p, nil
}

var outcodeSheet = sheet.Options{
	Columns: []string{"postcode", "latitude", "longitude"},
	Aliases: map[string][]string{"postcode": {"outcode"}},
}

// outcode reads a row of the postcode districts. Its key is the district.
func outcode(row sheet.Row, _ map[string]postcode.Point) (p parsedRow, err error) {
	district, err := postcode.ParseOutward(row.Get("postcode"))
	if err != nil {
		return p, cell.NotOne(row, "postcode", "the first part of a postcode", "Enter one like M1")
	}
	at, err := coded.Point(row, "latitude", "longitude")
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
	if p.key, err = cell.Date(row, "date"); err != nil {
		return p, err
	}
	name, err := cell.Required(row, "name")
	if err != nil {
		return p, err
	}
	instead := ""
	if row.Get("instead_of") != "" {
		if instead, err = cell.Date(row, "instead_of"); err != nil {
			return p, err
		}
	}
	p.record = directory.Holiday{Name: name, InsteadOf: instead}
	return p, nil
}
