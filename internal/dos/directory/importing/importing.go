// Package importing reads the directory's open data from files. It says which rows cannot be imported and why,
// shows what an import would change, and makes the changes, which can be undone.
//
// Rows are identified by the key of their source; see docs/decisions/020-import-keys.md. It does not know what
// the records mean to the directory.
package importing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"

	"signpost/internal/dos/directory"
	"signpost/internal/dos/directory/importing/lack"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/records"
	"signpost/internal/platform/sheet"
)

// Format is one kind of file.
type Format struct {
	Name    string // on the command line
	Kind    string // of its records: organisations, services, regions, postcodes, holidays, accounts
	Title   string // what it is, for people
	layouts []layout
	read    func(row sheet.Row, places map[string]postcode.Point) (parsedRow, error)
	// check holds the rows that can be read against one another and against what is there; nil where a row stands for
	// itself, and repeats are refused as they are read. r is nil where there is no directory yet.
	check func(ctx context.Context, r db.R, reading Reading) (Reading, error)
	// place finds what stands above the rows that can be read; nil where nothing does.
	place func(ctx context.Context, r db.R, reading Reading) (Reading, error)
	table records.Table
	code  *regexp.Regexp // the form of the codes with which most rows begin, where layouts do not tell formats apart
}

// layout is one way in which a format's columns stand in a file.
type layout struct {
	sheet.Options
	fits    func(first [][]string) bool // for a file without a heading: whether its first rows are laid out so
	heading []string                    // for a file without a heading: names for its columns
}

// parsedRow is the record that one row holds.
type parsedRow struct {
	key     string
	record  any
	notes   []string // what was corrected in it
	leftOut string   // why the row is not for this import, though nothing is wrong with it; empty if it is
	counted string   // what to count it among, besides the records
	below   bool     // it names what stands above it
}

// note adds a note, if there is one.
func (p *parsedRow) note(note string) {
	if note != "" {
		p.notes = append(p.notes, note)
	}
}

// Formats lists the formats that can be imported.
var Formats = append(organisationFormats(),
	Format{
		Name:    "pharmacies",
		Kind:    "services",
		Title:   "a list of pharmacies",
		layouts: []layout{{Options: pharmacySheet}},
		read:    pharmacy,
		place:   placeServices,
		table:   directory.ImportedServices("pharmacies"),
	},
	Format{
		Name:    "dentists",
		Kind:    "services",
		Title:   "a list of dentists",
		layouts: []layout{{Options: dentistSheet}},
		read:    dentist,
		place:   placeServices,
		table:   directory.ImportedServices("dentists"),
	},
	Format{
		Name:    "outcodes",
		Kind:    "postcodes",
		Title:   "a list of postcode districts",
		layouts: []layout{{Options: outcodeSheet}},
		read:    outcode,
		table:   directory.ImportedPlaces(),
	},
	Format{
		Name:    "bank-holidays",
		Kind:    "holidays",
		Title:   "a list of bank holidays",
		layouts: []layout{{Options: holidaySheet}},
		read:    holiday,
		table:   directory.ImportedHolidays(),
	},
	regionFormat(),
	accountFormat(),
)

// Accepted is a row that can be imported.
type Accepted struct {
	Number int // of the row, as a spreadsheet shows it
	Key    string
	Record string   // JSON
	before string   // the record that is there, where the format knows it already
	value  any      // of formats that are checked later: what the row holds
	cells  []string // and how it stands in the file
}

// Refused is a row that cannot be imported, with the reason and what to do about it.
type Refused = records.Refused

// Reading is the result of reading a file.
type Reading struct {
	Rows     int
	Accepted []Accepted
	Refused  []Refused
	LeftOut  []Refused      // rows that are not for this import, though nothing is wrong with them
	Notes    []Refused      // rows that were accepted with a correction
	About    []string       // how the file was read where it is not as most are
	Counted  map[string]int // of the accepted, such as "GP practices"
	// Of formats that are checked: rows that say what is there already, and what several have that one alone can have.
	Unchanged   int
	Collisions  []Collision
	Differences []Difference
	// ChangeExisting says that rows about accounts that are there change them; otherwise they are refused.
	ChangeExisting bool
	heading        []string
	lacking        lack.Counts // of the accounts to add
}

