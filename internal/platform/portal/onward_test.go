package portal_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// comesIn lets a person in on the browser and gives where they go on to.
func (b *browser) comesIn(subject string) string {
	b.c.t.Helper()
	b.c.issuer.Person.Subject = subject
	b.c.issuer.Person.AuthTime = b.c.clock.Now()
	return b.do("GET", b.signIn(nil), nil).Header().Get("Location")
}

const (
	ada  = "500000000017"
	room = "/rooms/7?bed=2"
)

// A page that somebody asked for after their session ended is theirs: whoever else logs in is not led to it, then or
// later.
func TestAPageIsRememberedForWhoseSessionEnded(t *testing.T) {
	for name, tt := range map[string]struct {
		between func(b *browser) // after Ada's session ended and her page was asked for
		who     string
		to      string
	}{
		"Ada herself":              {func(*browser) {}, ada, room},
		"Ada herself, a bit later": {func(b *browser) { b.c.clock.Advance(14 * time.Minute) }, ada, room},
		"Ada herself, too late":    {func(b *browser) { b.c.clock.Advance(15 * time.Minute) }, ada, "/"},
		"Ben":                      {func(*browser) {}, "500000000025", "/"},
		"Ada, after Ben":           {func(b *browser) { b.comesIn("500000000025") }, ada, "/"},
	} {
		c := open(t)
		b := c.browser()
		b.comesIn(ada)
		c.clock.Advance(16 * time.Minute)
		if to := b.do("GET", room, nil).Header().Get("Location"); to != "/" {
			t.Fatalf("%s: sent to %q", name, to)
		}
		tt.between(b)
		if to := b.comesIn(tt.who); to != tt.to {
			t.Errorf("%s goes on to %q", name, to)
		}
	}
}

// Where nobody was logged in before, the page is remembered for as long as it takes to log in; a logout forgets it.
func TestAPageOfNobodyIsRememberedShortly(t *testing.T) {
	for name, tt := range map[string]struct {
		before, between func(b *browser)
		to              string
	}{
		"at once":         {nil, nil, room},
		"after a while":   {nil, func(b *browser) { b.c.clock.Advance(5 * time.Minute) }, "/"},
		"after a logout":  {func(b *browser) { b.comesIn(ada); b.do("POST", "/sign-out", nil) }, nil, room},
		"before a logout": {nil, func(b *browser) { b.comesIn(ada); b.do("POST", "/sign-out", nil) }, "/"},
		"before somebody who was not let in": {nil, func(b *browser) {
			b.c.issuer.Person.Email = ""
			b.comesIn("500000000025")
			b.c.issuer.Person.Email = "ada@example.nhs.uk"
		}, "/"},
	} {
		b := open(t).browser()
		if tt.before != nil {
			tt.before(b)
		}
		b.do("GET", room, nil)
		if tt.between != nil {
			tt.between(b)
		}
		if to := b.comesIn(ada); to != tt.to {
			t.Errorf("%s they go on to %q", name, to)
		}
	}
}

// Only a person who goes to a page has it remembered, and is told that they have to log in.
func TestWhatBrowsersAskForThemselvesIsNotRemembered(t *testing.T) {
	for name, tt := range map[string]struct {
		header, value string
		remembered    bool
	}{
		"a person":                  {"Sec-Fetch-Mode", "navigate", true},
		"an older browser":          {"Accept", "text/html", true},
		"a browser that looks on":   {"Sec-Purpose", "prefetch", false},
		"one that renders it":       {"Sec-Purpose", "prefetch;prerender", false},
		"an older one that does":    {"Purpose", "prefetch", false},
		"Firefox of some years ago": {"X-Moz", "prefetch", false},
		"a script":                  {"Sec-Fetch-Mode", "cors", false},
		"a picture":                 {"Sec-Fetch-Dest", "image", false},
	} {
		c := open(t)
		r := httptest.NewRequest("GET", room, nil)
		r.Header.Set(tt.header, tt.value)
		answer := httptest.NewRecorder()
		c.site.ServeHTTP(answer, r)
		kept := strings.Join(answer.Header().Values("Set-Cookie"), " ")
		if got := strings.Contains(kept, "club-wanted="); got != tt.remembered || answer.Code != http.StatusSeeOther {
			t.Errorf("%s: %d, remembered: %v", name, answer.Code, got)
		}
		if got := strings.Contains(kept, "note-interruption="); got != tt.remembered {
			t.Errorf("%s: told: %v", name, got)
		}
	}
}

// What the start page says happened to whoever reads it, and is said once. No address makes it say anything.
func TestTheStartPageSaysWhatHappened(t *testing.T) {
	c := open(t)
	b := c.browser()
	says := func(words string) {
		t.Helper()
		for _, at := range []string{"/front?signed-out=1&kept=1", "/front"} {
			if said := c.browser().do("GET", at, nil).Body.String(); said != "" {
				t.Errorf("%s says to anybody: %q", at, said)
			}
		}
		said := b.do("GET", "/front", nil).Body.String()
		if words == "" && said != "" || !strings.Contains(said, words) {
			t.Errorf("it says %q, not %q", said, words)
		}
		if again := b.do("GET", "/front", nil).Body.String(); again != "" {
			t.Errorf("it says again %q", again)
		}
	}
	says("")
	b.do("GET", room, nil)
	says("Log in to go on to the page that you asked for.")
	b.do("POST", "/sign-out", nil)
	says("You are not logged in.")
	b.comesIn(ada)
	says("")
	c.clock.Advance(16 * time.Minute)
	b.do("GET", room, nil)
	says("You were logged out, because the page was not used for 15 minutes")
	b.do("GET", room, nil)
	b.comesIn(ada)
	says("")
}
