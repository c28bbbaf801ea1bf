// Package importing reads lists of organisations for the care identity side: reports of the Organisation Data Service,
// lists with a heading, the list of pharmacies of NHSBSA, and what the two interfaces of the Organisation Data Service
// answer in JSON. It says which rows cannot be taken and why.
//
// It does not know who works in an organisation, nor which registration authority serves it.
package importing

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/importing/assignments"
	"signpost/internal/careid/importing/identities"
	"signpost/internal/careid/organisation"
	"signpost/internal/national/ods"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/records"
	"signpost/internal/platform/sheet"
)

// Reading is the result of reading a file.
type Reading struct {
	Form    string // of the file: its name
	Title   string // and what it is, for people
	Rows    int
	Wanted  []records.Wanted
	Refused []records.Refused
	Notes   []records.Refused // rows that were taken with a correction
	About   []string          // how the file was read where it is not as most are
	Counted map[string]int    // of the accepted, such as closed organisations
	heading []string
	seen    map[string]int
}

// WriteRefused writes the refused rows as a CSV file that can be mended and imported.
func (r Reading) WriteRefused(to io.Writer) error {
	return records.WriteRefused(to, r.heading, r.Refused)
}

// row is one organisation in a file.
type row struct {
	number int
	cells  []string // as they stand in the file
	code   string
	record organisation.Record
	notes  []string
}

// take adds an organisation to the reading, or refuses it: one that could not be read, or that was there before.
func (r *Reading) take(one row, err error) error {
	r.Rows++
	if err != nil {
		r.Refused = append(r.Refused, records.Refuse(one.number, one.cells, err))
		return nil
	}
	if first, again := r.seen[one.code]; again {
		r.Refused = append(r.Refused, records.Refuse(one.number, one.cells, fault.OfField("code",
			fmt.Sprintf("Repeats row %d: remove the one that is wrong", first))))
		return nil
	}
	r.seen[one.code] = one.number
	text, err := json.Marshal(one.record)
	if err != nil {
		return fmt.Errorf("row %d: %w", one.number, err)
	}
	r.Wanted = append(r.Wanted, records.Wanted{Key: one.code, Record: string(text)})
	for _, note := range one.notes {
		r.Notes = append(r.Notes, records.Refused{Number: one.number, Reason: note})
	}
	if one.record.Status == ods.Closed {
		r.Counted["closed"]++
	}
	return nil
}

// maxPeeked is how many bytes of a file are looked at to tell what it is.
const maxPeeked = 4096

// Read reads a whole file, whatever of these it is. progress is told how many rows were read.
func Read(from io.Reader, progress func(rows int)) (Reading, error) {
	reader := bufio.NewReaderSize(from, maxPeeked)
	begins, err := reader.Peek(maxPeeked)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return Reading{}, fmt.Errorf("read file: %w", err)
	}
	if bytes.HasPrefix(begins, []byte(sheet.ByteOrderMark)) && isJSON(begins) {
		_, _ = reader.Discard(len(sheet.ByteOrderMark)) // which was peeked at
	}
	r := Reading{seen: map[string]int{}, Counted: map[string]int{}, heading: listHeading}
	if isJSON(begins) {
		err = r.readJSON(reader, progress)
	} else {
		err = r.readSheet(reader, progress)
	}
	if err == nil && r.Rows == 0 {
		err = fault.SayCure(fault.Invalid, "There is no organisation in the file.", "Choose a file with organisations.")
	}
	return r, err
}

// sources are what organisations are read from.
func sources() (list []records.Source) {
	t := organisation.Imported(used)
	for _, form := range forms() {
		list = append(list, records.Source{Kind: kind, Name: form, Table: t})
	}
	return list
}

const kind = "care-organisations"

// Imports are those of the care identity side.
func Imports() records.Imports {
	return records.Imports{Sources: append(sources(), identities.Source(), assignments.Source())}
}

// Source is what a file that was read is imported from.
func (r Reading) Source() records.Source {
	return records.Source{Kind: kind, Name: r.Form, Table: organisation.Imported(used)}
}

// used reports whether an organisation has people or positions, or a registration authority typed something about it.
func used(ctx context.Context, r db.R, code string) (bool, error) {
	people, err := identity.CountAt(ctx, r, code)
	if err != nil || people > 0 {
		return people > 0, err
	}
	positions, err := access.CountAt(ctx, r, code)
	if err != nil || positions > 0 {
		return positions > 0, err
	}
	return organisation.Typed(ctx, r, code)
}
