package sheet

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"signpost/internal/platform/fault"
)

// readHeading reads the first row and finds the columns in it by name. Names are compared without
// case, and without spaces, hyphens and underscores, so that "First name" is first_name. Columns that
// nobody asked for are passed over.
func (r *Reader) readHeading() error {
	cells, refused, err := r.read()
	if errors.Is(err, io.EOF) {
		return fault.SayCure(fault.Invalid, "The file is empty.",
			"Choose a CSV file whose first row names the columns.")
	}
	if err := errors.Join(refused, err); err != nil {
		return err
	}
	r.names = make([]string, len(cells))
	for i, c := range cells {
		r.names[i] = strings.TrimSpace(c)
	}
	if err := r.checkText(r.names); err != nil {
		return err
	}
	return r.find(append(slices.Clone(r.options.Columns), r.options.Optional...))
}

func (r *Reader) find(wanted []string) error {
	r.index = make(map[string]int, len(wanted))
	for _, column := range wanted {
		for i, name := range r.names {
			if plain(name) != plain(column) {
				continue
			}
			if _, twice := r.index[column]; twice {
				return fault.SayCure(fault.Invalid, fmt.Sprintf("The column %s is there twice.", column),
					"Delete or rename one of them.")
			}
			r.index[column] = i
		}
	}
	return r.missing()
}

// missing names all columns that are not there, so that one look puts the file right.
func (r *Reader) missing() error {
	var missing []string
	for _, column := range r.options.Columns {
		if !r.Has(column) {
			missing = append(missing, column)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	says := fmt.Sprintf("The file has no column %s.", strings.Join(missing, ", "))
	cure := fmt.Sprintf("The first row must name the columns %s.", strings.Join(r.options.Columns, ", "))
	if len(r.names) == 1 && strings.ContainsAny(r.names[0], ";\t") {
		cure = "The columns seem to be parted by semicolons or tabs. Save the file with commas between them. " + cure
	}
	if strings.Contains(strings.Join(r.names, ""), "\r") {
		cure = "The lines seem to end as on an old Macintosh. Save the file as \"CSV UTF-8\". " + cure
	}
	return fault.SayCure(fault.Invalid, says, cure)
}

// setColumns is for files without a heading: the columns are those of the options, in order. An
// empty name is a column that nobody asks for.
func (r *Reader) setColumns(names []string) error {
	if len(names) == 0 {
		return errors.New("sheet without a heading opened without columns")
	}
	r.names = names
	r.index = make(map[string]int, len(names))
	for i, name := range names {
		if name == "" {
			continue
		}
		if _, twice := r.index[name]; twice {
			return fmt.Errorf("sheet without a heading opened with the column %s twice", name)
		}
		r.index[name] = i
	}
	return nil
}

func plain(name string) string {
	return strings.NewReplacer(" ", "", "\u00a0", "", "-", "", "_",
		"").Replace(strings.ToLower(strings.TrimSpace(name)))
}
