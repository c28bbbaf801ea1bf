package importing

import (
	"regexp"
	"strconv"
	"strings"

	"signpost/internal/dos/directory"
	"signpost/internal/dos/directory/importing/cell"
	"signpost/internal/national/ods"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
)

// odsReports are the reports of the Organisation Data Service, which one reader reads, with what tells them
// apart: the form of their codes.
var odsReports = []struct {
	name, title string
	code        *regexp.Regexp
}{
	{"epraccur", "GP practices and prescribing cost centres", regexp.MustCompile(`^[A-TW-Z]\d{5}$`)},
	{"egdpprac", "dental practices", regexp.MustCompile(`^V\d{5}$`)},
	{"edispensary", "dispensaries", regexp.MustCompile(`^F[A-Z0-9]{4}$`)},
	{"epcn", "primary care networks", regexp.MustCompile(`^U\d{5}$`)},
	{"etr", "trusts", regexp.MustCompile(`^R[A-Z0-9]{2}$`)},
	{"ebranchs", "branches of GP practices", regexp.MustCompile(`^[A-Z0-9]{9}$`)},
}

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
	for _, report := range odsReports {
		formats = append(formats, Format{
			Name:    report.name,
			Kind:    "organisations",
			Title:   "the ODS report " + report.name + ", " + report.title,
			layouts: []layout{organisationSheet, {Options: odsColumns, fits: fitsODS, heading: odsHeading}},
			read:    organisation,
			table:   directory.ImportedOrganisations(),
			code:    report.code,
		})
	}
	return formats
}

// organisationSheet is a list of organisations with a heading, as the ODS site exports it and as we write down what
// was refused.
var organisationSheet = layout{Options: sheet.Options{
	Columns: []string{"code", "name", "postcode", "status"},
	Optional: []string{"address_1", "address_2", "address_3", "address_4", "address_5", "other_status", "telephone",
		"setting", "roles"},
	Aliases: map[string][]string{
		"code":         {"organisation_code", "ods_code"},
		"name":         {"organisation_name", "org_name"},
		"address_1":    {"address_line_1"},
		"address_2":    {"address_line_2"},
		"address_3":    {"address_line_3"},
		"address_4":    {"address_line_4", "town"},
		"address_5":    {"address_line_5", "county"},
		"status":       {"status_code", "status_name"},
		"other_status": {"column_24"},
		"telephone":    {"telephone_number"},
		"setting":      {"prescribing_setting"},
		"roles":        {"role_id", "role_ids"},
	},
}}

// odsColumns is a report of the Organisation Data Service, which has no heading.
var odsColumns = sheet.Options{Headless: true, Columns: []string{
	"code", "name", "", "", "address_1", "address_2", "address_3", "address_4", "address_5", "postcode", "", "",
	"status", "", "", "", "",
	"telephone", "", "", "", "", "", "other_status", "", "roles", "",
}}

// odsHeading names the columns of a report where its rows are written down.
var odsHeading = []string{
	"OrganisationCode", "OrgName", "NHSERCode", "ICBCode", "Address1", "Address2", "Address3", "Town", "County",
	"Postcode", "OpenDate", "CloseDate", "StatusName", "OrgTypeID", "TargetOrgCode", "JoinDate", "LeftDate",
	"Telephone", "Column19", "Column20", "Column21", "Amended", "Column23", "Column24", "Column25", "RoleID",
	"Column27",
}

// A report is told by these columns of its rows.
const (
	codeColumn     = 0
	postcodeColumn = 9
	statusColumn   = 12
	minODSColumns  = 26 // the last is empty, and some programs leave it out
)

// fitsODS reports whether most of the first rows of a file are those of an ODS report.
func fitsODS(first [][]string) bool {
	return mostly(first, func(row []string) bool {
		if len(row) < minODSColumns {
			return false
		}
		_, noCode := ods.Parse(row[codeColumn])
		_, status := statuses[strings.ToUpper(row[statusColumn])]
		_, noPostcode := postcode.Parse(row[postcodeColumn])
		return noCode == nil && (status || noPostcode == nil)
	})
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

// statuses are the words for an organisation's status in both layouts of the reports.
var statuses = map[string]string{
	"A": "A", "ACTIVE": "A", "C": "C", "CLOSED": "C", "INACTIVE": "C", "D": "D", "DORMANT": "D", "P": "P",
	"PROPOSED": "P",
}

// organisation reads a row of a list of organisations. Its key is the ODS code.
func organisation(row sheet.Row, _ map[string]postcode.Point) (p parsedRow, err error) {
	code, err := cell.ODSCode(row, "code")
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
		full, err := cell.FullPostcode(row)
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
	status, known := statuses[strings.ToUpper(row.Get(column))]
	if !known {
		return "", cell.NotOne(row, column, "a status", "Enter ACTIVE, INACTIVE, DORMANT or PROPOSED, or A, C, D or P")
	}
	return status, nil
}

// classify takes the number of a prescribing setting, or ids of roles with bars between them, which stand in one
// column of the reports. Other text is left out with a note.
func classify(o *directory.Organisation, text string) (note string) {
	if text == "" {
		return ""
	}
	if _, err := strconv.Atoi(text); err == nil {
		o.Setting = text
		return ""
	}
	roles := strings.Split(strings.ReplaceAll(strings.ToUpper(text), " ", ""), "|")
	for _, role := range roles {
		if !roleForm.MatchString(role) {
			return "Left out " + fault.Quoted(text) + ": it is neither a prescribing setting nor roles"
		}
	}
	o.Roles = strings.Join(roles, "|")
	return ""
}

var roleForm = regexp.MustCompile(`^RO\d{1,4}$`)
