package importing

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"signpost/internal/national/postcode"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
)

// Find lists the formats of a kind with a name; an empty kind or name is any. The error names those that there are.
func Find(kind, name string) ([]Format, error) {
	var found []Format
	var known []string
	for _, f := range Formats {
		if kind != "" && f.Kind != kind {
			continue
		}
		known = append(known, f.Name)
		if name == "" || f.Name == name {
			found = append(found, f)
		}
	}
	if len(found) == 0 {
		of := ""
		if kind != "" {
			of = " for " + kind
		}
		return nil, fmt.Errorf("there is no format %q%s: use one of %s", name, of, strings.Join(known, ", "))
	}
	return found, nil
}

// Names lists the names of the formats of a kind.
func Names(kind string) (names []string) {
	for _, f := range Formats {
		if f.Kind == kind {
			names = append(names, f.Name)
		}
	}
	return names
}

// firstRows is how many rows of a file are looked at to tell what it is.
const firstRows = 20

// Recognise finds which of the formats a file has from its beginning. An error is a fault that says in one sentence
// what the file is instead, or what its heading lacks.
func Recognise(file *sheet.File, formats []Format) (Format, error) {
	for _, s := range strangers {
		if s.is(file.First(firstRows)) {
			return Format{}, fault.SayCure(fault.Invalid, "This is "+s.title+", which cannot be imported.", s.cure)
		}
	}
	if f, found := best(file, formats); found {
		return f, nil
	}
	wanted := formats[0].Kind
	if len(formats) == 1 {
		wanted = formats[0].Title
	}
	if other, found := best(file, Formats); found {
		return other, fault.SayCure(fault.Invalid, "This is "+other.Title+", not "+wanted+".",
			"Leave out what the file is: signpost import recognises it.")
	}
	return Format{}, unknown(file, formats)
}

// best gives the format that a file fits: of several, the one with the most columns, and of reports with the same
// columns the one whose codes the first rows have.
func best(file *sheet.File, formats []Format) (found Format, is bool) {
	score := 0
	for _, f := range formats {
		l := f.layoutOf(file)
		if !l.fitsFile(file) {
			continue
		}
		s := len(l.Columns) * firstRows
		if l.Headless {
			s += f.codesIn(file)
		}
		if s > score {
			score = s
			found = f
		}
	}
	return found, score > 0
}

// layoutOf gives the layout that a file has, or the first that there is.
func (f Format) layoutOf(file *sheet.File) layout {
	fitting := slices.IndexFunc(f.layouts, func(l layout) bool { return l.fitsFile(file) })
	return f.layouts[max(fitting, 0)]
}

func (l layout) fitsFile(file *sheet.File) bool {
	if l.Headless {
		return l.fits(file.First(firstRows))
	}
	return len(file.Lacks(l.Options)) == 0
}

// codesIn counts the first rows that begin with a code of the format's form.
func (f Format) codesIn(file *sheet.File) (count int) {
	for _, row := range file.First(firstRows) {
		if f.code != nil && f.code.MatchString(row[0]) {
			count++
		}
	}
	return count
}

// enough is the share of a format's columns by which a file is taken for one of it that lacks the others.
const enough = 0.5

// unknown is the fault of a file that fits no format: what its heading lacks where it has some of the columns of one,
// or else which formats there are.
func unknown(file *sheet.File, formats []Format) error {
	nearest := formats[0].layouts[0]
	share := -1.0
	for _, f := range formats {
		l := f.layouts[0]
		lacks := len(file.Lacks(l.Options))
		if s := 1 - float64(lacks)/float64(len(l.Columns)); s > share {
			share = s
			nearest = l
		}
	}
	if share > enough || slices.IndexFunc(formats, func(f Format) bool { return f.Kind != formats[0].Kind }) < 0 {
		_, err := file.Open(nearest.Options) // says what is missing
		return err
	}
	titles := make([]string, 0, len(formats))
	for _, f := range formats {
		titles = append(titles, f.Title+" ("+f.Name+")")
	}
	return fault.SayCure(fault.Invalid, "This is no file that can be imported.",
		"Those that can are "+strings.Join(titles, "; ")+".")
}

// strangers are files that people take for those that can be imported.
var strangers = []struct {
	title, cure string
	is          func(first [][]string) bool
}{
	{
		title: "the ONS Postcode Directory, a list of whole postcodes",
		cure:  useDistricts,
		is:    func(first [][]string) bool { return headed(first, "pcds", "oseast1m") },
	},
	{
		title: "Code-Point Open, a list of whole postcodes",
		cure:  useDistricts,
		is:    isCodePoint,
	},
	{
		title: "a list of whole postcodes",
		cure:  useDistricts,
		is:    isWholePostcodes,
	},
	{
		title: "a list of the NHS website",
		cure:  "Import the reports of the Organisation Data Service, or NHSBSA's list of pharmacies.",
		is:    func(first [][]string) bool { return headed(first, "organisationid", "organisationtype") },
	},
}

const useDistricts = "Services are placed by postcode district: import a list of districts."

// headed reports whether the first row has all of some headings.
func headed(first [][]string, headings ...string) bool {
	for _, heading := range headings {
		if len(first) == 0 || columnOf(first[0], heading) < 0 {
			return false
		}
	}
	return true
}

func columnOf(row []string, heading string) int {
	return slices.IndexFunc(row, func(cell string) bool { return strings.EqualFold(strings.TrimSpace(cell), heading) })
}

// codePointColumns is how many columns Code-Point Open has: a postcode, its quality, eastings, northings and codes.
const codePointColumns = 10

func isCodePoint(first [][]string) bool {
	return mostly(first, func(row []string) bool {
		if len(row) != codePointColumns {
			return false
		}
		_, noEasting := strconv.Atoi(row[2])
		return isWhole(row[0]) && noEasting == nil
	})
}

// isWholePostcodes reports whether a file is laid out as a list of districts and has whole postcodes in their place.
func isWholePostcodes(first [][]string) bool {
	if !headed(first, "postcode", "latitude", "longitude") || headed(first, "name") {
		return false
	}
	column := columnOf(first[0], "postcode")
	return len(first) > 1 && mostly(first[1:], func(row []string) bool {
		return column < len(row) && isWhole(row[column])
	})
}

func isWhole(text string) bool {
	_, err := postcode.Parse(text)
	return err == nil
}
