package importing_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"signpost/internal/dos/directory"
	"signpost/internal/dos/directory/importing"
	"signpost/internal/platform/records"
	"signpost/internal/platform/sheet"
)

// ods makes a row of an ODS report: code, status, the status of branches, and setting or roles.
func ods(code, status, branchStatus, roles string) string {
	cells := make([]string, 27)
	cells[0] = code
	cells[1] = "MILL SURGERY"
	cells[4] = "HEALTH CENTRE"
	cells[7] = "BOLTON"
	cells[9] = "BL1 1AA"
	cells[12] = status
	cells[17] = "01204 496000"
	cells[23] = branchStatus
	cells[25] = roles
	return `"` + strings.Join(cells, `","`) + `"` + "\r\n"
}

const (
	weekHeading = ",opening_hours_monday,opening_hours_tuesday,opening_hours_wednesday,opening_hours_thursday," +
		"opening_hours_friday,opening_hours_saturday,opening_hours_sunday"
	districtHeading = "postcode,latitude,longitude"
	dentistHeading  = "name,address,postcode,telephone,website,lon,lat"
)

func TestFilesAreRecognised(t *testing.T) {
	for name, tt := range map[string]struct{ text, format string }{
		"practices":          {ods("Q81001", "A", "00K", "4") + ods("Q81002", "C", "", "0"), "epraccur"},
		"practices of today": {ods("Q81001", "ACTIVE", "16C", "RO76") + ods("Y81002", "DORMANT", "", ""), "epraccur"},
		"without the last, empty column": {strings.ReplaceAll(ods("Q81001", "ACTIVE", "", "RO76"), `,""`+"\r", "\r"),
			"epraccur"},
		"dental practices":         {ods("V81001", "ACTIVE", "", "") + ods("V81002", "A", "", ""), "egdpprac"},
		"dispensaries":             {ods("FX001", "ACTIVE", "", "") + ods("FX0A2", "ACTIVE", "", ""), "edispensary"},
		"primary care networks":    {ods("U12345", "ACTIVE", "", "RO321") + ods("U00001", "INACTIVE", "", "RO321"), "epcn"},
		"trusts":                   {ods("RXK", "ACTIVE", "", "") + ods("R1A", "A", "", ""), "etr"},
		"branches":                 {ods("Q81001001", "", "A", "") + ods("Q81001002", "", "A", ""), "ebranchs"},
		"organisations":            {"OrganisationCode,OrgName,Postcode,StatusName\nQ81001,A,BL1 1AA,ACTIVE\n", "organisations"},
		"exported organisations":   {"Code,Name,Postcode,Status,Extra\nQ81001,A,BL1 1AA,Active,\n", "organisations"},
		"pharmacies":               {"pharmacy_name,address,postcode,organisation_data_service_code" + weekHeading + "\n", "pharmacies"},
		"pharmacies, with tabs":    {strings.ReplaceAll("pharmacy_name,address,postcode,organisation_data_service_code"+weekHeading, ",", "\t") + "\n", "pharmacies"},
		"dentists":                 {dentistHeading + "\n", "dentists"},
		"districts":                {districtHeading + "\nM1,53.4,-2.2\n", "outcodes"},
		"districts by other names": {"id,Outcode,latitude,longitude,\r\n1,M1,53.4,-2.2,\r\n", "outcodes"},
		"bank holidays":            {"title,date\nA day,2027-06-01\n", "bank-holidays"},
	} {
		if f, err := importing.Recognise(look(t, tt.text), importing.Formats); err != nil || f.Name != tt.format {
			t.Errorf("%s: taken for %q, %v; want %q", name, f.Name, err, tt.format)
		}
	}
}

