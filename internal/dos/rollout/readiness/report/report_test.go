package report_test

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/rollout/planning"
	"signpost/internal/dos/rollout/readiness"
	"signpost/internal/dos/rollout/readiness/report"
	"signpost/internal/national/authn"
	"signpost/internal/national/path"
	"signpost/internal/platform/sheet"
)

const (
	accounts = "username,email,first_name,last_name,kind,organisation,email_confirmed,registration_authority\n" +
		"ann,ann.smith@nhs.net,Ann,Smith,,RX1,yes,\n" +
		"bo,bo.lee@nhs.net,Bo,Lee,,RX1,yes,\n" +
		"cy,cy.gone@nhs.net,Cy,Gone,,RX2,yes,RA/9\n" +
		"desk,reception@nhs.net,,,shared,RX2,,\n" +
		"=cmd|x,di.day@nhs.net,Di,Day,,,yes,\n" +
		"api,api@nhs.net,,,machine,RX2,,\n"
	identities = "uuid,email,first_name,last_name,status,email_verified,positions,authenticators,ra\n" +
		"501,ann.smith@nhs.net,Ann,Smith,active,yes,R8008:B0166,smartcard,RA1\n" +
		"502,bo.lee@nhs.net,Bo,Lee,active,yes,,smartcard,RA1\n" +
		"503,di.day@nhs.net,Di,Day,active,yes,R8008:B0166,,RA1\n"
)

// friday is a day before a weekend.
var friday = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

func source(s string) sheet.Source {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s)), nil }
}

func write(t *testing.T, accounts, identities string, o report.Options) report.Written {
	t.Helper()
	r, err := readiness.Compute(readiness.Options{Accounts: source(accounts), Identities: source(identities),
		Approved: []authn.Kind{authn.SmartcardInternet}})
	if err != nil {
		t.Fatal(err)
	}
	o.Now = friday
	written, err := report.Write(r, o)
	if err != nil {
		t.Fatal(err)
	}
	return written
}

// rows reads a file that was written, without its heading, by column.
func rows(t *testing.T, folder, name string) (list []map[string]string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	all, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(content), sheet.ByteOrderMark))).ReadAll()
	if err != nil || len(all) == 0 {
		t.Fatalf("%s: %v, %d rows", name, err, len(all))
	}
	for _, cells := range all[1:] {
		row := map[string]string{}
		for i, cell := range cells {
			row[all[0][i]] = cell
		}
		list = append(list, row)
	}
	return list
}

func TestReport(t *testing.T) {
	folder := t.TempDir()
	w := write(t, accounts, identities, report.Options{Folder: folder})
	s := w.Summary
	if s.Accounts != 5 || s.Machines != 1 || s.States[planning.Ready] != 1 || s.States[planning.Blocked] != 4 ||
		s.Waiting[path.RegistrationAuthority] != 2 || s.Waiting[path.Person] != 2 {
		t.Errorf("summary %+v", s)
	}
	people := rows(t, folder, "people.csv")
	if len(people) != 6 || people[0]["state"] != "ready" || people[0]["care_identity"] != "501" ||
		people[0]["ready_by"] != "2026-11-27" || people[5]["state"] != "exempt" {
		t.Errorf("people %v", people)
	}
	// Five working days after a Friday is the next Friday.
	if people[1]["waiting_for"] != "Registration authority" || people[1]["ready_by"] != "2026-12-04" {
		t.Errorf("bo: %v", people[1])
	}
	if people[4]["username"] != "'=cmd|x" {
		t.Errorf("a cell that a spreadsheet would run: %q", people[4]["username"])
	}
	one := rows(t, folder, "registration-authorities/RA1.csv")
	if len(one) != 2 || one[0]["care_identity"] != "502" || !strings.Contains(one[0]["to_do"], "R8008") {
		t.Errorf("the list of RA1: %v", one)
	}
	dated := 0
	for _, week := range s.Weeks {
		dated += week.Accounts
	}
	for _, one := range people {
		if one["state"] == "unsure" && one["ready_by"] != "" {
			t.Errorf("nobody knows about %s, who is to be ready by %s", one["username"], one["ready_by"])
		}
	}
	if dated+s.Undated != s.Accounts || s.Undated == 0 {
		t.Errorf("of %d accounts %d have a date, and %d none", s.Accounts, dated, s.Undated)
	}
	if one := rows(t, folder, "organisations/RX1.csv"); len(one) != 1 || one[0]["username"] != "bo" {
		t.Errorf("the list of RX1, of which ann is ready: %v", one)
	}
	if two := rows(t, folder, "organisations/RX2.csv"); len(two) != 2 {
		t.Errorf("the list of RX2: %v", two)
	}
	if none := rows(t, folder, "organisations/not-said.csv"); len(none) != 1 {
		t.Errorf("the list of those whose organisation is not said: %v", none)
	}
	mails := rows(t, folder, "mail-merge.csv")
	if len(mails) != 5 || !strings.Contains(mails[3]["words_to_use"], "shared username (desk)") {
		t.Errorf("mails: %v", mails)
	}
	if mails[0]["title"] != "Link your DoS account to your Care Identity" || mails[0]["step"] != "1" {
		t.Errorf("ann's mail: %v", mails[0])
	}
	for _, name := range w.Files {
		if strings.Contains(name, "..") || strings.Count(name, "/") > 1 {
			t.Errorf("a file outside its folder: %s", name)
		}
	}
}

