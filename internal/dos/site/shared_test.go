package site_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	cases "signpost/internal/dos/shared"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seen"
	"signpost/internal/platform/web/webtest"
	"signpost/internal/platform/worldtest"
)

// reception makes the shared account of a reception, with a case.
func (w *world) reception() account.Account {
	w.Helper()
	team := w.account(account.New{Username: "reception", FirstName: "Riverside", LastName: "Reception",
		Email: "reception@riverside.example", Kind: account.Shared, Organisation: "A81001"}, path.Choose)
	w.Update(func(ctx context.Context, u *db.W) error {
		return cases.BeginPart(ctx, u, team.ID, u.Now().Add(cases.Usual))
	})
	return team
}

// manager logs in as somebody who manages all users.
func (w *world) manager() *browser {
	w.Helper()
	w.account(account.New{Username: "mia", FirstName: "Mia", LastName: "Manager", Email: "mia@example.nhs.uk",
		Grants: account.Everywhere.Of(account.ManageUsers)}, path.Choose)
	b := w.browser()
	b.withPassword("mia", goodPass)
	return b
}

// whoSays is what somebody types who says who they are.
func whoSays(first string) []string {
	return []string{"first_name", first, "last_name", "Okafor", "email", strings.ToLower(first) + "@riverside.example",
		"organisation", "A81001"}
}

func (w *world) sharers(of account.Account) []cases.Claim {
	w.Helper()
	return worldtest.Must(db.Read(w.Context(), w.DB, func(r db.R) ([]cases.Claim, error) {
		list, _, err := cases.Claims(w.Context(), r, of.ID, 0, 1000)
		return list, err
	}))(w)
}

// Those who share a computer are counted by it, whoever logs in there, and those with one of their own apart.
func TestClaimsAreCountedByTheBrowser(t *testing.T) {
	w := newWorld(t)
	team := w.reception()
	shared := w.browser()
	for _, one := range []struct {
		browser *browser
		first   string
	}{{shared, "Annabella"}, {shared, "Benedicta"}, {w.browser(), "Cat"}} {
		one.browser.withPassword("reception", goodPass)
		if p := one.browser.post("/who-are-you", whoSays(one.first)...); p.location != "/" {
			t.Fatalf("%s: %d to %q", one.first, p.status, p.location)
		}
		one.browser.post("/sign-out")
	}
	const inBrowsers = `SELECT COUNT(DISTINCT browser) FROM shared_claim WHERE account_id = $1 AND browser <> ''`
	if n := w.Count(inBrowsers, team.ID); n != 2 {
		t.Errorf("3 claims in %d browsers, want 2", n)
	}
	const inOne = `SELECT COUNT(DISTINCT browser) FROM shared_claim WHERE account_id = $1 AND first_name <> 'Cat'`
	if n := w.Count(inOne, team.ID); n != 1 {
		t.Errorf("2 claims on one computer are in %d browsers", n)
	}
}

// Two people, one computer, one password: nobody is shown what the other said, answered or mistyped.
func TestWhoSharesAnAccountSeesNothingOfTheOthers(t *testing.T) {
	w := newWorld(t)
	team := w.reception()
	b := w.browser()
	if p := b.withPassword("reception", goodPass); p.location != "/who-are-you" {
		t.Fatalf("logged in: %d to %q", p.status, p.location)
	}
	if p := b.get("/"); p.location != "/who-are-you" {
		t.Errorf("the question can be walked past: %d to %q", p.status, p.location)
	}
	wrong := append(whoSays("Annabella"), "email", "not an address")
	wrong[5] = "not an address"
	b.post("/who-are-you", wrong[:8]...)
	b.get("/who-are-you?again=1").mustHave(t, `value="Annabella"`, `value="not an address"`)
	b.post("/sign-out")

	b.withPassword("reception", goodPass)
	for _, at := range []string{"/who-are-you?again=1", "/who-are-you"} {
		if p := b.get(at); strings.Contains(p.body, "Annabella") || strings.Contains(p.body, "not an address") {
			t.Errorf("%s shows what another mistyped", at)
		}
	}
	if p := b.post("/who-are-you", whoSays("Benedicta")...); p.location != "/" {
		t.Fatalf("Ben says who he is: %d to %q", p.status, p.location)
	}
	b.post("/questions", "identity", "none")
	b.get("/").mustHave(t, "Nobody else who uses this shared account sees your answers.")
	b.post("/sign-out")

	b.withPassword("reception", goodPass)
	b.post("/who-are-you", whoSays("Cat")...)
	for _, at := range []string{
		"/", "/who-are-you", "/questions", "/checklist", "/account", "/held", "/request-account",
	} {
		page := b.get(at)
		for _, others := range []string{"Benedicta", "benedicta@", "Annabella", "sees your answers", "value=\"none\" checked"} {
			if strings.Contains(page.body, others) {
				t.Errorf("%s shows Cat %q", at, others)
			}
		}
	}
	again := b.post("/who-are-you", append(whoSays("Benedicta"), "given", "yes")...)
	first := b.post("/who-are-you", whoSays("Dan")...)
	if again.status != first.status || again.location != first.location {
		t.Error("whether somebody said it before makes a difference")
	}
	if list := w.sharers(team); len(list) != 3 {
		t.Errorf("%d claims: %+v", len(list), list)
	}
	for _, at := range []string{"/users/" + team.ID + "/shared", "/shared-accounts"} {
		if p := b.get(at); p.status != http.StatusForbidden {
			t.Errorf("%s, for the team: %d", at, p.status)
		}
	}
}

