// Package coded reads the cells of files that hold national codes: of organisations, postcodes, and where something is.
package coded

import (
	"strconv"

	"signpost/internal/national/ods"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
	"signpost/internal/platform/sheet/cell"
)

// ODSCode reads an ODS code.
func ODSCode(row sheet.Row, column string) (string, error) {
	code, err := ods.Parse(row.Get(column))
	if err != nil {
		return "", cell.NotOne(row, column, "an ODS code", "Enter one of 3 to 12 letters and digits, like FA123")
	}
	return string(code), nil
}

// FullPostcode reads the column postcode.
func FullPostcode(row sheet.Row) (postcode.Postcode, error) {
	full, err := postcode.Parse(row.Get("postcode"))
	if err != nil {
		return full, cell.NotOne(row, "postcode", "a full UK postcode", "Enter one like M1 1AE")
	}
	return full, nil
}

// Point reads where something is, from two columns.
func Point(row sheet.Row, latitude, longitude string) (at postcode.Point, err error) {
	if at.Latitude, err = strconv.ParseFloat(row.Get(latitude), 64); err != nil {
		return at, cell.NotOne(row, latitude, "a latitude", "Enter a decimal number of degrees, like 53.48")
	}
	if at.Longitude, err = strconv.ParseFloat(row.Get(longitude), 64); err != nil {
		return at, cell.NotOne(row, longitude, "a longitude", "Enter a decimal number of degrees, like -2.24")
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
