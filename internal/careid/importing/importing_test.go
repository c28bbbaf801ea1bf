package importing_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/hosting"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/importing"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/schema"
	"signpost/internal/national/authn"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/records"
)

var noon = time.Date(2026, 12, 3, 12, 0, 0, 0, time.UTC)

func quiet(int, int) {}

func read(t *testing.T, text string) importing.Reading {
	t.Helper()
	r, err := importing.Read(strings.NewReader(text), func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// record gives what a reading has of an organisation.
func record(t *testing.T, r importing.Reading, code string) (o organisation.Record) {
	t.Helper()
	for _, w := range r.Wanted {
		if w.Key == code {
			if err := json.Unmarshal([]byte(w.Record), &o); err != nil {
				t.Fatal(err)
			}
			return o
		}
	}
	t.Fatalf("%s was not taken: %+v", code, r.Refused)
	return o
}

// report makes a row of a report of the Organisation Data Service.
func report(code, status, otherStatus, parent, roles string) string {
	cells := make([]string, 27)
	for column, text := range map[int]string{
		0: code, 1: "MILL  SURGERY", 4: "HEALTH CENTRE", 7: "BOLTON", 9: "bl11aa", 10: "19740401", 12: status, 14: parent,
		15: "20200401", 17: "01204 496000", 23: otherStatus, 25: roles,
	} {
		cells[column] = text
	}
	return `"` + strings.Join(cells, `","`) + `"` + "\r\n"
}

func TestReports(t *testing.T) {
	for _, tt := range []struct {
		name, row, form string
		code            string
		want            organisation.Record
	}{
		{"a practice as today", report("Q81001", "ACTIVE", "", "16C", "RO76"), "epraccur", "Q81001", organisation.Record{
			Status: "A", Role: "RO177", Roles: []organisation.Role{{ID: "RO76"}},
			Relations: []organisation.Relation{{ID: "RE4", Target: "16C", From: "2020-04-01"}}}},
		{"a practice as before", report("Q81001", "C", "", "", "4"), "epraccur", "Q81001", organisation.Record{
			Status: "C", Role: "RO177", Roles: []organisation.Role{{ID: "RO76"}}}},
		{"several roles", report("Q81001", "DORMANT", "", "", "RO80|RO87"), "epraccur", "Q81001", organisation.Record{
			Status: "D", Role: "RO177", Roles: []organisation.Role{{ID: "RO80"}, {ID: "RO87"}}}},
		{"a branch", report("A81004001", "", "A", "A81004", ""), "ebranchs", "A81004001", organisation.Record{
			Status: "A", Relations: []organisation.Relation{{ID: "RE6", Target: "A81004", From: "2020-04-01"}}}},
		{"a trust", report("RXK", "INACTIVE", "", "", ""), "etr", "RXK", organisation.Record{Status: "C", Role: "RO197"}},
	} {
		r := read(t, tt.row)
		got := record(t, r, tt.code)
		tt.want.Name = "MILL SURGERY"
		tt.want.Address = "HEALTH CENTRE, BOLTON"
		tt.want.Postcode = "BL1 1AA"
		tt.want.Phone = "01204 496000"
		tt.want.Opened = "1974-04-01"
		if r.Form != tt.form || !equal(t, got, tt.want) {
			t.Errorf("%s: %s: %+v, want %+v", tt.name, r.Form, got, tt.want)
		}
	}
}

func equal(t *testing.T, a, b organisation.Record) bool {
	t.Helper()
	one, err := json.Marshal(a)
	other, errOther := json.Marshal(b)
	if err != nil || errOther != nil {
		t.Fatal(err, errOther)
	}
	return string(one) == string(other)
}

func TestLists(t *testing.T) {
	r := read(t, "Code,Name,Postcode,Status,Role IDs\nZ90001,St Anne's,M1 1AE,ACTIVE,RO76\nZ90002,Old,,INACTIVE,RO182\n")
	if o := record(t, r, "Z90001"); r.Form != "organisations" || o.Role != "RO177" || o.Roles[0].ID != "RO76" {
		t.Errorf("a list with a heading: %s, %+v", r.Form, o)
	}
	if o := record(t, r, "Z90002"); o.Role != "RO182" || o.Roles != nil || o.Status != "C" ||
		r.Counted["closed"] != 1 || len(r.Notes) != 1 {
		t.Errorf("a closed one without a postcode: %+v, %v, %v", o, r.Counted, r.Notes)
	}
	for _, heading := range []string{
		"PHARMACY_ODS_CODE_F_CODE,PHARMACY_TRADING_NAME,ADDRESS_FIELD_1,ADDRESS_FIELD_2,POST_CODE,CONTRACT_TYPE",
		"PHARMACY_ODS_CODE__F_CODE_,PHARMACY_TRADING_NAME,ADDRESS_FIELD1,ADDRESS_FIELD_2,POST_CODE,CONTRACT_TYPE",
		"PHARMACY_ODS_CODE_(F-CODE),PHARMACY_TRADING_NAME,ADDRESS_FIELD_1,ADDRESS_FIELD_2,POST_CODE,CONTRACT_TYPE",
		"PHARMACY_ODS_CODE,PHARMACY_TRADING_NAME,ADDRESS_FIELD_1,ADDRESS_FIELD_2,POST_CODE,CONTRACT_TYPE",
	} {
		r := read(t, "\ufeff"+heading+"\nFX000,MILL LANE PHARMACY,1 MILL LANE,BOLTON,BL1 1AA,Community\n")
		o := record(t, r, "FX000")
		if r.Form != "pharmacies" || o.Role != "RO182" || o.Status != "A" || o.Address != "1 MILL LANE, BOLTON" {
			t.Errorf("%s: %s, %+v", heading, r.Form, o)
		}
	}
}

const trust = `{"Organisation":{"Name":"FENMARCH TRUST","Date":[{"Type":"Legal","Start":"2001-01-01"},
	{"Type":"Operational","Start":"2001-04-01","End":"2026-03-31"}],"OrgId":{"extension":"ZTR"},"Status":"Inactive",
	"GeoLoc":{"Location":{"AddrLn1":"1 MILL LANE","Town":"BOLTON","PostCode":"BL1 1AA"}},
	"Contacts":{"Contact":[{"type":"tel","value":"01204 496000"}]},
	"Roles":{"Role":[{"id":"RO197","primaryRole":true,"Status":"Active"},
	{"id":"RO57","Status":"Inactive","Date":[{"Type":"Operational","Start":"2002-01-01","End":"2003-01-01"}]}]},
	"Rels":{"Rel":[{"id":"RE4","Status":"Active","Date":[{"Type":"Operational","Start":"2013-04-01"}],
	"Target":{"OrgId":{"extension":"ZIB"}}}]},
	"Succs":{"Succ":[{"Type":"Successor","Date":[{"Type":"Legal","Start":"2026-04-01"}],
	"Target":{"OrgId":{"extension":"ZNEW"}}}]}}}`

func TestJSON(t *testing.T) {
	want := organisation.Record{
		Name: "FENMARCH TRUST", Status: "C", Role: "RO197", Address: "1 MILL LANE, BOLTON", Postcode: "BL1 1AA",
		Phone: "01204 496000", Opened: "2001-04-01", Closed: "2026-03-31",
		Roles:     []organisation.Role{{ID: "RO57", Ended: true, From: "2002-01-01", To: "2003-01-01"}},
		Relations: []organisation.Relation{{ID: "RE4", Target: "ZIB", From: "2013-04-01"}},
		Followed:  []organisation.Succession{{Code: "ZNEW", After: true, On: "2026-04-01"}},
	}
	oneLine := strings.ReplaceAll(strings.ReplaceAll(trust, "\n", ""), "\t", "")
	for name, text := range map[string]string{
		"one": trust, "a list": "[" + trust + "]", "one a line": oneLine + "\n" + strings.ReplaceAll(oneLine, "ZTR", "ZT2"),
		"with a byte order mark": "\ufeff" + trust,
	} {
		r := read(t, text)
		if got := record(t, r, "ZTR"); r.Form != "ord" || !equal(t, got, want) {
			t.Errorf("%s: %s, %+v", name, r.Form, got)
		}
		if name == "one a line" && len(r.Wanted) != 2 {
			t.Errorf("of two lines %d were taken", len(r.Wanted))
		}
	}
	r := read(t, `{"Organisations":[{"Name":"A PHARMACY","OrgId":"FX001","Status":"Active","PostCode":"M1 1AE",
		"PrimaryRoleId":"RO182"}]}`)
	if o := record(t, r, "FX001"); o.Role != "RO182" || o.Postcode != "M1 1AE" {
		t.Errorf("one of a search: %+v", o)
	}
	r = read(t, `{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Organization","active":true,
		"name":"Mill Surgery","identifier":[{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"Q81001"}],
		"telecom":[{"system":"phone","value":"01204 496000"}],
		"address":[{"line":["1 Mill Lane"],"city":"Bolton","postalCode":"BL1 1AA"}],"extension":[
		{"url":"x","extension":[{"url":"roleCode","valueCodeableConcept":{"coding":[{"code":"RO76"}]}}]},
		{"url":"x","extension":[{"url":"roleCode","valueCodeableConcept":{"coding":[{"code":"RO177"}]}}]}]}}]}`)
	if o := record(t, r, "Q81001"); r.Form != "fhir" || o.Role != "RO177" || o.Roles[0].ID != "RO76" ||
		o.Address != "1 Mill Lane, Bolton" || o.Phone == "" || o.Status != "A" {
		t.Errorf("FHIR: %s, %+v", r.Form, o)
	}
}

func TestWhatIsRefused(t *testing.T) {
	for text, reason := range map[string]string{
		"code,name,postcode,status\nA-1,St Anne's,M1 1AE,A\n":                                      "ODS code",
		"code,name,postcode,status\nZ90001,,M1 1AE,A\n":                                            "Fill in the name",
		"code,name,postcode,status\nZ90001,St Anne's,M1,A\n":                                       "postcode",
		"code,name,postcode,status\nZ90001,St Anne's,M1 1AE,maybe\n":                               "not a status",
		"code,name,postcode,status\nZ90001,One,M1 1AE,A\nZ90001,Two,M1 1AE,A\n":                    "Repeats row 2",
		`[{"Organisation":{"Name":"One","OrgId":{"extension":"?"},"Status":"Active"}}]`:            "ODS code",
		`[{"Name":"One","OrgId":7,"Status":"Active"}]`:                                             "cannot be read",
		`[{"something":"else"}]`:                                                                   "no organisation",
		`{"resourceType":"Organization","name":"One","identifier":[{"system":"x","value":"ZTR"}]}`: "ODS code",
	} {
		r := read(t, text)
		if len(r.Refused) != 1 || !strings.Contains(r.Refused[0].Reason, reason) {
			t.Errorf("%s: refused %+v, want %q", text, r.Refused, reason)
		}
		var file strings.Builder
		if err := r.WriteRefused(&file); err != nil || !strings.Contains(file.String(), reason) {
			t.Errorf("%s: the file of refused rows: %s, %v", text, file.String(), err)
		}
	}
	for _, text := range []string{"", "a,b\n1,2\n", `{"Organisation":`, `[[]]`, "code,name,postcode,status\n"} {
		if r, err := importing.Read(strings.NewReader(text), func(int) {}); err == nil {
			t.Errorf("%q was read: %+v", text, r)
		}
	}
}

func compare(t *testing.T, d *db.DB, r importing.Reading) records.Plan {
	t.Helper()
	plan, err := db.Read(t.Context(), d, func(read db.R) (records.Plan, error) {
		return records.Compare(t.Context(), read, r.Source().Table, r.Wanted)
	})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func apply(t *testing.T, d *db.DB, text string) (id string) {
	t.Helper()
	r := read(t, text)
	id, err := importing.Imports().Apply(t.Context(), d, r.Source(), compare(t, d, r), quiet, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func view(t *testing.T, d *db.DB, do func(r db.R) error) {
	t.Helper()
	if err := d.View(t.Context(), do); err != nil {
		t.Fatal(err)
	}
}

// world has a trust and a practice that somebody typed.
func world(t *testing.T) *db.DB {
	t.Helper()
	d := dbtest.Open(t, schema.Files, clocktest.At(noon))
	err := d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		err := organisation.Add(t.Context(), w, organisation.Organisation{Code: "ZTR", Name: "Typed Trust",
			Contact: "ra@ztr.example"}, authn.SecurityKey)
		if err != nil {
			return err
		}
		return organisation.Add(t.Context(), w, organisation.Organisation{Code: "Z90001", Name: "Typed Surgery",
			Postcode: "BL1 1AA", RAParent: "ZTR"})
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

const heading = "code,name,postcode,status,roles\n"

func TestAnImportChangesWhatIsOfTheServiceAndNothingElse(t *testing.T) {
	d := world(t)
	text := heading + "ZTR,Fenmarch Trust,M1 1AE,INACTIVE,RO197\nZ90001,St Anne's Surgery,M1 2AB,ACTIVE,RO76\n" +
		"Z90002,New Surgery,M1 2AC,ACTIVE,RO76\n"
	if plan := compare(t, d, read(t, text)); plan.Added != 1 || plan.Changed != 2 {
		t.Errorf("the plan: %+v", plan)
	}
	id := apply(t, d, text)
	if plan := compare(t, d, read(t, text)); plan.Unchanged != 3 {
		t.Errorf("a second run would do %+v", plan)
	}
	view(t, d, func(r db.R) error {
		o, err := organisation.ByCode(t.Context(), r, "ZTR")
		if o.Name != "Fenmarch Trust" || !o.Closed() || o.Contact != "ra@ztr.example" || o.Role != "RO197" ||
			o.Typed() {
			t.Errorf("%+v", o)
		}
		ra, errRA := hosting.RegistrationAuthority(t.Context(), r, "Z90001")
		if ra.Code != "ZTR" || errRA != nil {
			t.Errorf("the authority of a practice: %+v, %v", ra, errRA)
		}
		list, _, errFind := organisation.Find(t.Context(), r, "anne surg")
		if len(list) != 1 || list[0].Code != "Z90001" || errFind != nil {
			t.Errorf("found by the new name: %+v, %v", list, errFind)
		}
		return err
	})
	undone, err := importing.Imports().Undo(t.Context(), d, id, quiet)
	if err != nil || undone.Restored != 3 {
		t.Errorf("undone: %+v, %v", undone, err)
	}
	view(t, d, func(r db.R) error {
		o, err := organisation.ByCode(t.Context(), r, "ZTR")
		if o.Name != "Typed Trust" || o.Status != "" || !o.Typed() || o.Contact == "" {
			t.Errorf("after the undo: %+v", o)
		}
		list, _, errFind := organisation.Find(t.Context(), r, "new surgery")
		if len(list) != 0 || errFind != nil {
			t.Errorf("an organisation that was added is there after the undo: %+v, %v", list, errFind)
		}
		return err
	})
}

func TestAnUndoLeavesAnOrganisationWithPeopleOrItsOwnWords(t *testing.T) {
	d := world(t)
	id := apply(t, d, heading+"Z90002,New Surgery,M1 2AC,ACTIVE,RO76\nZ90003,Other Surgery,M1 2AD,ACTIVE,RO76\n"+
		"Z90004,Third Surgery,M1 2AD,ACTIVE,RO76\nZ90005,Fourth Surgery,M1 2AD,ACTIVE,RO76\n")
	err := d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		_, made := identity.Add(t.Context(), w, identity.New{
			GivenName: "Ada", FamilyName: "Example", Organisation: "Z90003",
		})
		_, prepared := access.AddPosition(t.Context(), w, access.Position{
			Organisation: "Z90004", Name: "Nurse", Profiles: []access.Profile{{RoleCode: rbac.Nurse}},
		})
		return errors.Join(made, prepared, organisation.Decide(t.Context(), w, "Z90002", 0,
			organisation.Policy{Kinds: []authn.Kind{authn.Passkey}}, "x"))
	})
	if err != nil {
		t.Fatal(err)
	}
	undone, err := importing.Imports().Undo(t.Context(), d, id, quiet)
	slices.Sort(undone.Untouched)
	if err != nil || undone.Restored != 1 || !slices.Equal(undone.Untouched, []string{"Z90002", "Z90003", "Z90004"}) {
		t.Errorf("undone: %+v, %v", undone, err)
	}
}

func TestAnInterruptedImportGoesOn(t *testing.T) {
	d := world(t)
	var text strings.Builder
	text.WriteString(heading)
	for i := range 600 {
		text.WriteString("Y" + strings.Repeat("0", 2) + string(rune('A'+i/26)) + string(rune('A'+i%26)) +
			",Surgery,M1 2AC,ACTIVE,RO76\n")
	}
	r := read(t, text.String())
	ctx, stop := context.WithCancel(t.Context())
	_, err := importing.Imports().Apply(ctx, d, r.Source(), compare(t, d, r), quiet, func(int, int) { stop() })
	if err == nil {
		t.Fatal("the import was not interrupted")
	}
	var runs []records.Run
	view(t, d, func(r db.R) (err error) {
		runs, err = importing.Imports().Runs(t.Context(), r, 5)
		return err
	})
	if len(runs) != 1 || runs[0].Written == 0 || runs[0].Written == runs[0].Total {
		t.Fatalf("%+v", runs)
	}
	if err := importing.Imports().Resume(t.Context(), d, runs[0].ID, quiet); err != nil {
		t.Fatal(err)
	}
	if plan := compare(t, d, r); plan.Unchanged != len(r.Wanted) {
		t.Errorf("after going on a further run would do %+v", plan)
	}
}

// TestRealFiles reads the real files, and imports one. make test sets SIGNPOST_SHARED_DATA.
func TestRealFiles(t *testing.T) {
	folder := os.Getenv("SIGNPOST_SHARED_DATA")
	if folder == "" {
		t.Log("the real files are read under make test, which sets SIGNPOST_SHARED_DATA; without it the other " +
			"tests stand alone")
		return
	}
	for _, tt := range []struct {
		file, form               string
		rows, refused, ofHow     int
		code                     string
		name, role, status, also string
	}{
		{"epraccur.csv", "epraccur", 14303, 0, 14303, "A81001", "THE DENSHAM SURGERY", "RO177", "A", "RO76"},
		{"gm_pharmacies.csv", "pharmacies", 631, 0, 631, "FM664", "A1 Pharmacy", "RO182", "A", ""},
		{"inputs/epraccur-dse-2026.csv", "epraccur", 8, 0, 8, "Q81003", "EXAMPLE CLOSED", "RO177", "C", "RO76"},
		{"inputs/nhsbsa-consolidated-list.csv", "pharmacies", 8, 0, 8, "FX000", "MILL LANE PHARMACY", "RO182", "A", ""},
		{"inputs/gp-12-columns-with-heading.csv", "organisations", 3, 0, 3, "Q81001", "EXAMPLE SURGERY", "RO177", "A", "RO76"},
		{"inputs/pharmacies-semicolons-quoted.csv", "pharmacies", 1, 0, 1, "FX001", "Mill Lane Pharmacy", "RO182", "A", ""},
	} {
		file, err := os.Open(filepath.Join(folder, tt.file))
		if err != nil {
			t.Fatalf("SIGNPOST_SHARED_DATA is set, but %v", err)
		}
		r, err := importing.Read(file, func(int) {})
		if err != nil {
			t.Fatalf("%s: %v", tt.file, err)
		}
		_ = file.Close()
		o := record(t, r, tt.code)
		also := ""
		if len(o.Roles) > 0 {
			also = string(o.Roles[0].ID)
		}
		if r.Form != tt.form || r.Rows != tt.rows || len(r.Refused) != tt.refused || len(r.Wanted) != tt.ofHow ||
			o.Name != tt.name || string(o.Role) != tt.role || string(o.Status) != tt.status || also != tt.also {
			t.Errorf("%s: %s, %d rows, %d taken, refused %+v, %s: %+v", tt.file, r.Form, r.Rows, len(r.Wanted),
				r.Refused, tt.code, o)
		}
	}
}