// From who they are to a request that is filled in: claimed, confirmed, and their own link.
func TestFromASharedAccountToARequest(t *testing.T) {
	w := newWorld(t)
	team := w.reception()
	for _, first := range []string{"Ann", "Ben"} {
		b := w.browser()
		b.withPassword("reception", goodPass)
		if p := b.post("/who-are-you", whoSays(first)...); p.location != "/" {
			t.Errorf("%s: to %q", first, p.location)
		}
		b.get("/").mustHave(t, "A DoS user administrator will look at what you wrote")
		if strings.Contains(b.get("/").body, "what you wrote") {
			t.Error("whoever comes next is told it too")
		}
		w.clock.Advance(time.Minute)
	}
	unknown := w.browser()
	unknown.withPassword("reception", goodPass)
	if p := unknown.post("/who-are-you/later"); p.location != "/" {
		t.Errorf("put off: %d to %q", p.status, p.location)
	}
	mia := w.manager()
	at := cases.CasePath(team.ID)
	mia.get("/users/"+team.ID).mustHave(t, at)
	mia.get("/shared-accounts").mustHave(t, at)
	mia.get(at).mustHave(t, "2 claimed, 0 confirmed, 0 ready, 0 moved", "ann@riverside.example",
		"3 logins since the case was opened")
	mia.get(at).mustHave(t, "A81001 (no organisation with this code is known here)")
	w.organisation("A81001", "Riverside Surgery")
	list := mia.get(at).body
	if !strings.Contains(list, "Riverside Surgery (A81001)") || strings.Contains(list, "is known here") {
		t.Error("of an organisation that was imported the page says that nobody knows it")
	}
	ann := w.sharers(team)[0]
	ben := w.sharers(team)[1]
	mia.post(at+"/confirm", "claim", ann.ID, "seen", picked(t, ann).Seen)
	mia.get(at).mustHave(t, "1 claimed, 1 confirmed, 0 ready, 0 moved", "Send the email again")
	mia.post(at+"/reject", "claim", picked(t, ben).Value(), "reason", "nobody knows him")
	mia.get(at).mustHave(t, "Rejected: nobody knows him", "3 logins since the case was opened")

	w.Settle()
	_, link, found := strings.Cut(w.mailsTo("ann@riverside.example"), home+cases.OwnPath)
	if !found {
		t.Fatal("no link was mailed")
	}
	own := cases.OwnPath + strings.Fields(link)[0]
	b := w.browser()
	b.get(own).mustHave(t, "Ann Okafor", "Go on to my request")
	if p := b.post(own); p.location != "/request-account" {
		t.Fatalf("%d to %q", p.status, p.location)
	}
	mia.get(at).mustHave(t, "They have opened the link", "2 logins since the case was opened",
		"Logins in their name since the case was opened", "1 login, the last on")
	b.get("/request-account").mustHave(t, `value="Ann"`, `value="Okafor"`, `value="ann@riverside.example"`,
		`value="A81001"`, "I currently use a shared username (reception)")
	if p := b.get("/request-account"); strings.Contains(p.body, "Okafor") {
		t.Error("it is filled in for whoever comes next")
	}
	w.account(account.New{Username: "ann.okafor", FirstName: "Ann", Email: "ann@riverside.example"}, path.Closed)
	b.get(own).mustHave(t, "you have an account of your own, or have asked for one")
	if p := b.post(own); p.location != "/" {
		t.Errorf("with an account of her own she comes to %q", p.location)
	}
	wrong := w.browser().get(own[:len(own)-1] + "!")
	if wrong.status != http.StatusGone || strings.Contains(wrong.body, "Ann") {
		t.Errorf("another link: %d", wrong.status)
	}
	mia.post(at+"/state", "move", "freeze")
	mia.get(at).mustHave(t, "Frozen: looking only")
	mia.post(at+"/state", "move", "retire").mustHave(t,
		"Somebody used this account in the last 14 days who has not said who they are.")
	mia.get(at).mustHave(t, "Frozen: looking only")
}

