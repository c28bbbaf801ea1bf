package console_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/careid/population"
	"signpost/internal/national/rbac"
)

// Reports on pages and as files have those whom the reader's authority looks after, go to those whose job they are for,
// and are told of in events without anybody's name.
func TestReportsOnPages(t *testing.T) {
	w := open(t)
	w.assign(manager)
	w.another("=Lena")
	w.Person(population.Person{GivenName: "Eve", FamilyName: "Elsewhere", Organisation: "Z90002"})
	b := w.signedInAs(w.ada)
	b.get("/reports").has(t, "Users", "Authenticators", "Smartcards", "Positions")
	b.get("/reports/users").has(t, "=Lena", "Report on users", "Download the whole report")
	b.get("/reports/users?has=more&at=Z90001").has(t, "Nothing is what you chose")
	if p := b.get("/reports/users?at=ZXX99"); !strings.Contains(p.text, "does not serve this organisation") {
		t.Errorf("another organisation: %d %s", p.status, p.text)
	}
	file := b.do(http.MethodGet, "/reports/users/file.csv", nil)
	if file.status != http.StatusOK || !strings.Contains(file.markup, "number,family_name,given_name") ||
		!strings.Contains(file.markup, "'=Lena") || strings.Contains(file.markup, "Elsewhere") {
		t.Errorf("the file: %d %q", file.status, file.markup)
	}
	if book := b.do(http.MethodGet, "/reports/users/file.xlsx", nil); !strings.HasPrefix(book.markup, "PK") {
		t.Errorf("the workbook: %d %.20q", book.status, book.markup)
	}
	if p := b.get("/reports/nonsense"); p.status != http.StatusNotFound {
		t.Errorf("no report: %d", p.status)
	}
	told := 0
	for _, e := range w.Events("report.drawn") {
		told++
		if text := string(e.After); strings.Contains(text, "Lena") || !strings.Contains(text, `"rows":`) {
			t.Errorf("an event says %s", text)
		}
	}
	if told != 4 {
		t.Errorf("%d events of reports, want 4", told)
	}
	sponsor := w.holding("Sue", "Z90001", rbac.AdminClinicalSupport, rbac.ApproveRequests)
	sponsor.get("/reports").has(t, "Smartcards", "Positions")
	sponsor.get("/reports/positions").has(t, "Report on positions")
	for _, path := range []string{"/reports/users", "/reports/authenticators", "/reports/users/file.csv"} {
		if p := sponsor.get(path); p.status != http.StatusForbidden {
			t.Errorf("%s by a sponsor: %d", path, p.status)
		}
	}
	if p := w.holding("Una", "Z90001", rbac.AdminClinicalSupport).get("/reports"); p.status != http.StatusForbidden {
		t.Errorf("somebody without a job: %d", p.status)
	}
}
