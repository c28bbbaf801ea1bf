package batch

import (
	"bytes"
	"strings"

	"signpost/internal/careid/registration/named"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
)

const (
	// MaxFileBytes is how large a file of people may be.
	MaxFileBytes = 4 << 20

	// MaxListBytes is how long a list of people may be that is pasted.
	MaxListBytes = 1 << 20

	maxRows = 20_000
)

// People are those whom a batch is about, as somebody named them.
type People struct {
	heading []string
	rows    []sent
}

// sent is one row as it was sent.
type sent struct {
	Number int      `json:"number"` // as a spreadsheet shows it
	Cells  []string `json:"cells"`
	named.One
}

// The columns of a file of people. One of them is needed.
const (
	columnUUID  = "uuid"
	columnEmail = "email"
)

var aliases = map[string][]string{
	columnUUID:  {"care identity number", "care identity", "user id", "uid", "person"},
	columnEmail: {"email address", "e-mail", "work email"},
}

var (
	errNobody  = fault.OfField("people", "Choose a file, or paste the email addresses or Care Identity numbers")
	errBoth    = fault.OfField("people", "Choose a file or paste a list, not both")
	errNoRows  = fault.OfField("file", "The file has no people in it")
	errColumn  = fault.OfField("file", "The file has no column uuid or email. The first row must name one of them")
	errTooMany = fault.OfField("people",
		"There are more than 20,000 people. Send them as several batches")
	errTooLong = fault.OfField("people", "The list is longer than 1 MB. Send it as a file, or as several batches")
)

// Read reads whom a batch is about, from a file or from what was pasted.
func Read(file []byte, pasted string) (People, error) {
	pasted = strings.TrimSpace(pasted)
	switch {
	case len(file) > 0 && pasted != "":
		return People{}, errBoth
	case len(file) > 0:
		return readFile(file)
	case pasted == "":
		return People{}, errNobody
	case len(pasted) > MaxListBytes:
		return People{}, errTooLong
	}
	return readList(pasted)
}

func readFile(content []byte) (p People, err error) {
	look, err := sheet.Look(bytes.NewReader(content), MaxFileBytes)
	if err != nil {
		return p, atFile(err)
	}
	rows, err := look.Open(sheet.Options{
		Optional: []string{columnUUID, columnEmail}, Aliases: aliases, MaxRows: maxRows,
	})
	if err != nil {
		return p, atFile(err)
	}
	if !rows.Has(columnUUID) && !rows.Has(columnEmail) {
		return p, errColumn
	}
	p.heading = rows.Heading()
	err = rows.Each(func(row sheet.Row) error {
		if row.Empty() {
			return nil
		}
		one := sent{Number: row.Number, Cells: row.Original()}
		if row.Refused != nil {
			one.Problem = said(row.Refused)
		} else {
			one.One = named.In(row.Get(columnUUID), row.Get(columnEmail))
		}
		p.rows = append(p.rows, one)
		return nil
	})
	if err != nil {
		return p, atFile(err)
	}
	if len(p.rows) == 0 {
		return p, errNoRows
	}
	return p, nil
}

// atFile says at the field for the file what is wrong with it.
func atFile(err error) error {
	f, known := fault.From(err)
	if !known {
		return err
	}
	return fault.OfField("file", strings.TrimSpace(f.Message+" "+f.Cure))
}

// said gives what a fault says, with its cure.
func said(err error) string {
	f, known := fault.From(err)
	if !known {
		return err.Error()
	}
	return strings.TrimSpace(f.Message + " " + f.Cure)
}

// readList reads a list with a person a line, or with commas or semicolons between them.
func readList(pasted string) (p People, err error) {
	p.heading = []string{columnUUID}
	for _, text := range named.List(pasted) {
		p.rows = append(p.rows, sent{Number: len(p.rows) + 1, Cells: []string{text}, One: named.In(text, "")})
	}
	switch {
	case len(p.rows) == 0:
		return p, errNobody
	case len(p.rows) > maxRows:
		return p, errTooMany
	}
	return p, nil
}