// Nobody works on weekends and bank holidays: five working days after Monday 21 December 2026 is Wednesday 30 December.
func TestBankHolidaysAreNoWorkingDays(t *testing.T) {
	folder := t.TempDir()
	r, err := readiness.Compute(readiness.Options{Accounts: source(accounts), Identities: source(identities)})
	if err != nil {
		t.Fatal(err)
	}
	monday := time.Date(2026, 12, 21, 12, 0, 0, 0, time.UTC)
	if _, err := report.Write(r, report.Options{Folder: folder, Now: monday}); err != nil {
		t.Fatal(err)
	}
	if bo := rows(t, folder, "people.csv")[1]; bo["ready_by"] != "2026-12-30" {
		t.Errorf("ready by %s", bo["ready_by"])
	}
}

// What an earlier report in the folder had and this one has not is gone. What is not a report's stays.
func TestListsOfBeforeAreGone(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "a [folder]")
	refused := "username,email\nann,a@nhs.net\nann,a@nhs.net\n"
	write(t, refused, identities, report.Options{Folder: folder})
	write(t, accounts, identities, report.Options{Folder: folder})
	if _, err := os.Stat(filepath.Join(folder, "refused.csv")); err == nil {
		t.Error("the refused rows of before are there")
	}
	own := []string{"organisations/notes.txt", "organisations/mine.csv", "registration-authorities/short.csv",
		"refused.csv"}
	for i, name := range own {
		text := "code,name\nRX1,Mine, which is as long as the heading of any list in a report\n"[:9+60*(i%2)]
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "organisations", "RX2.csv")); err != nil {
		t.Fatal(err)
	}
	write(t, strings.ReplaceAll(accounts, "RX2", "RX3"), identities, report.Options{Folder: folder})
	if _, err := os.Stat(filepath.Join(folder, "organisations", "RX2.csv")); err == nil {
		t.Error("the list of an organisation of before is there")
	}
	if len(rows(t, folder, "organisations/RX3.csv")) != 2 {
		t.Error("the list of the organisation is not there")
	}
	for _, name := range own {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			t.Errorf("a file of somebody's own: %v", err)
		}
	}
}

// Two codes that no file's name tells apart have a list each, and nobody who is ready is on one.
func TestListsOfOrganisations(t *testing.T) {
	folder := t.TempDir()
	two := strings.NewReplacer("Lee,,RX1", "Lee,,R/1", "Gone,,RX2", "Gone,,R 1").Replace(accounts)
	write(t, two, identities, report.Options{Folder: folder})
	var users []string
	for _, name := range []string{"organisations/R-1.csv", "organisations/R-1-2.csv"} {
		for _, row := range rows(t, folder, name) {
			users = append(users, row["username"])
		}
	}
	if slices.Sort(users); !slices.Equal(users, []string{"bo", "cy"}) {
		t.Errorf("on the lists: %v", users)
	}
}

