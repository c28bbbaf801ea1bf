package site_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/rollout/board"
	"signpost/internal/dos/standing"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/webtest"
	"signpost/internal/platform/when"
	"signpost/internal/platform/worldtest"
)

// Whoever sees reports goes from all to a region, an organisation and its people.
func TestBoardByPages(t *testing.T) {
	w := newWorld(t)
	answer := extract.Answer{Found: extract.One, State: extract.Active, Email: extract.EmailEqual, Position: extract.No,
		Authenticator: &extract.Authenticator{Level: 3, Approved: true}}
	answer.Authority = &extract.Authority{Organisation: "Fenmarch Hospitals", Code: "ZTR"}
	for username, organisation := range map[string]string{"winifred": "RXK", "xanthe": "RXZ"} {
		a := w.Account(account.New{Username: username, FirstName: username, Email: username + "@example.nhs.uk",
			Organisation: organisation, PasswordHash: w.Hash}, w.waves[path.Choose])
		w.Must(standing.Keep(w.Context(), w.DB, []standing.Standing{standing.Of(a.ID, answer)}))
	}
	b := w.loggedIn("mover", account.ProgrammeTeam.In(account.Everywhere))
	b.get("/users").mustHave(t, `href="/board"`)
	b.get("/board").mustHave(t, "linked or ready to link", "Region not known", "/board?region=none")
	if strings.Contains(b.get("/board").body, "by an exception") {
		t.Error("an exception is counted that nobody has")
	}
	w.sql(`INSERT INTO wave_exception (account_id, begun_at, ends_at, given_by, given_name, reason)
		SELECT id, 1, 99999999999999, 'x', 'Xena', 'Away' FROM account WHERE username = 'winifred'`)
	b.get("/board").mustHave(t, "Passwords that work by an exception now: 1.", `href="/exceptions?which=running"`,
		">2 regions<")
	b.get("/board?region=none").mustHave(t, "organisation=RXK", "organisation=RXZ", ">3 organisations<",
		"Passwords that work by an exception now: 1.", `href="/exceptions?region=none&amp;which=running"`)
	b.get("/exceptions?region=none&which=running").mustHave(t, "1 exception", "Region not known",
		`href="/exceptions?which=running"`)
	b.get("/board?region=none&organisation=RXK").mustHave(t, "Passwords that work by an exception now: 1.",
		`href="/exceptions?organisation=RXK&amp;region=none&amp;which=running"`)
	mustLack(t, b.get("/board?organisation=RXZ"), "by an exception")
	b.get("/exceptions?organisation=RXZ&which=running").mustHave(t, "No exceptions found")
	page := webtest.Text(b.get("/board?organisation=RXK").body)
	if !strings.Contains(page, "winifred") || strings.Contains(page, "xanthe") ||
		!strings.Contains(page, "Something is missing") ||
		!strings.Contains(page, "The password works by an exception until ") ||
		!strings.Contains(page, "R8008 with B0166) Who acts Registration authority: Fenmarch Hospitals") {
		t.Errorf("the people of an organisation: %s", page)
	}
	b.get("/board?organisation=RXK").mustHave(t, "<title>RXK – How far everybody is", "1 account")
	b.get("/board?organisation=none-of-ours").mustHave(t, "<title>How far everybody is")
	b.get("/board?wave="+w.waves[path.Choose]).mustHave(t, "<title>wave 2 – How far everybody is")
	b.get("/board?organisation=none-of-ours").mustHave(t, "There are no accounts here that you look after.")
}

// The board says what has changed since yesterday and who it was, and draws each day; a region has no name for whoever
// has nobody there.
func TestBoardSinceYesterday(t *testing.T) {
	w := newWorld(t)
	answer := extract.Answer{Found: extract.One, State: extract.Active, Email: extract.EmailEqual, Position: extract.No,
		Authenticator: &extract.Authenticator{Level: 3, Approved: true}}
	a := w.Account(account.New{Username: "winifred", FirstName: "Winifred", Email: "winifred@example.nhs.uk",
		Organisation: "RXK", PasswordHash: w.Hash}, w.waves[path.Choose])
	w.Must(standing.Keep(w.Context(), w.DB, []standing.Standing{standing.Of(a.ID, answer)}))
	b := w.loggedIn("mover", account.ProgrammeTeam.In(account.Everywhere))
	b.get("/board").mustHave(t, "Nothing is kept of days before today")
	w.Must(board.KeepDay(w.Context(), w.DB))
	w.clock.Advance(24 * time.Hour)
	answer.Position = extract.Yes
	w.Must(standing.Keep(w.Context(), w.DB, []standing.Standing{standing.Of(a.ID, answer)}))
	_, err := board.Keep(w.Context(), w.DB)
	w.Must(err)
	b = w.loggedIn("mover2", account.ProgrammeTeam.In(account.Everywhere))
	page := b.get("/board?organisation=RXK")
	page.mustHave(t, "<polyline", "The numbers of each day")
	text := webtest.Text(page.body)
	for _, want := range []string{"Since yesterday", "The person, who can link now Number of accounts 1", "1 person moved on, 0 people fell back",
		"Winifred Was Something is missing Is now Ready to link"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not there: %s", want, text)
		}
	}
}

