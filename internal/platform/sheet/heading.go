package sheet

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"signpost/internal/platform/fault"
)

// readHeading reads the first row and finds the columns in it by name. Names are compared as plain gives
// them, so that "First name" is first_name. Columns that nobody asked for are passed over.
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
	var problem error
	for _, column := range wanted {
		for _, heading := range append([]string{column}, r.options.Aliases[column]...) {
			place, twice := r.placeOf(heading)
			if problem == nil {
				problem = twice
			}
			if place >= 0 {
				r.index[column] = place
				break
			}
		}
	}
	if problem != nil {
		return problem
	}
	return r.missing()
}

// placeOf finds the column with a heading; -1 is none.
func (r *Reader) placeOf(heading string) (int, error) {
	place := -1
	for i, name := range r.names {
		if plain(name) != plain(heading) {
			continue
		}
		if place >= 0 {
			return place, fault.SayCure(fault.Invalid, fmt.Sprintf("The column %s is there twice.", heading),
				"Delete or rename one of them.")
		}
		place = i
	}
	return place, nil
}

// missing names all columns that are not there, so that one look puts the file right.
func (r *Reader) missing() error {
	missing := r.lacks()
	if len(missing) == 0 {
		return nil
	}
	message := fmt.Sprintf("The file has no column %s.", strings.Join(missing, ", "))
	cure := fmt.Sprintf("The first row must name the columns %s.", strings.Join(r.options.Columns, ", "))
	return fault.SayCure(fault.Invalid, message, cure)
}

// lacks lists the columns that must be there and are not.
func (r *Reader) lacks() (missing []string) {
	for _, column := range r.options.Columns {
		if !r.Has(column) {
			missing = append(missing, column)
		}
	}
	return missing
}

// Lacks lists the columns of a file with a heading that the options ask for and the heading has not.
func (f *File) Lacks(o Options) []string {
	r := &Reader{options: o}
	if first := f.First(1); len(first) > 0 {
		r.names = first[0]
	}
	_ = r.find(o.Columns) // a column that is there twice is there
	return r.lacks()
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

// unimportant takes away what does not count when headings are compared.
var unimportant = strings.NewReplacer(" ", "", "\u00a0", "", "-", "", "_", "", "(", "", ")", "")

// plain is a heading as headings are compared: in lower case, without spaces, hyphens, underscores and brackets.
func plain(name string) string { return unimportant.Replace(strings.ToLower(strings.TrimSpace(name))) }
