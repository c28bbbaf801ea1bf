package staffrecord_test

import (
	"strings"
	"testing"

	"signpost/internal/careid/registration/staffrecord"
	"signpost/internal/platform/worldtest"
)

// A file says what is wrong at its row and its field, and JSON is read as rows are.
func TestFiles(t *testing.T) {
	w := open(t)
	for row, field := range map[string]string{
		"1,Fire,ZTR,,,,,,,,,,,":                                     "message",
		",SearchPerson,ZTR,,,,Two,,,,,,,":                           "id",
		"1,SearchPerson,,,,,Two,,,,,,,":                             "organisation",
		"1,SearchPerson,ZTR,,,,,,,,,,,":                             "family_name",
		"1,Associate,ZTR,E1,12,,Two,," + annsNI + ",,,,,":           "uuid",
		"1,CreatePerson,ZTR,E1,,Bo,Two,1990-13-01,AB11,,,,,":        "ni_number",
		"1,CreatePerson,ZTR,E1,,Bo,Two,," + annsNI + ",,,,,":        "birth_date",
		"1,AssignPosition,ZTR,E 1,,,,,,P1,,A1,,":                    "employee",
		"1,AssignPosition,ZTR,E1,,,,,,P1,,A1,2027-01-02,2027-01-01": "ends",
		"1,EndAssignment,ZTR,,,,,,,,,A1,,tomorrow":                  "ends",
	} {
		r := worldtest.Must(staffrecord.Read(strings.NewReader(heading+row+"\n"), w.Clock, func(int) {}))(t)
		if len(r.Refused) != 1 || r.Refused[0].Field != field {
			t.Errorf("%s: %+v", row, r.Refused)
		}
	}
	for name, text := range map[string]string{
		"list":  `[{"id":"1","message":"SearchPerson","organisation":"ZTR","family_name":"Two","ends":"2027-01-01"}]`,
		"lines": "{\"id\":\"1\",\"message\":\"SearchPerson\",\"organisation\":\"ZTR\",\"family_name\":\"Two\"}\n",
	} {
		r := worldtest.Must(staffrecord.Read(strings.NewReader(text), w.Clock, func(int) {}))(t)
		if len(r.Messages) != 1 || r.Messages[0].FamilyName != "Two" {
			t.Errorf("%s: %+v %+v", name, r.Messages, r.Refused)
		}
	}
	for _, text := range []string{`[{"id":"1","colour":"red"}]`, `[{"id":1}]`, `[`, `{"id":"1"} x`} {
		if _, err := staffrecord.Read(strings.NewReader(text), w.Clock, func(int) {}); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
	twice := "1,SearchPerson,ZTR,,,,Two,,,,,,,\n1,SearchPerson,ZTR,,,,Three,,,,,,,\n"
	r := worldtest.Must(staffrecord.Read(strings.NewReader(heading+twice), w.Clock, func(int) {}))(t)
	if len(r.Refused) != 1 || r.Refused[0].Number != 3 {
		t.Errorf("an id twice: %+v", r.Refused)
	}
}
