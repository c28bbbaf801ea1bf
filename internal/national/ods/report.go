package ods

import (
	"regexp"
	"strconv"
	"strings"

	"signpost/internal/national/postcode"
)

// ReportColumns are those of a report of the Organisation Data Service, which has no heading. Those without a name say
// nothing that we use.
var ReportColumns = []string{
	"code", "name", "", "", "address_1", "address_2", "address_3", "address_4", "address_5", "postcode", "open",
	"close", "status", "", "parent", "joined", "left",
	"telephone", "", "", "", "", "", "other_status", "", "roles", "",
}

// Report is one of the reports of the Organisation Data Service.
type Report struct {
	Name, Title string
	Code        *regexp.Regexp // the form of its codes, which tells it from the others
	Role        RoleID         // the primary role of the organisations in it
	Parent      RelationID     // what they are to the organisation that it names beside each
}

// Reports are those that have the columns of ReportColumns.
var Reports = []Report{
	{"epraccur", "GP practices and prescribing cost centres", regexp.MustCompile(`^[A-TW-Z]\d{5}$`),
		PrescribingCostCentre, CommissionedBy},
	{"egdpprac", "dental practices", regexp.MustCompile(`^V\d{5}$`), DentalPractice, CommissionedBy},
	{"edispensary", "dispensaries", regexp.MustCompile(`^F[A-Z0-9]{4}$`), Pharmacy, CommissionedBy},
	{"epcn", "primary care networks", regexp.MustCompile(`^U\d{5}$`), "RO272", CommissionedBy},
	{"etr", "trusts", regexp.MustCompile(`^R[A-Z0-9]{2}$`), Trust, CommissionedBy},
	{"ebranchs", "branches of GP practices", regexp.MustCompile(`^[A-Z0-9]{9}$`), "", OperatedBy},
}

// RelationID is the id of a relationship that organisations have in the Organisation Data Service.
type RelationID string

// The relationships that Signpost names.
const (
	DirectedBy     RelationID = "RE3"
	CommissionedBy RelationID = "RE4"
	OperatedBy     RelationID = "RE6"
)

var relationNames = map[RelationID]string{
	DirectedBy: "Directed by", CommissionedBy: "Commissioned by", OperatedBy: "Operated by",
}

// Name is what an organisation is to another, or false for a relationship that is not in our list.
func (r RelationID) Name() (string, bool) {
	name, ok := relationNames[r]
	return name, ok
}

// ReportHeading names the columns of a report where its rows are written down.
var ReportHeading = []string{
	"OrganisationCode", "OrgName", "NHSERCode", "ICBCode", "Address1", "Address2", "Address3", "Town", "County",
	"Postcode", "OpenDate", "CloseDate", "StatusName", "OrgTypeID", "TargetOrgCode", "JoinDate", "LeftDate",
	"Telephone", "Column19", "Column20", "Column21", "Amended", "Column23", "Column24", "Column25", "RoleID",
	"Column27",
}

// The columns of a list of organisations with a heading, as the site of the Organisation Data Service exports it and as
// we write down what was refused: those that must be there, those that may, and under what other headings they stand.
var (
	ListColumns  = []string{"code", "name", "postcode", "status"}
	ListOptional = []string{"address_1", "address_2", "address_3", "address_4", "address_5", "other_status",
		"telephone", "setting", "roles", "open", "close", "parent", "joined", "left"}
	ListAliases = map[string][]string{
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
		"open":         {"open_date"},
		"close":        {"close_date"},
		"parent":       {"target_org_code", "provider", "commissioner"},
		"joined":       {"join_date"},
		"left":         {"left_date"},
	}
)

// The headings of the list of pharmacies of NHSBSA, whose spelling differs from quarter to quarter: the code, the name
// and the first part of the address.
var (
	PharmacyCodeHeadings    = []string{"pharmacy_ods_code_f_code", "pharmacy_ods_code"}
	PharmacyNameHeadings    = []string{"pharmacy_trading_name"}
	PharmacyAddressHeadings = []string{"address_field_1"}
)

// A report is told by these columns of its rows.
const (
	codeColumn       = 0
	postcodeColumn   = 9
	statusColumn     = 12
	minReportColumns = 26 // the last is empty, and some programs leave it out
)

// FitsReport reports whether most of the first rows of a file are those of a report of the Organisation Data Service.
func FitsReport(first [][]string) bool {
	fitting := 0
	for _, row := range first {
		if fitsReport(row) {
			fitting++
		}
	}
	return fitting*2 > len(first)
}

func fitsReport(row []string) bool {
	if len(row) < minReportColumns {
		return false
	}
	_, noCode := Parse(row[codeColumn])
	_, status := StatusOf(row[statusColumn])
	_, noPostcode := postcode.Parse(row[postcodeColumn])
	return noCode == nil && (status || noPostcode == nil)
}

// Status is whether an organisation is open, as the reports of before write it.
type Status string

// The statuses.
const (
	Active   Status = "A"
	Closed   Status = "C"
	Dormant  Status = "D"
	Proposed Status = "P"
)

var statuses = map[string]Status{
	"A": Active, "ACTIVE": Active, "C": Closed, "CLOSED": Closed, "INACTIVE": Closed, "D": Dormant, "DORMANT": Dormant,
	"P": Proposed, "PROPOSED": Proposed,
}

// StatusOf reads a status as the reports of today and of before write it; false if it is none.
func StatusOf(text string) (Status, bool) {
	status, is := statuses[strings.ToUpper(strings.TrimSpace(text))]
	return status, is
}

var roleForm = regexp.MustCompile(`^RO\d{1,4}$`)

// Classified reads what the reports have in one column: the number of a prescribing setting, or ids of roles with bars
// between them. ok is false if it is neither.
func Classified(text string) (setting string, roles []RoleID, ok bool) {
	if _, err := strconv.Atoi(text); err == nil {
		return text, nil, true
	}
	for role := range strings.SplitSeq(strings.ReplaceAll(strings.ToUpper(text), " ", ""), "|") {
		if !roleForm.MatchString(role) {
			return "", nil, false
		}
		roles = append(roles, RoleID(role))
	}
	return "", roles, true
}

// GPSetting is the prescribing setting of GP practices.
const GPSetting = "4"
