package importing

import (
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"signpost/internal/careid/organisation"
	"signpost/internal/national/ods"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
	"signpost/internal/platform/sheet"
)

// The names of the forms of files that are no reports.
const (
	listForm     = "organisations"
	pharmacyForm = "pharmacies"
)

// forms are the names of all.
func forms() []string {
	list := []string{listForm, pharmacyForm, ordForm, fhirForm}
	for _, report := range ods.Reports {
		list = append(list, report.Name)
	}
	return list
}

var listHeading = []string{"code", "name", "postcode", "status"}

var listSheet = sheet.Options{Columns: ods.ListColumns, Optional: ods.ListOptional, Aliases: ods.ListAliases}

var pharmacySheet = sheet.Options{
	Columns:  []string{"code", "name", "postcode", "address_1"},
	Optional: []string{"address_2", "address_3", "address_4", "contract_type"},
	Aliases: map[string][]string{
		"code":      append([]string{"organisation_data_service_code"}, ods.PharmacyCodeHeadings...),
		"name":      append([]string{"pharmacy_name"}, ods.PharmacyNameHeadings...),
		"postcode":  {"post_code"},
		"address_1": append([]string{"address"}, ods.PharmacyAddressHeadings...),
		"address_2": {"address_field_2"},
		"address_3": {"address_field_3"},
		"address_4": {"address_field_4"},
	},
}

var reportSheet = sheet.Options{Headless: true, Columns: ods.ReportColumns}

// firstRows is how many rows of a file are looked at to tell what it is.
const firstRows = 20

// form is how the rows of a sheet are read.
type form struct {
	options sheet.Options
	report  ods.Report // what it is, or might have been written from
	status  ods.Status // of all, where no column says it
}

// formOf recognises a sheet.
func (r *Reading) formOf(file *sheet.File) (form, error) {
	first := file.First(firstRows)
	switch {
	case ods.FitsReport(first):
		f := form{options: reportSheet, report: reportOf(first)}
		r.heading = ods.ReportHeading
		r.Form = f.report.Name
		r.Title = "the ODS report " + f.report.Name + ", " + f.report.Title
		return f, nil
	case len(file.Lacks(listSheet)) == 0:
		r.Form = listForm
		r.Title = "a list of organisations"
		return form{options: listSheet}, nil
	case len(file.Lacks(pharmacySheet)) == 0:
		r.Form = pharmacyForm
		r.Title = "a list of pharmacies"
		return form{options: pharmacySheet, report: ods.Report{Role: ods.Pharmacy}, status: ods.Active}, nil
	}
	return form{}, fault.SayCure(fault.Invalid, "This is no list of organisations that can be imported.",
		"Those that can are reports of the Organisation Data Service, such as epraccur; a list with a heading that "+
			"names code, name, postcode and status; the list of pharmacies of NHSBSA; and organisations in JSON, as "+
			"the two interfaces of the Organisation Data Service answer.")
}

// reportOf gives the report whose codes most of the first rows have.
func reportOf(first [][]string) ods.Report {
	maxCount := -1
	var found ods.Report
	for _, report := range ods.Reports {
		count := 0
		for _, row := range first {
			if report.Code.MatchString(row[0]) {
				count++
			}
		}
		if count > maxCount {
			maxCount = count
			found = report
		}
	}
	return found
}

// maxBetween is how many rows are read before progress is told.
const maxBetween = 1000

func (r *Reading) readSheet(from io.Reader, progress func(int)) error {
	file, err := sheet.Look(from, 0)
	if err != nil {
		return err
	}
	f, err := r.formOf(file)
	if err != nil {
		return err
	}
	rows, err := file.Open(f.options)
	if err != nil {
		return err
	}
	if !f.options.Headless {
		r.heading = rows.Heading()
	}
	for {
		next, err := rows.Next()
		if errors.Is(err, io.EOF) {
			r.About = rows.Notes()
			return nil
		}
		if err != nil {
			return err
		}
		one := row{number: next.Number, cells: next.Original()}
		problem := next.Refused
		if problem == nil {
			problem = f.read(next, &one)
		}
		if err := r.take(one, problem); err != nil {
			return err
		}
		if r.Rows%maxBetween == 0 {
			progress(r.Rows)
		}
	}
}

