package portal_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"signpost/internal/platform/web/webtest"
)

// signedInBrowser gives a browser on which Ada is logged in.
func (c *club) signedInBrowser() *browser {
	c.t.Helper()
	b := c.browser()
	if b.do("GET", b.signIn(nil), nil); !b.in() {
		c.t.Fatal("nobody is logged in")
	}
	return b
}

// check checks the words of a page.
func check(t *testing.T, answer *httptest.ResponseRecorder, has, not []string) {
	t.Helper()
	page := answer.Body.String()
	for _, words := range has {
		if answer.Code != http.StatusOK || !strings.Contains(page, words) {
			t.Errorf("%d, the page does not say %q:\n%s", answer.Code, words, page)
		}
	}
	for _, words := range not {
		if strings.Contains(page, words) {
			t.Errorf("the page says %q:\n%s", words, page)
		}
	}
}

// follow asks for an address, and goes on to the page to which it leads: the clean address of what has happened. It
// gives the answer there, and where that is.
func (b *browser) follow(at string) (*httptest.ResponseRecorder, string) {
	answer := b.do("GET", at, nil)
	if to := answer.Header().Get("Location"); to == "/signed-out" {
		return b.do("GET", to, nil), to
	}
	return answer, at
}

// shownOnce checks that a page of what has happened is shown once, to the browser on which it happened, and at an
// address without a word of it.
func shownOnce(t *testing.T, b *browser, at string, has, not []string) {
	t.Helper()
	home := func(why string, b *browser, at string) {
		t.Helper()
		answer, _ := b.follow(at)
		if answer.Code != http.StatusSeeOther || answer.Header().Get("Location") != "/" {
			t.Errorf("%s: %d to %q", why, answer.Code, answer.Header().Get("Location"))
		}
	}
	home("another browser", b.c.browser(), at)
	home("without its state", b, "/signed-out")
	home("another state", b, at+"x")
	b.do("HEAD", at, nil)
	answer, where := b.follow(at)
	check(t, answer, has, not)
	if where != "/signed-out" {
		t.Errorf("the page is at %q", where)
	}
	home("a second time", b, at)
}

// The one question is what to log out of. Everything is first, and green.
func TestWhatToLogOutOf(t *testing.T) {
	c := open(t)
	b := c.signedInBrowser()
	question := b.do("GET", "/sign-out", nil)
	check(t, question, []string{"member m-500000000017", "What do you want to log out of?", `href="/sign-out"`,
		`name="from" value="everything"`, "Log out of everything on this computer", "Log out only of the club"}, nil)
	page := question.Body.String()
	first, second := strings.Index(page, "Log out of everything"), strings.Index(page, "Log out only")
	if first > second || !strings.Contains(page[first:second], "nhsuk-button--secondary") {
		t.Error("to log out of everything is not the first choice, or does not look like it")
	}
	if !b.in() {
		t.Error("the question alone logged somebody out")
	}
	if to := c.browser().do("GET", "/sign-out", nil).Header().Get("Location"); to != "/" {
		t.Errorf("whoever is not logged in is sent to %q", to)
	}
}

// leavesAll logs out of everything and gives the page from which the browser goes on to CIS2.
func (b *browser) leavesAll() *httptest.ResponseRecorder {
	b.c.t.Helper()
	answer := b.do("POST", "/sign-out", url.Values{"from": {"everything"}})
	if answer.Code != http.StatusSeeOther {
		b.c.t.Fatalf("logging out answers %d", answer.Code)
	}
	return b.do("GET", answer.Header().Get("Location"), nil)
}

