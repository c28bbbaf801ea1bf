package site_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/banner"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/web/webtest"
)

// banners writes messages beside the site, which reads them anew some seconds later.
func (w *world) banners() banner.Office {
	return banner.Office{DB: w.DB, Homes: []string{home, "https://cim.example"}, Board: banner.NewBoard(w.DB)}
}

// bannerFor writes a message, and gives where it is put up or taken down, as a form's path asks.
func (w *world) bannerFor(at string) string {
	w.Helper()
	by := actor.ForCommand("test")
	id, err := w.banners().Write(w.Context(), by, banner.Typed{Text: "Logins are off tonight.",
		Ends: w.clock.Now().Add(time.Hour)})
	w.Must(err)
	if strings.HasSuffix(at, "/down") {
		w.Must(w.banners().PutUp(w.Context(), by, id))
	}
	return strings.Replace(at, "{id}", id, 1)
}

// news is what stands of a message on a page.
func news(p page) string {
	_, after, _ := strings.Cut(p.body, `id="signpost-news-title"`)
	before, _, _ := strings.Cut(after, "<h1")
	return webtest.Text(before)
}

func (w *world) team() *browser {
	w.Helper()
	w.account(account.New{Username: "priya", FirstName: "Priya", LastName: "Shah", Email: "priya@example.nhs.uk",
		Grants: account.Everywhere.Of(account.ManageWaves)}, path.Choose)
	b := w.browser()
	b.withPassword("priya", goodPass)
	return b
}

// written has the programme team write a message of some fields, and put it up; it gives the page of the message.
func written(t *testing.T, team *browser, fields ...string) string {
	t.Helper()
	got := team.post("/banners/new", append([]string{"text", "Logins are off tonight.", "wave", "all",
		"until", "24 November 2026", "until_time", "11pm"}, fields...)...)
	if !strings.HasPrefix(got.location, "/banners/") || got.location == "/banners/new" {
		t.Fatalf("not written: %d to %q: %s", got.status, got.location, webtest.Text(team.get("/banners/new").body))
	}
	if up := team.post(got.location + "/up"); up.location != got.location {
		t.Fatalf("not put up: %d to %q", up.status, up.location)
	}
	return got.location
}

// A message for all stands on every page: of whoever is logged in, of nobody, and where something is not found. It has
// one region, which is no alert, and only staff read who wrote it.
func TestAMessageStandsOnEveryPage(t *testing.T) {
	w := newWorld(t)
	team := w.team()
	ada := w.browser()
	ada.withPassword("ada", goodPass)
	nobody := w.browser()
	if got := webtest.Text(team.get("/banners").body); !strings.Contains(got, "No message is showing") {
		t.Errorf("an empty list does not explain itself: %s", got)
	}
	written(t, team, "link", home+"/checklist", "link_text", "See your checklist")
	for name, p := range map[string]page{"search": ada.get("/services"), "log in": nobody.get("/"),
		"not found": nobody.get("/nothing"), "refused": ada.get("/waves")} {
		if got := news(p); !strings.Contains(got, "Logins are off tonight. See your checklist") ||
			strings.Contains(got, "Priya") {
			t.Errorf("%s: %q", name, got)
		}
		if n := strings.Count(p.body, "signpost-news-title"); n != 2 || strings.Contains(p.body, `role="alert"`) {
			t.Errorf("%s: the region is named %d times, or is an alert", name, n)
		}
		if !strings.Contains(p.body, `href="/checklist"`) {
			t.Errorf("%s: no link", name)
		}
	}
	if got := news(team.get("/services")); !strings.Contains(got, "Written by Priya Shah") {
		t.Errorf("staff do not read who wrote it: %q", got)
	}
}

// Whoever is in another wave, or is nobody, does not see what is for one wave.
func TestAMessageForOneWave(t *testing.T) {
	w := newWorld(t)
	team := w.team() // in Choose, as Ada is
	w.account(account.New{Username: "pat", Email: "pat@example.nhs.uk"}, path.Prepare)
	written(t, team, "wave", w.waves[path.Prepare])
	for name, want := range map[string]bool{"pat": true, "ada": false} {
		b := w.browser()
		b.withPassword(name, goodPass)
		if got := news(b.get("/services")); strings.Contains(got, "Logins are off") != want {
			t.Errorf("%s reads %q", name, got)
		}
	}
	if got := news(w.browser().get("/")); got != "" {
		t.Errorf("nobody reads %q", got)
	}
}

// A message begins and ends by itself, in London time. It is taken down at once, and put up again.
func TestAMessageComesAndGoes(t *testing.T) {
	w := newWorld(t)
	team := w.team()
	nobody := w.browser()
	stands := func(when string, want bool) {
		t.Helper()
		if got := news(nobody.get("/")); (got != "") != want {
			t.Errorf("%s: %q", when, got)
		}
	}
	at := written(t, team, "from", "24 November 2026", "from_time", "8pm", "until_time", "10pm")
	if got := webtest.Text(team.get("/banners").body); !strings.Contains(got, "Still to come") {
		t.Errorf("the list: %s", got)
	}
	stands("in the morning", false)
	w.clock.Advance(11 * time.Hour) // it was 9am
	stands("at 8pm", true)
	team.withPassword("priya", goodPass)
	if got := team.post(at + "/down"); got.location != at {
		t.Errorf("taken down: %d to %q", got.status, got.location)
	}
	stands("taken down", false)
	if got := team.post(at + "/up"); got.location != at {
		t.Errorf("put up again: %d to %q", got.status, got.location)
	}
	stands("put up again", true)
	w.clock.Advance(2 * time.Hour)
	stands("at 10pm", false)
	team.withPassword("priya", goodPass)
	if got := webtest.Text(team.get("/banners").body); !strings.Contains(got, "Over") {
		t.Errorf("the list does not say that it is over: %s", got)
	}
	if got := team.get(at); strings.Contains(got.body, "/up\"") || strings.Contains(got.body, "/down\"") {
		t.Error("what is over can be put up or taken down")
	}
}