func (w *world) orShared(refused map[string]webtest.Refused) map[string]webtest.Refused {
	w.Helper()
	team := w.reception()
	mia := w.manager()
	at := cases.CasePath(team.ID)
	by := func(path string, typed ...string) webtest.Refused {
		return func(testing.TB) string { return mia.post(at+path, typed...).body }
	}
	maps.Copy(refused, map[string]webtest.Refused{
		"POST /who-are-you":       nil,
		"POST /who-are-you/later": nil,
		"POST /shared-account/{id}/{secret}": func(testing.TB) string {
			return w.browser().post("/shared-account/nobody/nothing").body
		},
		"POST /users/{id}/shared/begin": by("/begin", "retires", "31 12 2026"),
		"POST /users/{id}/shared/date": func(testing.TB) string {
			return mia.post("/users/nobody/shared/date", "retires", "31 12 2026").body
		},
		"POST /users/{id}/shared/confirm": by("/confirm", "claim", "none"),
		"POST /users/{id}/shared/reject":  by("/reject", "claim", "none", "reason", "asked"),
		"POST /not-me/{id}/{secret}": func(testing.TB) string {
			return w.browser().post("/not-me/nobody/nothing").body
		},
		"POST /users/{id}/shared/reject-all": by("/reject-all", "part", "from nowhere", "why", "asked"),
		"POST /users/{id}/shared/merge":      by("/merge", "merged", "none", "into", "none"),
		"POST /users/{id}/shared/state":      by("/state", "move", "restore"),
	})
	return refused
}

// mailsTo gives the texts of all mails to an address.
func (w *world) mailsTo(address string) (text string) {
	w.Helper()
	for _, one := range w.Mails.To(address) {
		text += one.Text
	}
	return text
}

// night makes another shared account, without a case.
func (w *world) night(n int) account.Account {
	w.Helper()
	username := fmt.Sprint("night", n)
	return w.account(account.New{Username: username, Email: username + "@riverside.example", Kind: account.Shared},
		path.Choose)
}

// saysTwo has two people say that they use an account.
func (w *world) saysTwo(team account.Account, n int) {
	w.Helper()
	for _, first := range []string{"Ann", "Ben"} {
		t := cases.Typed{FirstName: first, LastName: "Okafor", Organisation: "A81001",
			Email: fmt.Sprint(strings.ToLower(first), n, "@riverside.example")}
		by := actor.Actor{Kind: actor.Person, ID: team.ID}
		w.Must((&cases.Cases{DB: w.DB, Post: w.Post}).Claim(w.Context(), by, team.ID, cases.Sitting{Session: random.ID()}, t))
	}
}

// picked gives a claim as its page shows it, for whose address no other name was typed.
func picked(t testing.TB, c cases.Claim) seen.Pick {
	t.Helper()
	pick, err := c.Pick([]string{c.Name()})
	if err != nil {
		t.Fatal(err)
	}
	return pick
}

// ownOf gives the path of the link of somebody who says that they use an account, and is confirmed.
func (w *world) ownOf(team account.Account, n int) string {
	w.Helper()
	w.saysTwo(team, n)
	list := w.sharers(team)
	ann := list[slices.IndexFunc(list, func(c cases.Claim) bool {
		return strings.HasPrefix(c.Email, fmt.Sprint("ann", n, "@"))
	})]
	c := &cases.Cases{DB: w.DB, Post: w.Post, Home: home}
	all := worldtest.Must(db.Read(w.Context(), w.DB, func(r db.R) (account.Account, error) {
		return account.ByUsername(w.Context(), r, "all")
	}))(w)
	w.Must(c.Confirm(w.Context(), actor.Actor{Kind: actor.Person, ID: all.ID}, team.ID, picked(w, ann)))
	w.Settle()
	return w.mailedLink(ann.Email, cases.OwnPath)
}

// mailedLink gives the path of the link of a kind that was mailed to an address.
func (w *world) mailedLink(to, kind string) string {
	w.Helper()
	_, link, found := strings.Cut(w.mailsTo(to), kind)
	if !found {
		w.Fatalf("no link %s was mailed to %s", kind, to)
	}
	return kind + strings.Fields(link)[0]
}