// A second click comes before the browser has the answer to the first, and only the answer to the second is shown. It
// leads where the first one does. Somebody else gets nothing of it.
func TestADoubleClickLogsOutOfEverything(t *testing.T) {
	for _, from := range []string{everything, "site"} {
		c := open(t)
		b := c.signedInBrowser()
		second := &browser{c: c, cookies: maps.Clone(b.cookies), order: slices.Clone(b.order)}
		sent := url.Values{"from": {from}}
		first := b.do("POST", "/sign-out", sent).Header().Get("Location")
		answer := second.do("POST", "/sign-out", sent)
		if to := answer.Header().Get("Location"); to != first || answer.Code != http.StatusSeeOther {
			t.Errorf("%s: the first click leads to %q, the second to %q", from, first, to)
		}
		page, _ := second.follow(first)
		_, fields := webtest.PostedTo(page.Body.String())
		if from == everything && strings.Count(fields.Get("id_token_hint"), ".") != 2 {
			t.Errorf("CIS2 is not asked: %s", page.Body)
		}
		if from != everything {
			check(t, page, []string{"is logged out of the club."}, nil)
		}
		other := c.browser()
		if to := other.do("POST", "/sign-out", sent).Header().Get("Location"); to != "/" {
			t.Errorf("somebody else is led to %q", to)
		}
		answer, _ = other.follow(first)
		if to := answer.Header().Get("Location"); to != "/" {
			t.Errorf("somebody else at the address is led to %q", to)
		}
	}
}

const everything = "everything"

// Whoever logs out of everything goes to CIS2, which knows by the ID token whose session ends, and reads afterwards,
// not before, what was ended.
func TestLogOutOfEverything(t *testing.T) {
	c := open(t)
	b := c.signedInBrowser()
	page := b.leavesAll()
	to, q := webtest.PostedTo(page.Body.String())
	if page.Code != http.StatusOK || b.in() {
		t.Fatalf("%d, still in: %v", page.Code, b.in())
	}
	if !strings.HasSuffix(to, "/connect/endSession") || strings.Count(q.Get("id_token_hint"), ".") != 2 ||
		q.Get("post_logout_redirect_uri") == "" || q.Get("state") == "" {
		t.Errorf("sent to %s with %v", to, q)
	}
	policy := page.Header().Get("Content-Security-Policy")
	if !strings.HasSuffix(policy, "form-action *") || webtest.LedTo(page.Header(), page.Body.String()) != "" {
		t.Errorf("policy %q", policy)
	}
	if strings.Contains(page.Body.String(), "is logged out") {
		t.Error("it says that somebody is logged out of CIS2 before they are")
	}
	shownOnce(t, b, "/signed-out?state="+q.Get("state"), []string{"member m-500000000017", "is logged out of:",
		"the club, which ended the session", "Care Identity, which ended the session in this browser"},
		[]string{"may still"})
}

func TestLogOutOfTheSiteOnly(t *testing.T) {
	c := open(t)
	b := c.signedInBrowser()
	at := b.leavesSite()
	if b.in() {
		t.Error("still in")
	}
	shownOnce(t, b, at, []string{"is logged out of the club.", "You chose not to log out of your Care Identity",
		"Log out of everything on this computer", `action="/sign-out/everything"`}, []string{"may still", "endSession"})
}

// leavesSite logs out of the site alone and gives the address of the page that says so.
func (b *browser) leavesSite() string {
	return b.do("POST", "/sign-out", url.Values{"from": {"site"}}).Header().Get("Location")
}

// sealOfRest logs out of the site alone, and gives the seal of the button that logs out of the rest.
func (b *browser) sealOfRest() string {
	page, _ := b.follow(b.leavesSite())
	return webtest.SealOf(page.Body.String(), "/sign-out/everything")
}