// Whoever writes is told how old one has to be to read it, and what is wrong with it at its field.
func TestAMessageIsLookedAtFirst(t *testing.T) {
	w := newWorld(t)
	team := w.team()
	hard := "Notwithstanding subsequent authentication determinations, organisations anticipate discontinuity. " +
		"Administrative functionality remains unavailable. Responsible authorities facilitate continuity."
	got := team.post("/banners/new", "text", hard, "wave", "all", "until", "24 November 2026", "until_time", "11pm")
	p := webtest.Text(team.get(got.location).body)
	if !strings.Contains(p, "Reading age:") || !strings.Contains(p, "is hard for many") ||
		!strings.Contains(p, "Never put up") {
		t.Errorf("the page of a hard message: %s", p)
	}
	got = team.post("/banners/new", "text", "Logins with a password stop on Monday 7 December at 8am.", "wave", "all",
		"until", "24 November 2026", "until_time", "11pm")
	if p := webtest.Text(team.get(got.location).body); strings.Contains(p, "Reading age") {
		t.Errorf("one short sentence is judged: %s", p)
	}
	for field, typed := range map[string][]string{
		"text":      {"text", "See http://evil.example/login"},
		"link":      {"link", "https://evil.example/", "link_text", "Log in"},
		"link_text": {"link", "/checklist"},
		"until":     {"until", "13 November 2026"},
		"from":      {"from", "soon"},
	} {
		got := team.post("/banners/new", append([]string{"text", "Off tonight.", "wave", "all",
			"until", "24 November 2026", "until_time", "11pm"}, typed...)...)
		if !strings.Contains(got.body, `href="#`+field+`"`) {
			t.Errorf("%s: %d to %q: %s", field, got.status, got.location, webtest.Text(got.body))
		}
	}
}

// What is wrong in a message that nobody saw is mended where it was typed, and the message that was looked at before is
// gone, so that nobody puts it up. What was put up stays, and another like it is written from it.
func TestADraftIsChangedOrDiscarded(t *testing.T) {
	w := newWorld(t)
	team := w.team()
	draft := func() string {
		return team.post("/banners/new", "text", "Logins are of tonight.", "wave", "all", "link", "/help", "link_text",
			"Get help", "until", "24 November 2026", "until_time", "11pm").location
	}
	at := draft()
	p := team.get(at)
	for _, want := range []string{"Message: Logins are of tonight.", "Change the message", "Discard it"} {
		if !strings.Contains(webtest.Text(p.body), want) {
			t.Errorf("the page of a draft lacks %q", want)
		}
	}
	filled := team.get(at + "/change").body
	for _, want := range []string{"Logins are of tonight.", `value="/help"`, `value="Get help"`,
		`value="24 November 2026"`, `value="11pm"`} {
		if !strings.Contains(filled, want) {
			t.Errorf("the form of a change lacks %q", want)
		}
	}
	changed := team.post(at+"/change", "text", "Logins are off tonight.", "wave", "all", "until", "24 November 2026",
		"until_time", "11pm").location
	if got := team.get(at); got.status != http.StatusNotFound {
		t.Errorf("the message of before: %d", got.status)
	}
	if got := team.post(changed + "/discard"); got.location != "/banners" {
		t.Errorf("discarded: %d to %q", got.status, got.location)
	}
	if n := w.count(`SELECT COUNT(*) FROM banner`); n != 0 {
		t.Errorf("%d messages are left", n)
	}
	at = draft()
	if up := team.post(at + "/up"); up.location != at {
		t.Fatalf("not put up: %d", up.status)
	}
	p = team.get(at)
	got := webtest.Text(p.body)
	if strings.Contains(got, "Change the message") || strings.Contains(got, "Discard it") {
		t.Errorf("what was put up can be changed: %s", got)
	}
	for _, want := range []string{"The message is up until 24 November 2026 at 11pm.", "Showing now"} {
		if !strings.Contains(got, want) {
			t.Errorf("after it was put up the page lacks %q: %s", want, got)
		}
	}
	like := regexp.MustCompile(`/banners/new\?like=[^"]+`).FindString(p.body)
	if filled := team.get(like).body; !strings.Contains(filled, "Logins are of tonight.") {
		t.Errorf("another like it, at %q, is not filled in", like)
	}
	w.clock.Advance(15 * time.Hour) // it was 9am
	team.withPassword("priya", goodPass)
	filled = team.get(like).body
	if !strings.Contains(filled, `value="/help"`) || strings.Contains(filled, `value="24 November 2026"`) {
		t.Error("another like one that is over is filled in with its end, or without its link")
	}
}

// Pages do not ask the database for messages each time.
func TestMessagesAreReadOnceForManyPages(t *testing.T) {
	w := newWorld(t)
	nobody := w.browser()
	asked := func(pages int) (n int) {
		for _, statement := range dbtest.Statements(t, w.DB, func() {
			for range pages {
				if got := nobody.get("/"); got.status != http.StatusOK {
					t.Errorf("the front page: %d", got.status)
				}
			}
		}) {
			n += strings.Count(fmt.Sprint(statement), "FROM banner")
		}
		return n
	}
	if first, more := asked(20), asked(20); first != 1 || more != 0 {
		t.Errorf("20 pages asked %d times, 20 more %d times", first, more)
	}
	w.clock.Advance(10 * time.Second)
	if n := asked(20); n != 1 {
		t.Errorf("10 seconds later 20 pages asked %d times", n)
	}
}
