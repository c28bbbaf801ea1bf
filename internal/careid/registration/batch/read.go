package batch

import (
	"bytes"
	"strings"

	"signpost/internal/careid/identity"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
)

const (
	// MaxFileBytes is how large a file of people may be.
	MaxFileBytes = 4 << 20

	// MaxListBytes is how long a list of people may be that is pasted.
	MaxListBytes = 1 << 20

	maxRows     = 20_000
	digitsOfOne = 12
)

// People are those whom a batch is about, as somebody named them.
type People struct {
	heading []string
	rows    []sent
}

// sent is one row as it was sent.
type sent struct {
	Number  int      `json:"number"` // as a spreadsheet shows it
	Cells   []string `json:"cells"`
	UUID    string   `json:"uuid"`
	Email   string   `json:"email"`
	Problem string   `json:"problem"` // what is wrong with the row by itself
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
			one.name(row.Get(columnUUID), row.Get(columnEmail))
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

// name notes whom a row names: by number, by address or by both.
func (s *sent) name(uuid, address string) {
	if strings.Contains(uuid, "@") && address == "" {
		address = uuid
		uuid = ""
	}
	if uuid == "" && address == "" {
		s.Problem = "The row names nobody. Enter a Care Identity number or an email address"
		return
	}
	if uuid != "" {
		if s.UUID, _ = identity.Digits(uuid); !identity.IsNumber(s.UUID) {
			s.Problem = "A Care Identity number has 12 digits"
		}
	}
	if address == "" {
		return
	}
	read, err := email.Parse(addressIn(address))
	if err != nil {
		s.Problem = "This is not an email address"
		return
	}
	automatic := false
	if s.Email, automatic = read.Canonical(); !automatic && s.UUID == "" {
		s.Problem = "This address can be mistaken for another one. Enter the Care Identity number"
	}
}

// addressIn gives the address of one that mail programs copy with a name, as "Bea Okafor <bea@example.nhs.uk>".
func addressIn(text string) string {
	if _, after, found := strings.Cut(text, "<"); found {
		text, _, _ = strings.Cut(after, ">")
	}
	return strings.TrimSpace(text)
}

// readList reads a list with a person a line, or with commas or semicolons between them.
func readList(pasted string) (p People, err error) {
	p.heading = []string{columnUUID}
	between := func(c rune) bool { return strings.ContainsRune("\r\n,;\t", c) }
	for _, line := range strings.FieldsFunc(pasted, between) {
		for _, one := range apart(strings.TrimSpace(line)) {
			row := sent{Number: len(p.rows) + 1, Cells: []string{one}}
			row.name(one, "")
			p.rows = append(p.rows, row)
		}
	}
	switch {
	case len(p.rows) == 0:
		return p, errNobody
	case len(p.rows) > maxRows:
		return p, errTooMany
	}
	return p, nil
}

// apart takes a line apart that has several people with spaces between them: several addresses, or numbers of 12
// digits, which may have spaces within.
func apart(line string) (list []string) {
	fields := strings.Fields(line)
	digits := strings.Join(fields, "")
	switch {
	case line == "":
		return nil
	case strings.Count(line, "@") > 1 && !strings.Contains(line, "<"):
		return fields
	case len(digits) <= digitsOfOne || len(digits)%digitsOfOne != 0 || strings.Trim(digits, "0123456789") != "":
		return []string{line}
	}
	for at := 0; at < len(digits); at += digitsOfOne {
		list = append(list, digits[at:at+digitsOfOne])
	}
	return list
}
