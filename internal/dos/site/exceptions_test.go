package site_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/webtest"
)

// excepted makes an account in Require for a form about its exception: one that has an exception where that is to end,
// and for which somebody asks where that is to be decided.
func (w *world) excepted(n int, at string) (id string) {
	w.Helper()
	name := fmt.Sprint("excepted", n)
	a := w.account(account.New{Username: name, FirstName: "Eve", Email: name + "@example.nhs.uk"}, path.Require)
	switch {
	case strings.HasSuffix(at, "/end"):
		w.sql(fmt.Sprintf(`INSERT INTO wave_exception (account_id, begun_at, ends_at, given_by, given_name, reason)
			VALUES ('%s', 1, 99999999999999, 'x', 'Xena', 'Away')`, a.ID))
	case strings.HasSuffix(at, "/decide"):
		w.sql(fmt.Sprintf(`INSERT INTO wave_exception_request (id, account_id, days, reason, asked_by, asked_name,
			asked_at) VALUES ('%s', '%s', 9, 'Away', '%s', 'Eve', 1)`, a.ID, a.ID, a.ID))
	}
	return a.ID
}

// An administrator lets somebody's password work for a day, and it ends by itself or by a button; for longer the person
// asks, and an administrator decides.
func TestExceptionsByPages(t *testing.T) {
	w := newWorld(t)
	eve := w.account(account.New{Username: "eve", FirstName: "Eve", Email: "eve@example.nhs.uk"}, path.Require)
	opens := func() bool {
		w.Helper()
		return w.browser().withPassword("eve", goodPass).location == "/"
	}
	w.loggedIn("admin", account.UserAdministrator.In(account.Everywhere))
	w.clock.Advance(61 * time.Minute) // whoever was given the permission just now lets nobody in
	admin := w.browser()
	admin.withPassword("admin", goodPass)
	at := "/users/" + eve.ID + "/exception"
	admin.get("/users/"+eve.ID).mustHave(t, `href="`+at+`"`)
	if opens() {
		t.Fatal("the password opens an account in Require")
	}
	if got := admin.post(at, "reason", " "); !strings.Contains(got.body, "Enter why") {
		t.Errorf("no reason: %d", got.status)
	}
	for form, field := range map[string]string{"": "reason", "/ask": "cause"} {
		got := admin.post(at+form, field, strings.Repeat("x", 2001), "days", "9")
		if !strings.Contains(got.body, "2,000 characters") || !strings.Contains(got.body, `name="`+field+`"`) {
			t.Errorf("%s with a reason that is too long: %d", at+form, got.status)
		}
	}
	if got := admin.post(at, "reason", "She is on call tonight"); got.status != http.StatusSeeOther {
		t.Fatalf("given: %d %s", got.status, webtest.Text(got.body))
	}
	admin.get(at).mustHave(t, "The password works until", "She is on call tonight", "End it now")
	if w.Mailed("exception.given", "eve@example.nhs.uk") != 1 || !opens() {
		t.Error("she was not told, or cannot come in")
	}
	in := w.browser()
	in.withPassword("eve", goodPass)
	admin.post(at + "/end")
	if opens() || in.signedIn() || w.Mailed("exception.ended", "eve@example.nhs.uk") != 1 {
		t.Error("an exception that was ended holds on")
	}
	admin.post(at, "reason", "She is on call again")
	again := admin.post(at, "reason", "She is on call for good")
	again.mustHave(t, "twice within a week", "She is on call for good", "Another DoS user administrator decides")
	if again.status != http.StatusUnprocessableEntity {
		t.Errorf("a third time by one administrator: %d", again.status)
	}
	in.withPassword("eve", goodPass)
	in.get("/account").mustHave(t, `href="/account/exception"`)
	if got := in.post("/account/exception", "days", "181", "reason", "I am on leave"); !strings.Contains(got.body,
		"Enter a number of days from 1 to 180") {
		t.Errorf("181 days: %d", got.status)
	}
	in.post("/account/exception", "days", "30", "reason", "I am on leave")
	in.get("/account/exception").mustHave(t, "You asked for more time")
	w.clock.Advance(25 * time.Hour)
	if opens() || in.signedIn() {
		t.Error("24 hours did not end by themselves")
	}
	admin = w.browser()
	admin.withPassword("admin", goodPass)
	admin.get(at).mustHave(t, "I am on leave", "Somebody asks for longer")
	admin.get("/users/"+eve.ID).mustHave(t, "that the password works for 30 days more", "Decide about it")
	got := admin.post(at+"/decide", "request", requestIn(admin.get(at).body), "approve", "yes", "answer", "Leave")
	mustLack(t, admin.get("/users/"+eve.ID), "Decide about it")
	if got.status != http.StatusSeeOther || !opens() {
		t.Errorf("decided: %d %s", got.status, webtest.Text(got.body))
	}
	w.clock.Advance(31 * 24 * time.Hour)
	if opens() {
		t.Error("30 days did not end by themselves")
	}
}