// What cannot be said in the page without another file is not in it.
func TestThePageNeedsNothingElse(t *testing.T) {
	folder := t.TempDir()
	hostile := strings.ReplaceAll(accounts, "RX1", "<script>alert(1)</script>")
	write(t, hostile, identities, report.Options{Folder: folder})
	content, err := os.ReadFile(filepath.Join(folder, "readiness.html"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(content)
	for _, wanted := range []string{"default-src 'none'", "Ready to link", "&lt;script&gt;", "Registration authority",
		"<title>Readiness for Care Identity, 27 November 2026</title>"} {
		if !strings.Contains(page, wanted) {
			t.Errorf("the page has no %q", wanted)
		}
	}
	for _, unwanted := range []string{"<script", "src=", "url(h", "url(/", "url(.", "http://", "<link"} {
		if strings.Contains(page, unwanted) {
			t.Errorf("the page has %q", unwanted)
		}
	}
}

// A report compares itself with an earlier one: who came nearer, who fell back, who is new and who is gone.
func TestChanges(t *testing.T) {
	first := t.TempDir()
	write(t, accounts, identities, report.Options{Folder: first})
	file, err := os.Open(filepath.Join(first, "readiness.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	before, err := report.ReadBefore(file)
	if err != nil {
		t.Fatal(err)
	}
	later := strings.Replace(accounts, "cy,", "newcomer,", 1)
	got := strings.Replace(identities, "Bo,Lee,active,yes,,", "Bo,Lee,active,yes,R8008:B0166,", 1)
	got = strings.Replace(got, "Ann,Smith,active", "Ann,Smith,suspended", 1)
	second := t.TempDir()
	w := write(t, later, got, report.Options{Folder: second, Before: before})
	if c := w.Changes; c.Forward != 1 || c.Back != 1 || c.Added != 1 || c.Gone != 1 || c.Other != 0 {
		t.Errorf("changes %+v", *c)
	}
	list := rows(t, second, "changes.csv")
	if len(list) != 4 || list[0]["username"] != "ann" || list[0]["before"] != "ready" || list[0]["now"] != "blocked" {
		t.Errorf("changes.csv: %v", list)
	}
	same := write(t, accounts, identities, report.Options{Folder: second, Before: before})
	if c := same.Changes; c.Forward+c.Back+c.Added+c.Gone+c.Other != 0 {
		t.Errorf("changes of nothing: %+v", *c)
	}
}

func TestAnEarlierReportThatIsNone(t *testing.T) {
	for _, content := range []string{"", "{}", "username,email\n", `{"version":9}`} {
		if _, err := report.ReadBefore(strings.NewReader(content)); err == nil {
			t.Errorf("%q was taken for a report", content)
		}
	}
}

// The file for programs says what the list for people says.
func TestRecordAgreesWithPeople(t *testing.T) {
	folder := t.TempDir()
	write(t, accounts, identities, report.Options{Folder: folder})
	content, err := os.ReadFile(filepath.Join(folder, "readiness.json"))
	if err != nil {
		t.Fatal(err)
	}
	var record report.Record
	if err := json.Unmarshal(content, &record); err != nil {
		t.Fatal(err)
	}
	people := rows(t, folder, "people.csv")
	if len(record.People) != len(people) {
		t.Fatalf("%d and %d people", len(record.People), len(people))
	}
	for i, l := range record.People {
		row := people[i]
		if l.State != row["state"] || string(l.Match) != row["match"] || l.ReadyBy != row["ready_by"] {
			t.Errorf("%+v and %v", l, row)
		}
	}
	if !slices.ContainsFunc(record.Summary.Steps, func(s report.StepCount) bool {
		return s.What == path.GetPosition && s.Accounts == 2
	}) {
		t.Errorf("steps %+v", record.Summary.Steps)
	}
}
