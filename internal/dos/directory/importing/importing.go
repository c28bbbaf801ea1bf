// Package importing reads the directory's open data from files. It says which rows cannot be imported and why,
// shows what an import would change, and makes the changes, which can be undone.
//
// Rows are identified by the key of their source; see docs/decisions/020-import-keys.md. It does not know what
// the records mean to the directory.
package importing

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"signpost/internal/dos/directory"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
)

// The kinds of events that this package records.
const (
	eventBegun    audit.Kind = "import.begun"
	eventWritten  audit.Kind = "import.written"
	eventFinished audit.Kind = "import.finished"
	eventUndone   audit.Kind = "import.undone"
	eventUndoing  audit.Kind = "import.undoing"
)

// Format is one kind of file.
type Format struct {
	Name    string // on the command line
	Kind    string // of its records: organisations, services, postcodes
	sheet   sheet.Options
	read    func(row sheet.Row, places map[string]postcode.Point) (parsedRow, error)
	table   directory.Table
	noPlace bool // its rows do not need postcode districts
}

// parsedRow is the record that one row holds.
type parsedRow struct {
	key    string
	record any
	notes  []string // what was corrected in it
}

// Formats lists the formats that can be imported.
var Formats = []Format{
	{
		Name:    "epraccur",
		Kind:    "organisations",
		sheet:   epraccurSheet,
		read:    epraccur,
		table:   directory.ImportedOrganisations(),
		noPlace: true,
	},
	{
		Name:  "pharmacies",
		Kind:  "services",
		sheet: pharmacySheet,
		read:  pharmacy,
		table: directory.ImportedServices("pharmacies"),
	},
	{
		Name:    "dentists",
		Kind:    "services",
		sheet:   dentistSheet,
		read:    dentist,
		table:   directory.ImportedServices("dentists"),
		noPlace: true,
	},
	{
		Name:    "outcodes",
		Kind:    "postcodes",
		sheet:   outcodeSheet,
		read:    outcode,
		table:   directory.ImportedPlaces(),
		noPlace: true,
	},
}

// Find gives the format with a kind and a name; without a name, the first of the kind.
func Find(kind, name string) (Format, error) {
	var known []string
	for _, f := range Formats {
		if f.Kind == kind && (f.Name == name || name == "") {
			return f, nil
		}
		if f.Kind == kind {
			known = append(known, f.Name)
		}
	}
	return Format{}, fmt.Errorf("there is no format %q for %s: use one of %q", name, kind, known)
}

// Accepted is a row that can be imported.
type Accepted struct {
	Number int // of the row, as a spreadsheet shows it
	Key    string
	Record string // JSON
}

// Refused is a row that cannot be imported, with the reason and what to do about it.
type Refused struct {
	Number int    `json:"row"`
	Field  string `json:"column,omitempty"`
	Reason string `json:"reason"`
}

// Reading is the result of reading a file.
type Reading struct {
	Rows     int
	Accepted []Accepted
	Refused  []Refused
	Notes    []Refused // rows that were accepted with a correction
}

// Read reads a whole file. places are the postcode districts that give a place to rows without coordinates.
func Read(f Format, from io.Reader, places map[string]postcode.Point, progress func(rows int)) (Reading, error) {
	rows, err := sheet.Open(from, f.sheet)
	if err != nil {
		return Reading{}, err
	}
	r := Reading{}
	seen := map[string]Accepted{}
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return r, nil
		}
		if err != nil {
			return r, err
		}
		r.Rows++
		if r.Rows%1000 == 0 {
			progress(r.Rows)
		}
		if err := r.take(f, row, places, seen); err != nil {
			return r, err
		}
	}
}

// take adds one row to the reading, as accepted or refused.
func (r *Reading) take(f Format, row sheet.Row, places map[string]postcode.Point, seen map[string]Accepted) error {
	if row.Refused != nil {
		r.refuse(row.Number, row.Refused)
		return nil //nolint:nilerr // a refused row is a result
	}
	p, err := f.read(row, places)
	if err != nil {
		r.refuse(row.Number, err)
		return nil
	}
	record, err := json.Marshal(p.record)
	if err != nil {
		return fmt.Errorf("row %d: %w", row.Number, err)
	}
	a := Accepted{Number: row.Number, Key: p.key, Record: string(record)}
	if first, repeated := seen[p.key]; repeated {
		r.refuse(row.Number, repeatFault(first, a))
		return nil
	}
	seen[p.key] = a
	r.Accepted = append(r.Accepted, a)
	for _, note := range p.notes {
		r.Notes = append(r.Notes, Refused{Number: row.Number, Reason: note})
	}
	return nil
}

// repeatFault says what is wrong with a row that has the same key as an earlier one.
func repeatFault(first, again Accepted) error {
	if first.Record == again.Record {
		return fault.OfField("", fmt.Sprintf("Repeats row %d: remove one of the two", first.Number))
	}
	return fault.OfField("", fmt.Sprintf("Repeats row %d, which was taken, with other details: remove "+
		"the row that is wrong", first.Number))
}

func (r *Reading) refuse(number int, err error) {
	refused := Refused{Number: number, Reason: err.Error()}
	if f, known := fault.From(err); known {
		refused.Field = f.Field
		refused.Reason = f.Says
		if f.Cure != "" {
			refused.Reason += " " + f.Cure
		}
	}
	r.Refused = append(r.Refused, refused)
}