// read reads one row of a sheet.
func (f form) read(from sheet.Row, to *row) (err error) {
	o := &to.record
	if to.code, err = codeIn(from.Get("code")); err != nil {
		return err
	}
	if o.Name, err = nameIn(from.Get("name")); err != nil {
		return err
	}
	if o.Status, err = f.statusOf(from); err != nil {
		return err
	}
	if o.Postcode, err = postcodeIn(from.Get("postcode")); err != nil {
		return err
	}
	if o.Postcode == "" {
		to.notes = append(to.notes, "Has no postcode")
	}
	var address []string
	for _, column := range []string{"address_1", "address_2", "address_3", "address_4", "address_5"} {
		address = append(address, from.Get(column))
	}
	o.Address = joined(address...)
	o.Phone = from.Get("telephone")
	o.Opened = dayIn(from.Get("open"))
	o.Closed = dayIn(from.Get("close"))
	o.Role = f.report.Role
	for _, column := range []string{"setting", "roles"} {
		to.addRoles(from.Get(column))
	}
	f.relate(from, o)
	return nil
}

// statusOf reads the status of an organisation. Branches have it in another column.
func (f form) statusOf(from sheet.Row) (ods.Status, error) {
	if f.status != "" {
		return f.status, nil
	}
	text := from.Get("status")
	if text == "" {
		text = from.Get("other_status")
	}
	return statusIn(text)
}

// addRoles adds the roles that a cell names. A list with a heading does not say which is the primary one: a GP practice
// is a prescribing cost centre; of others the first is taken.
func (r *row) addRoles(text string) {
	if text == "" {
		return
	}
	setting, roles, ok := ods.Classified(text)
	if !ok {
		r.notes = append(r.notes, "Left out "+fault.Quoted(text)+": it is neither a prescribing setting nor roles")
		return
	}
	if setting == ods.GPSetting {
		roles = []ods.RoleID{ods.GPPractice}
	}
	for _, role := range roles {
		switch {
		case r.record.Role == "" && role == ods.GPPractice:
			r.record.Role = ods.PrescribingCostCentre
		case r.record.Role == "":
			r.record.Role = role
			continue
		}
		if role != r.record.Role {
			r.record.Roles = append(r.record.Roles, organisation.Role{ID: role})
		}
	}
}

// relate adds what the organisation is to the one that the row names beside it.
func (f form) relate(from sheet.Row, o *organisation.Record) {
	target, err := ods.Parse(from.Get("parent"))
	if err != nil {
		return // most lists have none, and none depends on it
	}
	id := f.report.Parent
	if id == "" {
		id = ods.CommissionedBy
	}
	left := dayIn(from.Get("left"))
	o.Relations = []organisation.Relation{{
		ID: id, Target: string(target), From: dayIn(from.Get("joined")), To: left, Ended: left != "",
	}}
}

func codeIn(text string) (string, error) {
	code, err := ods.Parse(text)
	if err != nil {
		return "", fault.OfField("code",
			fault.Quoted(text)+" is not an ODS code. Enter one of 3 to 12 letters and digits, like FA123")
	}
	return string(code), nil
}

func nameIn(text string) (string, error) {
	text = strings.Join(strings.Fields(text), " ")
	if text == "" {
		return "", fault.OfField("name", "Fill in the name")
	}
	if problem := name.Problem(text); problem != "" {
		return "", fault.OfField("name", "In "+fault.Quoted(text)+": "+problem)
	}
	return text, nil
}

func statusIn(text string) (ods.Status, error) {
	status, is := ods.StatusOf(text)
	if !is {
		return "", fault.OfField("status", fault.Quoted(text)+" is not a status. Enter ACTIVE, INACTIVE, DORMANT or "+
			"PROPOSED, or A, C, D or P")
	}
	return status, nil
}

func postcodeIn(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	full, err := postcode.Parse(text)
	if err != nil {
		return "", fault.OfField("postcode", fault.Quoted(text)+" is not a full UK postcode. Enter one like M1 1AE")
	}
	return string(full), nil
}

// dayIn reads a day as the files write it. One that cannot be read is left out: no row depends on it.
func dayIn(text string) string {
	for _, layout := range []string{"20060102", time.DateOnly, "02/01/2006"} {
		if day, err := time.Parse(layout, text); err == nil {
			return day.Format(time.DateOnly)
		}
	}
	return ""
}

// joined gives the parts that are not empty, with commas between them.
func joined(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return strings.TrimSpace(part) == "" }), ", ")
}