// A region that has nobody whom the reader looks after is not named to them.
func TestBoardNamesNoRegionOfOthers(t *testing.T) {
	w := newWorld(t)
	north := w.region("Region of the North")
	south := w.region("Region of the South")
	for name, region := range map[string]string{"nora": north, "sue": south} {
		w.Account(account.New{Username: name, Email: name + "@example.nhs.uk", Region: region, PasswordHash: w.Hash},
			w.waves[path.Choose])
	}
	b := w.loggedIn("lead", account.DoSLead.In(account.InRegion(north)))
	b.get("/board?region="+north).mustHave(t, "Region of the North")
	page := b.get("/board?region=" + south)
	page.mustHave(t, "There are no accounts here that you look after.")
	if strings.Contains(page.body, "Region of the South") {
		t.Error("the other region is named")
	}
}

// From the board of a wave one comes to the list of those of it who are so far, to their file and to a mail to them.
func TestBoardLeadsToThoseWhoAreSoFar(t *testing.T) {
	w := newWorld(t)
	north := w.region("Region of the North")
	answer := extract.Answer{Found: extract.One, State: extract.Active, Email: extract.EmailEqual, Position: extract.No,
		Authenticator: &extract.Authenticator{Level: 3, Approved: true}}
	answer.Authority = &extract.Authority{Organisation: "Fenmarch Hospitals", Code: "ZTR"}
	for username, phase := range map[string]path.Phase{"winifred": path.Choose, "xanthe": path.Require,
		"yvonne": path.Choose} {
		a := w.Account(account.New{Username: username, FirstName: username, Email: username + "@example.nhs.uk",
			Region: north, PasswordHash: w.Hash}, w.waves[phase])
		if username != "yvonne" {
			w.Must(standing.Keep(w.Context(), w.DB, []standing.Standing{standing.Of(a.ID, answer)}))
		}
	}
	query := "progress=blocked&region=" + north + "&wave=" + w.waves[path.Choose]
	boss := w.loggedIn("chief", append(account.ProgrammeTeam.In(account.Everywhere),
		account.Everywhere.Of(account.ManageUsers)...))
	board := boss.get("/board?region=" + north + "&wave=" + w.waves[path.Choose])
	board.mustHave(t, `href="/users?`+strings.ReplaceAll(query, "&", "&amp;")+`"`, "List those who are not linked",
		"Write to them", "&amp;state=not-linked&amp;wave="+w.waves[path.Choose])
	boss.get("/users?"+query).mustHave(t, "1 user", ">winifred<", `value="blocked" selected`,
		`href="/users/export?`+strings.ReplaceAll(query, "&", "&amp;")+`"`)
	boss.get("/users?wave="+w.waves[path.Choose]).mustHave(t, ">winifred<", ">yvonne<")
	file := boss.get("/users/export?" + query).body
	if strings.Count(file, "\r\n") != 2 || !strings.Contains(file, "winifred") {
		t.Errorf("the file: %s", file)
	}
	for _, by := range []string{"registration_authority", "person"} {
		to := strings.Replace(query, "blocked", by, 1)
		board.mustHave(t, `href="/users?`+strings.ReplaceAll(to, "&", "&amp;")+`"`)
		boss.get("/users?"+to).mustHave(t, "1 user", map[bool]string{true: ">winifred<", false: ">yvonne<"}[by != "person"])
		boss.get("/mailings/new?"+to).mustHave(t, "1 user", "Next to act: ")
	}
	list := webtest.Text(boss.get("/users?" + query).body)
	if !strings.Contains(list, "R8008 with B0166) Who acts Registration authority: Fenmarch Hospitals Like this since ") {
		t.Errorf("the list does not say what is missing, and who acts: %s", list)
	}
	want := "wave 2,Something is missing,"
	if !strings.Contains(file, want) || !strings.Contains(file, "R8008 with B0166)") ||
		!strings.Contains(file, ",Registration authority: Fenmarch Hospitals,"+when.Date(w.DB.Now())) {
		t.Errorf("the file does not say what is missing, and who acts: %s", file)
	}
	mustLack(t, boss.get("/users"), "Who acts")
	to := wroteTo(t, boss, query)
	boss.get(to).mustHave(t, "1 user<", "winifred@")
	for _, address := range []string{"/mailings/new?" + query, to} {
		text := webtest.Text(boss.get(address).body)
		if !strings.Contains(text, "Wave wave 2 How far Something is missing Where Region of the North") {
			t.Errorf("%s does not say who is meant: %s", address, text)
		}
	}
	wave := "region=" + north + "&wave=" + w.waves[path.Choose]
	boss.get("/users?"+wave).mustHave(t, "Write to them")
	boss.get("/mailings/new?"+wave).mustHave(t, "2 users", `name="wave" value="`+w.waves[path.Choose]+`"`)
	to = boss.post("/mailings/new", "region", north, "wave", w.waves[path.Choose], "text", "checklist").location
	boss.get(to).mustHave(t, "2 users<")
	boss.post(to + "/send")
	w.Settle()
	for username, want := range map[string]int{"winifred": 1, "xanthe": 0, "yvonne": 1} {
		if got := w.Mailed("mailing.checklist", username+"@example.nhs.uk"); got != want {
			t.Errorf("%s had %d mails", username, got)
		}
	}
	campaign := "/mailings/new?region=" + north + "&text=steps&wave=" + w.waves[path.Choose]
	board.mustHave(t, `href="`+strings.ReplaceAll(campaign, "&", "&amp;")+`"`)
	boss.get(campaign).mustHave(t, "2 users", `value="steps" checked`)
	reader := w.loggedIn("reader", account.ProgrammeTeam.In(account.Everywhere))
	mustLack(t, reader.get("/board?region="+north), "progress=")
	mustLack(t, reader.get("/board?region="+north), "/mailings")
}

