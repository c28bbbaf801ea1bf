package site_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
)

// organisation brings in an organisation by its name, and users of it.
func (w *world) organisation(code, name string, users ...account.New) {
	w.Helper()
	if name != "" {
		w.update(func(ctx context.Context, u *db.W) error {
			record := fmt.Sprintf(`{"name": %q, "status": "A"}`, name)
			return directory.ImportedOrganisations().Put(ctx, u, code, "", record)
		})
	}
	for _, n := range users {
		n.FirstName = n.Username
		n.Email = n.Username + "@example.nhs.uk"
		n.Organisation = code
		w.account(n, path.Choose)
	}
}

// hospitals have several organisations with users in two regions, and one that has none.
func (w *world) hospitals() {
	w.Helper()
	w.organisation("ZQA", "St Anne’s Hospital", account.New{Username: "anna", Region: "r1"},
		account.New{Username: "anton", Region: "r2"}, account.New{Username: "ateam", Region: "r1", Kind: account.Shared})
	w.organisation("ZQB", "St Bride’s Hospital", account.New{Username: "brian", Region: "r2"})
	w.organisation("ZQC", "St Cuthbert’s Hospital")
	w.organisation("ZQD", "", account.New{Username: "dora", Region: "r1"})
}

// The users of one organisation are found by its code or by its name; where several have the name, one is chosen.
func TestUsersOfAnOrganisation(t *testing.T) {
	w := newWorld(t)
	w.hospitals()
	boss := w.administrator()
	got := boss.get("/users?organisation=ZQA")
	got.mustHave(t, "3 users", "at St Anne’s Hospital (ZQA)", ">anna<", ">anton<", ">ateam<",
		`href="/users/export?organisation=ZQA"`, `href="/mailings/new?organisation=ZQA"`,
		`href="/users/counts?organisation=ZQA"`)
	if strings.Contains(got.body, ">brian<") {
		t.Error("somebody of another organisation is listed")
	}
	for typed, want := range map[string]string{
		"zqa": "ZQA", "annes": "ZQA", "St+Anne's": "ZQA", "zqd": "ZQD", "BRIDES": "ZQB",
	} {
		got := boss.get("/users?after=b&kind=individual&organisation=" + typed)
		if got.status != http.StatusSeeOther || got.location != "/users?kind=individual&organisation="+want {
			t.Errorf("%s: %d to %q", typed, got.status, got.location)
		}
	}
	several := boss.get("/users?kind=individual&organisation=hospital")
	several.mustHave(t, "Which organisation do you mean?", "St Anne’s Hospital (ZQA)", "St Bride’s Hospital (ZQB)",
		`href="/users?kind=individual&amp;organisation=ZQB"`)
	if strings.Contains(several.body, "Cuthbert") || strings.Contains(several.body, "Download") {
		t.Error("an organisation without users is offered, or a list of nobody")
	}
	if got := boss.get("/users?organisation=nowhere"); got.status != http.StatusUnprocessableEntity ||
		!strings.Contains(got.body, "No organisation of your users has this name or ODS code") {
		t.Errorf("no such organisation: %d %s", got.status, got.body)
	}
	boss.get("/users?organisation=ZQA&state=not-linked&q=ann").mustHave(t, "1 user", ">anna<")
	boss.get("/users?organisation=ZQC").mustHave(t, "No users found")
}

// The file, the counts and the mail are about the users of the organisation alone.
func TestAFileTheCountsAndAMailOfAnOrganisation(t *testing.T) {
	w := newWorld(t)
	w.hospitals()
	boss := w.administrator()
	file := boss.get("/users/export?organisation=ZQA").body
	if strings.Count(file, "\r\n") != 4 || !strings.Contains(file, "anna") || strings.Contains(file, "brian") {
		t.Errorf("the file: %s", file)
	}
	counts := boss.get("/users/counts?organisation=ZQA")
	counts.mustHave(t, "St Anne’s Hospital (ZQA)", `href="/users?kind=shared&amp;organisation=ZQA"`)
	if got := countOf(counts.body, "All"); got != "3" {
		t.Errorf("%s are counted", got)
	}
	boss.get("/mailings/new?organisation=ZQA").mustHave(t, "3 users", `name="organisation" value="ZQA"`)
	at := boss.post("/mailings/new", "organisation", "ZQA", "text", "checklist").location
	boss.get(at).mustHave(t, "3 users<")
	boss.post(at + "/send")
	w.Settle()
	for address, want := range map[string]int{"anna": 1, "anton": 1, "ateam": 0, "brian": 0} {
		if got := w.Mailed("mailing.checklist", address+"@example.nhs.uk"); got != want {
			t.Errorf("%s had %d mails", address, got)
		}
	}
}

// countOf gives the number beside a text on the page of counts.
func countOf(body, text string) string {
	_, after, _ := strings.Cut(body, ">"+text+"</a>")
	_, after, _ = strings.Cut(after, "<td")
	_, after, _ = strings.Cut(after, ">")
	number, _, _ := strings.Cut(after, "<")
	return strings.TrimSpace(number)
}

// A lead of a region finds the organisations of that region's users and no others. One of an organisation has none.
func TestOrganisationsWithinReach(t *testing.T) {
	w := newWorld(t)
	w.hospitals()
	lead := w.loggedIn("lead", account.UserAdministrator.In(account.InRegion("r1")))
	got := lead.get("/users?organisation=ZQA")
	got.mustHave(t, "2 users", ">anna<", ">ateam<")
	if strings.Contains(got.body, ">anton<") {
		t.Error("somebody of another region is listed")
	}
	if got := lead.get("/users?organisation=hospital"); got.location != "/users?organisation=ZQA" {
		t.Errorf("a name that one organisation of the region has: %d to %q", got.status, got.location)
	}
	if got := lead.get("/users?organisation=bride"); got.status != http.StatusUnprocessableEntity {
		t.Errorf("an organisation of another region: %d", got.status)
	}
	local := w.loggedIn("local", account.UserAdministrator.In(account.OwnOrganisation))
	if strings.Contains(local.get("/users").body, `name="organisation"`) {
		t.Error("somebody who looks after one organisation can choose one")
	}
}

// Those whose address differs from the Care Identity are listed, counted, written to a file and mailed.
func TestUsersWhoseAddressDiffersAreListed(t *testing.T) {
	w := newWorld(t)
	w.hospitals()
	boss := w.administrator()
	w.update(func(ctx context.Context, u *db.W) error {
		return account.SetDrifted(ctx, u, true, w.byUsername("anna").ID, w.byUsername("brian").ID)
	})
	got := boss.get("/users?state=drifted")
	got.mustHave(t, "2 users", ">anna<", ">brian<", `href="/users/export?state=drifted"`)
	boss.get("/users?state=drifted&organisation=ZQA").mustHave(t, "1 user", ">anna<")
	counts := boss.get("/users/counts").body
	if got := countOf(counts, "Email address differs from the Care Identity"); got != "2" {
		t.Errorf("%s are counted", got)
	}
	if file := boss.get("/users/export?state=drifted").body; strings.Count(file, "\r\n") != 3 {
		t.Errorf("the file: %s", file)
	}
	boss.get("/mailings/new?state=drifted").mustHave(t, "2 users", "(anna)", "(brian)")
}
