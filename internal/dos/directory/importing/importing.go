// Package importing reads the directory's open data from files: what each row says, which rows cannot be
// taken and why, what would change, and the change itself, which can be undone.
//
// Rows are named by their source's own key; see docs/decisions/020-import-keys.md. It does not know what
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
	Name    string // as the command line names it
	Kind    string // what it holds: organisations, services, postcodes
	sheet   sheet.Options
	read    func(row sheet.Row, places map[string]postcode.Point) (parsed, error)
	table   directory.Table
	noPlace bool // its rows need no postcode districts
}

// parsed is what one row says.
type parsed struct {
	key    string
	record any
	notes  []string // what was put right in it
}

// Formats are the files that can be read.
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

// Find gives the format of a name and kind.
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

// Accepted is a row that can be taken.
type Accepted struct {
	Number int // of the row, as a spreadsheet shows it
	Key    string
	Record string // JSON
}

// Refused is a row that cannot, and what to do about it.
type Refused struct {
	Number int    `json:"row"`
	Field  string `json:"column,omitempty"`
	Says   string `json:"reason"`
}

// Reading is what a file says.
type Reading struct {
	Rows     int
	Accepted []Accepted
	Refused  []Refused
	Notes    []Refused // rows that were taken with something put right
}

// Read reads a whole file. places are the postcode districts that rows without coordinates are placed by.
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

// take adds one row to the reading, on one side or the other.
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
		r.refuse(row.Number, repeats(first, a))
		return nil
	}
	seen[p.key] = a
	r.Accepted = append(r.Accepted, a)
	for _, note := range p.notes {
		r.Notes = append(r.Notes, Refused{Number: row.Number, Says: note})
	}
	return nil
}

// repeats is the fault of a row with the key of another.
func repeats(first, again Accepted) error {
	if first.Record == again.Record {
		return fault.OfField("", fmt.Sprintf("Repeats row %d: remove one of the two", first.Number))
	}
	return fault.OfField("", fmt.Sprintf("Repeats row %d, which was taken, with other details: remove "+
		"the row that is wrong", first.Number))
}

func (r *Reading) refuse(number int, err error) {
	refused := Refused{Number: number, Says: err.Error()}
	if f, known := fault.From(err); known {
		refused.Field = f.Field
		refused.Says = f.Says
		if f.Cure != "" {
			refused.Says += " " + f.Cure
		}
	}
	r.Refused = append(r.Refused, refused)
}
