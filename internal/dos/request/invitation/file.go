package invitation

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
)

const (
	maxFile = 128 << 10 // bytes
	maxRows = 1000      // with those that are empty
)

// columns are those of a file whose first row names them, each with the headings under which people have it.
var columns = sheet.Options{
	Columns:  []string{"email"},
	Optional: []string{"first_name", "last_name", "name"},
	Aliases: map[string][]string{
		"email": {"e-mail", "mail", "email address", "e-mail address", "mail address", "work email",
			"work email address", "nhs email", "nhs email address", "nhs mail", "nhs mail address"},
		"first_name": {"forename", "first names", "forenames", "given name", "given names", "christian name"},
		"last_name":  {"surname", "family name", "second name"},
		"name":       {"full name", "display name", "colleague", "staff name", "employee name"},
	},
	MaxRows: maxRows,
}

// fromFile reads a CSV file of colleagues as spreadsheets and other programs write it. If its first row names the
// columns, these say what is what; otherwise the cells of a row are read as those of a line that was pasted. The number
// of a colleague's line is the one that a spreadsheet shows.
func fromFile(text string) (list []Colleague, err error) {
	file, err := sheet.Look(strings.NewReader(text), maxFile)
	if err != nil {
		return nil, ofFile(err)
	}
	reader, named, err := open(file)
	if err != nil {
		return nil, ofFile(err)
	}
	for {
		row, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, ofFile(err)
		}
		if !row.Empty() {
			list = append(list, ofRow(row, named))
		}
	}
}

// open begins to read the rows of a file, and reports whether its first row names the columns.
func open(file *sheet.File) (rows *sheet.Reader, named bool, err error) {
	first := slices.Concat(file.First(1)...)
	if isHeading(strings.Join(first, ",")) {
		rows, err = file.Open(columns)
		return rows, true, err
	}
	numbered := sheet.Options{Headless: true, MaxRows: maxRows}
	for i := range max(1, len(first)) {
		numbered.Columns = append(numbered.Columns, strconv.Itoa(i))
	}
	rows, err = file.Open(numbered)
	return rows, false, err
}

func ofRow(row sheet.Row, named bool) Colleague {
	cells := slices.DeleteFunc(slices.Clone(row.Original()), func(cell string) bool {
		return strings.TrimSpace(cell) == ""
	})
	one := Colleague{Line: row.Number, Text: strings.Join(cells, ", ")}
	if said, is := fault.From(row.Refused); is {
		one.Problem = said.Message
		return one
	}
	if !named {
		one.read(cells)
		return one
	}
	one.Email = row.Get("email")
	one.FirstName, one.LastName = row.Get("first_name"), row.Get("last_name")
	if one.FirstName+one.LastName == "" {
		one.called(row.Get("name"))
	}
	one.Problem = one.problem()
	return one
}

// ofFile says what is wrong with a file where it is chosen.
func ofFile(err error) error {
	said, is := fault.From(err)
	if !is {
		return err
	}
	return fault.OfField("file", strings.TrimSpace(said.Message+" "+said.Cure))
}