// Whoever reads an address of which somebody said that it is theirs presses a button on a page; opening it does
// nothing. A full case says to whoever cannot say who they are that they can go on, and to the administrator how
// to make room.
func TestAClaimIsDeniedOnAPage(t *testing.T) {
	w := newWorld(t)
	team := w.reception()
	b := w.browser()
	b.withPassword("reception", goodPass)
	b.post("/who-are-you", whoSays("Ann")...)
	w.Settle()
	link := w.mailedLink("ann@riverside.example", cases.DenyPath)
	ann := w.browser()
	ann.get(link).mustHave(t, "Was this not you?", "ann@riverside.example", "This was not me")
	if list := w.sharers(team); list[0].State != cases.Claimed {
		t.Fatalf("opening the page made it %s", list[0].State)
	}
	second := w.browser() // another tab, of another browser, with the page that asks
	second.get(link).mustHave(t, "Was this not you?")
	for name, b := range map[string]*browser{"first": ann, "second": second} {
		if p := b.post(link); p.location != link {
			t.Errorf("%s denial: %d to %q", name, p.status, p.location)
		}
		b.get(link).mustHave(t, "<title>You told us that this was not you", "nothing is left for you to do")
	}
	if n := w.count(`SELECT COUNT(*) FROM event WHERE kind = 'shared.denied'`); n != 1 {
		t.Errorf("denied %d times", n)
	}
	mia := w.manager()
	mia.get(cases.CasePath(team.ID)).mustHave(t, "Rejected: Whoever reads this email address said that it was not them")
	w.update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `INSERT INTO shared_claim (id, account_id, first_name, last_name, email, email_key,
			organisation, given, state, made_at, own_digest, network)
			WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 200)
			SELECT 'made' || n, CAST($1 AS TEXT), 'Made', 'Up', 'made' || n, 'made' || n, 'RXK', FALSE, 'claimed', 1,
			CAST('' AS BYTEA), '203.0.113.7/32' FROM numbers`, team.ID)
		return err
	})
	full := b.post("/who-are-you", whoSays("Ben")...)
	full.mustHave(t, "Too many people", "Tell us another time", "Mia Manager, mia@example.nhs.uk", `value="Ben"`)
	if p := b.post("/who-are-you/later"); p.location != "/" {
		t.Errorf("put off: %d to %q", p.status, p.location)
	}
	at := cases.CasePath(team.ID)
	mia.get(at).mustHave(t, "200 people wait for a decision", `<a href="#reject-all">`, `id="reject-all"`,
		"From: 203.0.113.7/32")
	all := "203.0.113.7/32,,false~1"
	if p := mia.post(at+"/reject-all", "part", all, "why", "nobody knows them"); p.location != at {
		t.Errorf("all rejected: %d to %q", p.status, p.location)
	}
	after := mia.get(at).body
	if strings.Contains(after, "people wait for a decision") || strings.Contains(after, "From: ") {
		t.Error("the case is full still")
	}
}

// However many cases there are of other regions, an administrator finds those of their own.
func TestCasesOfSharedAccountsGoThroughPages(t *testing.T) {
	w := newWorld(t)
	w.update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `INSERT INTO account (id, username, first_name, last_name, email, email_key, email_since,
			shared, web_service_only, active, password_hash, organisation, created_at, region)
			WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1100)
			SELECT 'other' || n, 'other' || n, '', '', '', '', 1, TRUE, FALSE, TRUE, '', '', 1, 'other' FROM numbers`)
		if err != nil {
			return err
		}
		_, err = u.Exec(ctx, `INSERT INTO shared_case (account_id, state, opened_at, opened_by, retires_at)
			SELECT id, CASE WHEN id LIKE 'other99%' THEN 'retired' ELSE 'open' END, 1, 'test', 1 FROM account
			WHERE region = 'other'`)
		return err
	})
	own := w.account(account.New{Username: "ours", Kind: account.Shared, Region: "mine",
		Email: "ours@example.nhs.uk"}, path.Choose)
	w.update(func(ctx context.Context, u *db.W) error {
		return cases.BeginPart(ctx, u, own.ID, u.Now().Add(365*24*time.Hour))
	})
	mine := w.loggedIn("regional", account.UserAdministrator.In(account.InRegion("mine")))
	mine.get("/shared-accounts").mustHave(t, "1 account<", "ours")
	all := w.loggedIn("national", account.UserAdministrator.In(account.Everywhere))
	all.get("/shared-accounts").mustHave(t, "1 to 50 of 1090 accounts", "<title>Shared accounts, page 1 of 22 ",
		`href="/shared-accounts?page=2"`)
	all.get("/shared-accounts?page=22").mustHave(t, "1051 to 1090 of 1090 accounts", "ours")
}
