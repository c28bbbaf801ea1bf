package importing

import (
	"strings"

	"signpost/internal/dos/directory"
	"signpost/internal/dos/directory/importing/coded"
	"signpost/internal/national/ods"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
	"signpost/internal/platform/sheet/cell"
)

// organisationFormats makes a format of each report, and before them one of any list of organisations that has a
// heading.
func organisationFormats() []Format {
	formats := []Format{{
		Name:    "organisations",
		Kind:    "organisations",
		Title:   "a list of organisations",
		layouts: []layout{organisationSheet},
		read:    organisation,
		table:   directory.ImportedOrganisations(),
	}}
	for _, report := range ods.Reports {
		formats = append(formats, Format{
			Name:    report.Name,
			Kind:    "organisations",
			Title:   "the ODS report " + report.Name + ", " + report.Title,
			layouts: []layout{organisationSheet, reportSheet},
			read:    organisation,
			table:   directory.ImportedOrganisations(),
			code:    report.Code,
		})
	}
	return formats
}

// organisationSheet is a list of organisations with a heading.
var organisationSheet = layout{Options: sheet.Options{
	Columns: ods.ListColumns, Optional: ods.ListOptional, Aliases: ods.ListAliases,
}}

// reportSheet is a report of the Organisation Data Service, which has no heading.
var reportSheet = layout{
	Options: sheet.Options{Headless: true, Columns: ods.ReportColumns},
	fits:    ods.FitsReport,
	heading: ods.ReportHeading,
}

// mostly reports whether a rule holds for more than half of some rows.
func mostly(rows [][]string, rule func(row []string) bool) bool {
	count := 0
	for _, row := range rows {
		if rule(row) {
			count++
		}
	}
	return count*2 > len(rows)
}

// organisation reads a row of a list of organisations. Its key is the ODS code.
func organisation(row sheet.Row, _ map[string]postcode.Point) (p parsedRow, err error) {
	code, err := coded.ODSCode(row, "code")
	if err != nil {
		return p, err
	}
	name, err := cell.Required(row, "name")
	if err != nil {
		return p, err
	}
	status, err := statusOf(row)
	if err != nil {
		return p, err
	}
	o := directory.Organisation{Name: name, Status: status,
		Address: cell.Joined(row, "address_1", "address_2", "address_3", "address_4", "address_5")}
	if text := row.Get("postcode"); text != "" {
		full, err := coded.FullPostcode(row)
		if err != nil {
			return p, err
		}
		o.Postcode = string(full)
	} else {
		p.notes = append(p.notes, "Has no postcode")
	}
	for _, column := range []string{"setting", "roles"} {
		p.note(classify(&o, row.Get(column)))
	}
	phone, note := cell.Telephone(row.Get("telephone"))
	p.note(note)
	o.Phone = phone
	p.key = code
	p.record = o
	if o.IsGPPractice() {
		p.counted = "GP practices"
	}
	return p, nil
}

// statusOf reads the status of an organisation. Branches have it in another column.
func statusOf(row sheet.Row) (string, error) {
	column := "status"
	if row.Get(column) == "" && row.Get("other_status") != "" {
		column = "other_status"
	}
	status, known := ods.StatusOf(row.Get(column))
	if !known {
		return "", cell.NotOne(row, column, "a status", "Enter ACTIVE, INACTIVE, DORMANT or PROPOSED, or A, C, D or P")
	}
	return string(status), nil
}

// classify takes the number of a prescribing setting, or ids of roles with bars between them, which stand in one
// column of the reports. Other text is left out with a note.
func classify(o *directory.Organisation, text string) (note string) {
	if text == "" {
		return ""
	}
	setting, roles, ok := ods.Classified(text)
	if !ok {
		return "Left out " + fault.Quoted(text) + ": it is neither a prescribing setting nor roles"
	}
	if setting != "" {
		o.Setting = setting
		return ""
	}
	o.Roles = ""
	for _, role := range roles {
		o.Roles = strings.TrimPrefix(o.Roles+"|"+string(role), "|")
	}
	return ""
}