// Check holds the rows of a file against one another and against what is there, where its format asks for that. r is
// nil where there is no directory yet.
func Check(ctx context.Context, r db.R, f Format, reading Reading) (Reading, error) {
	if f.check == nil && f.place == nil {
		return reading, nil
	}
	reading.Refused = slices.Clone(reading.Refused)
	reading.Notes = slices.Clone(reading.Notes)
	reading.About = slices.Clone(reading.About)
	if f.check == nil {
		return f.place(ctx, r, reading)
	}
	reading.Counted = map[string]int{}
	return f.check(ctx, r, reading)
}

// Read reads a whole file, of which Recognise has found the format. places are the postcode districts that give a
// place to rows without coordinates.
func Read(f Format, from *sheet.File, places map[string]postcode.Point, progress func(rows int)) (Reading, error) {
	l := f.layoutOf(from)
	rows, err := from.Open(l.Options)
	if err != nil {
		return Reading{}, err
	}
	r := Reading{Counted: map[string]int{}, heading: rows.Heading()}
	if l.Headless {
		r.heading = l.heading
	}
	seen := map[string]Accepted{}
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			r.About = rows.Notes()
			return r, r.empty()
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

// empty is the fault of a file without rows.
func (r *Reading) empty() error {
	if r.Rows > 0 {
		return nil
	}
	return fault.SayCure(fault.Invalid, "The file is empty but for its heading.", "Choose a CSV file with rows in it.")
}

// take adds one row to the reading, as accepted, left out or refused.
func (r *Reading) take(f Format, row sheet.Row, places map[string]postcode.Point, seen map[string]Accepted) error {
	if row.Refused != nil {
		r.refuse(row, row.Refused)
		return nil //nolint:nilerr // a refused row is a result
	}
	p, err := f.read(row, places)
	switch {
	case err != nil:
		r.refuse(row, err)
		return nil
	case p.leftOut != "":
		r.LeftOut = append(r.LeftOut, Refused{Number: row.Number, Reason: p.leftOut})
		return nil
	}
	if f.check != nil {
		r.accept(Accepted{Number: row.Number, Key: p.key, value: p.record, cells: row.Original()}, p)
		return nil
	}
	record, err := json.Marshal(p.record)
	if err != nil {
		return fmt.Errorf("row %d: %w", row.Number, err)
	}
	a := Accepted{Number: row.Number, Key: p.key, Record: string(record)}
	if p.below { // of the others nothing more is kept: there are very many
		a.value = p.record
		a.cells = row.Original()
	}
	if first, repeated := seen[p.key]; repeated {
		r.refuse(row, repeatFault(first, a))
		return nil
	}
	seen[p.key] = a
	r.accept(a, p)
	return nil
}

func (r *Reading) accept(a Accepted, p parsedRow) {
	r.Accepted = append(r.Accepted, a)
	if p.counted != "" {
		r.Counted[p.counted]++
	}
	for _, note := range p.notes {
		r.Notes = append(r.Notes, Refused{Number: a.Number, Reason: note})
	}
}

// repeatFault says what is wrong with a row that has the same key as an earlier one.
func repeatFault(first, again Accepted) error {
	if first.Record == again.Record {
		return fault.OfField("", fmt.Sprintf("Repeats row %d: remove one of the two", first.Number))
	}
	return fault.OfField("", fmt.Sprintf("Repeats row %d, which was taken, with other details: remove "+
		"the row that is wrong", first.Number))
}

func (r *Reading) refuse(row sheet.Row, err error) { r.refuseRow(row.Number, row.Original(), err) }

func (r *Reading) refuseRow(number int, cells []string, err error) {
	r.Refused = append(r.Refused, records.Refuse(number, cells, err))
}