// wroteTo follows the link by which all of a list are written to, and prepares a mail to them there. It gives where
// that is looked at.
func wroteTo(t *testing.T, b *browser, query string) string {
	t.Helper()
	link := "/mailings/new?" + query
	b.get("/users?"+query).mustHave(t, `href="`+strings.ReplaceAll(link, "&", "&amp;")+`"`)
	asked, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	fields := []string{"text", "checklist"}
	for name := range asked {
		b.get(link).mustHave(t, `name="`+name+`" value="`+asked.Get(name)+`"`)
		fields = append(fields, name, asked.Get(name))
	}
	return b.post("/mailings/new", fields...).location
}

// No address, and no form, writes to more people than it names: what is not known of it is refused.
func TestMailGoesToNoMoreThanItNames(t *testing.T) {
	w := newWorld(t)
	for _, username := range []string{"winifred", "xanthe"} {
		w.Account(account.New{Username: username, Email: username + "@example.nhs.uk", PasswordHash: w.Hash},
			w.waves[path.Choose])
	}
	boss := w.loggedIn("chief", account.Everywhere.Of(account.ManageUsers))
	boss.get("/mailings/new?progress=unsure&text=steps&wave="+w.waves[path.Choose]).mustHave(t, "4 users",
		`value="steps" checked`)
	var y worldtest.Tally
	for _, query := range []string{"progress=no-such", "progress=Blocked", "progress=unsure&progress=blocked",
		"how-far=blocked", "wave=" + w.waves[path.Choose] + "&exception=running", "state=no-such", "kind=no-such",
		"wave=no-such", "region=no-such", "organisation=no-such"} {
		got := boss.get("/mailings/new?" + query)
		y.Refused(t, query, got.status != http.StatusSeeOther || got.location != "/users")
	}
	for _, field := range []string{"progress", "state", "kind", "wave", "region", "organisation"} {
		got := boss.post("/mailings/new", field, "no-such", "text", "checklist")
		y.Refused(t, "form with "+field, strings.HasPrefix(got.location, "/mailings/"))
	}
	y.Report(t, "mails")
}

// Who looks after two regions and asks for one of them has the list, the file and the mail of that one alone.
func TestUsersOfOneOfTwoRegions(t *testing.T) {
	w := newWorld(t)
	north := w.region("Region of the North")
	south := w.region("Region of the South")
	for name, region := range map[string]string{"nora": north, "sue": south} {
		w.Account(account.New{Username: name, Email: name + "@example.nhs.uk", Region: region, PasswordHash: w.Hash},
			w.waves[path.Choose])
	}
	lead := w.loggedIn("lead", append(account.UserAdministrator.In(account.InRegion(north)),
		account.UserAdministrator.In(account.InRegion(south))...))
	for _, address := range []string{"/users?region=" + north, "/users/export?region=" + north} {
		if body := lead.get(address).body; !strings.Contains(body, "nora") || strings.Contains(body, "sue") {
			t.Errorf("%s: %s", address, body)
		}
	}
	lead.get("/mailings/new?region="+north).mustHave(t, "1 user")
}