// A file of another kind is one sentence that says what it is.
func TestFilesOfAnotherKind(t *testing.T) {
	for name, tt := range map[string]struct{ text, kind, format, message string }{
		"dentists as postcodes": {dentistHeading + "\n", "postcodes", "", "This is a list of dentists, not a list of postcode districts."},
		"dentists as pharmacies": {dentistHeading + "\n", "services", "pharmacies",
			"This is a list of dentists, not a list of pharmacies."},
		"practices as services": {ods("Q81001", "A", "", "4"), "services", "",
			"This is the ODS report epraccur, GP practices and prescribing cost centres, not services."},
		"districts as practices": {districtHeading + "\nM1,53.4,-2.2\n", "organisations", "epraccur",
			"This is a list of postcode districts, not the ODS report epraccur, GP practices and prescribing cost centres."},
		"whole postcodes": {districtHeading + "\nM1 1AE,53.4,-2.2\nM1 1AF,53.4,-2.2\n", "postcodes", "",
			"This is a list of whole postcodes, which cannot be imported."},
		"the ONS directory": {"pcd,pcd2,pcds,oseast1m,lat,long\n", "", "", "This is the ONS Postcode Directory, a list of whole postcodes, which cannot be imported."},
		"Code-Point Open": {`"M1 1AE",10,384700,398000,"E9","E1","E1","","E0","E0"` + "\n", "", "",
			"This is Code-Point Open, a list of whole postcodes, which cannot be imported."},
		"a list of the NHS website": {"OrganisationID\xacOrganisationCode\xacOrganisationType\xacPhone\r\n1\xacFX001\xacPharmacy\xac\r\n",
			"", "", "This is a list of the NHS website, which cannot be imported."},
		"districts without a column":   {"postcode,latitude\nM1,53.4\n", "", "", "The file has no column longitude."},
		"pharmacies without a column":  {"pharmacy_name,address,postcode" + weekHeading + "\n", "", "", "The file has no column organisation_data_service_code."},
		"something else":               {"colour,shape\nred,round\n", "", "", "This is no file that can be imported."},
		"something else as districts":  {"colour,shape\nred,round\n", "postcodes", "", "The file has no column postcode, latitude, longitude."},
		"job roles, which are nowhere": {"code,name\nR0010,Medical Director\n", "", "", "This is no file that can be imported."},
	} {
		formats, err := importing.Find(tt.kind, tt.format)
		if err != nil {
			t.Fatal(err)
		}
		_, err = importing.Recognise(look(t, tt.text), formats)
		if err == nil || !strings.HasPrefix(err.Error(), tt.message) && !strings.Contains(err.Error(), tt.message) {
			t.Errorf("%s: %v, want %q", name, err, tt.message)
		}
	}
	if _, err := importing.Find("services", "epraccur"); err == nil || !strings.Contains(err.Error(), "pharmacies") {
		t.Errorf("a format of another kind: %v", err)
	}
}

func TestAFileWithoutRowsIsRefused(t *testing.T) {
	file := look(t, dentistHeading+"\n\n")
	if _, err := importing.Read(format(t, "services", "dentists"), file, nil, func(int) {}); err == nil ||
		!strings.Contains(err.Error(), "empty but for its heading") {
		t.Errorf("a heading alone: %v", err)
	}
	if _, err := sheet.Look(strings.NewReader(""), 0); err == nil {
		t.Error("nothing at all was taken for a file")
	}
}

// Both layouts of the reports say the same of an organisation, and with a heading too.
func TestOrganisationsOfBothLayouts(t *testing.T) {
	heading := "OrganisationCode,Name,AddressLine1,AddressLine4,Postcode,StatusCode,Telephone,PrescribingSetting\n"
	for name, tt := range map[string]struct {
		text, format  string
		status        string
		setting, role string
		practice      bool
		notes         int
	}{
		"a practice of before": {ods("Q81001", "A", "00K", "4"), "epraccur", "A", "4", "", true, 0},
		"a practice of today":  {ods("Q81001", "ACTIVE", "16C", "RO76"), "epraccur", "A", "", "RO76", true, 0},
		"with two roles":       {ods("Q81001", "ACTIVE", "16C", "RO268|RO76"), "epraccur", "A", "", "RO268|RO76", true, 0},
		"closed":               {ods("Q81001", "INACTIVE", "", "RO76"), "epraccur", "C", "", "RO76", true, 0},
		"closed, before":       {ods("Q81001", "C", "", "4"), "epraccur", "C", "4", "", true, 0},
		"dormant":              {ods("Q81001", "DORMANT", "", "RO80|RO87"), "epraccur", "D", "", "RO80|RO87", false, 0},
		"proposed":             {ods("Q81001", "P", "", "0"), "epraccur", "P", "0", "", false, 0},
		"no role":              {ods("Q81001", "ACTIVE", "", ""), "epraccur", "A", "", "", false, 0},
		"a role that begins like that of practices": {ods("Q81001", "ACTIVE", "", "RO760"), "epraccur", "A", "", "RO760", false, 0},
		"neither setting nor role":                  {ods("Q81001", "ACTIVE", "", "GP"), "epraccur", "A", "", "", false, 1},
		"a branch":                                  {ods("Q81001001", "", "A", ""), "ebranchs", "A", "", "", false, 0},
		"with a heading": {heading + "Q81001,MILL SURGERY,HEALTH CENTRE,BOLTON,BL1 1AA,A,01204 496000,4\n", "organisations",
			"A", "4", "", true, 0},
	} {
		r := read(t, format(t, "organisations", tt.format), tt.text)
		if len(r.Accepted) != 1 || len(r.Notes) != tt.notes || r.Counted["GP practices"] != map[bool]int{true: 1}[tt.practice] {
			t.Errorf("%s: %+v", name, r)
			continue
		}
		want := directory.Organisation{Name: "MILL SURGERY", Status: tt.status, Setting: tt.setting,
			Address: "HEALTH CENTRE, BOLTON", Postcode: "BL1 1AA", Phone: "01204496000", Roles: tt.role}
		var got directory.Organisation
		if err := json.Unmarshal([]byte(r.Accepted[0].Record), &got); err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, want)
		}
	}
	r := read(t, format(t, "organisations", "epraccur"), ods("Q81001", "OPEN", "", "4")+ods("Q81001", "", "", "4"))
	if len(r.Refused) != 2 || r.Refused[0].Field != "status" {
		t.Errorf("statuses that there are not: %+v", r)
	}
}