// requestIn finds the id of the request in the page about an exception.
func requestIn(body string) string {
	_, rest, _ := strings.Cut(body, `name="request"`)
	_, rest, _ = strings.Cut(rest, `value="`)
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

// The exceptions that wait are listed, the oldest first, with who can decide; whoever decides is told of them where
// they begin, and not whoever asked. Those that hold are listed by their end.
func TestExceptionsAreListed(t *testing.T) {
	w := newWorld(t)
	eve := w.account(account.New{Username: "eve", FirstName: "Eve", Email: "eve@example.nhs.uk", Region: "north"},
		path.Require)
	finn := w.account(account.New{Username: "finn", FirstName: "Finn", Email: "finn@example.nhs.uk", Region: "south"},
		path.Choose)
	admin := w.loggedIn("admin", account.UserAdministrator.In(account.Everywhere))
	w.loggedIn("decider", account.UserAdministrator.In(account.Everywhere))
	north := w.loggedIn("north", account.UserAdministrator.In(account.InRegion("north")))
	admin.get("/exceptions").mustHave(t, "No exceptions found")
	admin.post("/users/"+finn.ID+"/exception/ask", "cause", "On leave until May", "days", "90")
	w.clock.Advance(2 * time.Minute)
	admin.post("/users/"+eve.ID+"/exception/ask", "cause", "=1+1", "days", "9")
	text := webtest.Text(admin.get("/exceptions").body)
	first := strings.Index(text, "On leave until May")
	if second := strings.Index(text, "=1+1"); first < 0 || second < first || !strings.Contains(text, "2 exceptions") {
		t.Errorf("the oldest is not first: %s", text)
	}
	admin.get("/exceptions").mustHave(t, `href="/users/`+eve.ID+`/exception"`, "Priya")
	if got := admin.get("/users").body; strings.Contains(got, "you can decide") {
		t.Error("whoever asked is told that they can decide")
	}
	shown := north.get("/exceptions").body
	if strings.Contains(shown, "On leave") || !strings.Contains(shown, "=1+1") {
		t.Error("an administrator of the north sees another region, or not their own")
	}
	north.get("/users").mustHave(t, "Somebody asks that a password works longer", `href="/exceptions"`)
	if got := north.get("/exceptions").body; strings.Contains(got, "Somebody asks that") {
		t.Error("the page itself leads to itself")
	}
	file := admin.get("/exceptions/file?wave=" + w.waves[path.Require]).body
	if !strings.HasPrefix(file, "username,name,organisation,asked,days,asked_by,why,who_can_decide\r\neve,") ||
		!strings.Contains(file, ",'=1+1,") || strings.Contains(file, "finn") {
		t.Errorf("the file of one wave: %s", file)
	}
	w.sql(`INSERT INTO wave_exception (account_id, begun_at, ends_at, given_by, given_name, reason)
		VALUES ('` + eve.ID + `', 1, 99999999999999, 'x', 'Xena', 'Away')`)
	admin.get("/exceptions?wave="+w.waves[path.Require]).mustHave(t, "Running now: 1. See who has one",
		`href="/exceptions?wave=`+w.waves[path.Require]+`&amp;which=running"`)
	mustLack(t, admin.get("/exceptions?wave="+w.waves[path.Choose]), "Running now: ")
	admin.get("/exceptions?which=running").mustHave(t, "1 exception", "Xena", "Away", "Works until")
	for query, found := range map[string]string{"region=north": "1 exception", "region=south": "No exceptions",
		"region=none": "No exceptions", "region=north&organisation=none": "1 exception",
		"organisation=RXK": "No exceptions", "region=north&wave=" + w.waves[path.Choose]: "No exceptions"} {
		admin.get("/exceptions?which=running&"+query).mustHave(t, found)
		file := admin.get("/exceptions/file?which=running&" + query).body
		if strings.Contains(file, "eve") != (found == "1 exception") {
			t.Errorf("%s: the file is %s", query, file)
		}
	}
	admin.get("/users?q=eve").mustHave(t, "The password works by an exception until ")
	w.sql(`INSERT INTO wave_exception (account_id, begun_at, ends_at, given_by, given_name, reason)
		VALUES ('` + finn.ID + `', 1, 2, 'x', 'Yves', 'Over')`)
	if got := admin.get("/exceptions?which=running").body; strings.Contains(got, "Yves") {
		t.Error("an exception that has ended is listed among those that run")
	}
	w.sql(`UPDATE wave_exception SET ends_at = 99999999999998 WHERE given_name = 'Yves'`)
	text = webtest.Text(admin.get("/exceptions?which=running").body)
	if sooner := strings.Index(text, "Yves"); sooner < 0 || sooner > strings.Index(text, "Xena") {
		t.Errorf("those that run are not listed by their end: %s", text)
	}
	mover := w.loggedIn("mover", account.ProgrammeTeam.In(account.Everywhere))
	mover.get("/waves/"+w.waves[path.Require]).mustHave(t, "/exceptions?wave=")
	if got := mover.get("/exceptions?which=running"); !strings.Contains(got.body, "Xena") {
		t.Errorf("the programme team: %d", got.status)
	}
}