// Whoever logs out of everything only after the site goes the same way as at once: CIS2 knows whose session ends, and
// the page afterwards is true. A second click goes where the first one went.
func TestLogOutOfTheRestAfterTheSite(t *testing.T) {
	c := open(t)
	b := c.signedInBrowser()
	sent := url.Values{"seal": {b.sealOfRest()}}
	second := &browser{c: c, cookies: maps.Clone(b.cookies), order: slices.Clone(b.order)}
	first := b.do("POST", "/sign-out/everything", sent)
	to := first.Header().Get("Location")
	if first.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/sign-out/leave?") {
		t.Fatalf("%d to %q", first.Code, to)
	}
	if again := second.do("POST", "/sign-out/everything", sent).Header().Get("Location"); again != to {
		t.Errorf("the second click leads to %q, not %q", again, to)
	}
	cis2, q := webtest.PostedTo(second.do("GET", to, nil).Body.String())
	if !strings.HasSuffix(cis2, "/connect/endSession") || strings.Count(q.Get("id_token_hint"), ".") != 2 ||
		q.Get("post_logout_redirect_uri") == "" || q.Get("state") == "" {
		t.Errorf("sent to %s with %v", cis2, q)
	}
	shownOnce(t, second, "/signed-out?state="+q.Get("state"), []string{"member m-500000000017", "is logged out of:",
		"Care Identity, which ended the session in this browser"}, []string{"may still", "sign-out/everything"})
	if third := b.do("POST", "/sign-out/everything", sent).Header().Get("Location"); third != "/" {
		t.Errorf("when there is nothing more to log out of it leads to %q", third)
	}
}

// Nobody logs somebody else out with the button of a page from before.
func TestTheRestIsNotLoggedOutAsAnothers(t *testing.T) {
	c := open(t)
	b := c.signedInBrowser()
	sent := url.Values{"seal": {b.sealOfRest()}}
	c.issuer.Person.AuthTime = noon
	if b.do("GET", b.signIn(nil), nil); !b.in() {
		t.Fatal("nobody is logged in")
	}
	if to := b.do("POST", "/sign-out/everything", sent).Header().Get("Location"); to != "/another-person" || !b.in() {
		t.Errorf("sent to %q, still in: %v", to, b.in())
	}
}

// Where CIS2 has no address for it, nothing offers to log out there.
func TestNoRestWithoutAnAnswer(t *testing.T) {
	c := open(t)
	c.issuer.Alter.Metadata = func(m map[string]any) { delete(m, "end_session_endpoint") }
	b := c.signedInBrowser()
	page, _ := b.follow(b.leavesSite())
	check(t, page, []string{"is logged out of the club."}, []string{"of everything on"})
}

// Where nobody signed in at CIS2 there is nothing to choose, and nothing is said of it.
func TestLogOutWithoutCIS2(t *testing.T) {
	c := open(t)
	b := c.signedInBrowser()
	delete(b.cookies, "__Host-club-cis2")
	check(t, b.do("GET", "/sign-out", nil), []string{"Log out of the club"}, []string{"everything"})
	at := b.do("POST", "/sign-out", url.Values{"from": {"everything"}}).Header().Get("Location")
	shownOnce(t, b, at, []string{"is logged out of the club."}, []string{"Care Identity"})
}

// If CIS2 has no address for it, the site says that the session there goes on.
func TestLogOutOfEverythingWithoutAnAnswer(t *testing.T) {
	c := open(t)
	c.issuer.Alter.Metadata = func(m map[string]any) { delete(m, "end_session_endpoint") }
	b := c.signedInBrowser()
	at := b.do("POST", "/sign-out", url.Values{"from": {"everything"}}).Header().Get("Location")
	shownOnce(t, b, at, []string{"is logged out of the club.", "you are not logged out of it",
		"Close all windows of this browser"}, []string{"may still"})
}

// The ID token is kept sealed, one for each browser, until somebody logs out with it.
func TestOneHintForEachBrowser(t *testing.T) {
	c := open(t)
	b := c.signedInBrowser()
	old := b.cookies["__Host-club-cis2"]
	b.do("GET", b.signIn(nil), nil)
	if now := b.cookies["__Host-club-cis2"]; now == old || now == "" {
		t.Fatalf("the cookie was %q and is %q", old, now)
	}
	thief := c.signedInBrowser()
	thief.cookies["__Host-club-cis2"] = old
	to, fields := webtest.PostedTo(thief.leavesAll().Body.String())
	if to == "" || fields.Has("id_token_hint") {
		t.Errorf("the ID token of before is still there: %s, %v", to, fields)
	}
}