// nationalHeading is the heading of the national list of pharmacies with some spelling of the code's.
func nationalHeading(code, address string) string {
	heading := code + ",HEALTH_AND_WELLBEING_BOARD,PHARMACY_TRADING_NAME,ORGANISATION_NAME"
	for i := range 4 {
		heading += fmt.Sprintf(",%s%d", address, i+1)
	}
	heading += ",POST_CODE"
	for _, day := range []string{"MONDAY,MON", "TUESDAY,TUES", "WEDNESDAY,WED", "THURSDAY,THURS", "FRIDAY,FRI",
		"SATURDAY,SAT", "SUNDAY,SUN"} {
		heading += ",PHARMACY_OPENING_HOURS_" + day + "_TOTAL"
	}
	return heading + ",WEEKLY_TOTAL,CONTRACT_TYPE\r\n"
}

func TestTheNationalListOfPharmacies(t *testing.T) {
	hours := strings.Repeat(`"09:00-13:00,14:00-18:00",8,`, 4) + "09:00-23:59,8,,0,Closed,0,43,"
	rows := "FX000,BOLTON,MILL PHARMACY,MILL LTD,1 MILL LANE,BOLTON,,LANCS,BL1 1AA," + hours + "Community\r\n" +
		"FX001,BOLTON,APPLIANCES,APPLIANCES LTD,,,,,no postcode," + hours + "DAC\r\n" +
		"FX003,BOLTON,VILLAGE,VILLAGE LTD,4 MILL LANE,,,,BL1 4AA," + hours + "LPS\r\n"
	for _, heading := range []string{
		nationalHeading("PHARMACY_ODS_CODE_F_CODE", "ADDRESS_FIELD_"), nationalHeading("PHARMACY_ODS_CODE", "ADDRESS_FIELD"),
		"\ufeff" + nationalHeading("PHARMACY_ODS_CODE__F_CODE_", "ADDRESS_FIELD_"),
		nationalHeading("PHARMACY_ODS_CODE_(F-CODE)", "ADDRESS_FIELD_"),
	} {
		f, err := importing.Recognise(look(t, heading+rows), importing.Formats)
		if err != nil || f.Name != "pharmacies" {
			t.Errorf("%s: %q, %v", heading, f.Name, err)
			continue
		}
		r := read(t, f, heading+rows)
		if len(r.Accepted) != 2 || len(r.Refused) != 0 || len(r.LeftOut) != 1 || r.LeftOut[0].Number != 3 ||
			!strings.Contains(r.LeftOut[0].Reason, "DAC") || r.Accepted[1].Key != "pharmacies:FX003" {
			t.Errorf("%s: %+v", heading, r)
			continue
		}
		var got directory.Imported
		if err := json.Unmarshal([]byte(r.Accepted[0].Record), &got); err != nil {
			t.Fatal(err)
		}
		if want := (directory.Imported{Name: "MILL PHARMACY", Type: 13, ODSCode: "FX000", Address: "1 MILL LANE, BOLTON, LANCS",
			Postcode: "BL1 1AA", Hours: strings.Repeat("09:00-13:00,14:00-18:00|", 4) + "09:00-24:00|?||?"}); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}

func TestBankHolidaysAreImported(t *testing.T) {
	r := read(t, format(t, "holidays", "bank-holidays"), "date,name,instead_of\n2023-05-08,Coronation,\n"+
		"02/06/2022,Spring bank holiday,30 May 2022\n8 May,No year,\n2023-05-09,,\n2023-05-10,Moved,soon\n")
	want := []string{`2023-05-08 {"name":"Coronation"}`,
		`2022-06-02 {"name":"Spring bank holiday","instead_of":"2022-05-30"}`}
	var got []string
	for _, a := range r.Accepted {
		got = append(got, a.Key+" "+a.Record)
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") || len(r.Refused) != 3 || r.Refused[0].Field != "date" ||
		r.Refused[1].Field != "name" || r.Refused[2].Field != "instead_of" {
		t.Errorf("%q, refused %+v", got, r.Refused)
	}
}

func TestReasonsAreCounted(t *testing.T) {
	r := read(t, format(t, "services", "dentists"), dentistHeading+"\nA,B,M1 1AE,call me,,-2.2,53.4\n"+
		"A,B,M1 1AE,call him,,-2.2,53.4\nA,B,M1 1AE,call me,,-2.2,53.4\nC,D,M1 1AE,call \"\"x,,-2.2,53.4\nE,F\nG,H,I\n"+
		"K,L,M,,,-2.2,53.4\n")
	var got []string
	for _, c := range append(records.CountReasons(r.Refused), records.CountReasons(r.Notes)...) {
		got = append(got, fmt.Sprintf("%d %s %s", c.Rows, c.Field, c.Reason))
	}
	for i, want := range []string{"2  Repeats row …: remove one of the two", "2  Row … has … columns where the file has ….",
		"1  Row … has a double quote", "1 postcode “…” is not a full UK postcode", "1  Left out the telephone number “…”:"} {
		if len(got) <= i || !strings.HasPrefix(got[i], want) {
			t.Errorf("%d: %q, want %q", i, got, want)
		}
	}
}

// Refused rows that were written down, mended and read again are accepted, whether the file has a heading or not.
func TestRefusedRowsAreMendedAndReadAgain(t *testing.T) {
	week := strings.Repeat(",CLOSED", 6)
	for name, tt := range map[string]struct {
		text, format, again string
		mend                func(rows [][]string)
	}{
		"with a heading": {
			text: "pharmacy_name,address,postcode,organisation_data_service_code" + weekHeading + "\n" +
				"Good,A,M1 1AE,FX001,CLOSED" + week + "\n+44 Pharmacy,B,M1 1AE,FX002,9-5" + week + "\nShort,C\n",
			format: "pharmacies", again: "pharmacies",
			mend: func(rows [][]string) {
				rows[1][5] = "09:00-17:00"
				rows[2] = []string{"", "Short", "C", "M1 1AE", "FX003", "", "", "", "", "", "", ""}
			},
		},
		"without a heading": {
			text:   ods("Q81001", "A", "", "4") + ods("Q8-002", "ACTIVE", "", "RO76") + ods("Q81003", "gone", "A", "4"),
			format: "epraccur", again: "organisations",
			mend: func(rows [][]string) {
				rows[1][1] = "Q81002"
				rows[2][13] = "INACTIVE"
			},
		},
	} {
		r := read(t, format(t, "", tt.format), tt.text)
		var out strings.Builder
		if err := r.WriteRefused(&out); err != nil || len(r.Refused) != 2 {
			t.Fatalf("%s: %v, %+v", name, err, r.Refused)
		}
		rows := csv.NewReader(strings.NewReader(strings.TrimPrefix(out.String(), "\ufeff")))
		rows.FieldsPerRecord = -1
		cells, err := rows.ReadAll()
		if err != nil || len(cells) != 3 || cells[0][0] != "Reason" || cells[1][0] == "" {
			t.Fatalf("%s: %q, %v", name, cells, err)
		}
		if slices.Contains(cells[0], "") {
			t.Errorf("%s: a column without a name: %q", name, cells[0])
		}
		tt.mend(cells)
		var mended strings.Builder
		if err := csv.NewWriter(&mended).WriteAll(cells); err != nil {
			t.Fatal(err)
		}
		f, err := importing.Recognise(look(t, mended.String()), importing.Formats)
		if err != nil || f.Name != tt.again {
			t.Fatalf("%s: mended, taken for %q, %v", name, f.Name, err)
		}
		again := read(t, f, mended.String())
		if len(again.Accepted) != 2 || len(again.Refused) != 0 {
			t.Errorf("%s: mended and read again: %+v", name, again)
		}
		if name == "with a heading" && !strings.Contains(again.Accepted[0].Record, `"+44 Pharmacy"`) {
			t.Errorf("what was guarded came back as %s", again.Accepted[0].Record)
		}
	}
}
